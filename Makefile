# Two commands do all set-up: make demo, make test. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/main/bin/python
STEP := $(PYTHON) tests/gates/step.py
NOX := .venv/main/bin/nox --no-error-on-missing-interpreters -s
# Test processes of the pool: more than processors, because tests wait for Pods.
POOL ?= 4
# pytest of an environment, with a JUnit file for the summary.
PYTEST = .venv/$(1)/bin/python -m pytest --junitxml=.test-output/$@.xml
BACKGROUND := --background

# --- What runs in each tier. Steps of a lane run one after the other (see "Lanes"), lanes side by side.
GATES := lint types actionlint ansible-lint docs-lint build venv-galaxy importer tarball exec-env reuse venv-site site
CHECK := lint types unit-quick
TEST := lab operator operator-model molecule-operator beside nodeless api-core216 compat-core216-nodeless \
  direct molecule tarball-deploy compat-core216 alone \
  venv-core219 venv-core216 unit unit-core216 $(GATES) sanity
TEST_LONG := lab operator-long direct-long compat-core216-long compat-core218 api-core219 faults \
  venv-core219 venv-core218 venv-core216 unit-long unit-core216-long sanity-core219
# A cluster that is given needs no lab. It has no operator that tests may start and stop, no stores to look into, and no node to restart.
ONLY_LAB := lab operator operator-model molecule-operator molecule alone operator-long faults controllers kills switches load migration migration-failures bench
ifdef KUBECONFIG
TEST := $(filter-out $(ONLY_LAB),$(TEST))
TEST_LONG := $(filter-out $(ONLY_LAB),$(TEST_LONG))
endif
SUITES := faults controllers kills switches load migration migration-failures api-faults bench

.PHONY: help demo check test test-long soak generate lab-up lab-down tree venv clean _tier $(sort $(CHECK) $(TEST) $(TEST_LONG) $(SUITES))

help: ## show the targets
	@grep -hE '^[a-z][a-z0-9 -]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([^:]*):[^#]*## /\1\t/' | awk -F'\t' '{printf "  %-14s %s\n", $$1, $$2}'
	@echo "  One step alone: make STEP, for example make unit. Steps: $(sort $(TEST) $(TEST_LONG))"

demo: tree ## deploy a verified registry on a real Kubernetes (the first time up to 12 minutes)
	@tests/gates/demo

check: ## lint, types and quick unit tests; needs no cluster (up to 3 minutes)
	@$(MAKE) _tier STEPS="$(CHECK)" LIMIT=3 JOBS=3

test: ## all gates and all tests but the long ones (up to 30 minutes; the first time 15 to 20 more for builds)
	@$(MAKE) _tier STEPS="$(TEST)" LIMIT=30 JOBS=3

test-long: ## what make test leaves out: more cores, more variants, coverage (up to 60 minutes)
	@$(MAKE) _tier STEPS="$(TEST_LONG)" LIMIT=60 JOBS=3 STRICT=--strict

soak: venv ## one suite of at most 25 minutes: make soak SUITE=faults
	@if [[ " $(SUITES) " != *" $(SUITE) "* || -z "$(SUITE)" ]]; then echo "Name a suite: make soak SUITE=... Suites: $(SUITES)"; exit 2; fi
ifdef KUBECONFIG
	@if [[ " $(ONLY_LAB) " == *" $(SUITE) "* ]]; then echo "$(SUITE) needs the lab, and KUBECONFIG names another cluster. Unset KUBECONFIG."; exit 2; fi
endif
	@$(MAKE) _tier STEPS="$(SUITE)" LIMIT=25 JOBS=1

_tier: venv
	@exec $(PYTHON) tests/gates/tier.py --jobs $(JOBS) --limit $(LIMIT) $(STRICT) $(STEPS)

# --- Steps without a cluster
lint types: venv
	@$(STEP) $@ --budget 30 $(BACKGROUND) -- $(NOX) $@
actionlint: venv
	@$(STEP) $@ --budget 60 $(BACKGROUND) -- tests/gates/actionlint
ansible-lint docs-lint importer reuse: venv
	@$(STEP) $@ --budget 60 $(BACKGROUND) $(if $(filter importer reuse,$@),--needs venv-galaxy) -- $(NOX) $(subst -,_,$@)
build: venv
	@$(STEP) $@ --budget 10 $(BACKGROUND) -- $(NOX) build
tarball: build venv-galaxy
	@$(STEP) $@ --budget 30 $(BACKGROUND) --needs build venv-galaxy -- $(NOX) tarball
exec-env: build venv-galaxy
	@$(STEP) $@ --budget 30 $(BACKGROUND) --needs build venv-galaxy -- $(NOX) execution_environment
