# Each verb stands alone: it makes .venv and installs what it needs first.
PYTHON ?= python3
VENV ?= .venv
PROCESSES ?= 2
BOOTSTRAP = $(PYTHON) scripts/bootstrap.py
export VENV
# All tests run on SQLite, then a few on PostgreSQL; DATABASE=both: then all that reach the database; DATABASE=postgresql: only those.
ON_POSTGRESQL = $(VENV)/bin/python scripts/with_postgresql.py
DATABASE ?= sqlite
THERE = $(if $(filter sqlite,$(DATABASE)),@tests/postgresql.txt,--of-the-database)
PYTEST = $(VENV)/bin/python -m pytest -n $(PROCESSES) --dist worksteal

.PHONY: help run demo serve test search lint format types bench load client lock sbom audit clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1	\2/p' Makefile

run: ## install, start everything, show the main job on the demo project, serve until Ctrl-C
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor run

demo: ## the same without staying: the exit code tells whether the run was done
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor demo

serve: ## serve what is there, logs on the console: for a machine that stays up
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor serve

# The kernels are compiled beside the types' check, once, before several test processes would each compile them.
# A test process without work takes over from the end of another's list: each folder's servers are started by few.
test: lint ## everything a change must pass: lint, types, tests, a real browser
	@sh scripts/get_test_programs.sh
	@(export DJANGO_SETTINGS_MODULE=atlasnexus.settings_test; \
	$(VENV)/bin/python -m atlasnexus.prepare kernels && $(VENV)/bin/python -m atlasnexus.prepare further) & kernels=$$!; \
	$(VENV)/bin/mypy; types=$$?; wait $$kernels && exit $$types
	$(if $(filter postgresql,$(DATABASE)),,$(PYTEST) $(ARGS))
	$(if $(and $(ARGS),$(filter sqlite,$(DATABASE))),,$(ON_POSTGRESQL) $(PYTEST) $(THERE) $(ARGS))

lint:
	@$(BOOTSTRAP) --dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

search: lint ## look for new cases that break what must always hold
	$(PYTEST) --hypothesis-profile new -m hypothesis $(ARGS)

types:
	@$(BOOTSTRAP) --dev
	$(VENV)/bin/mypy

format: ## put the code in order
	@$(BOOTSTRAP) --dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

load: ## a working day in ten minutes: 200 people read, 20 edit, programs ask, runs and packs are made
	@exec $(BOOTSTRAP) benchmarks/load.py

bench: ## the engine against plain NumPy and a peer, a million permutations end to end, and the portal under twenty readers
	@$(BOOTSTRAP) benchmarks/run.py
	@exec $(BOOTSTRAP) benchmarks/portal.py

client: ## write the Python client's types and operations anew, from the API's description
	@$(BOOTSTRAP) --dev
	PYTHONPATH=. DJANGO_SETTINGS_MODULE=atlasnexus.settings_test $(VENV)/bin/python clients/python/generate.py

lock: ## compile the direct dependencies into the locks (needs uv)
	uv pip compile requirements.in -o requirements.txt --python-version 3.11 --only-binary :all: --no-header --no-annotate
	uv pip compile requirements-dev.in -o requirements-dev.txt --python-version 3.11 --only-binary :all: --no-header --no-annotate

sbom: ## a bill of materials (CycloneDX) of what the lock names, in sbom.json; asks nobody
	@$(BOOTSTRAP)
	@$(VENV)/bin/python scripts/write_sbom.py sbom.json

audit: sbom ## the same, then what is known against each package (asks the package index)
	@$(PYTHON) scripts/audit.py $(VENV)-audit

clean: ## remove what the tools left; data and environment stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks test-results
