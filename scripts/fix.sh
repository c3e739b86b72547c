#!/bin/sh
# Repairs what can be repaired by a program: lint, format, the written API schema and what is made of it, the page of metrics.
set -eu

cd "$(dirname "$0")/.."
sh scripts/environment.sh dev
.venv/bin/python -m ruff check --fix || true # what is left is shown by `make check`
.venv/bin/python -m ruff format
SECRET_KEY=only-for-the-schema .venv/bin/python manage.py export_openapi >docs/openapi.yaml.new
mv docs/openapi.yaml.new docs/openapi.yaml
SECRET_KEY=only-for-the-page .venv/bin/python manage.py export_metrics >docs/metrics.md.new
mv docs/metrics.md.new docs/metrics.md
.venv/bin/python integrations/postman/generate.py >/dev/null
.venv/bin/python integrations/salesforce/external-service/trim.py >/dev/null
