# fleetd: everything installs into .venv/; real OpenStack services install into .lab/.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell sha256sum pyproject.toml | cut -c1-16)
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install lab demo test check bench conformance docs clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "fleetd needs Python 3.11 or newer: install python3 and python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fleetd needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment: install python3-venv"; exit 2; }
	@echo "Installing fleetd and its tools into $(VENV) (about a minute, cached afterwards)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,lab,postgresql]'
	@rm -f $(VENV)/.installed-* && touch $(STAMP)

install: $(STAMP) ## Set up .venv

lab: $(STAMP) ## Install a real OpenStack Ironic into .lab
	@$(BIN)/python -m fleetd_emulators.lab.main install --directory .lab >/dev/null || echo "Ironic could not be installed; what needs it is left out"

demo: lab ## An emulated fleet, read and enrolled into a real Ironic (ONCE=1: stop when done)
	@$(BIN)/fleetd demo $(if $(ONCE),--once --json) $(if $(SERVERS),--servers $(SERVERS)) $(if $(KEEP),--keep $(KEEP))

test: lab ## All tests
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal

check: $(STAMP) ## Format, lint, types, layers and the fast tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal -q -m "not slow and not lab"

bench: $(STAMP) ## Measure, side by side in one run; writes build/bench.json
	@$(BIN)/python -m bench.main

conformance: $(STAMP) ## DMTF's own tools against the emulated fleet (SCHEMAS=DIR: DSP8010 without a download)
	@$(BIN)/python -m fleetd_emulators.conformance --report docs/conformance.md $(if $(SCHEMAS),--schemas $(SCHEMAS))

docs: $(STAMP) ## Write the generated documents anew
	@$(BIN)/python docs/generate.py && $(BIN)/python -m fleetd.api.reference

clean: ## Remove everything that was built or installed
	rm -rf $(VENV) .lab .conformance build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
