# Paved Road: `make help` lists what there is. Everything is installed inside this checkout:
# .venv (Python, node, npm), tools/*/node_modules (the CDK CLI, a DynamoDB for tests) and .cache.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ROOT := $(CURDIR)
VENV := $(ROOT)/.venv
PYTHON ?= python3

# Nothing is read from or written to the home directory, which may be empty or absent.
export XDG_CACHE_HOME := $(ROOT)/.cache
export XDG_CONFIG_HOME := $(ROOT)/.cache/config
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(ROOT)/.cache/jsii
export npm_config_cache := $(ROOT)/.cache/npm
export npm_config_userconfig := $(ROOT)/.cache/npmrc
export npm_config_update_notifier := false
export PIP_CACHE_DIR := $(ROOT)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CDK_HOME := $(ROOT)/.cache/cdk
export CDK_DISABLE_CLI_TELEMETRY := true
export PAVED_ROAD_PATH := $(VENV)/bin:$(ROOT)/tools/cdk/node_modules/.bin
export PATH := $(PAVED_ROAD_PATH):$(PATH)

.PHONY: help setup shell demo test rings torture check synth down bench readme lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

setup: ## install everything inside this checkout
	@tools/setup "$(PYTHON)"

shell: setup ## a shell in which `paved-road`, `cdk` and `python` are this checkout's
	@bash --rcfile tools/shell-rc

demo: setup ## deploy the estate of app.py into the lab, prove it and report
	@paved-road lab demo

down: ## end what `make demo` started
	@if [ -x "$(VENV)/bin/paved-road" ]; then paved-road lab down; else echo "nothing is installed, so nothing runs"; fi

synth: setup ## write cdk.out/, the CloudFormation that reviewers read
	@cdk synth --quiet
	@echo "templates: cdk.out/*.template.json and cdk.out/assembly-releases/"

check: setup ## lint, types, import fences and the fast tests
	@tools/check

test: setup ## check, synthesis, the estate in a lab of its own, and real rings
	@tools/check
	@tools/slow-tests

rings: setup ## form, kill, heal and restore real rings: ten minutes on two quiet cores
	@tools/ring-tests

torture: setup ## real rings that lose racks, disks and quorums under writes; takes forty minutes
	@tools/torture

bench: setup ## the figures in docs: synthesis, releases that turn bad, real rings (three quarters of an hour)
	@python bench/synth.py --repeats 3
	@python bench/ring.py
	@python bench/judge.py
	@python bench/delivery.py
	@python bench/backup.py --rings 3,6

readme: synth ## redraw the parts of README that come from the templates
	@python -m paved_road_estate.readme README.md cdk.out

lock: setup ## pin the newest versions that pyproject.toml allows (needs uv)
	@tools/lock

clean: down ## remove what setup and synth wrote
	@rm -rf "$(VENV)" .cache cdk.out tools/*/node_modules .lab
