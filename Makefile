# Fieldwise. `make` alone lists the commands.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The index with the CPU build of torch, tried first; if it is unreachable, pip uses its configured index.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PORT ?= 3000
MODE ?= build-index
SUB ?= me
# For the images: their processor, their Python versions, and the index of their packages; empty = the template's defaults.
ARCHITECTURE ?=
INFERENCE_PYTHON ?=
TRAINING_PYTHON ?=
PACKAGE_INDEX ?=
# The folder of an arm64 Python to run under emulation, made by benchmarks/processors/arm64-root; empty = none.
ARM64_ROOT ?=
BUILD_PARAMETERS = $(if $(ARCHITECTURE),Architecture=$(ARCHITECTURE)) \
	$(if $(INFERENCE_PYTHON),InferencePython=$(INFERENCE_PYTHON)) \
	$(if $(TRAINING_PYTHON),TrainingPython=$(TRAINING_PYTHON)) $(if $(PACKAGE_INDEX),PackageIndex=$(PACKAGE_INDEX))

PYTHON := .venv/bin/python
SOURCES := layers/common/python functions/backend functions/inference functions/training infra
CHECKED := layers functions infra benchmarks tools tests
INSTALLED := .venv/.installed
SAM_INSTALLED := .venv-sam/.installed
CHECKOV_INSTALLED := .venv-checkov/.installed

# Keeps the tools quiet, and this shell's Python path out of them.
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# -- install -----------------------------------------------------------------------------------------------------------

.PHONY: install
install: $(INSTALLED) ## Make .venv with all dependencies

# The first of these that is 3.11 to 3.13 and can create environments.
FIND_PYTHON = for name in python3.11 python3.12 python3.13 python3; do \
	if command -v $$name >/dev/null && $$name -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	then found=$$name; break; fi; done; \
	if [ -z "$${found:-}" ]; then echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt install python3 python3-venv)" >&2; exit 1; fi

# All of this goes to stderr: programs read a command's stdout, that of `make -s token` above all.
$(INSTALLED): requirements-dev.txt functions/training/requirements.in
	@$(FIND_PYTHON); echo "Making .venv with $$($$found --version)" >&2; $$found -m venv .venv >&2
	@torch="$$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' functions/training/requirements.in)"; \
	if .venv/bin/python -c "import importlib.metadata as m, sys; sys.exit(m.version('torch').split('+')[0] != '$${torch#torch==}')" 2>/dev/null; then \
		echo "$$torch is already installed"; \
	elif .venv/bin/python -c "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)" "$(TORCH_INDEX)/torch/" 2>/dev/null; then \
		echo "Installing $$torch from $(TORCH_INDEX)"; .venv/bin/pip install --no-deps --index-url "$(TORCH_INDEX)" "$$torch" || .venv/bin/pip install -c requirements-dev.txt "$$torch"; \
	else \
		echo "Installing $$torch from pip's configured index (the CPU index is unreachable)"; .venv/bin/pip install -c requirements-dev.txt "$$torch"; \
	fi >&2
	@echo "Installing everything else" >&2
	@.venv/bin/pip install -r requirements-dev.txt >&2
	@printf '%s\n' $(addprefix $(CURDIR)/,$(SOURCES)) > "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/fieldwise.pth"
	@touch $@

# A separate environment: the SAM command line pins older versions of libraries we use.
$(SAM_INSTALLED): requirements-sam.txt
	@$(FIND_PYTHON); echo "Making .venv-sam with $$($$found --version)" >&2; $$found -m venv .venv-sam
	@.venv-sam/bin/pip install -r requirements-sam.txt >&2
	@touch $@

# Another separate environment, for the same reason; only `make checkov` needs it.
$(CHECKOV_INSTALLED): requirements-checkov.txt
	@$(FIND_PYTHON); echo "Making .venv-checkov with $$($$found --version)" >&2; $$found -m venv .venv-checkov
	@.venv-checkov/bin/pip install -r requirements-checkov.txt >&2
	@touch $@

# -- the local stack ---------------------------------------------------------------------------------------------------

.PHONY: run token try learn train report sam-local shadow replay why
run: $(INSTALLED) ## Start everything on 127.0.0.1:$PORT (3000)
	@PORT=$(PORT) exec $(PYTHON) -m local run

sam-local: $(INSTALLED) $(SAM_INSTALLED) ## The same in containers, under SAM's emulators (ARCHITECTURE=arm64, TRAINING_PYTHON=3.13, PACKAGE_INDEX=url)
	@PORT=$(PORT) exec $(PYTHON) -m local sam-local $(addprefix --parameter ,$(BUILD_PARAMETERS))

