#!/bin/sh
# Tests the Salesforce panel: installs its packages when their lock file has changed, then runs Jest.
# Without Node.js it is left out, saying so; `node.sh --install` gets one.
set -eu

cd "$(dirname "$0")/.."
node=$(sh scripts/node.sh)
if [ -z "$node" ]; then
    echo "== Salesforce panel: left out, there is no Node.js ('sh scripts/node.sh --install' gets one)"
    exit 0
fi
PATH="$node:$PATH"
export PATH
cd integrations/salesforce
echo "== Salesforce panel"
if ! cmp -s package-lock.json node_modules/installed-lock.json; then
    npm ci --ignore-scripts --loglevel=error # no package of ours needs to run a script to be installed
    cp package-lock.json node_modules/installed-lock.json
fi
npm test --silent
