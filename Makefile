# Two commands do all set-up: make demo, make test.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
RUN := .venv/main/bin/python tests/gates/run
SUITES := unit api e2e awx operator molecule
.PHONY: help demo test lint docs-lint sanity galaxy $(SUITES) $(SUITES:%=test-%) generate site screenshots build lab-up lab-down tree venv venvs clean

help: ## show the targets
	@grep -hE '^[a-z][a-z0-9 -]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([^:]*):[^#]*## /\1\t/' | awk -F'\t' '{printf "  %-44s %s\n", $$1, $$2}'

demo: venv ## deploy a proven registry on a real Kubernetes (the first time up to 15 minutes)
	@tests/gates/demo

test: venv ## every gate and every test (the first time up to 15 minutes more for builds)
	@$(RUN)

test-unit test-api test-e2e test-awx test-operator test-molecule: venv ## one suite of make test (starts the lab where it needs a cluster)
	@$(RUN) --only $(@:test-%=%)

$(SUITES): %: test-%

lint docs-lint sanity galaxy: venv ## these gates of make test alone
	@$(RUN) --only $@

generate: venv ## write anew what is made from the code (docs/backends, docs/images, awx/vars)
	@PYTHONPATH=.collections .venv/main/bin/python tests/gates/generate_docs.py
	@PYTHONPATH=.collections .venv/main/bin/python tests/gates/generate_diagrams.py
	@PYTHONPATH=.collections .venv/main/bin/python tests/gates/generate_awx.py

site: tree ## build the documentation site in .cache/site/html
	@tests/gates/venv site 3.13 3.12 3.14 3.11
	@tests/gates/site

screenshots: venv ## take the pictures of terminals in docs/images anew (in the lab, or the cluster of KUBECONFIG)
	@KUBECONFIG=$${KUBECONFIG:-$$(tests/lab/lab up >&2 && tests/lab/lab kubeconfig)}; export KUBECONFIG; \
	PATH="$(CURDIR)/.venv/main/bin:$$PATH" PYTHONPATH=.collections python tests/gates/screenshots.py

build: venv ## build the collection's tarball
	@$(RUN) --only build
	@cp -v .test-output/kyma-docker_registry-*.tar.gz .

lab-up: ## start the lab, a one-node Kubernetes
	@tests/lab/lab up

lab-down: ## take the lab down
	@tests/lab/lab down

tree:
	@tests/gates/tree

venv: tree
	@tests/gates/venv main 3.13 3.12 3.14 3.11

venvs: venv ## all virtual environments of the tests
	@$(RUN) --only venv

clean: ## remove what the targets made in the checkout (not the lab)
	rm -rf .venv .collections .cache .test-output .hypothesis .mypy_cache .ruff_cache .pytest_cache tests/output kyma-docker_registry-*.tar.gz
