# First100: `make` lists what there is. Each target sets up .venv first; when nothing has changed that takes no time.
# Variables: PYTHON (the Python to set up with), UV (path of uv; empty: use pip), ARGS (more, for pytest or bench).

PY := .venv/bin/python
# A file at a time, so that what all of its tests look at is made once.
PYTEST := $(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder
LOCK = $(UV_FOUND) pip compile --quiet --universal --python-version 3.11 --no-header
UV_FOUND = "$${UV:-uv}"

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench bench-spacing prove lock schemas ready ready-dev ready-npm ready-npm-all

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: ready ready-npm ## the sample leaders' 100 days, on a virtual clock; SERVE=1 shows them in a browser
	@$(PY) main.py demo

run: ready ready-npm ## the service: sends mail and serves the leaders' pages until it is stopped
	@$(PY) main.py run

test: ready ready-npm-all ## every test
	@$(PYTEST) $(ARGS)

check: ready-dev ## lint, format, types and the direction of imports
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m pyright
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

bench: ready-dev ready-npm ## the benchmarks: a table each; ARGS=deciding runs one
	@$(PY) -m benchmarks $(ARGS)

bench-spacing: ready-dev ## what the spacing is worth, simulated: minutes; ARGS="--seed 7 --leaders 200"
	@$(PY) -m benchmarks spacing $(ARGS)

prove: ready-dev ready-npm-all ## the long proofs that `make test` leaves out
	@$(PYTEST) --prove -m prove $(ARGS)

lock: ## pin requirements*.txt anew from requirements*.in (needs uv)
	@command -v $(UV_FOUND) >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(LOCK) --output-file requirements.txt requirements.in
	$(LOCK) --output-file requirements-dev.txt requirements-dev.in

schemas: ready ## the JSON Schemas in config/schemas, for editors, anew from the shapes that check the files
	@$(PY) -m config.json_schemas

ready:
	@sh .ci/set-up requirements.txt

ready-dev: ready
	@sh .ci/set-up requirements.txt requirements-dev.txt

ready-npm: ready
	@sh .ci/set-up-npm --omit=dev

ready-npm-all: ready
	@sh .ci/set-up-npm
