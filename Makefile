# Everything starts here. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The Debian packages behind the C libraries, and the tools that the tests call. `.ci/need` installs what is missing,
# or prints the command that does.
LIBRARIES := libsqlite3-dev libmicrohttpd-dev libsodium-dev libzstd-dev libcurl4-openssl-dev pkg-config
# PostgreSQL, its client's library and a server that is started in a temporary directory.
POSTGRESQL := libpq-dev postgresql
TOOLS := python3 python3-jsonschema python3-venv sqlite3 curl openssl
SOURCES := Package.swift Sources SyncProtocol Tests Benchmarks
# How long `make soak` goes on, and `make fuzz` at each parser, in minutes.
MINUTES ?= 60
# A build for the tests serves the demo and the import check too, so that nothing is compiled twice.
BUILD := swift build --build-tests

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: demo
demo: ## a window's day: outage, conflicts, kill -9, results (half a minute after the build)
	@.ci/need $(LIBRARIES)
	@swift build
	@"$$(swift build --show-bin-path)/demo"

.PHONY: run
run: ## central and three hospitals to try by hand, until Ctrl-C
	@.ci/need $(LIBRARIES)
	@swift build
	@"$$(swift build --show-bin-path)/demo" --keep

.PHONY: test
test: ## build and run all tests
	@.ci/need $(LIBRARIES) $(TOOLS)
	@.ci/tuspy
	$(BUILD)
	@.ci/test

.PHONY: lint
lint: ## format, imports between targets, and what .ci/tidy checks
	@.ci/need $(LIBRARIES) $(TOOLS)
	swift format lint --strict --parallel --recursive $(SOURCES)
	.ci/tidy
	Tests/Mutants/mutants.py --check
	$(BUILD) --explicit-target-dependency-import-check error

.PHONY: bench
bench: ## what it must reach, measured in release beside bare SQLite and PostgreSQL: tables, and JSON in .build/bench.json
	@.ci/need $(LIBRARIES) $(POSTGRESQL)
	swift build -c release --traits Postgres --product Benchmarks
	swift build -c release --traits Postgres --product birthwindow
	@"$$(swift build -c release --traits Postgres --show-bin-path)/Benchmarks" --json .build/bench.json

.PHONY: soak fuzz
soak: ## the simulation, seed after seed, from where it last ended (MINUTES=60; without an end if it is empty)
	@.ci/need $(LIBRARIES)
	swift build --product soak
	@"$$(swift build --show-bin-path)/soak" $(if $(MINUTES),--minutes $(MINUTES)) --state .build/soak.state
fuzz: ## the parsers of what others send, each from its kept inputs (MINUTES=60 each; TARGET="cbor change"; all without)
	@.ci/need $(LIBRARIES) python3
	@.ci/fuzz $(if $(RUNS),--runs $(RUNS),--minutes $(or $(MINUTES),60)) $(TARGET)

.PHONY: mutants
mutants: ## builds that are broken on purpose: the simulation must catch each of them (an hour or two; NAME="receipt fork")
	@.ci/need $(LIBRARIES) python3
	@Tests/Mutants/mutants.py $(NAME)

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
