# Each target sets up what it needs: a fresh machine needs make and Python 3.11 or newer, nothing else.
#
#   make demo     set up, finish the bundled drawings, make a book with the whole system, say where the results are
#   make test     set up, lint, and run all tests
#   make test-arm       the machine code for AArch64 under an emulator: all kernels, the wheel, the command
#   make test-windows   the wheel for Windows under Wine, with Python's own build for Windows: all kernels, the command, a batch
#   make test-pythons   the same wheel on Python 3.11, 3.12 and 3.13
#   make soak     five minutes of chaos on real workers and a real server; SOAK_SEED=… for another kind of it
#   make fuzz     an hour of damaged files of every format, and of records made by hand; FUZZ_SECONDS=… for less or more, FUZZ_SEED=… for
#                 the same ones again
#   make lint     ruff, mypy --strict, import-linter, spelling
#   make golden   rewrite what the golden cases expect, say what changed, and fail (so that nobody takes it for a test)
#   make bench    measure us and the peers in one run, and write the README's table
#   make schema   write supabase/schema.sql, the sum of the migrations
#   make vercel   lay out build/vercel, which is what is deployed there
#   make docs     write the generated parts of docs/ and the README's pictures anew, and build the site
#   make site     the site of docs/ alone: build/site/index.html, which opens without a server

# What `make fuzz` takes. An hour is about 1,000,000 files on two cores.
FUZZ_SECONDS ?= 3600
FUZZ_SEED ?=

# Two for each core of the smallest machine, as many tests wait for something. With three the whole takes as long (measured), and they disturb
# each other.
TEST_PROCESSES ?= 4

PYTHON ?= python3
VENV ?= .venv
PEERS := build/peers
PLATFORMS := linux-x86_64 linux-aarch64 darwin-x86_64 darwin-arm64 win32-AMD64 win32-ARM64
BIN := $(abspath $(VENV))/bin
export PYTHONPATH :=
# What is compiled from Python is kept: hundreds of the tests' processes import the same libraries.
export PYTHONDONTWRITEBYTECODE :=

# Tools that are not ours, which tests hold our files against, and the oldest PostgreSQL we support: the newer ones come in a Python package.
# Debian starts a server when it installs one; ours have folders and sockets of their own and do not care. Without these, tests fail rather
# than be skipped.
TEST_PACKAGES := libpotrace0 potrace libtiff-tools qpdf poppler-utils pngcheck ghostscript mupdf-tools libcairo2 librsvg2-bin \
  postgresql-15 postgresql-15-pgtap pgbouncer faketime chromium openjdk-17-jre-headless
# What `make test-windows` takes beyond that: half a gigabyte.
WINDOWS_PACKAGES := wine64 gcc-mingw-w64-x86-64-win32
# pypotrace has no wheel; it is compiled for the comparison alone.
BENCH_PACKAGES := $(TEST_PACKAGES) libpotrace-dev libagg-dev pkg-config g++

.PHONY: demo test test-arm test-windows test-pythons gates rewritten kernels soak fuzz lint golden bench schema docs site wheels vercel clean \
  system-test system-bench system-windows

demo: $(VENV)/.demo
	@mkdir -p demo-output
	$(BIN)/linefinish examples/fairy-godmother.png -o demo-output/fairy-godmother.svg
	$(BIN)/linefinish examples/fairy-godmother.png -o demo-output/fairy-godmother-300dpi.png --dpi 300 --width 5in
	$(BIN)/linefinish examples/celtic-knot.jpg -o demo-output/celtic-knot.pdf --page letter --margin 0.5in
	$(BIN)/linefinish compare examples/fairy-godmother.png -o demo-output/compare.png
	$(BIN)/linefinish verify demo-output/fairy-godmother.svg demo-output/fairy-godmother-300dpi.png demo-output/celtic-knot.pdf
	@echo
	@echo "The drawings are in $(CURDIR)/demo-output; compare.png shows before, after and difference."
	@echo
	$(BIN)/myjoe demo --folder demo-output/book
	@echo
	@echo "The same in the browser: $(BIN)/myjoe studio"

