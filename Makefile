# One line per verb. `make demo` and `make test` set up what they need on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
ENGINES ?= .venv-engines

.PHONY: engines demo test check fix cov docs bench oracle llama wire clean fuzz

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

demo: $(READY)  ## set up and run the main job, offline unless EXTRACT_BASE_URL is set
	@$(BIN)/python examples/invoice.py

test: $(READY)  ## set up and pass the tests
	$(BIN)/python -m pytest -q -n auto --ignore tests/engines

check: $(READY)  ## lint, types, floors
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/pyright && $(BIN)/lint-imports

fix: $(READY)  ## format and mend what ruff can mend
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

cov: $(READY)  ## branch coverage of the pure floors
	$(BIN)/coverage erase && $(BIN)/coverage run -m pytest -q -n auto tests/unit tests/property tests/golden && $(BIN)/coverage combine --quiet && $(BIN)/coverage report

docs: $(READY)  ## the user guide, into site/
	$(BIN)/python -m pip install --quiet '.[docs]' && $(BIN)/mkdocs build --strict

bench: $(READY)  ## the figures that we publish
	for file in $(filter-out benchmarks/engines.py benchmarks/xgrammar_engine.py benchmarks/people.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; PYTHONPATH=. $(BIN)/python $$file || exit 1; done

fuzz: $(READY)  ## ten minutes of broken texts against the readers
	$(BIN)/python -m tests.property.cuts 200
	$(BIN)/python -m tests.property.fuzz 600

oracle: $(READY)  ## random texts under every lowered schema, decoded and validated; xgrammar too where it is installed
	$(BIN)/python -m benchmarks.oracle

llama: $(READY)  ## ask a real llama-server; needs LLAMA_SERVER and LLAMA_MODEL
	$(BIN)/python -m pytest -q -rs tests/server/test_llama_server.py

wire: $(READY)  ## every recorded exchange over real sockets at every piece size, which needs the recordings, and the laws of streams for 500 documents; takes minutes
	EXTRACT_ALL_SIZES=1 EXTRACT_EXAMPLES=1000 $(BIN)/python -m pytest -q -rs -n auto tests/server/test_recorded.py tests/property/test_streaming.py tests/property/test_splits.py

$(ENGINES)/.ready: pyproject.toml
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[ray,spark,polars,pandas,otel]' pytest hypothesis opentelemetry-sdk aiohttp
	touch $(ENGINES)/.ready

engines: $(ENGINES)/.ready  ## Ray and Spark in local mode; Spark needs Java; the warnings of the engines are their own
	$(ENGINES)/bin/python -m pytest -q -rs -W ignore tests/engines tests/unit/engines tests/unit/report tests/unit/batch/test_frames.py

clean:
	rm -rf $(VENV) $(ENGINES) build dist site .coverage* .mypy_cache .ruff_cache .import_linter_cache
