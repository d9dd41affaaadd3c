# Thin: what a person types. The work is in tools/, meson and ninja.

SECONDS ?= 600

all: setup-build
	tools/build build --target program

setup: setup-build setup-test setup-bench

setup-build:
	@tools/setup build
setup-test:
	@tools/setup build test peers
	@tools/corpus || true
	@tools/node-clients || true
setup-bench:
	@tools/setup build peers bench

run: all
	tools/run-demo

test: setup-test
	@tools/test

test-tsan: setup-test
	@tools/test tsan

test-road: setup-test
	@tools/test road-asan
	@tools/test road-tsan

torture: setup-test
	@tools/test torture

fuzz: setup-test
	@tools/fuzz --cpu $(SECONDS)

bench: setup-bench
	tools/build build
	bench/run

check: setup-test
	@tools/test checks

format: setup-test
	tools/format

install: all
	/usr/bin/meson install -C build --no-rebuild
	@rm -f build/meson-logs/install-log.txt # root's, after sudo: it would be in the way

clean:
	rm -rf build build-asan build-tsan build-clang build-fuzz

.PHONY: all setup setup-build setup-test setup-bench run test test-tsan test-road torture fuzz bench \
	check format install clean
