# Commands of this repository; `make` alone prints them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from
PYTHON ?= python3
EXAMPLES ?= 10000
SEED ?= 20261122
CONVERGING := $(addprefix tests/properties/test_,two_halves.py ring.py resync.py delivery.py two_companies.py two_companies_for_real.py restored_company.py)
CASES ?= 20000
MUTATIONS ?= 1000000

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## make the environment in .venv (again only when its inputs changed)

# Stamped by what pip reads, not by date: a fresh clone and a switched branch carry dates that mean nothing.
# Under a lock, since several targets may be called at once.
$(STAMP): FORCE
	@exec 9<Makefile; flock 9; \
	sum="$$({ sed '/^\[tool\.ruff\]/,$$d' pyproject.toml; cat constraints.txt; } | sha256sum) $(CURDIR)"; \
	if [ "$$(cat $(STAMP) 2>/dev/null)" != "$$sum" ]; then \
	  echo "Making the environment in $(VENV); this takes a minute or two …"; \
	  { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } \
	  && $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]' \
	  && echo "$$sum" > $(STAMP); \
	fi

.PHONY: FORCE
FORCE:

.PHONY: test-parts
test-parts: ## install the system packages that tests use as real parts (Debian)
	@scripts/install-test-parts

.PHONY: demo
demo: setup ## run the main job between two simulated Jiras, until Ctrl-C
	@$(BIN)/backbone demo

.PHONY: check
check: setup ## the gate: format, lint, types, directions of import, ceilings, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture tests/docs

.PHONY: quick
quick: setup ## the tests that take seconds: unit, properties with few examples, architecture, docs
	HYPOTHESIS_PROFILE=dev $(BIN)/pytest -q -n 2 $(wildcard tests/unit tests/properties) tests/architecture tests/docs

.PHONY: test
test: test-parts check ## everything a change must pass
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -n 2

.PHONY: convergence
convergence: setup ## prove that two halves, and two companies, converge, with EXAMPLES=10000 runs
	HYPOTHESIS_PROFILE=long BACKBONE_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n 2 --timeout 0 --hypothesis-show-statistics --hypothesis-seed=$(SEED) $(CONVERGING)

.PHONY: api-cases
api-cases: setup ## call the REST API with CASES=20000 generated cases, valid and not
	BACKBONE_CASES=$(CASES) $(BIN)/pytest -q --timeout 0 tests/integration/web/test_description.py

.PHONY: mutations
mutations: setup ## tamper with MUTATIONS=1000000 parcels: what is accepted must be what the partner sealed
	$(BIN)/python -m tests.properties.mutations $(MUTATIONS) --processes 2

.PHONY: mutants
mutants: setup ## take each of the 24 rules, and each of channels, out of a copy of the sources: a test must fail every time
	$(BIN)/python -m tests.rules.mutants

.PHONY: core-coverage
core-coverage: setup ## which lines and branches of the core the rules, the properties and the unit tests reach
	HYPOTHESIS_PROFILE=dev $(BIN)/coverage run --branch --source=backbone.core -m pytest -q tests/rules tests/properties $(wildcard tests/unit/core)
	$(BIN)/coverage report -m --skip-covered --include='src/backbone/core/*'

.PHONY: bench
bench: setup ## measure calls and throughput against the floor; results go to docs/explanation/benchmarks.md
	$(BIN)/python -m tests.bench

.PHONY: docs
docs: setup ## write the generated pages of docs/reference again
	$(BIN)/python -m scripts.generate_docs

.PHONY: constraints
constraints: setup ## resolve the exact versions of constraints.txt again
	@scripts/resolve-constraints

.PHONY: release
release: setup ## gather the fragments into CHANGELOG.md and build the packages into dist/
	@scripts/release

.PHONY: clean
clean: ## remove the environment, caches and build outputs
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
