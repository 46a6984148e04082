# Two commands on a fresh machine: `make demo` and `make test`. GNU make 3.81 and Python >= 3.11 are all they need.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

# Hundreds of processes of the tests would each compile the project anew, and each of its runs every test.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test browser faults hour benchmarks check lock

help:
	@echo "make demo        the whole morning, offline: crawl, digest, e-mail"
	@echo "make test        the tests"
	@echo "make check       lint and types"
	@echo "make browser     the tests in headless Chromium"
	@echo "make faults      the long fault tests (kills at random points, bombs, a month of mornings)"
	@echo "make hour        two weeks of mornings in an hour, the daemon killed throughout; large stores of every old schema"
	@echo "make benchmarks  the figures of the README"
	@echo "make lock        compile requirements.lock, requirements-postgres.lock and requirements-dev.lock"

demo: $(RUNTIME)
	$(BIN)/paperlark demo

SUITE := -q -n auto -m "not browser and not slow and not hour"

# With COVERAGE set, which takes half as long again, it says which lines no test has been at.
test: $(DEV)
ifdef COVERAGE
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(SUITE)
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report --fail-under=95
else
	$(BIN)/python -m pytest $(SUITE)
endif

browser: $(DEV)
	$(BIN)/python -m pytest -m browser tests/browser

faults: $(DEV)
	$(BIN)/python -m pytest -m slow

hour: $(DEV)
	$(BIN)/python -m pytest -m hour -s

benchmarks: $(DEV)
	$(BIN)/python -m tests.benchmarks

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(DEV)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --group pyproject.toml:build -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --extra postgres --group pyproject.toml:build -c requirements.lock \
	  -o requirements-postgres.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --all-extras --group pyproject.toml:build --group pyproject.toml:dev \
	  -c requirements.lock -o requirements-dev.lock pyproject.toml

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Paperlark needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python has no venv module here; on Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(RUNTIME): $(BIN)/python requirements.lock pyproject.toml
	$(PIP) install -q --require-hashes -r requirements.lock
	$(PIP) install -q --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): $(BIN)/python requirements-dev.lock pyproject.toml
	$(PIP) install -q --require-hashes -r requirements-dev.lock
	$(PIP) install -q --no-build-isolation --no-deps -e .
	@touch $@ $(RUNTIME)
