#!/bin/sh
# Makes or renews the environment in .venv: `environment.sh run` or `environment.sh dev`.
# Installs exactly what the lock file names, checked by hash, and only when the lock file has changed.
set -eu

cd "$(dirname "$0")/.."
kind=$1
case $kind in
    run) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
esac
python=.venv/bin/python
busy=.venv/installing # present while packages are being written: what an interruption leaves cannot be trusted
stamp=.venv/installed-$kind

digest() {
    "$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}

installed() { # the dev lock holds everything of the other
    [ "$(cat "$stamp" 2>/dev/null)" = "$(digest "$lock")" ]
}

usable() {
    [ ! -e "$busy" ] && "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

install_with_uv() { # shows what is downloaded, but not the long list at the end
    {
        status=0
        "$python" -m uv pip install --python "$python" --no-deps --require-hashes -r "$lock" 2>&1 || status=$?
        echo "$status" >.venv/uv.status
    } | grep -v '^ [-+~] ' || true
    [ "$(cat .venv/uv.status)" = 0 ]
}

if ! usable; then
    base=$(sh scripts/find-python.sh)
    echo "Making an environment in .venv with $base"
    rm -rf .venv
    "$base" -m venv .venv
fi
if installed; then
    exit 0
fi

echo "Installing the packages of $lock (a few seconds with uv, a minute or two with pip)"
: >"$busy"
export PIP_DISABLE_PIP_VERSION_CHECK=1
if [ -z "${UV_SYSTEM_CERTS:-}" ] && [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    export UV_SYSTEM_CERTS=1 # the company's own authorities too, as pip does
fi
awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements-dev.txt >.venv/uv.txt
if "$python" -m pip install -qq --no-deps --require-hashes --only-binary :all: -r .venv/uv.txt \
    && install_with_uv; then
    :
else
    echo "uv could not install them; trying pip"
    "$python" -m pip install --progress-bar off --no-deps --require-hashes -r "$lock"
fi
digest "$lock" >"$stamp"
if [ "$kind" = dev ]; then
    digest requirements.txt >.venv/installed-run
fi
rm "$busy"