site: venv-site
	@$(STEP) $@ --budget 90 $(BACKGROUND) --needs venv-site -- $(NOX) site
importer reuse: venv-galaxy
venv-core216 venv-core218 venv-core219 venv-galaxy venv-site venv-bench: venv-%: venv
	@$(STEP) $@ $(BACKGROUND) -- tests/gates/venv $*
unit: venv
	@$(STEP) $@ --budget 150 $(BACKGROUND) -- $(NOX) 'unit(main)' -- -m "not long"
unit-quick: venv
	@$(STEP) $@ --budget 120 -- $(NOX) 'unit(main)' -- -m "not slow and not long" -n 2
# What depends on ansible-core. The rest of tests/unit is the same Python everywhere.
OLD_CORE := module_utils/_k8s module_utils/_modules modules playbooks plugin_utils
unit-core216: venv-core216
	@$(STEP) $@ --budget 150 $(BACKGROUND) --needs venv-core216 -- $(NOX) 'unit(core216)' -- $(OLD_CORE:%=tests/unit/%) -m "not long"
unit-core216-long: venv-core216
	@$(STEP) $@ --budget 260 --needs venv-core216 -- $(NOX) 'unit(core216)' -- $(patsubst %,--ignore=tests/unit/%,$(filter-out playbooks,$(OLD_CORE)) gates)
unit-long: venv
	@$(STEP) $@ --budget 900 -- $(NOX) coverage
sanity: venv
	@$(STEP) $@ --budget 250 $(BACKGROUND) -- $(NOX) 'sanity(main)' -- oldest
sanity-core219: venv-core219
	@$(STEP) $@ --budget 250 --needs venv-core219 -- $(NOX) 'sanity(core219)'

# --- Steps with a cluster: the lab, or the cluster of KUBECONFIG
LAB := $(if $(KUBECONFIG),,lab)
IN_CLUSTER = $(STEP) $@ --cluster $(LAB:%=--needs %)
lab: venv
	@$(STEP) $@ --minutes 45 -- bash -euc 'tests/lab/lab up; tests/lab/lab clouds up'
operator: $(LAB)
	@$(IN_CLUSTER) --budget 400 -- tests/gates/with_operator --fast --namespaces 'op-*,docker-registry' -- \
	  $(call PYTEST,main) tests/operator -m 'not long and not model'
# The tests of the model run if the model, its recordings or these tests have changed since they were last green.
operator-model: $(LAB)
	@$(IN_CLUSTER) --budget 150 -- bash -euc 'tests/operator/model_lock check || { tests/gates/with_operator --namespaces "op-*,docker-registry" -- \
	  $(call PYTEST,main) tests/operator -m model; tests/operator/model_lock write; }'
operator-long: $(LAB)
	@$(IN_CLUSTER) --budget 700 -- tests/gates/with_operator --namespaces 'op-*,docker-registry' -- $(call PYTEST,main) tests/operator -m 'long or model'
molecule-operator: $(LAB)
	@$(IN_CLUSTER) --budget 300 -- tests/gates/with_operator --fast -- tests/gates/molecule 1 operator_{filesystem,pvc,azure,s3,gcs,btp_aws,btp_gcp}
molecule: $(LAB)
	@$(IN_CLUSTER) --budget 300 -- tests/gates/molecule 2 filesystem pvc azure s3 gcs btp_aws btp_gcp
beside: $(LAB)
	@$(IN_CLUSTER) --budget 200 -- $(call PYTEST,main) tests/api tests/e2e tests/awx tests/monitoring tests/distribution -m 'beside and not long'
# Tests that need no Pod, on an API server of their own: there no operator runs, so they decide for direct mode. Launches of AWX jobs use core219.
OWN_SERVER := $(if $(KUBECONFIG),,--own-server)
nodeless: $(LAB) venv-core219
	@$(IN_CLUSTER) --needs venv-core219 --budget 350 $(BACKGROUND) -- $(call PYTEST,main) tests/api tests/e2e tests/awx $(OWN_SERVER) \
	  -m 'nodeless and not long' -n 2 --dist worksteal
direct: $(LAB)
	@$(IN_CLUSTER) --budget 700 -- $(call PYTEST,main) tests/api tests/e2e tests/awx tests/monitoring \
	  -m 'not alone and not beside and not nodeless and not long' -n $(POOL) --dist worksteal
direct-long: $(LAB)
	@$(IN_CLUSTER) --budget 1150 -- $(call PYTEST,main) tests/api tests/e2e tests/awx tests/monitoring tests/distribution \
	  -m 'long and not alone' -n $(POOL) --dist worksteal
alone: $(LAB)
	@$(IN_CLUSTER) --budget 60 -- $(call PYTEST,main) tests/e2e -m alone
