PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# More arguments for pytest, e.g. make test PYTEST='-m "not e2e"'
PYTEST ?=
# Processes that run tests: one more than processors, as the one with the browser mostly waits for it.
WORKERS ?= 3

.PHONY: help run dev reset setup lint test test-full lock bench bench-decks bench-imports bench-panel

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

run: setup ## run everything at http://acme.localhost:8000 (PORT=8001 make run: at another port)
	@$(BIN)/python -m prm.local run

dev: setup ## the same, and the web server reloads when the code changes
	@$(BIN)/python -m prm.local run --reload

reset: setup ## start over: delete the data in var/
	@$(BIN)/python -m prm.local reset

setup:
	@$(PYTHON) scripts/setup.py

lint: setup ## style, types, imports between rooms, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

test: export DJANGO_SETTINGS_MODULE = prm.settings.test
test: lint ## everything that guards a promise
	@$(PYTHON) scripts/setup.py test
	$(BIN)/python -m prm.local up --fast --state var/test -- pytest -n $(WORKERS) $(PYTEST)

test-full: export PRM_TEST_FULL = 1
test-full: test ## the same with every page in every variant in the browser

lock: setup ## pin what pyproject.toml asks for
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --universal --python-version 3.11 -q -o requirements/prod.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --universal --python-version 3.11 -q -o requirements/dev.txt

bench: setup ## page times and queries at 10,000 partners
	DJANGO_SETTINGS_MODULE=prm.settings.test $(BIN)/python -m prm.local up --state var/bench -- python -m tests.bench

bench-decks: setup ## time and memory of forty QBRs in one go
	DJANGO_SETTINGS_MODULE=prm.settings.test $(BIN)/python -m prm.local up --state var/bench -- python -m tests.bench decks

bench-imports: setup ## time and memory of importing 100,000 sales results, as CSV and as XLSX
	DJANGO_SETTINGS_MODULE=prm.settings.test $(BIN)/python -m prm.local up --state var/bench -- python -m tests.bench imports

bench-panel: setup ## how soon the result of a business plan follows a change, in Chromium
	DJANGO_SETTINGS_MODULE=prm.settings.test $(BIN)/python -m prm.local up --state var/bench -- python -m tests.bench panel
