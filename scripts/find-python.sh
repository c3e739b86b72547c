#!/bin/sh
# Prints the path of a Python that really runs, is 3.12 or newer and can make an environment:
# from PATH, else from pyenv's versions, else from uv. A pyenv shim may be on PATH and still fail, so each is tried.
set -u

names="python3.12 python3.13 python3.14 python3 python"

suits() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

resolve() { # the interpreter itself, so that an environment does not depend on a shim
    "$1" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
    exit 0
}

on_path() {
    for name in $names; do
        saved_ifs=$IFS
        IFS=:
        for folder in $PATH; do
            IFS=$saved_ifs
            if [ -x "${folder:-.}/$name" ] && suits "${folder:-.}/$name"; then
                resolve "${folder:-.}/$name"
            fi
        done
        IFS=$saved_ifs
    done
}

in_pyenv() {
    for minor in 12 13 14; do
        for python in "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/3."$minor"*/bin/python3; do
            if [ -x "$python" ] && suits "$python"; then
                resolve "$python"
            fi
        done
    done
}

from_uv() {
    command -v uv >/dev/null 2>&1 || return 0
    UV_HTTP_TIMEOUT=15 uv python install --quiet 3.12 >/dev/null 2>&1
    python=$(uv python find --no-project '>=3.12' 2>/dev/null) && suits "$python" && resolve "$python"
}

on_path
in_pyenv
from_uv
echo "OmniCQM needs Python 3.12 or newer with its venv module, and none was found on PATH, in pyenv or by uv." \
    "Install one, for example with 'apt-get install python3.12-venv', 'pyenv install 3.12' or 'uv python install 3.12'." >&2
exit 1
