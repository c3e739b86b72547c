#!/bin/sh
# Makes or renews .venv-mlflow: MLflow's own pages over the traces, which need the full package (about 900 MB).
set -eu

cd "$(dirname "$0")/.."
lock=requirements-mlflow.txt
folder=.venv-mlflow
digest=$(.venv/bin/python -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$lock")
if [ "$(cat "$folder/installed" 2>/dev/null)" = "$digest" ]; then
    exit 0
fi
echo "Installing MLflow's pages in $folder (a minute or two, once)"
rm -rf "$folder"
.venv/bin/python -m venv "$folder"
if [ -z "${UV_SYSTEM_CERTS:-}" ] && [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    export UV_SYSTEM_CERTS=1 # the company's own authorities too, as pip does
fi
.venv/bin/python -m uv --version >/dev/null 2>&1 \
    && .venv/bin/python -m uv pip install --quiet --python "$folder/bin/python" --no-deps --require-hashes -r "$lock" \
    || "$folder/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$lock"
echo "$digest" >"$folder/installed"
