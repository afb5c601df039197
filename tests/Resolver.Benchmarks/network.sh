#!/usr/bin/env bash
# What networks and published ports cost, ours and others' in turn: sudo tests/Resolver.Benchmarks/network.sh [SCENARIO]... [option]...
#   connect         the Connect call with 1,000 endpoints on the network against 10, and against netavark setup and Docker's connect
#   publish         Publish and Unpublish of one port beside 10,000 published ones against none; and of a range of 2,000
#   dial            TCP connections through a published port, one of 10,000 against one alone
#   many-networks   1,000 networks with one endpoint each: time, memory, descriptors, rules
#   many-endpoints  one network with 1,000 endpoints, the same figures; and on to the ports that a bridge has
#   throughput      iperf3 between two sandboxes and through a published port, against the same wired by hand
# Without a scenario: all of them; many means both that begin with it.
#   --quick         a tenth of everything and one round: does it all still run?
#   --rounds N      pairs (default 5)
#   --seconds N     length of each run of iperf3 (default 2)
# Each scenario has a namespace of its own that plays the host, and ends within five minutes.
set -euo pipefail

# shellcheck source=tests/Resolver.Benchmarks/functions.sh
source "$(dirname "$(readlink -f "$0")")/functions.sh"
# shellcheck source=tests/Resolver.Benchmarks/peers.sh
source "$benchmarks/peers.sh"
# shellcheck source=tests/Resolver.Benchmarks/pairs.sh
source "$benchmarks/pairs.sh"
# shellcheck source=tests/Resolver.Benchmarks/wiring.sh
source "$benchmarks/wiring.sh"
# shellcheck source=deploy/prerequisites.sh
source "$repository/deploy/prerequisites.sh"

program=$repository/artifacts/benchmarks/Resolver.Benchmarks
socket=/run/resolver/resolver.sock
containers=5 bridge_ports=1023 range=2000
# The ports of the crowd, of one by itself, and of the range.
first_port=20000 one_port=8080 range_port=40000

# ---- outside