tarball-deploy: $(LAB) build
	@$(IN_CLUSTER) --needs build --budget 60 -- tests/gates/tarball_deploy
compat-core216: $(LAB) venv-core216
	@$(IN_CLUSTER) --needs venv-core216 --budget 120 -- $(call PYTEST,core216) tests/compat -m 'not nodeless and not long'
compat-core216-nodeless: $(LAB) venv-core216
	@$(IN_CLUSTER) --needs venv-core216 --budget 120 $(BACKGROUND) -- $(call PYTEST,core216) tests/compat $(OWN_SERVER) -m 'nodeless and not long'
compat-core218: $(LAB) venv-core218
	@$(IN_CLUSTER) --needs venv-core218 --budget 220 -- $(call PYTEST,core218) tests/compat -m 'not long'
compat-core216-long: $(LAB) venv-core216
	@$(IN_CLUSTER) --needs venv-core216 --budget 150 -- $(call PYTEST,core216) tests/compat -m long
api-core216: $(LAB) venv-core216
	@$(IN_CLUSTER) --needs venv-core216 --budget 150 $(BACKGROUND) -- $(call PYTEST,core216) tests/api $(OWN_SERVER) -m 'smoke and not long'
api-core219: $(LAB) venv-core219
	@$(IN_CLUSTER) --needs venv-core219 --budget 450 -- $(call PYTEST,core219) tests/api --ignore=tests/api/test_kills.py -m 'smoke or long'
controllers kills switches load migration: $(LAB)
	@$(IN_CLUSTER) --budget 1200 -- $(call PYTEST,main) tests/soak/test_$@.py -s
migration-failures: $(LAB)
	@$(IN_CLUSTER) --budget 1200 -- $(call PYTEST,main) tests/soak/test_migration_failures.py -s
# Writes docs/benchmarks.md.
bench: $(LAB) venv-bench ## measure runs that change nothing, beside kubectl and kubernetes.core (up to 25 minutes)
	@$(IN_CLUSTER) --needs venv-bench --budget 1200 -- $(call PYTEST,main) tests/soak/test_bench.py -s
# On an API server of its own: only its programs are of the lab.
api-faults: $(LAB)
	@$(IN_CLUSTER) --budget 1200 -- $(call PYTEST,main) tests/soak/test_api_faults.py --own-server -s
faults: $(LAB) venv-core216
	@$(IN_CLUSTER) --needs venv-core216 --budget 900 -- $(PYTHON) tests/faults/run

# --- Lanes: each step waits for the one before it, if both run. Without LANES a step waits for what it needs only.
ifdef LANES
define lane
$(if $(word 2,$(1)),$(eval $(word 2,$(1)): $(word 1,$(1)))$(call lane,$(wordlist 2,$(words $(1)),$(1))))
endef
# While the operator is up, only tests that decide no mode or have an API server of their own may run. Afterwards molecule and the oldest core
# run beside the pool.
$(call lane,$(filter $(MAKECMDGOALS),lab operator operator-model molecule-operator operator-long direct direct-long api-core219))
$(call lane,$(filter $(MAKECMDGOALS),lab operator-long beside nodeless api-core216 compat-core216-nodeless \
  molecule tarball-deploy compat-core216 compat-core216-long compat-core218))
molecule tarball-deploy compat-core216: $(filter $(MAKECMDGOALS),molecule-operator)
$(call lane,$(filter $(MAKECMDGOALS),lint types venv-core219 venv-core216 venv-core218 unit unit-core216 venv-galaxy build importer tarball exec-env reuse venv-site site \
  actionlint ansible-lint docs-lint sanity unit-long unit-core216-long sanity-core219))
# Launches of AWX jobs use this environment.
direct direct-long: venv-core219
# They restart the node, or start and stop the operator.
alone faults: $(filter $(MAKECMDGOALS),direct api-core216 nodeless molecule tarball-deploy compat-core216 direct-long api-core219 compat-core216-long \
  compat-core218)
endif

# --- Other targets
generate: venv ## write anew what is made from the code (docs/backends, docs/images, awx/vars)
	@PYTHONPATH=.collections $(PYTHON) tests/gates/generate_docs.py
	@PYTHONPATH=.collections $(PYTHON) tests/gates/generate_diagrams.py
	@PYTHONPATH=.collections $(PYTHON) tests/gates/generate_awx.py

lab-up: ## start the lab, a one-node Kubernetes
	@tests/lab/lab up

lab-down: ## take the lab down
	@tests/lab/lab down

tree:
	@tests/gates/tree

venv: tree
	@tests/gates/venv main

clean: ## remove what the targets made in the checkout (not the lab)
	rm -rf .venv .collections .cache .test-output .hypothesis .mypy_cache .ruff_cache .pytest_cache tests/output kyma-docker_registry-*.tar.gz
