#!/bin/sh
# Installs what the tests need, the browser included, and runs them all, on up to four cores. Arguments go to pytest.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev
CHROMIUM=$(sh scripts/chromium.sh)
export CHROMIUM
unset PYTHONDONTWRITEBYTECODE # the tests start Python dozens of times; each would compile seconds' worth of modules again
exec .venv/bin/python -m pytest -n logical --maxprocesses 4 --dist loadgroup "$@"
