#!/bin/sh
# Renews the lock files from pyproject.toml, for every platform, with hashes and without registry hosts.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev
lock() {
    .venv/bin/python -m uv pip compile --quiet pyproject.toml --python-version 3.12 --universal --generate-hashes \
        --no-emit-index-url --no-annotate --no-header "$@"
}
lock --output-file requirements.txt
lock --extra dev --constraint requirements.txt --output-file requirements-dev.txt
sh scripts/environment.sh dev
