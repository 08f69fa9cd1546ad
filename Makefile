# make repro: set up and run the pipeline · make test: set up and check everything · make help
.PHONY: help repro show tune demo smollm bench faults test audit format lock
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

repro: $(VENV)/installed  ## the pipeline: clean → tokenize → train → evaluate; scores
	@python -m stages.command.dvc_lock
	dvc repro
	python -m stages.compare

show: $(VENV)/installed  ## every experiment: state, score, what differs
	@python -m stages.show

tune: $(VENV)/installed  ## search tune.space, promote the winner, take its model
	@python -c 'import sys; from stages.params import load_params; sys.exit(None if load_params().tune.trials else "error: tune.trials is 0 in params.yaml: say how many trainings the search may spend")'
	@python -m stages.command.dvc_lock
	dvc repro tune
	python -m stages.promote || echo "params.yaml stays as it is"
	dvc repro

demo: $(VENV)/installed-demo  ## the model on a page: paste a dialogue, see its summary
	python -m stages.demo

smollm: $(VENV)/installed  ## a real pretrained model (English, 135M) without a hub
	python -m pip install --quiet --disable-pip-version-check -c requirements.lock '.[smollm]'
	python packaging/smollm.py

bench: $(VENV)/installed-test  ## every benchmark; writes metrics/benchmarks.json
	python -m benchmarks

faults: $(VENV)/installed-test  ## kills, full disks, damage, crowds; writes docs/faults.md
	python -m faults

test: $(VENV)/installed-test  ## lint, types and tests
	ruff check .
	ruff format --check .
	mypy
	pytest -n auto --dist loadfile --no-loadscope-reorder

audit: $(VENV)/installed-audit $(VENV)/installed-test  ## security rules; known holes of requirements.lock, from PyPI
	ruff check .
	@python packaging/audit.py $(VENV)/audit/bin/pip-audit

format: $(VENV)/installed-test  ## put the code in form
	ruff check --fix .
	ruff format .

lock: $(VENV)/installed-test  ## write requirements.lock, as .venv is, and .dvc/plots.html
	python packaging/lock.py > $(VENV)/requirements.lock
	mv $(VENV)/requirements.lock requirements.lock
	python packaging/plots_page.py > $(VENV)/plots.html
	mv $(VENV)/plots.html .dvc/plots.html

# The venv is made anew when another Python is named (make PYTHON=python3.14 …) or when it was copied
# from elsewhere; an interrupted installation leaves no stamp and goes on next time.
ifneq ($(origin PYTHON),file)
MINOR := import sys; print(sys.version_info[:2])
ifneq ($(shell "$(PYTHON)" -c '$(MINOR)'),$(shell $(VENV)/bin/python -c '$(MINOR)' 2>/dev/null))
.PHONY: $(VENV)/installed
OTHER_PYTHON := yes
endif
endif
# pip's list of downloads, each with its size; its errors are written apart from it.
INSTALL = set -o pipefail; python -m pip install --disable-pip-version-check --progress-bar off \
	-c requirements.lock $(1) | sed -un 's/^ *Downloading /  /p; s/^Installing collected.*/  installing/p'
define HINT
Packages go into $(VENV), once: about 3 GB and 3 to 10 minutes. On Linux pip brings torch with CUDA,
several GB more. Without a GPU stop here, and make again with the environment variable
PIP_EXTRA_INDEX_URL, the address that pytorch.org names for pip, Linux, CPU.
endef
export HINT
$(VENV)/installed: pyproject.toml requirements.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed; name one: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@$(if $(OTHER_PYTHON),false,$(VENV)/bin/python -c 'import pip' 2>/dev/null) || "$(PYTHON)" -m venv --clear $(VENV)
	@echo "$$HINT"
	@$(call INSTALL,.)
	@touch $@

$(VENV)/installed-demo: $(VENV)/installed
	@$(call INSTALL,'.[demo]')
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@$(call INSTALL,'.[test]')
	@touch $@

$(VENV)/installed-audit: $(VENV)/installed
	python -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@touch $@
