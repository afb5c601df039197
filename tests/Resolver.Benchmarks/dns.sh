#!/usr/bin/env bash
# Our answers and others', in turn: sudo tests/Resolver.Benchmarks/dns.sh [SCENARIO]... [option]...
#   local           a local name, A, UDP, many in flight: questions a second and the server's CPU
#   latency         the same, one in flight: p50 and p99
#   pipelined       the same, TCP, a hundred questions sent at once on each connection
#   connections     the same, TCP, a connection for each question
#   hit             a name that an upstream answered once, against a local name of ours
#   miss            a new outside name each time, from an upstream on this host
# Without a scenario: all of them.
#   --quick         one short round: does it all still run?
#   --peers-only    without resolverd; dnsmasq takes its place in the ratios
#   --rounds N      pairs per peer (default 5)
#   --seconds N     length of each run (default 2)
#   --against A,B   only these peers: docker, aardvark-dns, dnsmasq, unbound, echo, resolver-direct, resolver
# Each scenario has a namespace of its own that plays the host, and ends within five minutes.
set -euo pipefail

# shellcheck source=tests/Resolver.Benchmarks/functions.sh
source "$(dirname "$(readlink -f "$0")")/functions.sh"
# shellcheck source=tests/Resolver.Benchmarks/peers.sh
source "$benchmarks/peers.sh"
# shellcheck source=tests/Resolver.Benchmarks/pairs.sh
source "$benchmarks/pairs.sh"

clients=8 outstanding=100
# What a run of TCP asks for each second that it should take: connections, and questions on each. A connection that is closed keeps its port for a
# while, and Docker's server closes a connection after 128 questions.
declare -A connections_a_second=([connections]=2000 [pipelined]=300) depth=([connections]=1 [pipelined]=100)

# ---- outside

outside() {
  local rounds=5 seconds=2 peers_only=no against=all scenario scenarios=()
  while (($# > 0)); do
    case $1 in
      local | latency | pipelined | connections | hit | miss) scenarios+=("$1") ;;
      --quick) rounds=1 seconds=1 ;;
      --peers-only) peers_only=yes ;;
      --against) against=$2 && shift ;;
      --rounds) rounds=$2 && shift ;;
      --seconds) seconds=$2 && shift ;;
      *)
        sed -n '2,15s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
  done

  need_resolver "$peers_only"
  need_peers
  check_needs
  if ((${#scenarios[@]} == 0)); then
    scenarios=(local latency pipelined connections miss)
    if [[ $peers_only == no ]]; then
      scenarios+=(hit)
    fi
  fi
  for scenario in "${scenarios[@]}"; do
    enter_host "$scenario" "$rounds" "$seconds" "$peers_only" "$against"
  done
}

# ---- inside: what a scenario measures, with whom, and what is to be reached

set_up_local() {
  columns=('questions/s' 'CPU s/million')
  peers=(docker aardvark-dns dnsmasq unbound echo)
  extras=(resolver-direct)
  goals=(['docker questions/s']='>= 4' ['aardvark-dns questions/s']='>= 2' ['dnsmasq questions/s']='>= 1.3' ['unbound questions/s']='>= 1.3'
    ['echo questions/s']='>= 0.85' ['unbound CPU s/million']='<= 0.75')
}

set_up_latency() {
  columns=('p50 us' 'p99 us')
  peers=(docker aardvark-dns dnsmasq unbound echo)
  goals=(['echo p50 us']='<= 1.25' ['dnsmasq p99 us']='<= 1')
}

set_up_pipelined() {
  set_up_connections
  peers=(docker dnsmasq unbound) # The echo takes one question of each connection.
}

set_up_connections() {
  columns=('questions/s' 'CPU s/million')
  peers=(docker dnsmasq unbound echo)
  goals=(['docker questions/s']='>= 3')
}

set_up_hit() {
  columns=('questions/s' 'CPU s/million')
  peers=()
  extras=(resolver)
  subject=resolver-cached
  goals=(['resolver questions/s']='>= 0.9')
}

set_up_miss() {
  columns=('questions/s' 'CPU s/million')
  peers=(docker aardvark-dns dnsmasq unbound)
  goals=(['docker questions/s']='>= 3' ['aardvark-dns questions/s']='>= 3')
}

# ---- inside: one run of a server, written as one number for each column

run_once() {
  local host port before count
  prepare "$1"
  read -r host port <<<"${target[$1]}"
  case $scenario in
    latency) in_place_of "$1" /run/bench/load one "$host" "$port" "$name" "$address" "$seconds" | cut -d' ' -f2,3 ;;
    connections | pipelined)
      count=$((seconds * connections_a_second[$scenario]))
      before=$(ticks "$1")
      in_place_of "$1" /run/bench/load connections "$host" "$port" "$name" "$address" "$count" "${depth[$scenario]}" >/run/bench/load.out
      awk -v ticks=$(($(ticks "$1") - before)) -v hz="$(getconf CLK_TCK)" -v count=$((count * depth[$scenario])) \
        '{ print $1, sprintf("%.2f", ticks / hz / count * 1e6) }' /run/bench/load.out
      ;;
    *)
      write_questions "$1"
      before=$(ticks "$1")
      in_place_of "$1" dnsperf -s "$host" -p "$port" -d /run/bench/questions -c "$clients" -q "$outstanding" -l "$seconds" "${dnsperf_options[@]}" \
        >/run/bench/dnsperf.out 2>&1
      check_dnsperf "$1" $(($(ticks "$1") - before))
      ;;
  esac
}

# A run that misses asks for names that nobody has asked for; dnsperf begins at the top of its file again when it comes to the end, and then they
# would be known.
write_questions() {
  dnsperf_options=()
  case $scenario in
    miss)
      awk -v run="$(date +%s%N)" -v count=$((seconds * 150000)) 'BEGIN { for (i = 0; i < count; i++) print "n" i ".r" run ".example A" }' >/run/bench/questions
      dnsperf_options=(-n 1)
      ;;
    *) echo "${asked[$1]:-$name} A" >/run/bench/questions ;;
  esac
}

# keep_of NAME,...: of the peers and extras only these, whether the scenario has them by itself or not.
keep_of() {
  local server chosen
  IFS=, read -r -a chosen <<<"$1"
  peers=() extras=()
  for server in "${chosen[@]}"; do
    case $server in
      resolver*) extras+=("$server") ;;
      *) peers+=("$server") ;;
    esac
  done
}

inside() {
  scenario=$1 seconds=$3
  local rounds=$2 peers_only=$4 against=$5 warm_up=$((seconds < 2 ? 1 : 4)) server extras=() peers=()
  trap "exit 130" INT TERM
  subject=resolver
  if [[ $peers_only == yes ]]; then
    subject=dnsmasq
  fi
  "set_up_$scenario"
  if [[ $against != all ]]; then
    keep_of "$against"
  fi
  play_host
  compile
  start_upstream
  for server in "${peers[@]}"; do
    "start_$server" >/run/bench/start.log
  done
  if [[ $peers_only == no ]]; then
    start_resolver
    peers+=("${extras[@]}")
  fi

  describe_machine
  echo "$scenario: $rounds pairs per peer, runs of $seconds s; server and load share the cores"
  for server in "$subject" "${peers[@]}"; do
    eventually answers "$server"
    # What first runs warm up is not measured: a daemon that has just started compiles its busiest code a second time.
    seconds=$warm_up run_named "$server" >/run/bench/warm-up
  done
  for server in "${peers[@]}"; do
    measure "$server" "$rounds"
  done
  report "${peers[@]}"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
else
  outside "$@"
fi