token: $(INSTALLED) ## Print a token for the running stack (SUB=name, ADMIN=1)
	@SUB=$(SUB) exec $(PYTHON) -m local token

try: $(INSTALLED) ## Send the sample profile and forms through the running stack
	@SUB=$(SUB) exec $(PYTHON) -m local try

learn: $(INSTALLED) ## Show what becomes of a correction: for its user, for strangers, after a training, rolled back
	@$(PYTHON) -m local learn

train: $(INSTALLED) ## Start a training in the running stack (MODE=smoke-test|build-index|build-index-feedback|full-train)
	@MODE=$(MODE) exec $(PYTHON) -m local train

shadow: $(INSTALLED) ## Let a version decide beside the live one, for the log alone (VERSION=name, SHARE=0.1; OFF=1); without VERSION, show it
	@$(PYTHON) -m local shadow $(if $(VERSION),"$(VERSION)" $(if $(SHARE),--share "$(SHARE)")) $(if $(OFF),--off)

replay: $(INSTALLED) ## Make logged decisions again with a version: same or what changes (VERSION=name, SINCE=time, LIMIT=n, OUT=file; STORE and LOG elsewhere)
	@$(PYTHON) -m $(if $(STORE),tools.replay --store "$(STORE)" --log "$(or $(LOG),$(error name the log too: LOG=s3://bucket/decisions/))",local replay) \
		$(if $(VERSION),"$(VERSION)") $(if $(SINCE),--since "$(SINCE)") $(if $(LIMIT),--limit "$(LIMIT)") $(if $(OUT),--out "$(OUT)")

why: $(INSTALLED) ## Explain a logged decision, or one about a form in a file (ID=decision_id, or FORM=file:line FIELD=n; CANONICAL=id, VERSION=name, SINCE=time; STORE and LOG elsewhere)
	@$(PYTHON) -m $(if $(STORE),tools.why --store "$(STORE)" $(if $(LOG),--log "$(LOG)"),local why) \
		$(if $(ID),"$(ID)") $(if $(FORM),--form "$(FORM)") $(if $(FIELD),--field "$(FIELD)") $(if $(CANONICAL),--canonical "$(CANONICAL)") \
		$(if $(VERSION),--version "$(VERSION)") $(if $(SINCE),--since "$(SINCE)")

report: $(INSTALLED) ## Open the report of the newest version in a browser (VERSION=name, OPEN=0)
	@exec $(PYTHON) -m local report $(VERSION) $(if $(filter 0,$(OPEN)),--no-open)

.PHONY: versions history rollback prune failures
versions: $(INSTALLED) ## List the running stack's versions: live since when, by whom, scores, parent, verdict, age, size
	@$(PYTHON) -m local versions

history: $(INSTALLED) ## List every move of its pointer: when, by whom, from which version to which, and why
	@$(PYTHON) -m local history

rollback: $(INSTALLED) ## Make another version live, by default the one before (VERSION=name, BY=name, WHY=reason)
	@$(PYTHON) -m local rollback $(if $(VERSION),"$(VERSION)") $(if $(BY),--by "$(BY)") $(if $(WHY),--why "$(WHY)")

failures: $(INSTALLED) ## List its trainings that failed: when, in which step, and why
	@$(PYTHON) -m local failures

prune: $(INSTALLED) ## Delete old versions, after asking (KEEP=5, OLDER_THAN=days, DRY_RUN=1, YES=1)
	@$(PYTHON) -m local prune $(if $(KEEP),--keep "$(KEEP)") $(if $(OLDER_THAN),--older-than "$(OLDER_THAN)") \
		$(if $(DRY_RUN),--dry-run) $(if $(YES),--yes)

# -- checks ------------------------------------------------------------------------------------------------------------

.PHONY: test e2e-browser e2e-processors e2e-sam lint format
test: $(INSTALLED) $(SAM_INSTALLED) ## Run every test, with branch coverage
	@rm -f .coverage .coverage.*
	@$(PYTHON) -m pytest --cov --cov-report=term:skip-covered

e2e-browser: $(INSTALLED) ## Test a client in a real browser against the embedded stack (needs Chromium)
	@$(PYTHON) -m pytest -m browser tests/e2e

e2e-processors: $(INSTALLED) ## Test that a version answers the same on emulated processors (needs qemu-user; ARM64_ROOT=folder)
	@ARM64_ROOT="$(ARM64_ROOT)" $(PYTHON) -m pytest -m processors tests/e2e

e2e-sam: $(INSTALLED) $(SAM_INSTALLED) ## Run the end-to-end test in containers (needs Docker), and remove them
	@BUILD_PARAMETERS="$(strip $(BUILD_PARAMETERS))" $(PYTHON) -m pytest -m containers tests/e2e

