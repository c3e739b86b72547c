#!/bin/sh
# Installs what the tests need, the browser included, and runs them all, on up to four cores: with Node.js the Salesforce
# panel's, then ours. Arguments go to pytest, and leave the panel out.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev
CHROMIUM=$(sh scripts/chromium.sh)
export CHROMIUM
unset PYTHONDONTWRITEBYTECODE # the tests start Python dozens of times; each would compile seconds' worth of modules again
panel=0
[ $# -gt 0 ] || sh scripts/salesforce.sh || panel=$?
.venv/bin/python -m pytest -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder "$@" || exit
exit "$panel"
