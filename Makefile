# The only thing to remember. Each target is thin; longer steps are scripts that say what they run.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIGURATION ?= Release

.PHONY: help tools build test native demo generate check bench soak clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

tools: ## Install every external program that tests and demo use into .tools/
	@tools/bootstrap.sh

build: ## Compile everything, with analyzers
	dotnet build Granary.slnx -c $(CONFIGURATION) --nologo -v quiet

test: tools ## Run every test; ends with "N passed, N failed"
	@tools/test.sh

native: ## Publish the worker as it ships, a native program, into artifacts/worker
	@tools/native.sh

demo: tools ## The main job from end to end, narrated (KEEP=1 leaves it running)
	@tools/demo.sh

generate: ## Write config/crd, config/rbac, config/webhook and docs/reference from code
	@tools/generate.sh

check: ## Formatting, analyzers, generated files up to date
	@tools/check.sh

bench: tools ## Measure against restic, side by side (OUT=FILE also writes JSON)
	@tools/bench.sh

soak: tools ## The long forms: fault loops, kill storm, memory over time; prints their counts
	@tools/soak.sh

clean: ## Remove build output (not .tools)
	find . -path ./.tools -prune -o \( -name bin -o -name obj \) -type d -prune -exec rm -rf {} +
