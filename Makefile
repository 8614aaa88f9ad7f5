# Two commands matter: `make demo` runs the main job, `make test` checks everything.
# Both set up their own virtual environment in .venv first; only Python 3.11-3.14 and make are asked of you.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed

.PHONY: mutants help setup demo demo-stop test lint types unit bench bench-peers bench-smoke chaos fuzz verifier docs clean

help:
	@echo "make demo        five member states, one movement from lodging to discharge, proofs checked offline"
	@echo "make demo KEEP=1 the same, and leaves the union running for you to look around"
	@echo "make demo-stop   stops a union that KEEP=1 left running"
	@echo "make test        lint, strict types and every test"
	@echo "make chaos       torments a union of real processes for some minutes, then audits it (MINUTES=3 SEED=…)"
	@echo "make fuzz        fuzzes every decoder for some seconds each (SECONDS=20); guided if atheris is installed"
	@echo "make mutants     drops and weakens the rules one by one: do the tests notice? (RULE=TR-012 for one)"
	@echo "make bench       measures this union beside etcd and CometBFT (ARGS=--help); report in var/bench"
	@echo "make bench-smoke holds what a record costs against bounds that no machine changes; part of make test"
	@echo "make bench-peers fetches etcd and builds CometBFT for that (needs Go)"
	@echo "make verifier    dist/ctl-verify.pyz: checks proofs with Python alone, on a machine without a network"
	@echo "make docs        writes the generated documents again"
	@echo "make clean       stops a union that still runs, removes .venv and var/"

setup: $(SETUP)

$(SETUP): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 14) else 1)' \
	  || { echo "Python 3.11 to 3.14 is needed; '$(PYTHON)' is missing or another version."; \
	       echo "Install it (Debian, Ubuntu: apt install python3) or name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing. Debian, Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(SETUP)

demo: $(SETUP)
	@$(BIN)/python -m ledger_node.demo $(if $(KEEP),--keep)

demo-stop: $(SETUP)
	@$(BIN)/python -m ledger_node.demo --stop

test: lint types unit bench-smoke

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(SETUP)
	$(BIN)/mypy

unit: $(SETUP)
	$(BIN)/python -m pytest -q

bench: $(SETUP)
	$(BIN)/python -m benchmarks $(ARGS)

bench-smoke: $(SETUP)
	$(BIN)/python -m benchmarks.smoke

bench-peers: $(SETUP)
	$(BIN)/python -m benchmarks.peers

chaos: $(SETUP)
	$(BIN)/python -m tests.chaos --minutes $(or $(MINUTES),3) $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.chaos.newcomer $(if $(SEED),--seed $(SEED))

fuzz: $(SETUP)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || echo "For coverage guidance: $(BIN)/pip install atheris"
	$(BIN)/python -m tests.fuzz all --seconds $(or $(SECONDS),20) \
	  $$($(BIN)/python -c 'import atheris' 2>/dev/null || echo --blind)

# Needs no set-up: the verifier uses the standard library alone, and so does what packs it.
verifier:
	@$(PYTHON) -m ctl_verify.pack dist/ctl-verify.pyz
	@sha256sum dist/ctl-verify.pyz

mutants: $(SETUP)
	$(BIN)/python -m tests.mutation $(if $(RULE),--rule $(RULE)) $(if $(JOBS),--jobs $(JOBS))

docs: $(SETUP)
	$(BIN)/python -m contracts.rulebook

clean:
	@if [ -x $(BIN)/python ] && [ -d var/demo ]; then $(BIN)/python -m ledger_node.demo --stop; fi
	rm -rf $(VENV) var
