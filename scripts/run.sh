#!/bin/sh
# Installs what is missing, then becomes the supervisor. The arguments, which may be empty: the model (local, bedrock or
# simulator), and whose pages to start as well (mlflow).
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh run
model=${1:-}
pages=${2:-}
set --
case $model in
    "") ;;
    simulator) set -- --simulated-model ;;
    *) export OMNICQM_MODEL="$model" ;;
esac
case $pages in
    "") ;;
    mlflow)
        sh scripts/mlflow.sh
        set -- "$@" --mlflow-ui
        ;;
    *)
        echo "UI is '$pages'. Set it to mlflow, or leave it out." >&2
        exit 1
        ;;
esac
exec .venv/bin/python -m omnicqm.processes --stop-with-parent "$@"
