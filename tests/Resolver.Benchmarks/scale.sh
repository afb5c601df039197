#!/usr/bin/env bash
# What a quiet daemon does against the same daemon with more to do, in turn: sudo tests/Resolver.Benchmarks/scale.sh [SCENARIO]... [option]...
#   crowd       1,000 sandboxes asking at once, against one with as many questions in flight; and what memory the daemon takes
#   names       100,000 names on a network, asked one after another, against a network with a single name
#   changes     10 changes a second, names that come and go on the network, against none
# Without a scenario: all of them.
#   --quick         few of everything and one short round: does it all still run?
#   --rounds N      pairs (default 5)
#   --seconds N     length of each run (default 3)
# Each scenario has a namespace of its own that plays the host, and ends within five minutes.
set -euo pipefail

# shellcheck source=tests/Resolver.Benchmarks/functions.sh
source "$(dirname "$(readlink -f "$0")")/functions.sh"
# shellcheck source=tests/Resolver.Benchmarks/peers.sh
source "$benchmarks/peers.sh"
# shellcheck source=tests/Resolver.Benchmarks/pairs.sh
source "$benchmarks/pairs.sh"
# shellcheck source=deploy/prerequisites.sh
source "$repository/deploy/prerequisites.sh"

program=$repository/artifacts/benchmarks/Resolver.Benchmarks
socket=/run/resolver/resolver.sock
clients=8 outstanding=100 changes_a_second=10

# ---- outside

outside() {
  local rounds=5 seconds=3 sandboxes=1000 names=100000 scenario scenarios=()
  while (($# > 0)); do
    case $1 in
      crowd | names | changes) scenarios+=("$1") ;;
      --quick) rounds=1 seconds=1 sandboxes=50 names=1000 ;;
      --rounds) rounds=$2 && shift ;;
      --seconds) seconds=$2 && shift ;;
      *)
        sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
  done

  need_resolver no
  need dnsperf dnsperf
  need dig dnsutils
  need gcc gcc
  need nft nftables
  check_needs
  find_dotnet
  as_caller dotnet publish "$benchmarks" -c Release -o "$(dirname "$program")" --nologo -v quiet >/dev/null
  if ((${#scenarios[@]} == 0)); then
    scenarios=(crowd names changes)
  fi
  for scenario in "${scenarios[@]}"; do
    enter_host "$scenario" "$rounds" "$seconds" "$sandboxes" "$names"
  done
}

# ---- inside: what is asked quietly, and what is asked under the load

# quiet and loaded are the two sides; each is a server to the functions that ask.
set_up_crowd() {
  local i
  for ((i = 0; i < sandboxes; i++)); do
    echo "netns add crowd-$i"
  done | ip -batch -
  echo "resident before the sandboxes: $(resident)"
  "$program" connect "$socket" bench crowd "$sandboxes"
  columns=('questions/s' 'p99 us' 'CPU s/million')
  goals=(['quiet questions/s']='>= 0.9')
  # What the system calls and the load allow: the same crowd, and the same one sandbox, served in C and without the rewriting of port 53.
  ulimit -n "$(ulimit -Hn)"
  # shellcheck disable=SC2046
  start echo /run/bench/echo 127.0.0.12 5300 $(seq -f /run/netns/crowd-%.0f 0 "$((sandboxes - 1))")
  pid[echo]=$started pid[echo-quiet]=$started
  extras=(echo echo-quiet)
  eventually ip netns exec "crowd-$((sandboxes - 1))" dig +time=1 +tries=1 @127.0.0.12 -p 5300 "$name"
}

set_up_names() {
  local start=$SECONDS
  resolver network create full --subnet 172.29.0.0/24 >>/run/bench/create.log
  ip netns add full
  resolver network connect full --netns /run/netns/full --name full >>/run/bench/connect.log
  "$program" register "$socket" full n "$names" "$address"
  echo "$names names registered in $((SECONDS - start)) s"
  netns[loaded]=full asked[loaded]=n-0
  columns=('questions/s' 'CPU s/million')
  goals=(['quiet questions/s']='>= 0.9')
}

set_up_changes() {
  columns=('questions/s' 'CPU s/million')
  goals=(['quiet questions/s']='>= 0.9')
}

resident() {
  awk '/^VmRSS:/ { printf "%.0f MB", $2 / 1024 }' "/proc/${pid[quiet]}/status"
}

# ---- inside: one run

run_once() {
  local before changing=
  before=$(ticks "$1")
  case $scenario in
    crowd) ask_as_a_crowd "$1" "$before" ;;
    *)
      if [[ $scenario == names && $1 == loaded ]]; then
        seq 0 $((names - 1)) | sed 's/.*/n-& A/' >/run/bench/questions
      else
        # As many lines, so that the load costs the same.
        yes "$name A" | head -n "$names" >/run/bench/questions || true
      fi
      if [[ $scenario == changes && $1 == loaded ]]; then
        "$program" change "$socket" bench "$seconds" "$changes_a_second" "$address" >/run/bench/changes.out &
        changing=$!
      fi
      before=$(ticks "$1")
      in_place_of "$1" dnsperf -s 127.0.0.11 -d /run/bench/questions -c "$clients" -q "$outstanding" -l "$seconds" >/run/bench/dnsperf.out 2>&1
      check_dnsperf "$1" $(($(ticks "$1") - before))
      if [[ -n $changing ]]; then
        wait "$changing"
        check_changes
      fi
      ;;
  esac
}

