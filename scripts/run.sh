#!/bin/sh
# Installs what is missing, then becomes the supervisor. The argument, if any, is the model: local, bedrock or simulator.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh run
case ${1:-} in
    "") set -- ;;
    simulator) set -- --simulated-model ;;
    *)
        export OMNICQM_MODEL="$1"
        set --
        ;;
esac
exec .venv/bin/python -m omnicqm.processes --stop-with-parent "$@"