# Two things at a time are made ready. The gates come then: they measure, and have a core to themselves, as what is beside them has one
# process. Pytest rewrites each test's asserts once, and not in each of its processes. A file's tests stay in one process: what they share is
# made once. In the order of their names, what computes falls beside what waits.
test:
	$(MAKE) -j2 --output-sync=target $(VENV)/.test system-test
	$(MAKE) -j2 --output-sync=target kernels build/supabase-lite/installed build/web-tools/installed build/arm64/installed
	$(MAKE) -j2 --output-sync=target gates lint rewritten
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --durations 25 --durations-min 5 tests

rewritten: $(VENV)/.test
	@mkdir -p build
	@$(BIN)/python -m pytest -qq --collect-only tests >build/collected || { cat build/collected; exit 1; }

gates: $(VENV)/.test
	$(BIN)/python -m pytest benchmarks

# A checkout's kernels, compiled now and not at the first page; for both levels of x86-64 in one go, as the wheel that tests build holds both,
# and Numba's part, which is most of the time, is done once.
ifeq ($(shell uname -m),x86_64)
kernels: $(VENV)/.test
	@mkdir -p build/kernels
	$(BIN)/python -m linefinish.kernels._build --target x86-64-v2 -o build/kernels/v2 --target x86-64-v3 -o build/kernels/v3 >/dev/null
else
kernels: $(VENV)/.test
	$(BIN)/linefinish -q examples/fairy-godmother.png -o - --format svg >/dev/null
endif

soak: $(VENV)/.test system-test
	SOAK_SECONDS=300 $(BIN)/python -m pytest -s tests/acceptance/test_soak.py

fuzz: $(VENV)/.test system-test
	$(BIN)/python -m tests.fuzzing $(FUZZ_SECONDS) $(FUZZ_SEED)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell --quiet-level 3
	$(BIN)/typos README.md CHANGELOG.md docs/*.md docs/*/*.md docs/*/*/*.md golden/README.md src/linefinish/kernels/README.md

golden: $(VENV)/.test
	LINEFINISH_GOLDEN=write $(BIN)/python -m pytest tests/golden

bench: $(VENV)/.test $(VENV)/.peers
	$(BIN)/python -m benchmarks $(BENCH)

schema: $(VENV)/.test
	$(BIN)/python -m tests.database.schema

docs: $(VENV)/.test
	for script in $(filter-out docs/make_face.py,$(wildcard docs/make_*.py)); do $(BIN)/python $$script || exit 1; done
	$(MAKE) site

site: $(VENV)/.test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build -q
	@echo "build/site/index.html"

# A wheel of the library for each platform, all of them made here; what Numba makes of the kernels is kept from one to the next.
wheels: $(VENV)/.demo
	for platform in $(PLATFORMS); do LINEFINISH_PLATFORM=$$platform $(BIN)/pip wheel -q . --no-deps -w dist || exit 1; done
	$(BIN)/pip wheel -q ./distributions/myjoe --no-deps -w dist

# Machine code for AArch64, run under QEMU: every kernel's calls, and the command of the wheel on all golden drawings.
test-arm: $(VENV)/.test
	MYJOE_TESTS_ALL=1 $(BIN)/python -m pytest tests/platforms/test_aarch64.py tests/linefinish/kernels/test_targets.py

# Machine code and wheel for Windows, run under Wine by Python's own build for Windows.
test-windows: $(VENV)/.test system-windows
	$(BIN)/python -m tests.support.windows
	MYJOE_TESTS_ALL=1 $(BIN)/python -m pytest tests/platforms/test_windows.py tests/linefinish/kernels/test_targets.py

# One wheel for all Pythons that it promises, which have to be here.
test-pythons: $(VENV)/.test
	MYJOE_TESTS_ALL=1 $(BIN)/python -m pytest tests/platforms/test_pythons.py