outside() {
  local rounds=5 seconds=2 scale=1 scenario scenarios=()
  while (($# > 0)); do
    case $1 in
      connect | publish | dial | many-networks | many-endpoints | throughput) scenarios+=("$1") ;;
      many) scenarios+=(many-networks many-endpoints) ;;
      --quick) rounds=1 seconds=1 scale=10 ;;
      --rounds) rounds=$2 && shift ;;
      --seconds) seconds=$2 && shift ;;
      *)
        sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
  done

  if ((${#scenarios[@]} == 0)); then
    scenarios=(connect publish dial many-networks many-endpoints throughput)
  fi
  need_resolver no
  need nft nftables
  need gcc gcc
  for scenario in "${scenarios[@]}"; do
    "need_$scenario"
  done
  check_needs
  find_dotnet
  as_caller dotnet publish "$benchmarks" -c Release -o "$(dirname "$program")" --nologo -v quiet >/dev/null
  for scenario in "${scenarios[@]}"; do
    PODMAN_HELPERS=$podman_helpers enter_host "$scenario" "$rounds" "$seconds" "$scale"
  done
}

need_connect() {
  need dockerd docker.io
  need iptables iptables
  need busybox busybox-static
  [[ -x $podman_helpers/netavark ]] || missing+=(netavark)
  [[ -x $podman_helpers/aardvark-dns ]] || missing+=(aardvark-dns)
}

need_publish() { :; }
need_dial() { :; }
need_many-networks() { :; }
need_many-endpoints() { :; }

need_throughput() {
  need iperf3 iperf3
}

# ---- inside: what all scenarios ask

# make_namespaces PREFIX COUNT [COMMAND...]: PREFIX-0 and so on, where the command leads.
make_namespaces() {
  local i
  for ((i = 0; i < $2; i++)); do
    echo "netns add $1-$i"
  done | "${@:3}" ip -batch -
}

# limit WHAT VALUE [GOAL]: a line about one value.
limit() {
  printf '%-56s %12s%s\n' "$1" "$2" "$(judge "$2" "${3:-}")"
}

# quantile SHARE: of the numbers on standard input the smallest that this share of them does not exceed.
quantile() {
  sort -g | awk -v share="$1" '{ n[NR] = $1 } END { at = NR * share; at = at > int(at) ? int(at) + 1 : at; print n[at < 1 ? 1 : at] }'
}

# keep SIDE: writes the median and the 99th percentile of each column of the lines on standard input, and keeps them for limits.
keep() {
  local figures=() index fields
  cat >/run/bench/samples
  cat /run/bench/samples >>"/run/bench/$1.samples"
  fields=$(awk '{ print NF; exit }' /run/bench/samples)
  for ((index = 1; index <= fields; index++)); do
    figures+=("$(cut -d' ' -f"$index" /run/bench/samples | median)" "$(cut -d' ' -f"$index" /run/bench/samples | quantile 0.99)")
  done
  echo "${figures[@]}"
}

# kept SIDE COLUMN SHARE: of all that was kept of a side.
kept() {
  cut -d' ' -f"$2" "/run/bench/$1.samples" | quantile "$3"
}

# change_to WHAT: brings what is there beside the measured to one of two states. Runs are subshells, so a file remembers.
change_to() {
  if [[ $(cat /run/bench/state 2>/dev/null) != "$1" ]]; then
    "become_$1"
    echo "$1" >/run/bench/state
    # What the change has left for later, in the daemon and in the kernel, is not measured.
    sleep 1
  fi
}

# compare SUBJECT PEER: warms both up, measures them in turn and reports.
compare() {
  subject=$1
  run_named "$2" >/run/bench/warm-up
  run_named "$1" >/run/bench/warm-up
  rm -f "/run/bench/$1.samples" "/run/bench/$2.samples"
  measure "$2" "$rounds"
  report "$2"
}

# What the daemon and the kernel hold of all this.
describe_daemon() {
  nft list ruleset >/run/bench/rules
  printf '%-16s %6d MB resident, %6d descriptors, %3d threads; nft: %5d rules, %6d elements in %d sets and maps\n' "$1" \
    "$(awk '/^VmRSS:/ { printf "%.0f", $2 / 1024 }' "/proc/${pid[resolver]}/status")" \
    "$(find "/proc/${pid[resolver]}/fd" -mindepth 1 | wc -l)" "$(awk '/^Threads:/ { print $2 }' "/proc/${pid[resolver]}/status")" \
    "$(count_rules)" "$(count_elements)" "$(grep -cE '^\s+(set|map) ' /run/bench/rules || true)"
}

# Whatever stands in a chain and is not what the chain is.
count_rules() {
  awk '/^\t(chain|set|map|flowtable|counter) / { chain = $1 == "chain"; next } /^\t}/ { chain = 0 } chain && !/^\t\ttype / { n++ } END { print n + 0 }' \
    /run/bench/rules
}

# Of sets and maps; what a rule has in braces is its own.
count_elements() {
  awk '/^\t\telements = / { inside = 1 } inside { n += gsub(/,/, ","); if (/}/) { n++; inside = 0 } } END { print n + 0 }' /run/bench/rules
}

# ---- connect

few=10

# The daemon with few endpoints shares the host with the peers, who come later; the one with many has a host of its own.
set_up_connect() {
  full=$((1000 / scale)) calls=$((100 / scale)) peer_calls=$((20 / scale))
  local number
  start_second_host
  make_namespaces present "$full" in_second_host
  make_namespaces next 20 in_second_host
  make_namespaces present "$few"
  make_namespaces next 20
  make_namespaces theirs $(((rounds + 1) * peer_calls))
  mkdir -p /run/bench/netavark
  resolver network create bench --subnet 172.30.0.0/16 >/run/bench/create.log
  in_second_host resolver network create bench --subnet 172.30.0.0/16 >/run/bench/create.log
  "$program" fill "$socket" bench present 0 "$few"
  in_second_host "$program" fill "$socket" bench present 0 "$full"
  start_docker >/run/bench/start.log
  docker_here network create --subnet 10.87.0.0/16 late >/run/bench/create.log
  for ((number = 0; number < containers; number++)); do
    docker_here run --detach --network bench --name "late-$number" bench /bin/busybox sleep 3600 >/run/bench/create.log
  done
  echo 0 >/run/bench/next-theirs
  columns=('median ms' 'p99 ms')
  goals=(['few median ms']='<= 1.3')
}

run_connect() {
  local next
  # What the other side's run has left for later is not measured, such as the look of each daemon at rules that have changed.
  sleep 0.5
  case $1 in
    netavark)
      next=$(cat /run/bench/next-theirs)
      echo $((next + peer_calls)) >/run/bench/next-theirs
      "$program" time-netavark "$next" "$peer_calls" 2>>/run/bench/netavark.log | keep "$1"
      ;;
    docker) "$program" time-docker /run/bench/docker/socket late late "$containers" "$peer_calls" | keep "$1" ;;
    full) in_second_host "$program" time-connect "$socket" bench next 20 "$calls" | keep "$1" ;;
    few) "$program" time-connect "$socket" bench next 20 "$calls" | keep "$1" ;;
  esac
}

