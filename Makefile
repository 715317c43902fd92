# Rapport. Two commands matter most: make demo, make test.
SHELL := /bin/bash
GO ?= go
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOSEC := $(GO) run github.com/securego/gosec/v2/cmd/gosec@v2.22.4
# Left out, each for a reason: G104 unhandled errors carry theirs in a comment;
# G115 every conversion of a length; G204 G301 G304 G306 files and programs the
# operator named, and generators writing source; G404 the demo's seeded dice;
# G407 panics under this Go.
GOSEC_NOT := G104,G115,G204,G301,G304,G306,G404,G407
# A count, not a time: Go's fuzzer may call it a failure when a time is up while the
# machine is busy (golang.org/issue/75804).
FUZZTIME ?= 3000x

.PHONY: help demo build test check lint generate fresh fuzz bench trust needs shots clean

help: ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 18

demo: ## Run the product with made-up people, and print ways in
	$(GO) run ./cmd/rapport demo

build: ## Build the one binary, ./rapport
	CGO_ENABLED=0 $(GO) build -trimpath -o rapport ./cmd/rapport

needs: ## Install what the tests need from the system's packages, where that is allowed
	@./docs/needs.sh

test: needs ## Test everything on this machine
	$(GO) test -shuffle=on -timeout 25m ./...

check: test lint fresh fuzz ## What CI runs: the tests, the linters, generated files, a little fuzzing
	$(GO) test -race -short ./account/... ./record/... ./fhir/... ./edge/...
	@test -z "$$(git status --porcelain)" || { echo "the tests left something behind:"; git status --porcelain; exit 1; }

lint: ## gofmt, vet, staticcheck, gosec
	@test -z "$$(gofmt -l . )" || { echo "gofmt:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(GOSEC) -quiet -exclude=$(GOSEC_NOT) -exclude-generated ./...

generate: ## Make the generated files anew
	$(GO) run ./cmd/words
	$(GO) tool templ generate
	$(GO) run ./cmd/assets

fresh: generate ## Fail if a generated file was not committed
	@git diff --exit-code --stat -- '*_gen.go' '*_templ.go' web/assets/dist || { echo "generated files are stale: commit what make generate made"; exit 1; }

fuzz: ## Give every fuzz target a little time (FUZZTIME=3000x)
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
	    echo "fuzz $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p >/tmp/rapport-fuzz.log 2>&1 || { cat /tmp/rapport-fuzz.log; exit 1; }; \
	  done; done

bench: ## Measure: prints figures and ratios, never passes or fails
	$(GO) run ./cmd/bench
	$(GO) test -run '^$$' -bench Map -benchtime 100x ./cmd/rapport
	$(GO) test -run '^$$' -bench Letters -benchtime 1x ./record

trust: ## Run the tests that show what we promise, and write docs/trust-report.md
	$(GO) run ./cmd/trust

shots: ## Take the pictures of the README again
	RAPPORT_PICTURES=$(CURDIR)/docs/shots $(GO) test -count=1 -run TestPictures ./cmd/rapport

clean: ## Remove what was built and made up
	rm -rf rapport .demo
