# What people do with tallykey's sources. Each task does first what it needs; all of it works as root and as a user.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/build/cache/node/node_modules/.bin:$(CURDIR)/build/cache/go/bin:$(PATH):/usr/local/go/bin:/usr/sbin:/sbin
export GOTOOLCHAIN := auto
export npm_config_loglevel := error
export npm_config_update_notifier := false

# The window is the only program with cgo: WebKitGTK comes from the system.
GO_BUILD := go build -trimpath -buildvcs=false -ldflags='-s -w'
WINDOW_TAGS := desktop,production,webkit2_41
STATICCHECK := go tool -modfile=build/tools/go.mod staticcheck

.PHONY: help setup build run test bench package try-package lint format clean test-go test-ts test-browser test-e2e bench-bridge bench-day bench-link bench-tenant web programs

help: ## Show these tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing on this machine: packages, Go, Node, modules
	@build/setup

build: setup web programs ## Build every program into bin/, and the extension

run: build ## Sign in once on real parts: on your display, or without one on a private display
	@build/enclose node e2e/dist/run.js

test: setup ## Run everything: lint, Go with the race detector, TypeScript, end to end
	@build/test

bench: build ## Measure a sign-in, an idle daemon and the extension, print tables
	@build/enclose node e2e/dist/bench.js
	@$(MAKE) bench-day
	@$(MAKE) bench-bridge
	@$(MAKE) bench-link
	@$(MAKE) bench-tenant

bench-day: setup ## Only the daemon: a sign-in, idle with and without a phone, a heavy day
	@$(MAKE) programs
	@TALLYKEY_PROGRAM=$(CURDIR)/bin/tallykey go test -run - -bench SignIn -benchtime 100x ./daemon/doctor/breaking
	@TALLYKEY_PROGRAM=$(CURDIR)/bin/tallykey go test -run - -bench 'Idle|Day' -benchtime 1x ./daemon/doctor/breaking

bench-link: setup ## Only the link to phones between two hosts: open, another address, a restart, bad radio
	@go test -timeout 30m -run - -bench Link -benchtime 1x ./daemon/phonelink/network

bench-tenant: build ## Only the tenant, beside oidc-provider, and with a million users
	@build/enclose go run ./tenant/bench
	@go test -run - -bench Growth -benchtime 200x ./tenant/store

bench-bridge: web ## Only the extension in both browsers, and its host beside another one
	@build/peers
	@build/enclose npx vitest run --root e2e --config bench/bridge.config.ts

package: build ## Pack the desktop's programs as .deb, .rpm and .tar.gz into out/
	@build/package/package bin out

try-package: package ## Install .deb and .rpm in clean systems, upgrade, go back, remove (root)
	@build/package/try out/tallykey_*.deb
	@rm -rf out/older && PACKAGE_VERSION=0.0.1 build/package/package bin out/older rpm
	@build/package/try-rpm out/older/tallykey-*.rpm out/tallykey-*.rpm

lint: setup ## go vet, staticcheck, tsc, biome
	@build/test lint

format: setup ## Format Go and TypeScript
	@gofmt -w build daemon native-messaging phone samples tenant ui
	@npx biome check --write .

clean: ## Remove what was built, not what was installed
	@rm -rf bin out e2e/dist extension/dist
	@find phone/dist ui/frontend/dist -mindepth 1 ! -name .keep -delete

test-go: setup ## Only the Go tests
	@build/test go

test-ts: setup ## Only the TypeScript tests
	@build/test ts

test-browser: setup ## Only the extension in real Chromium and Firefox
	@build/test browser

test-e2e: build ## Only the end-to-end tests; ONLY=name runs the files whose name has it
	@build/test e2e $(ONLY)

# Web parts first: the programs carry them inside.
web:
	@npm run --silent build -w @tallykey/phone -w @tallykey/ui -w @tallykey/extension -w @tallykey/e2e >/dev/null

programs:
	@mkdir -p bin
	@CGO_ENABLED=0 $(GO_BUILD) -o bin/tallykey ./daemon
	@CGO_ENABLED=0 $(GO_BUILD) -o bin/tallykey-native-messaging ./native-messaging
	@CGO_ENABLED=0 $(GO_BUILD) -o bin/tallykey-phone ./phone/tallykey-phone
	@CGO_ENABLED=0 $(GO_BUILD) -o bin/tallykey-tenant ./tenant
	@CGO_ENABLED=0 $(GO_BUILD) -o bin/tallykey-sample-mail ./samples/mail
	@CGO_ENABLED=1 $(GO_BUILD) -tags $(WINDOW_TAGS) -o bin/tallykey-window ./ui