measure_connect() {
  compare full few
  describe_kept 'with 10 endpoints' few
  describe_kept "with $full endpoints" full
  goals=(['few median ms']='>= 15')
  compare netavark few
  compare docker few
}

# The daemon has no figure of its own for a call: this is the client's, gRPC included.
describe_kept() {
  limit "$1, median ms, seen by the client" "$(kept "$2" 1 0.5)" '<= 2'
  limit "$1, p99 ms, seen by the client" "$(kept "$2" 1 0.99)" '<= 5'
}

# ---- publish and dial: beside nothing, and beside many published ports

# Each port is an element of the rules and a descriptor of the daemon; an endpoint has 4,096 at most, so the crowd has four.
set_up_ports() {
  published=$((10000 / scale)) calls=$((100 / scale))
  local i
  make_namespaces crowd 4
  ip netns add web
  resolver network create bench --subnet 172.30.0.0/24 >/run/bench/create.log
  for ((i = 0; i < 4; i++)); do
    resolver network connect bench --netns "/run/netns/crowd-$i" --name "crowd-$i" >/run/bench/connect.log
  done
  resolver network connect bench --netns /run/netns/web --name web >/run/bench/connect.log
  echo alone >/run/bench/state
}

become_crowded() {
  local i
  for ((i = 0; i < 4; i++)); do
    "$program" publish "$socket" bench "crowd-$i" $((first_port + i * published / 4)) $((published / 4))
  done
}

become_alone() {
  local i
  for ((i = 0; i < 4; i++)); do
    "$program" unpublish "$socket" bench "crowd-$i" $((first_port + i * published / 4)) $((published / 4))
  done
}

set_up_publish() {
  set_up_ports
  columns=('publish ms' 'publish p99 ms' 'unpublish ms' 'unpublish p99 ms')
  goals=(['alone publish ms']='<= 1.3' ['alone unpublish ms']='<= 1.3')
}

run_publish() {
  change_to "$1"
  "$program" time-publish "$socket" web '' "$one_port" 1 "$calls" | keep "$1"
}

measure_publish() {
  local side
  compare crowded alone
  for side in alone crowded; do
    limit "one port, $side, Publish, median ms" "$(kept "$side" 1 0.5)" '<= 1'
    limit "one port, $side, Unpublish, median ms" "$(kept "$side" 2 0.5)" '<= 1'
    change_to "$side"
    describe_daemon "$side"
    publish_range "$side" 'all addresses' ''
    publish_range "$side" 'IPv4' 0.0.0.0
  done
}

