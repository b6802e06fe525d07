"""Debian's Chromium under Playwright."""

import os
import shutil

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "No browser: install Chromium (Debian and Ubuntu: sudo apt install chromium) or name one in CHROMIUM. "
    "The tests in a real browser did not run."
)


def find() -> str | None:
    """The browser's path, if there is one."""
    named = os.environ.get("CHROMIUM")
    paths = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return named or next((path for path in paths if path), None)