lint: $(INSTALLED) ## Check style, types and the template
	@$(PYTHON) -m ruff check $(CHECKED)
	@$(PYTHON) -m ruff format --check $(CHECKED)
	@$(PYTHON) -m mypy
	@.venv/bin/cfn-lint template.yaml

.PHONY: checkov
checkov: $(CHECKOV_INSTALLED) ## Scan the template, the images and the workflow for security problems
	@LOG_LEVEL=CRITICAL .venv-checkov/bin/checkov --compact --quiet --framework cloudformation dockerfile github_actions \
		--file template.yaml functions/inference/Dockerfile functions/training/Dockerfile .github/workflows/deploy.yml

format: $(INSTALLED) ## Format every file
	@$(PYTHON) -m ruff check --fix $(CHECKED)
	@$(PYTHON) -m ruff format $(CHECKED)

.PHONY: ids corpus
ids: $(INSTALLED) ## List the canonical ids: kind of answer, synonyms, fields that ask for each
	@$(PYTHON) -m fieldwise_training ids

corpus: $(INSTALLED) ## Check and count the authored forms
	@$(PYTHON) -m fieldwise_training corpus

# -- generated files that are committed --------------------------------------------------------------------------------

.PHONY: lock openapi statemachine
COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate
# torch is installed separately (see install), and its CPU build needs none of these.
WITHOUT_TORCH = --no-emit-package torch | sed -E '/^(nvidia|cuda|triton)/d'

lock: $(INSTALLED) ## Compile the pinned requirements from the requirements.in files
	@$(COMPILE) functions/backend/requirements.in > functions/backend/requirements.txt.new
	@$(COMPILE) functions/inference/requirements.in > functions/inference/requirements.txt.new
	@$(COMPILE) functions/training/requirements.in $(WITHOUT_TORCH) > functions/training/requirements.txt.new
	@$(COMPILE) requirements-dev.in $(WITHOUT_TORCH) > requirements-dev.txt.new
	@$(COMPILE) requirements-sam.in > requirements-sam.txt.new
	@$(COMPILE) requirements-checkov.in > requirements-checkov.txt.new
	@for file in functions/{backend,inference,training}/requirements.txt requirements-{dev,sam,checkov}.txt; do mv $$file.new $$file; done

openapi: $(INSTALLED) ## Regenerate the API's OpenAPI document
	@$(PYTHON) -m tools.openapi > docs/openapi.json.new
	@mv docs/openapi.json.new docs/openapi.json

statemachine: $(INSTALLED) ## Regenerate the state machine and its input's schema from the steps
	@$(PYTHON) -m tools.statemachine infra/statemachine

# -- cleaning up -------------------------------------------------------------------------------------------------------

.PHONY: clean
clean: ## Remove caches, builds and .local (versions, profiles, the decision log), but not the environments
	@rm -rf .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.* htmlcov
	@find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +

# -- measuring ---------------------------------------------------------------------------------------------------------

.PHONY: quality
quality: $(INSTALLED) ## Measure a version on forms with known truth (FIELDS=path, STORE=uri, HELD_OUT=1, WITHOUT_RANKER=1, OUT=folder)
	@$(PYTHON) -m benchmarks.quality "$(or $(FIELDS),$(error name the forms: make quality FIELDS=path/to/forms.jsonl))" \
		$(if $(STORE),--store "$(STORE)") $(if $(HELD_OUT),--held-out) $(if $(WITHOUT_RANKER),--without-ranker) $(if $(OUT),--out "$(OUT)")

.PHONY: decisions
decisions: $(INSTALLED) ## Record a version's every decision and fill, or compare with a record (FIELDS, STORE, HELD_OUT, WITHOUT_RANKER as above; OUT=file, AGAINST=file)
	@$(PYTHON) -m benchmarks.decisions "$(or $(FIELDS),$(error name the forms: make decisions FIELDS=path/to/forms.jsonl))" \
		$(if $(STORE),--store "$(STORE)") $(if $(HELD_OUT),--held-out) $(if $(WITHOUT_RANKER),--without-ranker) $(if $(OUT),--out "$(OUT)") \
		$(if $(AGAINST),--against "$(AGAINST)")

.PHONY: bench bench-load bench-backend bench-loop bench-curve bench-budget bench-encoders bench-nearness bench-processors bench-feedback bench-index bench-containers bench-cost
bench: $(INSTALLED) ## Measure serving beside the path it replaced: answers, cold start, memory, on one thread and two (STORE=uri, FIELDS=path, ROUNDS=2, OUT=folder)
	@$(PYTHON) -m benchmarks.serving $(if $(STORE),--store "$(STORE)") $(if $(FIELDS),--fields "$(FIELDS)") $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(OUT),--out "$(OUT)")

