# Two commands do everything: `make run` (the main job) and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
EXTRAS ?=
VENV := .venv
BIN := $(VENV)/bin
OUT ?= var
PORT ?= 8000

.PHONY: run test check lock docs benchmark clean

# Serve the application with a fictional operation in it, and say where and for whom.
run: $(VENV)/.installed-web $(VENV)/.built-frontend
	@$(BIN)/waystation serve --exercise --data $(OUT) --port $(PORT)

test: $(VENV)/.installed-test $(VENV)/.installed-web $(VENV)/.built-frontend
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(VENV)/.installed-test $(VENV)/.installed-check $(VENV)/.installed-web $(VENV)/.built-frontend
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(NPM) run --silent check
	$(BIN)/django-admin makemigrations --check --dry-run --settings waystation.web.project.settings.test
	$(BIN)/python docs/generate.py --check
	$(BIN)/mkdocs build --strict --quiet --site-dir build/site

# Print the ratios of every benchmark, against peers and limits.
benchmark: $(VENV)/.installed-benchmark
	@for name in workbook_to_matrix name_matching quality_checks matrix_engines disclosure \
	    web_ingest operation_page dtm_api undesa_import flow_estimation flow_uncertainty; do \
	  echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

docs: $(VENV)/.installed-check
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs serve

# Pin what development uses, after a change of pyproject.toml.
lock: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
	  --group test --group check --group benchmark \
	  --no-annotate --no-header pyproject.toml --output-file constraints.txt

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.$(if $(EXTRAS),[$(EXTRAS)])'
	@touch $@

# The web application is an extra: the library installs and runs without it.
$(VENV)/.installed-web: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[web]'
	@touch $@

# Styles, scripts and fonts, by the machine's Node 20 or newer, else by one installed beside Python.
FRONTEND := $(wildcard frontend/*.json frontend/*.mjs frontend/.npmrc frontend/src/* frontend/styles/*)
NPM := $(BIN)/npm --prefix frontend

$(BIN)/npm: | $(BIN)/pip
	@frontend/node.sh $(VENV)

frontend/node_modules/.package-lock.json: frontend/package-lock.json frontend/.npmrc | $(BIN)/npm
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.built-frontend: frontend/node_modules/.package-lock.json $(FRONTEND)
	$(NPM) run --silent build
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group $*
	@touch $@

clean:
	rm -rf $(VENV) build var frontend/node_modules src/waystation/web/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
