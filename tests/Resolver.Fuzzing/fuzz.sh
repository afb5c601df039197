#!/usr/bin/env bash
# Fuzzes every parser that outside octets reach: tests/Resolver.Fuzzing/fuzz.sh [--seconds N] [TARGET...]
# N is each target's time (12, which makes a minute of all). AFL++ mutates the committed corpus; SharpFuzz tells it which branches of the
# instrumented copies of our assemblies an input takes. Inputs that break an invariant, crash or hang are kept in artifacts/fuzz/TARGET, and the
# exit status is 1 then. Sends nothing: as root it runs in a namespace without links, from which nothing outlives it.
set -euo pipefail

script=$(readlink -f "$0")
cd "$(dirname "$script")/../.."
repository=$PWD
# shellcheck source=deploy/prerequisites.sh
source deploy/prerequisites.sh

if [[ $(id -u) == 0 && -z ${RESOLVER_FUZZ_INSIDE:-} ]]; then
  find_dotnet
  as_caller dotnet build tests/Resolver.Fuzzing --configuration Release --nologo --verbosity quiet
  exec env RESOLVER_FUZZ_INSIDE=yes unshare --net --mount --pid --fork --kill-child=KILL --mount-proc --propagation private "$BASH" "$script" "$@"
fi

seconds=12
targets=()
while (($# > 0)); do
  case $1 in
    --seconds)
      seconds=$2
      shift 2
      ;;
    *)
      targets+=("$1")
      shift
      ;;
  esac
done

find_dotnet
if [[ -z ${RESOLVER_FUZZ_INSIDE:-} ]]; then
  dotnet build tests/Resolver.Fuzzing --configuration Release --nologo --verbosity quiet
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
built=$repository/tests/Resolver.Fuzzing/bin/Release/net10.0
program=$work/instrumented/Resolver.Fuzzing.dll
cp -r "$built" "$work/instrumented"
"$built/Resolver.Fuzzing" instrument "$work/instrumented"
if ((${#targets[@]} == 0)); then
  readarray -t targets < <("$built/Resolver.Fuzzing" targets)
fi

# The program is no ELF file with instrumentation, crashes are told by the fork server and not by core files, and the machine is as it is.
export AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_FORKSRV_INIT_TMOUT=60000
# A minute is too short to try what other runs found before the rest.
export AFL_FAST_CAL=1 TMPDIR=$work
# Diagnostics open a socket per process.
export DOTNET_EnableDiagnostics=0

statistic() {
  sed -n "s/^$2 *: *//p" "$work/$1/default/fuzzer_stats"
}

# Inputs that reached a branch which no seed reaches.
further() {
  find "$work/$1/default/queue" -name '*+cov*' | wc -l
}

failed=0
fuzz() {
  local target=$1 kept=$repository/artifacts/fuzz/$1 crashes hangs

  # afl-fuzz leaves out seeds that crash.
  if ! "$built/Resolver.Fuzzing" run "$target" "tests/Resolver.Fuzzing/Corpus/$target"/* >"$work/$target.log" 2>&1; then
    echo "$target: a seed breaks it" >&2
    tail -n 30 "$work/$target.log" >&2
    failed=1
    return
  fi

  if ! timeout "$((seconds + 120))" afl-fuzz -V "$seconds" -t 5000 -m none -G 20000 -i "tests/Resolver.Fuzzing/Corpus/$target" -o "$work/$target" \
    -- dotnet "$program" fuzz "$target" >"$work/$target.log" 2>&1; then
    echo "$target: afl-fuzz failed" >&2
    tail -n 30 "$work/$target.log" >&2
    failed=1
    return
  fi

  crashes=$(statistic "$target" saved_crashes)
  hangs=$(statistic "$target" saved_hangs)
  printf '%-10s %9s executions in %s s, %s edges, %s inputs found (%s with new edges), %s crashes, %s hangs\n' "$target" \
    "$(statistic "$target" execs_done)" "$(statistic "$target" run_time)" "$(statistic "$target" edges_found)" \
    "$(statistic "$target" corpus_found)" "$(further "$target")" "$crashes" "$hangs"
  if ((crashes > 0 || hangs > 0)); then
    failed=1
    mkdir -p "$kept"
    find "$work/$target/default/crashes" "$work/$target/default/hangs" -type f ! -name README.txt -exec cp -t "$kept" {} +
    echo "$target: what broke it is in $kept; see it with: $built/Resolver.Fuzzing run $target FILE"
  fi
}

for target in "${targets[@]}"; do
  fuzz "$target"
done
exit "$failed"
