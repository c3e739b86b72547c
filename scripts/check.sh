#!/bin/sh
# Everything that can be told without running the product. Goes on after a failure, so that one run shows them all.
set -u

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev || exit 1
python=.venv/bin/python
failed=""
# A production-like environment in which nothing is reached: these checks need no server.
home=$(mktemp -d)
mypy=""
trap '[ -z "$mypy" ] || kill "$mypy" 2>/dev/null; rm -rf "$home"' EXIT
export OMNICQM_HOME="$home" OMNICQM_BASE_URL=https://omnicqm.example OMNICQM_BEHIND_PROXY=1
export EMAIL_HOST=smtp.omnicqm.example
export DATABASE_URL=postgresql://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0
SECRET_KEY=$("$python" -c 'import secrets; print(secrets.token_urlsafe(64))')
export SECRET_KEY
unset PYTHONDONTWRITEBYTECODE # each program below would compile the same modules again

check() {
    label=$1
    shift
    if "$@" >"$home/output" 2>&1; then
        echo "ok      $label"
    else
        echo "FAILED  $label"
        sed 's/^/        /' "$home/output"
        failed="$failed $label;"
    fi
}

types() { # begun before all others, which run meanwhile
    status=0
    wait "$mypy" || status=$?
    mypy=""
    cat "$home/types"
    return "$status"
}

migrations() { # no database answers, and none is needed
    DJANGO_SETTINGS_MODULE=tests.settings "$python" -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
}

schema() {
    "$python" manage.py export_openapi >"$home/openapi.yaml" && diff -u docs/openapi.yaml "$home/openapi.yaml"
}

metrics() {
    "$python" manage.py export_metrics >"$home/metrics.md" && diff -u docs/metrics.md "$home/metrics.md"
}

"$python" -m mypy . >"$home/types" 2>&1 &
mypy=$!
check "lint" "$python" -m ruff check
check "format" "$python" -m ruff format --check
check "import direction" "$python" -m pytest -q tests/processes/test_import_direction.py
check "missing migrations" migrations
check "schema drift (docs/openapi.yaml; 'make fix' renews it)" schema
check "metrics drift (docs/metrics.md; 'make fix' renews it)" metrics
check "what is made of the schema ('make fix' renews it)" "$python" -m pytest -q tests/integrations -k what_the_schema_says
check "deploy check" "$python" manage.py check --deploy --fail-level WARNING
check "types" types

if [ -n "$failed" ]; then
    echo "make check failed:$failed"
    exit 1
fi
