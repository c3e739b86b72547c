#!/bin/sh
# Measures what the product promises. The first reply is measured on an installation of its own, the answers over the
# demo's articles, the router against a simulated model service that hangs, a history among five million interactions,
# figures over a million messages, the consultants' lists among a hundred thousand escalations, tracing with MLflow at
# work and then stopped, hanging and full, summaries on an installation under load (about 15 minutes), a thousand open
# chats on another (about 8). The others read the shared test data (OMNICQM_TEST_DATA, or ../shared/data beside the
# repository) and are left out, saying so, without it.
set -u

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev || exit 1
data=${OMNICQM_TEST_DATA:-$(pwd)/../shared/data}
failed=""

measure() {
    name=$1
    shift
    echo "== $name"
    .venv/bin/python "benchmarks/$name.py" "$@" || failed="$failed $name"
    echo
}

measure first_reply
measure answers
measure router
measure history
measure analytics
measure desk
measure tracing
measure tracing --mlflow stopped hanging full
measure insights
measure chat_sockets
if [ -d "$data/voice" ]; then measure voice --data "$data/voice"; else measure voice; fi
for name in retrieval mail_reading assessment; do
    if [ -d "$data" ]; then
        measure "$name"
    else
        echo "== $name: left out, there is no test data at $data"
    fi
done

if [ -n "$failed" ]; then
    echo "make bench: below target:$failed"
    exit 1
fi
