# Everything a target needs it sets up itself, inside this folder: environments are folders named .venv*, each
# stamped with what it was made from, so that a second run starts at once.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
RUN_READY := .venv/.run-ready
TEST_READY := .venv/.test-ready
MARKS := not stack
PYTEST_ARGS ?=

.PHONY: help run test check static bench openapi lock

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-13s %s\n' "$$name" "$$text"; done

run: $(RUN_READY) ## Serve on 127.0.0.1:8000 with data under ./data (RMOS_HOST, RMOS_PORT, RMOS_DATA_DIR).
	@exec $(BIN)/rmos serve

include tools/environments.mk

# `make test check` is one pytest run: with `check` among the goals it takes the tests marked `stack` in.
ifneq ($(filter check,$(MAKECMDGOALS)),)
MARKS :=
test: build
endif

test: $(TEST_READY) .venv-emulator ## Run all tests but those of the Lambda runtime and the deployed template.
	$(BIN)/python -m pytest -m '$(MARKS)' $(PYTEST_ARGS)

check: static lint-template build test ## Everything CI runs: format, lint, types, imports, OpenAPI, drift, SAM, all tests.

static: $(TEST_READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/rmos openapi | cmp - docs/openapi.json || { echo 'docs/openapi.json is not what the code serves: run `make openapi`' >&2; exit 1; }
	$(BIN)/rmos drift

bench: $(TEST_READY) .venv-emulator build ## Measure evaluating, creating, listing, the original's table and cold starts; prints tables and JSON.
	$(BIN)/python -m bench

openapi: $(TEST_READY) ## Write docs/openapi.json from the code.
	$(BIN)/rmos openapi --output functions/front/openapi.json

# uv keeps the pins that still fit; delete a line of a requirements/*.txt, or name packages in UPGRADE, to move it on.
LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header $(foreach name,$(UPGRADE),--upgrade-package $(name))

lock: .venv-lock/.ready ## Pin every requirement anew, with hashes (UPGRADE="name …" moves those on).
	$(LOCK) layers/core/requirements.in --output-file layers/core/requirements.txt
	$(LOCK) layers/imaging/requirements.in --constraints layers/core/requirements.txt --output-file layers/imaging/requirements.txt \
	  $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' layers/core/requirements.txt)
	$(LOCK) requirements/local.in --constraints layers/core/requirements.txt --output-file requirements/local.txt
	$(LOCK) requirements/dev.in --constraints requirements/local.txt --output-file requirements/dev.txt
	for name in emulator lock runtime sam; do $(LOCK) requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done

.venv-lock/.ready: requirements/lock.txt
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/lock.txt
	@touch $@

$(RUN_READY): requirements/local.txt pyproject.toml layers/core/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'RMOS needs Python 3.11 or later; name one: make PYTHON=python3.13 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'setting up .venv (once, about a minute)'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/local.txt
	$(PIP) --no-deps --no-build-isolation -e layers/core -e .
	@touch $@

$(TEST_READY): requirements/dev.txt $(RUN_READY)
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
