# Every target does its own set-up; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test test-all torture lint format bench lock setup setup-dev clean
.DEFAULT_GOAL := help

help:
	@echo "make run       set up and start the bot (with no token: the console)"
	@echo "make test      set up and run the tests"
	@echo "make test-all  the same with the slow ones"
	@echo "make torture   200 channels, 300 stories, 100 kills, and all else that can fail: 20 minutes"
	@echo "make lint      ruff and mypy --strict"
	@echo "make bench     measure what docs/benchmarks.md promises"
	@echo "make lock      resolve the dependencies anew into the lock files"

run: setup
	@set -a; if [ -f .env ]; then . ./.env; fi; set +a; exec $(BIN)/aspire run

test: setup-dev
	$(BIN)/python -m pytest -m "not slow"

test-all: setup-dev
	$(BIN)/python -m pytest

torture: setup-dev
	$(BIN)/python -m tests.end_to_end.torture $(if $(SEED),--seed $(SEED))

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev
	$(BIN)/python -m scripts.bench

lock: $(BIN)/python
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aspire-bot needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "no venv module: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing what the bot needs into $(VENV) (once, about half a minute) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "installing the bot and its tools into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
