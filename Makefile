# Everything there is to do; `make` alone lists it.

BIN := .venv/bin
# Tests wait for servers as often as they compute, so there are more of them at once than cores.
JOBS ?= 4
# Else each process that is started, and there are hundreds in the tests, would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; empty where there is none.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# The Debian packages whose programs the tests start.
PROGRAMS := slapd chromium samba ldbadd postfix

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-fast lint fix css screenshots bench migrate programs

help: ## List what there is to do
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

setup: .venv/.ready ## Make .venv with everything in it; nothing to do where it is up to date

.venv/.ready: requirements-dev.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Rollcall needs Python 3.11 or newer, and there is none here. On Debian and Ubuntu:" \
			"sudo apt-get install python3.11 python3.11-venv" >&2; exit 1; }
	@$(PYTHON) -m tests.setup .venv $<
	@touch $@

run: setup ## Start Rollcall here, empty and to stay (OWNER=you@company.example PORT= LISTEN=)
	@$(BIN)/python -m tests.demo $(if $(OWNER),--owner $(OWNER)) $(if $(LISTEN),--listen $(LISTEN))

demo: setup ## Start it with a sample company and its directory (RESET=1 starts over; PORT= LISTEN=)
	@$(BIN)/python -m tests.demo --sample $(if $(RESET),--reset) $(if $(OWNER),--owner $(OWNER)) $(if $(LISTEN),--listen $(LISTEN))

test: setup programs ## Run every test against real servers (ARGS="-k words")
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder -m "not bench" $(ARGS)

test-fast: setup ## Run the tests of rules, sources, store, pages and commands
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder -m "not bench" $(wildcard $(addprefix tests/,core sources store web cli)) $(ARGS)

lint: setup ## Look for faults of style, types and imports, and for known weaknesses
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive console jobs wsgi.py
	@$(BIN)/python -m tests.audit

fix: setup ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

css: setup ## Make the part of Tabler's style sheet that the pages use anew
	@$(BIN)/python -m tests.stylesheet

screenshots: setup ## Take pictures of every page, wide and narrow, light and dark, into screenshots/
	@rm -rf screenshots && mkdir screenshots
	@SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/browser/test_accessibility.py -k "everybody or too" $(ARGS)
	@echo "$$(ls screenshots | wc -l) pictures are in screenshots/."

bench: setup ## Measure what has to stay fast
	@$(BIN)/python -m pytest tests/bench -m bench -s $(ARGS)

migrate: setup ## Bring the database of make run to the tables of this version
	@$(BIN)/python -m tests.demo --migrate

# On a developer's machine the tests that lack a program are skipped, and pytest lists them; in CI that is a failure.
programs: setup
	@$(BIN)/python -m tests.servers.apt $(PROGRAMS) || { \
		test -z "$$CI" && echo "The tests that need it are skipped, and listed at the end." >&2; }