bench-load: $(INSTALLED) ## Load the running stack, with a promotion in the middle; STORE=folder starts one of its own (RATE=5, SECONDS=30, COUNT=20 fields, OUT=file)
	@$(PYTHON) -m benchmarks.load $(if $(STORE),--store "$(STORE)") $(if $(RATE),--rate $(RATE)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(COUNT),--fields $(COUNT)) $(if $(OUT),--out "$(OUT)")

bench-loop: $(INSTALLED) ## Measure learning: signatures, the three rings, liars, what other sites gain (ONLY=part, FIELDS=path, STATE=folder, LIES=10000, OUT=file)
	@$(PYTHON) -m benchmarks.loop $(if $(ONLY),--only "$(ONLY)") $(if $(FIELDS),--fields "$(FIELDS)") $(if $(STATE),--state "$(STATE)") $(if $(LIES),--lies $(LIES)) $(if $(OUT),--out "$(OUT)")

bench-curve: $(INSTALLED) ## Measure what more authored forms bring, by language: trains on nested shares of the sites (FIELDS=path, STORE=uri, OUT=folder)
	@$(PYTHON) -m benchmarks.curve $(if $(STORE),--store "$(STORE)") $(if $(FIELDS),--fields "$(FIELDS)") $(if $(OUT),--out "$(OUT)")

bench-budget: $(INSTALLED) ## Measure whether a budget for wrong fills is kept on other sites (STORE=uri, RESAMPLES=200, OUT=file)
	@$(PYTHON) -m benchmarks.budget $(if $(STORE),--store "$(STORE)") $(if $(RESAMPLES),--resamples $(RESAMPLES)) $(if $(OUT),--out "$(OUT)")

bench-encoders: $(INSTALLED) ## Compare ways to store and compute the encoder: size, time, cosine, processors (ARM64_ROOT=folder, OUT=file)
	@$(PYTHON) -m benchmarks.encoders $(if $(ARM64_ROOT),--arm64 "$(ARM64_ROOT)") $(if $(OUT),--out "$(OUT)")

bench-nearness: $(INSTALLED) ## Measure what the encoder is worth: with, without, n-grams alone, another encoder (FIELDS=path, STORE=uri, AGAINST=uri, RUNS=2, OUT=file)
	@$(PYTHON) -m benchmarks.nearness $(if $(STORE),--store "$(STORE)") $(if $(AGAINST),--against "$(AGAINST)") $(if $(FIELDS),--fields "$(FIELDS)") \
		$(if $(RUNS),--runs $(RUNS)) $(if $(OUT),--out "$(OUT)")

bench-processors: $(INSTALLED) ## Compare a version's answers on every processor available here (STORE=uri, EVERY=16, ARM64_ROOT=folder)
	@$(PYTHON) -m benchmarks.processors $(if $(STORE),--store "$(STORE)") $(if $(EVERY),--every $(EVERY)) \
		$(if $(ARM64_ROOT),--arm64 "$(ARM64_ROOT)")

bench-backend: $(INSTALLED) ## Time the backend's own share of a request, by part, and the answer with the log before and after it (ROUNDS=100)
	@$(PYTHON) -m benchmarks.backend $(if $(ROUNDS),--rounds $(ROUNDS))

bench-feedback: $(INSTALLED) ## Time a training's reading of feedback, and its memory (ROWS=1000000, OBJECTS=50000, PER_FORM=2)
	@$(PYTHON) -m benchmarks.feedback $(if $(ROWS),--rows $(ROWS)) $(if $(OBJECTS),--objects $(OBJECTS)) $(if $(PER_FORM),--per-form $(PER_FORM))

bench-index: $(INSTALLED) ## Measure how an index grows with its vectors, beside exact search (ENTRIES=1000000, OUT=file.json; a plot beside it)
	@$(PYTHON) -m benchmarks.index grow $(if $(ENTRIES),--entries $(ENTRIES)) $(if $(OUT),--out "$(OUT)")

bench-containers: $(INSTALLED) ## Size, build and start the images of `sam build` (STORE=folder, BUILD=1, PACKAGE_INDEX=url)
	@$(PYTHON) -m benchmarks.containers $(if $(STORE),--store "$(STORE)") $(if $(BUILD),--build) \
		$(if $(PACKAGE_INDEX),--package-index "$(PACKAGE_INDEX)")

bench-cost: $(INSTALLED) ## Estimate what a million calls cost by the figures of `make bench`, and what a stack costs a month (BENCH=file)
	@$(PYTHON) -m benchmarks.cost $(if $(BENCH),"$(BENCH)")
