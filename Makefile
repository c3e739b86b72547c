.PHONY: help run test check fix bench lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: ## Install if needed, start everything, show a demo (OMNICQM_PORT=8001, MODEL=local|bedrock|simulator, UI=mlflow)
	@exec sh scripts/run.sh "$(if $(filter command,$(origin MODEL)),$(MODEL))" "$(if $(filter command,$(origin UI)),$(UI))"

test: ## Run all tests, the browser's included (ARGS="-k name" goes to pytest)
	@exec sh scripts/test.sh $(ARGS)

check: ## Lint, types, import direction, missing migrations, schema drift, deploy check
	@exec sh scripts/check.sh

fix: ## Repair lint, format and the written API schema
	@exec sh scripts/fix.sh

bench: ## Measure retrieval quality, answer times and the router
	@exec sh scripts/bench.sh

lock: ## Renew requirements.txt and the other lock files from pyproject.toml
	@exec sh scripts/lock.sh
