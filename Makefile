# Two commands do all set-up: make demo, make test.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint sanity unit api e2e molecule build lab-up lab-down tree venvs clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

demo: tree ## deploy a proven registry on a real Kubernetes (first time up to 15 minutes)
	@tests/gates/venv main 3.13 3.12 3.14 3.11
	@tests/gates/demo

test: venvs ## every gate and every test (first time up to 15 minutes more for builds)
	@.venv/main/bin/python tests/gates/run

lint sanity unit api e2e molecule: venvs ## these parts of make test alone
	@.venv/main/bin/python tests/gates/run --only $@

venvs: tree
	@tests/gates/venv main 3.13 3.12 3.14 3.11
	@tests/gates/venv core219 3.11 3.12 3.13
	@tests/gates/venv core216 3.11 3.12 3.10

tree:
	@tests/gates/tree

build: venvs ## build the collection's tarball
	@.venv/main/bin/ansible-galaxy collection build --force

lab-up: ## start the lab
	@tests/lab/lab up

lab-down: ## take the lab down
	@tests/lab/lab down

clean: ## remove what the targets made in the checkout
	rm -rf .venv .collections .cache .test-output .mypy_cache .ruff_cache .pytest_cache
