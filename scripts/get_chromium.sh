#!/bin/sh
# A browser for the tests that drive one: installed where there is none and apt may install it.
set -eu

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

if ! command -v apt-get >/dev/null 2>&1; then
    echo "No browser was found: install Chromium, or the tests in a real browser are skipped." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "No browser was found: sudo apt install chromium, or the tests in a real browser are skipped." >&2
    exit 0
fi

echo "Installing Debian's Chromium for the browser tests ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core libatomic1 >/dev/null