# A range on all addresses takes two sockets for each port, one of a family.
publish_range() {
  "$program" time-publish "$socket" web "$3" "$range_port" "$range" $((calls / 5)) | keep range >/run/bench/range
  limit "$range ports, $1, $2, Publish, median ms" "$(kept range 1 0.5)" '<= 5'
  limit "$range ports, $1, $2, Unpublish, median ms" "$(kept range 2 0.5)" '<= 5'
  rm /run/bench/range.samples
}

set_up_dial() {
  set_up_ports
  dials=$((5000 / scale))
  gcc -O2 -Wall -o /run/bench/dial "$benchmarks/dial.c"
  wire_outside
  start dial ip netns exec web /run/bench/dial serve "$one_port"
  resolver publish web -p "$one_port:$one_port" >/run/bench/publish.log
  eventually ip netns exec outside /run/bench/dial load "$host_address" "$one_port" 1
  columns=('dials/s' 'p50 us' 'p99 us')
  goals=(['alone dials/s']='>= 0.87' ['alone p50 us']='<= 1.15')
}

run_dial() {
  change_to "$1"
  ip netns exec outside /run/bench/dial load "$host_address" "$one_port" "$dials"
}

measure_dial() {
  compare crowded alone
  change_to crowded
  describe_daemon crowded
}

# ---- many

set_up_many-networks() {
  count=$((1000 / scale))
  make_namespaces many "$count"
}

measure_many-networks() {
  describe_daemon empty
  timed "$count networks" "$program" networks "$socket" - many 0 "$count"
  describe_daemon "$count networks"
  timed "an endpoint on each" "$program" each "$socket" - many 0 "$count"
  describe_daemon "$count endpoints"
}

set_up_many-endpoints() {
  count=$((1000 / scale))
  make_namespaces many $((bridge_ports + 1))
  resolver network create large --subnet 172.30.0.0/16 >/run/bench/create.log
}

measure_many-endpoints() {
  local refusal=/run/bench/refusal
  describe_daemon empty
  timed "$count endpoints" "$program" fill "$socket" large many 0 "$count"
  describe_daemon "$count endpoints"
  timed "$((bridge_ports - count)) more, up to the limit" "$program" fill "$socket" large many "$count" $((bridge_ports - count))
  describe_daemon "$bridge_ports endpoints"
  if resolver network connect large --netns "/run/netns/many-$bridge_ports" --name one-more >"$refusal" 2>&1; then
    echo "the network took endpoint $((bridge_ports + 1))" >&2
    return 1
  fi
  printf 'endpoint %d: %s   goal a message that names network and limit: ' "$((bridge_ports + 1))" "$(cat "$refusal")"
  if grep -q "large.*$bridge_ports" "$refusal"; then
    echo reached
  else
    echo MISSED
  fi
}

# timed WHAT COMMAND...
timed() {
  local what=$1 start=$EPOCHREALTIME
  shift
  "$@"
  awk -v what="$what" -v start="$start" -v stop="$EPOCHREALTIME" 'BEGIN { printf "%-56s %9.2f s\n", what, stop - start }'
}

# ---- throughput

set_up_throughput() {
  wire_ours
  wire_by_hand
  columns=('between Mbit/s' 'published Mbit/s')
  goals=(['by-hand between Mbit/s']='>= 0.97' ['by-hand published Mbit/s']='>= 0.97')
}

run_throughput() {
  local between
  between=$(send_inside "$1" "$seconds")
  echo "$between $(send_to_published "$1" "$seconds")"
}

measure_throughput() {
  compare resolver by-hand
}

# ---- inside

run_once() {
  "run_$scenario" "$1"
}

inside() {
  scenario=$1 rounds=$2 seconds=$3 scale=$4
  trap "exit 130" INT TERM
  play_host
  ulimit -n "$(ulimit -Hn)"
  start_resolverd
  "set_up_$scenario"
  describe_machine
  echo "$scenario: $rounds pairs"
  "measure_$scenario"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
else
  outside "$@"
fi
