#!/bin/sh
# Installs what is missing, then becomes the supervisor.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh run
exec .venv/bin/python -m omnicqm.processes --stop-with-parent