check_changes() {
  local changes
  changes=$(cat /run/bench/changes.out)
  if ((changes < seconds * changes_a_second * 9 / 10)); then
    echo "only $changes changes in $seconds s" >&2
    return 1
  fi
}

# As many sockets on both sides, each with a question in flight: in all sandboxes, or in the first.
ask_as_a_crowd() {
  local last=0 at=(127.0.0.11 53)
  if [[ $1 == loaded || $1 == echo ]]; then
    last=$((sandboxes - 1))
  fi
  if [[ $1 == echo* ]]; then
    at=(127.0.0.12 5300)
  fi
  /run/bench/load crowd "${at[@]}" "$name" "$address" "$seconds" "$sandboxes" $(seq -f /run/netns/crowd-%.0f 0 "$last") >/run/bench/load.out
  awk -v ticks=$(($(ticks "$1") - $2)) -v hz="$(getconf CLK_TCK)" -v seconds="$seconds" \
    '{ print $1, $3, sprintf("%.2f", ticks / hz / ($1 * seconds) * 1e6) }' /run/bench/load.out
}

inside() {
  scenario=$1 seconds=$3 sandboxes=$4 names=$5 subject=loaded
  local rounds=$2 server extras=()
  trap "exit 130" INT TERM
  play_host
  compile
  start_resolverd
  pid[quiet]=${pid[resolver]} pid[loaded]=${pid[resolver]}
  target[quiet]='127.0.0.11 53' target[loaded]='127.0.0.11 53'
  netns[quiet]=client netns[loaded]=client
  resolver network create bench --subnet 172.30.0.0/16 >/run/bench/create.log
  resolver register bench "$name" --ip "$address" >/run/bench/register.log
  ip netns add client
  resolver network connect bench --netns /run/netns/client --name client >/run/bench/connect.log
  "set_up_$scenario"

  describe_machine
  echo "$scenario: $rounds pairs, runs of $seconds s; $sandboxes sandboxes, $names names, $changes_a_second changes a second"
  eventually answers quiet
  eventually answers loaded
  echo "resident before the load: $(resident)"
  # What first runs warm up is not measured.
  run_named loaded >/run/bench/warm-up
  for server in quiet "${extras[@]}"; do
    run_named "$server" >/run/bench/warm-up
  done
  for server in quiet "${extras[@]}"; do
    measure "$server" "$rounds"
  done
  echo "resident after the load: $(resident)"
  report quiet "${extras[@]}"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
else
  outside "$@"
fi
