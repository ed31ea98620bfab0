# Every target works on a machine that has only Python 3.11+, git and make: what is missing is set up first, in this folder.
# PYTHON=/path/to/python picks another Python; ARGS="..." is handed to `handeye demo` or to pytest.

SHELL := /bin/sh
BIN := .venv/bin
PACKAGES := tools envs agent benchmarks
export PYTHON

.PHONY: help demo test fuzz audit lint types env test-env check-env pins clean

help:
	@echo "make demo    set up, then watch the embedded model work ten tasks in a real browser, three on a simulated phone, three on a desktop"
	@echo "make test    set up, then lint, check types and run the tests"
	@echo "make fuzz    a million hostile replies through all dialects; for a night, or half an hour"
	@echo "make audit   look the pinned packages up in PyPI's advisories, as far as the network allows"
	@echo "make lint    ruff, rules and format"
	@echo "make types   mypy --strict on the four packages"
	@echo "make env     only set up what the demo needs (.venv, Chromium)"
	@echo "make pins    pin what pyproject.toml came to ask for in constraints.txt; ARGS=--upgrade takes the newest of all"
	@echo "make clean   remove all that these made (.venv, .cache, build outputs); your runs stay"

demo: env
	@$(BIN)/handeye demo $(ARGS)

env:
	@scripts/bootstrap demo

test-env:
	@scripts/bootstrap dev

check-env:
	@scripts/bootstrap dev --no-browser

# tests/conftest.py says how many workers `auto` is. A browser a process caps the number.
# A thread for each process: torch's own threads wait for one another, which on a busy machine takes a token from 0.015 s to 0.56 s.
test: test-env lint types
	@OMP_NUM_THREADS=1 $(BIN)/python scripts/second_try.py -n auto --maxprocesses 8 --dist worksteal $(ARGS)

audit: check-env
	@$(BIN)/python scripts/audit.py

# HANDEYE_FUZZ strings for each dialect: with 48 of them, a million. FUZZ=N is another number.
FUZZ ?= 21000
fuzz: check-env
	@HANDEYE_FUZZ=$(FUZZ) $(BIN)/pytest -n auto --timeout 3600 tests/agent/test_fuzz_dialects.py -k parse_errors $(ARGS)

lint: check-env
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Fix: $(BIN)/ruff format ." >&2; exit 1; }

# mypy cannot see through an editable install's import hook, so it reads the packages under their import name through links.
types: check-env
	@mkdir -p build/typed/handeye
	@for package in $(PACKAGES); do ln -sfn ../../../$$package build/typed/handeye/$$package; done
	@$(BIN)/mypy

# Exact versions of every extra and the dev group, for any platform. What is pinned already keeps its version.
pins: check-env
	@PATH="$$PATH:.cache/uv/bin" UV_CUSTOM_COMPILE_COMMAND="make pins" uv pip compile --quiet --universal --python-version 3.11 \
		--all-extras --group pyproject.toml:dev --no-annotate --output-file constraints.txt pyproject.toml $(ARGS)

clean:
	rm -rf .venv .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
