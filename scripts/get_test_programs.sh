#!/bin/sh
# A browser for the tests that drive one, LibreOffice for those that recalculate workbooks, tesseract for those that read
# scans, gpg for those that lock files: installed where they are missing and apt may install them.
set -eu

found() {
    for name in "$@"; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

missing=""
found "${CHROMIUM:-}" chromium chromium-browser google-chrome || missing="chromium fonts-dejavu-core libatomic1"
found soffice libreoffice || missing="$missing libreoffice-calc-nogui"
found tesseract || missing="$missing tesseract-ocr"
found gpg || missing="$missing gnupg"
if [ -z "$missing" ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing here: $missing. The tests that need them are skipped." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Missing here: sudo apt install $missing, or the tests that need them are skipped." >&2
    exit 0
fi

echo "Installing Debian's $missing for the tests ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # several packages
$as_root apt-get install -qq -y --no-install-recommends $missing >/dev/null
