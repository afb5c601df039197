#!/usr/bin/env bash
# Builds everything and runs all tests: sudo tests/run.sh
# Installs what is missing. The last line is "N passed, N failed, N skipped"; the exit status is 0 only when nothing failed or was skipped.
# Every test that touches networks does so in namespaces of its own, which the kernel removes when the test ends or is killed.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
repository=$PWD
# shellcheck source=deploy/prerequisites.sh
source deploy/prerequisites.sh

passed=0 failed=0 skipped=0 finished=no
logs=$(mktemp -d)
chmod 0755 "$logs"
trap finish EXIT

# These configure the kernel, in namespaces of their own; every other suite needs no root and gets none.
suites_as_root=" Resolver.Linux.Tests Resolver.Networking.Tests Resolver.Control.Tests Resolver.Daemon.Tests Resolver.EndToEnd "

# However this ends, the sum is the last line; an end before all suites ran is a failure.
finish() {
  local status=$?
  rm -rf "$logs"
  if [[ $finished == no ]]; then
    failed=$((failed + 1))
    echo "stopped before the end (exit status $status)"
  fi
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  exit $((failed > 0 || skipped > 0))
}

# A step that the rest can't do without: must WHAT COMMAND...
must() {
  echo "== $1"
  "${@:2}"
}

# A step that may fail without stopping the rest.
should() {
  echo "== $1"
  if ! "${@:2}"; then
    failed=$((failed + 1))
  fi
}

# The user who called sudo; nobody, when root came without sudo and the tests lie where others may read them.
as_ordinary_user() {
  if [[ -n ${SUDO_USER:-} && $SUDO_USER != root ]]; then
    as_caller "$@"
  elif setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "$1"; then
    HOME=$logs TMPDIR=/tmp setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
  else
    "$@"
  fi
}

# Adds a suite's own summary line to the sum; a suite that printed none has crashed.
count() {
  local log=$1 summary total errors failures skips unrun
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$log" | tail -n 1 || true)
  if [[ -z $summary ]]; then
    echo "the suite ended without a summary"
    failed=$((failed + 1))
    return
  fi
  read -r -d '' total errors failures skips unrun < <(grep -oE '[0-9]+' <<<"$summary"; printf '\0')
  passed=$((passed + total - failures - skips - unrun))
  failed=$((failed + failures + errors))
  skipped=$((skipped + skips + unrun))
  if ((total == 0)); then
    echo "the suite ran no test"
    failed=$((failed + 1))
  fi
}

# A minute of fuzzing counts as one test.
fuzz() {
  echo
  echo "== Fuzz every parser for a minute in all"
  if tests/Resolver.Fuzzing/fuzz.sh; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

run_suite() {
  local project=$1 executable log status=0 before=$failed
  executable=$repository/tests/$project/bin/Release/net10.0/$project
  log=$logs/$project
  echo
  echo "== $project"
  if [[ $suites_as_root == *" $project "* ]]; then
    "$executable" -noColor >"$log" 2>&1 || status=$?
  else
    as_ordinary_user "$executable" -noColor >"$log" 2>&1 || status=$?
  fi
  grep -vE '^(xUnit.net v3|  (Discovering|Discovered|Starting|Finished): )' "$log" || true
  count "$log"
  if ((status != 0 && failed == before)); then
    echo "the suite ended with exit status $status"
    failed=$((failed + 1))
  fi
}

if [[ $(id -u) != 0 ]]; then
  finished=yes failed=1
  echo "the end-to-end tests make namespaces, which needs root: sudo tests/run.sh" >&2
  exit 1
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1
must "Install what is missing" install_missing "$PREREQUISITES_TO_BUILD" "$PREREQUISITES_TO_SHOW" "$PREREQUISITES_TO_TEST"
must "Find the SDK" find_dotnet
must "Restore" as_caller dotnet restore Resolver.sln --locked-mode --verbosity quiet
must "Build" as_caller dotnet build Resolver.sln --configuration Release --no-restore --nologo --verbosity quiet
should "Format" as_caller dotnet format Resolver.sln --verify-no-changes --no-restore
must "Publish" publish "$repository" "$repository/artifacts/bin"
export RESOLVER_BIN=$repository/artifacts/bin

for directory in tests/*/; do
  project=$(basename "$directory")
  # Benchmarks measure; they are run by hand and by their own script, and so is the fuzzer.
  if [[ -f $directory/$project.csproj && $project != Resolver.Benchmarks && $project != Resolver.Fuzzing ]]; then
    run_suite "$project"
  fi
done
fuzz
finished=yes
