# The words people type. Each sets up what it needs in .venv first; `make help` lists them.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Two threads wait for each other by spinning: on a busy machine that costs a factor of ten.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
READY := .venv/ready

.PHONY: help demo test lint release prove results bench lock clean
help:  ## list these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(READY)  ## the whole story in ./demo: release, class, grading, feedback (2 to 5 minutes)
	@python -m autograder demo

# What takes half of the time, beside the other half.
MEANWHILE := tests/attacks tests/test_hidden_checks.py $(wildcard tests/test_visible_*.py)

test: $(READY)  ## every test of the kit, the source notebooks included (10 to 20 minutes)
	@data="$$(python -m autograder stand-in)"; \
	{ DASECV_DATA="$$data" python -m pytest --nbval --nbval-current-env -p no:cacheprovider source; \
		notebooks=$$?; python -m pytest $(MEANWHILE); exit $$((notebooks + $$?)); \
	} > .cache/meanwhile.log 2>&1 & meanwhile=$$!; \
	python -m pytest $(MEANWHILE:%=--ignore=%); tests=$$?; \
	echo "what ran meanwhile: the source notebooks against their committed outputs (nbval), the attacks:"; \
	wait $$meanwhile; ran=$$?; cat .cache/meanwhile.log; exit $$((tests + ran))

lint: $(READY)  ## style and correctness of the source (seconds)
	@ruff check .

release: $(READY)  ## make release/ anew; put in place only on success (half a minute)
	@python -m autograder release

prove: $(READY)  ## prove the kit: solution 100 %, stub 0 %, release fresh (3 minutes)
	@python -m autograder prove

results: $(READY)  ## run the notebooks on the real CIFAR-10, write docs/results.md (long)
	@python benchmarks/results.py

bench: $(READY)  ## measure against peers and limits, write docs/benchmarks.md (7 to 15 minutes)
	@python benchmarks/run.py

lock: $(READY)  ## write down the versions that are installed now
	@{ head -1 requirements.lock; python -m pip freeze --all --exclude-editable \
		--exclude dasecv --exclude pip; } > lock.new
	@mv lock.new requirements.lock

clean:  ## take away what the kit made for itself (.venv, demo, caches)
	@rm -rf .venv demo .cache .pytest_cache .ruff_cache build *.egg-info daseCV/build daseCV/*.so

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "daseCV needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	@echo "set-up: making .venv with $(PYTHON) ($$($(PYTHON) -V))"
	@$(PYTHON) -m venv --clear .venv || { echo "This Python cannot make an environment; \
	on Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	@echo "set-up: fetching nbgrader, Jupyter, NumPy from PyPI: 120 packages, a minute or two"
	@python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@python -m pip install --quiet --disable-pip-version-check --no-deps \
		--config-settings editable_mode=compat -e .  # never in place of a release's own files
	@cd daseCV && python setup.py -q build_ext --inplace >/dev/null 2>&1 || \
		echo "set-up: no C compiler here; the fast layers run on NumPy"
	@touch $(READY); echo "set-up: done; this was needed once"
