# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything runs in .venv and .work below this directory; scripts/dev makes them on first use.

ENGINE ?= auto
PYTHON ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: bench conformance demo down help lint test
.NOTPARALLEL:

help: ## show this list
	@echo "usage: make TARGET [ENGINE=auto|docker|embedded] [PYTHON=/path/to/python3]"
	@echo
	@sed -n 's/^\([a-z]*\): ## \(.*\)/  \1\t\2/p' Makefile

demo: ## build a mirror of simulated nodes (arbiter, mirrorA, mirrorB) and show it
	@sh scripts/dev demo --engine "$(ENGINE)"

test: ## run every test
	@sh scripts/dev test --engine "$(ENGINE)"

down: ## remove the containers, networks, volumes or processes of the demonstration
	@sh scripts/dev down

lint: ## run the checks that need no node
	@sh scripts/dev lint

conformance: ## compare a node with the transcripts: NODE=container, path of bin/iris or local:IRIS [CHANGES=yes]
	@test -n "$(NODE)" || { echo "usage: make conformance NODE=CONTAINER|PATH/bin/iris|local:IRIS [CHANGES=yes]"; exit 2; }
	@sh scripts/dev conformance $(if $(filter yes,$(CHANGES)),--changes) "$(NODE)"

bench: ## measure, and write benchmarks/results.json and the table in benchmarks/README.md
	@sh scripts/dev bench --engine "$(ENGINE)"
