# Everything a person or a machine does with Naungan starts here: `make` shows the list.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
ARGS ?=

.PHONY: help setup run test attack soak lint check-catalogue bench bench-sync sbom package catalogue screenshots lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## create .venv and install what is locked; instant the second time
	@sh scripts/setup.sh

run: setup ## play the demo and open the window: make run ARGS="--cases 50"
	@.venv/bin/naungan demo $(ARGS)

test: setup lint check-catalogue ## lint, types, import contracts, translations and every test
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

attack: setup ## every attack and fault test at full size, one table: make attack ARGS="-k bit"
	@$(PYTHON) scripts/attack.py $(ARGS)

soak: setup ## the sync's state machine, long, with new seeds: make soak ARGS="30" (minutes)
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m scripts.soak $(ARGS)

lint: setup ## ruff, mypy and the import contracts
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

check-catalogue: setup ## are all texts translated?
	@$(PYTHON) scripts/catalogue.py check

bench: setup ## one table: ours beside the naive way, as ratios
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m benchmarks $(ARGS)

bench-sync: setup ## the sync beside PouchDB and Kinto, on good and bad links: make bench-sync ARGS="--quick"
	@sh scripts/peers.sh
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m benchmarks.syncing $(ARGS)

sbom: setup ## what the program is made of, its compiled parts too, in build/sbom.cdx.json
	@$(PYTHON) -m scripts.sbom

package: setup ## a one-folder program in dist/naungan, started once to see that it runs
	@sh scripts/package.sh

catalogue: setup ## collect the texts, merge them into the languages, compile: make catalogue TSV="new.tsv"
	@$(PYTHON) scripts/catalogue.py extract
	@$(PYTHON) scripts/catalogue.py update $(if $(TSV),--tsv $(TSV))
	@$(PYTHON) scripts/catalogue.py compile

screenshots: setup ## draw the screens of the demo into build/screenshots
	@QT_QPA_PLATFORM=offscreen .venv/bin/naungan demo --no-window --out build/screenshots $(ARGS)

lock: ## work out requirements.lock anew (needs uv)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" sh scripts/lock.sh

clean: ## remove what was built; .venv and workspaces stay
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache naungan.egg-info
	@find app tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
