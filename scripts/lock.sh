#!/bin/sh
# Renews the lock files from pyproject.toml, for every platform, with hashes and without registry hosts.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev
lock() { # the first argument is what to lock
    .venv/bin/python -m uv pip compile --quiet "$@" --python-version 3.12 --universal --generate-hashes \
        --no-emit-index-url --no-annotate --no-header
}
lock pyproject.toml --output-file requirements.txt
lock pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
# MLflow's pages, of the release that writes the traces, have an environment of their own.
version=$(sed -n 's/^mlflow-skinny==\([^ ]*\).*/\1/p' requirements.txt)
printf 'mlflow==%s\npsycopg[binary]\nboto3\n' "$version" | lock - --output-file requirements-mlflow.txt
sh scripts/environment.sh dev
