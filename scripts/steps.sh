# Sourced by scripts/test and scripts/check: named, timed steps and the table at the end.

steps_names=()
steps_results=()
steps_seconds=()
steps_failed=0
steps_began=$SECONDS

# step NAME FIX COMMAND...: runs one step. FIX is the command that repairs or repeats it.
step() {
  local name="$1" fix="$2" began=$SECONDS code=0
  shift 2
  printf '\n== %s\n' "$name"
  "$@" || code=$?
  steps_names+=("$name")
  steps_seconds+=($((SECONDS - began)))
  if ((code == 0)); then
    steps_results+=(ok)
    return 0
  fi
  steps_results+=(FAILED)
  steps_failed=1
  printf '== %s FAILED (exit %d). To fix or repeat: %s\n' "$name" "$code" "$fix"
  return 1
}

# skip NAME: for what cannot run because a step before it failed.
skip() {
  steps_names+=("$1")
  steps_results+=(skipped)
  steps_seconds+=(0)
}

# The table; its status is that of the whole run.
steps_summary() {
  local i
  printf '\n%-28s %-8s %s\n' step result seconds
  for i in "${!steps_names[@]}"; do
    printf '%-28s %-8s %7d\n' "${steps_names[i]}" "${steps_results[i]}" "${steps_seconds[i]}"
  done
  printf '%-28s %-8s %7d\n' all "$( ((steps_failed)) && echo FAILED || echo ok)" $((SECONDS - steps_began))
  return "$steps_failed"
}

# build_and_test PRESET [CTEST ARGUMENT...]
build_and_test() {
  local preset="$1" jobs
  jobs="$(nproc)"
  shift
  if step "$preset build" "cmake --preset $preset && cmake --build build/$preset" build_preset "$preset" "$jobs"; then
    step "$preset tests" "ctest --test-dir build/$preset --rerun-failed --output-on-failure" \
      ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@" || true
  else
    skip "$preset tests"
  fi
}

build_preset() {
  cmake --preset "$1" -Wno-dev --log-level=WARNING && cmake --build "build/$1" -j "$2"
}
