# Sourced by ./run: lint, fmt and the tests. Test results are JUnit files under build/results; tools/count_tests.py adds them up.

all_parts=(unit simulator python conformance integration stores faults packages docs browser)

run_tests() {
  local parts=() repeat=1 i part failed=0
  while [ $# -gt 0 ]; do
    case $1 in
      --repeat) repeat=${2:?--repeat needs a number}; shift ;;
      unit | simulator | python | conformance | integration | stores | faults | packages | docs | browser | sanitizers) parts+=("$1") ;;
      *) fail "unknown part: $1 (unit simulator python conformance integration stores faults packages docs browser sanitizers)" ;;
    esac
    shift
  done
  [ ${#parts[@]} -gt 0 ] || parts=("${all_parts[@]}")
  build
  rm -rf build/results
  mkdir -p build/results
  for ((i = 1; i <= repeat; i++)); do
    results=$root/build/results/$i
    mkdir -p "$results"
    for part in "${parts[@]}"; do
      say "testing: $part$([ "$repeat" -eq 1 ] || echo " ($i of $repeat)")"
      "test_$part" || { failed=1; say "FAILED: $part"; echo "$part" >>"$results/failed_parts"; }
    done
  done
  .venv/bin/python tools/count_tests.py build/results || failed=1
  return $failed
}

# run_unit PRESET [folder…]: the C++ unit tests of one build, all or those of some folders. Failures are printed; CTest runs the
# folders side by side.
run_unit() {
  local preset=$1 status=0 file targets=(headrace headrace_unit_tests) chosen=()
  shift
  need_packages unit
  if [ $# -gt 0 ]; then
    targets=("${@/%/_test}")
    targets=("${targets[@]/#/headrace_}")
    chosen=(-R "^unit\.($(IFS='|'; echo "$*"))\$")
  fi
  make_daemon "$preset" "${targets[@]}"
  rm -f "build/$preset"/results/*.xml
  ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure --no-tests=ignore --output-junit "$results/ctest-$preset.xml" \
    "${chosen[@]}" || status=1
  for file in "build/$preset"/results/*.xml; do
    [ ! -f "$file" ] || cp "$file" "$results/$preset-$(basename "$file")"
  done
  return $status
}

# run_pytest NAME FOLDER [options]: a folder without tests passes.
run_pytest() {
  local name=$1 folder=$2 status=0
  shift 2
  [ -n "$(find "$folder" -name 'test_*.py' -print -quit 2>/dev/null)" ] || { say "no tests in $folder"; return 0; }
  VIRTUAL_ENV="$root/.venv" .venv/bin/python -m pytest -q --no-header -p no:cacheprovider -n "$(nproc)" --dist loadfile \
    --junitxml "$results/$name.xml" "$@" "$folder" || status=$?
  [ "$status" -eq 0 ]
}

test_unit() {
  local status=0
  run_unit release || status=1
  .venv/bin/python tools/check_arrows.py --prove build/release || status=1
  if [ -n "$(find ui/src -name '*.test.ts*' -print -quit 2>/dev/null)" ]; then
    node_packages ui
    need_node
    (cd ui && npx --no-install vitest run --reporter=default --reporter=junit --outputFile.junit="$results/page.xml" </dev/null) || status=1
  fi
  return $status
}

# Thousands of seeds in less than a minute; each seed counts as a test.
test_simulator() {
  make_daemon release headrace_simulator
  build/release/headrace_simulator --seeds 2000 --junit "$results/simulator.xml"
}

test_python() { run_pytest python tests/python; }
# The C++ code location that the suite drives, and the one of examples/cpp_guide.
test_conformance() {
  make_daemon release headrace_conformance headrace_examples
  need_node
  run_pytest conformance tests/conformance
}
# The benchmarks' smoke test wants their floor, a C++ project the SDK; systemd checks the unit.
test_integration() {
  need_packages service
  make_daemon release headrace_floor headrace_sdk
  run_pytest integration tests/integration
}
# IO managers against real blob stores, which the tests start themselves.
test_stores() {
  make_daemon release headrace_store_programs
  make_azurite
  run_pytest stores tests/stores
}

test_faults() {
  make_daemon release headrace_fault_programs
  run_pytest faults tests/faults --dist load
}

# What users install, where nothing of this repository is.
test_packages() {
  package
  .venv/bin/python tests/packages/wheelhouse.py build/wheelhouse pandas pydantic
  run_pytest packages tests/packages
}

# Every command and snippet of README.md and docs/.
test_docs() { run_pytest docs tests/docs --dist load; }

# What measures (@alone) has the machine to itself.
test_browser() {
  [ -f tests/browser/package.json ] || { say "no browser tests"; return 0; }
  need_packages browser
  node_packages tests/browser
  need_node
  local status=0
  run_playwright browser --grep-invert @alone || status=1
  run_playwright browser-alone --grep @alone --workers 1 || status=1
  return $status
}

# run_playwright NAME ARGUMENT…: tests/browser, with NAME.xml as the result.
run_playwright() {
  local name=$1
  shift
  (cd tests/browser && VIRTUAL_ENV="$root/.venv" PLAYWRIGHT_JUNIT_OUTPUT_FILE="$results/$name.xml" \
    npx --no-install playwright test --reporter=list,junit "$@" </dev/null)
}

# Address and undefined-behavior sanitizers over the unit tests and over the integration tests' daemon; the thread sanitizer where
# threads meet.
test_sanitizers() {
  local status=0
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
  run_unit asan-ubsan || status=1
  make_daemon release headrace_floor
  HEADRACE_BIN="$root/build/asan-ubsan/headrace" run_pytest integration-asan-ubsan tests/integration || status=1
  unset ASAN_OPTIONS UBSAN_OPTIONS
  # gcc 12's wants addresses where the kernel puts them only without randomization.
  if setarch -R true 2>/dev/null; then
    results=$results root=$root setarch -R bash -c '. tools/setup.sh; . tools/checks.sh; run_unit tsan storage live' || status=1
  fi
  return $status
}

lint() {
  need_packages build lint
  make_venv
  local status=0
  .venv/bin/python tools/check_arrows.py || status=1
  .venv/bin/python tools/check_house.py || status=1
  .venv/bin/python tools/check_sql.py || status=1
  .venv/bin/ruff check -q . || status=1
  local unformatted
  unformatted=$(git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-16 --dry-run 2>&1 | { grep -E 'warning:' || true; } | cut -d: -f1 | sort -u | wc -l)
  [ "$unformatted" -eq 0 ] || { say "$unformatted C++ files are not as clang-format would have them: ./run fmt"; status=1; }
  [ "$status" -eq 0 ] && say "lint: nothing to say"
  return $status
}

fmt() {
  need_packages build lint
  make_venv
  git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-16 -i
  .venv/bin/ruff check -q --fix . || true
}
