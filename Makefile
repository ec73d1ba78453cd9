VENV ?= .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: demo up test processes check audit sbom format contract browser chaos faults bench lock clean
.DEFAULT_GOAL := help

help: ## show these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements-dev.txt pyproject.toml
	@command -v python3 >/dev/null || { echo "python3 3.11 or newer is needed"; exit 2; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 3.11 or newer is needed, found $$(python3 -V)"; exit 2; }
	python3 -m venv $(VENV) || { echo "python3 cannot make a virtual environment: install python3-venv"; exit 2; }
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## play a real incident into the bot, no account needed
	$(VENV)/bin/pilot demo

up: $(STAMP) ## run everything, as configured in .env
	$(VENV)/bin/pilot up

test: $(STAMP) ## run the tests
	$(PY) -m pytest -n auto -m "not browser and not contract and not processes"

processes: $(STAMP) ## the tests that take long: kills, a crash at every step, input by the thousand
	$(PY) -m pytest -n 3 -m processes

check: $(STAMP) audit ## format, lint, types, import contracts, known vulnerabilities
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

audit: $(STAMP) ## look the pinned packages up in the advisory database, if it can be reached
	$(PY) -m tools.audit requirements-dev.txt

sbom: $(STAMP) ## print what is in the image, as CycloneDX JSON
	@$(PY) -m tools.sbom requirements.txt "$$($(PY) -c 'from importlib.metadata import version as v; print(v("incidentpilot"))')"

format: $(STAMP) ## let ruff rewrite the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

contract: $(STAMP) ## hold our requests against servers others wrote, GitHub's and models' (needs node and npm)
	$(PY) -m pytest -m contract

browser: $(STAMP) ## use the demo page in headless Chromium (needs a chromium on PATH)
	$(PY) -m pytest -m browser

SEED ?= 1
CHAOS = $(if $(LONG),--seconds 1800 --deliveries 1000000,--seconds 28) --seed $(SEED)

chaos: $(STAMP) ## kill and cut off everything while webhooks come in (LONG=1: a million; SEED=n)
	$(PY) -m tests.chaos $(CHAOS)

faults: $(STAMP) ## play every fault on the whole program and write docs/faults.md (a quarter of an hour)
	$(PY) -m tests.faults

bench: $(STAMP) ## run the benchmarks and write benchmarks/results/
	$(PY) -m benchmarks

lock: $(STAMP) ## pin dependencies again from pyproject.toml
	$(PY) -m pip install --quiet pip-tools
	$(VENV)/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra embedded --extra telemetry --output-file requirements.txt pyproject.toml
	$(VENV)/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra embedded --extra telemetry --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## remove the environment and all local state
	rm -rf $(VENV) .pilot