# What is deployed to Vercel: `vercel deploy build/vercel`. The wheels are of this machine's kind, Linux on x86-64.
vercel: wheels
	rm -rf build/vercel
	mkdir -p build/vercel/wheels
	cp deploy/vercel/app.py deploy/vercel/pyproject.toml deploy/vercel/vercel.json deploy/vercel/.python-version build/vercel
	cp dist/linefinish-*manylinux*x86_64*.whl dist/myjoe-*.whl build/vercel/wheels
	cd build/vercel && for wheel in wheels/linefinish-*.whl; do echo "./$$wheel"; done > requirements.txt
	cd build/vercel && for wheel in wheels/myjoe-*.whl; do echo "./$$wheel[studio]"; done >> requirements.txt

clean:
	rm -rf $(VENV) build dist demo-output golden-failures src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/pip install -q --disable-pip-version-check uv

# Install into the environment. uv unpacks side by side and compiles nothing: 5 CPU seconds where pip takes 30. It does not read pip's
# settings, and is not built for every machine: where it cannot, pip does it.
define install
if [ -x $(BIN)/uv ] && $(BIN)/uv pip install -q --python $(BIN)/python $(1); then :; \
else $(BIN)/pip install -q --disable-pip-version-check --no-compile $(1); fi
endef

# Editable installs of both distributions: the kernels are compiled on first use, into the user's
# cache.
WHOLE_SYSTEM := -e '.[build]' -e 'distributions/myjoe[worker,studio,embedded]'
FOR_TESTS := -e '.[build,dask,test,lint]' -e 'distributions/myjoe[test]'
FOR_BENCHMARKS := -e '.[bench]' -e 'distributions/myjoe[bench]'
DISTRIBUTIONS := pyproject.toml setup.py scripts/linefinish distributions/myjoe/pyproject.toml distributions/myjoe/setup.py
$(VENV)/.demo: $(DISTRIBUTIONS) | $(VENV)/bin/python
	@$(call install,$(WHOLE_SYSTEM))
	@touch $@

$(VENV)/.test: $(DISTRIBUTIONS) | $(VENV)/bin/python
	@$(call install,$(FOR_TESTS))
	@touch $@ $(VENV)/.demo

# A Supabase to test against, from npm.
build/supabase-lite/installed: tests/support/lite.py | $(VENV)/.test
	$(BIN)/python -m tests.support.lite

# A Python for AArch64 and its emulator, from Debian.
build/arm64/installed: tests/support/arm64.py | $(VENV)/.test
	$(BIN)/python -m tests.support.arm64

# What judges pages: axe, the HTML checker, Lighthouse.
build/web-tools/installed: tests/support/web_tools.py | $(VENV)/.test
	$(BIN)/python -m tests.support.web_tools

# pypotrace and potracer are both named `potrace`, so each has a folder of its own. A peer that cannot be had is said so in the table.
$(VENV)/.peers: $(VENV)/.test | system-bench
	@$(call install,$(FOR_BENCHMARKS))
	-$(BIN)/pip install -q --disable-pip-version-check --upgrade --no-deps --target $(PEERS)/pypotrace pypotrace
	-$(BIN)/pip install -q --disable-pip-version-check --upgrade --no-deps --target $(PEERS)/potracer potracer
	-$(BIN)/pip install -q --disable-pip-version-check --upgrade --no-deps --target $(PEERS)/pyautotrace pyautotrace
	-$(BIN)/pip install -q --disable-pip-version-check --upgrade --no-deps --target $(PEERS)/opencv-contrib opencv-contrib-python-headless
	-$(BIN)/python -m benchmarks.queue_peers
	@touch $@

system-test:
	@$(call apt,$(TEST_PACKAGES))

system-windows:
	@$(call apt,$(WINDOWS_PACKAGES))

system-bench:
	@$(call apt,$(BENCH_PACKAGES))

# Install the missing ones of some Debian packages where we are root; elsewhere name them.
define apt
missing=$$(for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
if [ -z "$$missing" ]; then :; \
elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "installing" $$missing; apt-get update -qq; \
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
else echo "please install, or the tests that use them fail:" $$missing; fi
endef
