#!/bin/sh
# Prints the path of a Chromium for the browser tests, installing one when there is none. What it does it says on stderr.
set -u

cd "$(dirname "$0")/.."

found() {
    echo "Browser tests use $1 ($("$1" --version 2>/dev/null))" >&2
    echo "$1"
    exit 0
}

look() {
    for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "$name" 2>/dev/null) && "$path" --version >/dev/null 2>&1 && found "$path"
    done
}

look
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium found; installing Debian's with apt-get" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2
    look
fi
echo "No Chromium found; downloading playwright's own" >&2
.venv/bin/python -m playwright install chromium >&2 \
    && path=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright: print(playwright.chromium.executable_path)') \
    && "$path" --version >/dev/null 2>&1 && found "$path"
echo "The browser tests need a Chromium. Install one ('apt-get install chromium'), or set CHROMIUM to its path." >&2
exit 1
