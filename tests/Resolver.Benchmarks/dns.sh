#!/usr/bin/env bash
# Questions a second and the server's CPU for one local name, ours and others in turn: sudo tests/Resolver.Benchmarks/dns.sh [option]...
#   --quick         one short round: does it all still run?
#   --peers-only    without resolverd; the C echo takes its place in the ratios
#   --rounds N      pairs per peer (default 5)
#   --seconds N     length of each run (default 3)
# Everything happens in a namespace that plays the host, on its loopback or a sandbox's. Ends within five minutes.
set -euo pipefail

# shellcheck source=tests/Resolver.Benchmarks/functions.sh
source "$(dirname "$(readlink -f "$0")")/functions.sh"

name=web address=10.88.0.10 outside_name=www.example.org
clients=8 outstanding=100
peers=(aardvark-dns dnsmasq unbound echo)

# ---- outside

outside() {
  local rounds=5 seconds=3 peers_only=no
  while (($# > 0)); do
    case $1 in
      --quick) rounds=1 seconds=1 ;;
      --peers-only) peers_only=yes ;;
      --rounds) rounds=$2 && shift ;;
      --seconds) seconds=$2 && shift ;;
      *)
        sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
  done

  need_resolver "$peers_only"
  need dnsperf dnsperf
  need dig dnsutils
  need gcc gcc
  need dnsmasq dnsmasq-base
  need unbound unbound
  need ss iproute2
  need nft nftables
  [[ -x $podman_helpers/aardvark-dns ]] || missing+=(aardvark-dns)
  check_needs
  enter_host "$rounds" "$seconds" "$peers_only"
}

# ---- inside: the servers. Each leaves its pid in pid[NAME], where to ask in target[NAME], and in which namespace in netns[NAME].

declare -A pid target netns asked

start_echo() {
  gcc -O2 -Wall -o /run/bench/echo "$benchmarks/echo.c"
  start echo /run/bench/echo 127.0.0.20 5300
  pid[echo]=$started target[echo]="127.0.0.20 5300"
}

start_dnsmasq() {
  start dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
    --listen-address=127.0.0.21 --port=5300 --host-record="$name,$address"
  pid[dnsmasq]=$started target[dnsmasq]="127.0.0.21 5300"
}

start_unbound() {
  cat >/run/bench/unbound.conf <<END
server:
  num-threads: 1
  interface: 127.0.0.22@5300
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  directory: "/run/bench"
  pidfile: ""
  local-data: "$name. 600 IN A $address"
remote-control:
  control-enable: no
END
  start unbound unbound -d -c /run/bench/unbound.conf
  pid[unbound]=$started target[unbound]="127.0.0.22 5300"
}

# It listens at a gateway's address and knows its clients by theirs: both are on loopback here, which costs least.
start_aardvark() {
  mkdir -p /run/bench/aardvark
  printf '127.0.0.23\n%064d %s  %s\n%064d 127.0.0.24  client\n' 1 "$address" "$name" 2 >/run/bench/aardvark/bench
  start aardvark-dns "$podman_helpers/aardvark-dns" --config /run/bench/aardvark --port 5300 run
  target[aardvark-dns]="127.0.0.23 5300"
  eventually test -s /run/bench/aardvark/aardvark.pid
  pid[aardvark-dns]=$(cat /run/bench/aardvark/aardvark.pid)
}

# One network, one sandbox, one name; asked at 127.0.0.11:53, through the rewriting, and at the port that the responder really has. The latter
# is possible only without the rewriting, which would change the replies' source port: prepare takes it away and brings it back.
start_resolver() {
  start resolverd resolverd
  pid[resolver]=$started
  resolver status --wait 20s >/run/bench/status.log
  start upstream dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
    --listen-address=127.0.0.25 --port=5300 --local-ttl=3600 --host-record="$outside_name,$address"
  resolver network create bench --subnet 172.30.0.0/24 --dns 127.0.0.25:5300 >/run/bench/create.log
  ip netns add client
  resolver network connect bench --netns /run/netns/client --name client >/run/bench/connect.log
  resolver register bench "$name" --ip "$address" >/run/bench/register.log
  local port
  port=$(ip netns exec client ss -Hlnu src 127.0.0.11 | awk '{ sub(/.*:/, "", $4); print $4; exit }')
  target[resolver]="127.0.0.11 53" netns[resolver]=client
  ip netns exec client nft list ruleset >/run/bench/rewriting.nft
  pid[resolver-cached]=${pid[resolver]} target[resolver-cached]="127.0.0.11 53" netns[resolver-cached]=client
  asked[resolver-cached]=$outside_name
  pid[resolver-direct]=${pid[resolver]} target[resolver-direct]="127.0.0.11 $port" netns[resolver-direct]=client
}

# ---- inside: measuring

prepare() {
  case $1 in
    resolver | resolver-cached) { echo 'flush ruleset' && cat /run/bench/rewriting.nft; } | ip netns exec client nft -f - ;;
    resolver-direct) ip netns exec client nft flush ruleset ;;
  esac
}

# in_place_of SERVER COMMAND...: where the server's clients are.
in_place_of() {
  local where=${netns[$1]:-}
  shift
  if [[ -n $where ]]; then
    ip netns exec "$where" "$@"
  else
    "$@"
  fi
}

answers() {
  local host port
  prepare "$1"
  read -r host port <<<"${target[$1]}"
  [[ $(in_place_of "$1" dig +short +tries=1 +time=1 -p "$port" "@$host" "${asked[$1]:-$name}" A) == "$address" ]]
}

# utime and stime of all threads, in ticks (proc(5)).
ticks() {
  sed 's/.*) //' "/proc/${pid[$1]}/stat" | awk '{ print $12 + $13 }'
}

# Writes "questions-a-second cpu-seconds-per-million" of one run.
run_once() {
  local host port before after
  prepare "$1"
  read -r host port <<<"${target[$1]}"
  before=$(ticks "$1")
  in_place_of "$1" dnsperf -s "$host" -p "$port" -d "/run/bench/questions-${asked[$1]:-$name}" -c "$clients" -q "$outstanding" -l "$seconds" \
    >/run/bench/dnsperf.out 2>&1
  after=$(ticks "$1")
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v server="$1" '
    /Queries sent:/ { sent = $3 }
    /Queries completed:/ { completed = $3 }
    /Response codes:/ { good = $3 == "NOERROR" ? $4 : 0 }
    /Queries per second:/ { rate = $4 }
    END {
      if (completed < sent * 0.999 || good < completed) {
        printf "%s: %d of %d questions answered, %d with NOERROR\n", server, completed, sent, good >"/dev/stderr"
        exit 1
      }
      printf "%.0f %.2f\n", rate, ticks / hz / completed * 1e6
    }' /run/bench/dnsperf.out
}

# measure PEER: pairs of subject and peer, the first of each pair taking turns.
measure() {
  local peer=$1 round ours theirs
  : >"/run/bench/$peer.pairs"
  for ((round = 0; round < rounds; round++)); do
    if ((round % 2 == 0)); then
      ours=$(run_once "$subject")
      theirs=$(run_once "$peer")
    else
      theirs=$(run_once "$peer")
      ours=$(run_once "$subject")
    fi
    echo "$ours $theirs" >>"/run/bench/$peer.pairs"
  done
}

column() {
  cut -d' ' -f"$2" "/run/bench/$1.pairs"
}

report() {
  local peer ratios
  printf '\n%-16s %12s %14s   %s\n' server 'questions/s' 'CPU s/million' "$subject's questions/s over it, pair by pair (median)"
  printf '%-16s %12.0f %14.2f\n' "$subject" \
    "$(for peer in "$@"; do column "$peer" 1; done | median)" "$(for peer in "$@"; do column "$peer" 2; done | median)"
  for peer in "$@"; do
    ratios=$(awk '{ printf "%.2f ", $1 / $3 }' "/run/bench/$peer.pairs")
    printf '%-16s %12.0f %14.2f   %s(%.2f)\n' "$peer" "$(column "$peer" 3 | median)" "$(column "$peer" 4 | median)" "$ratios" \
      "$(tr ' ' '\n' <<<"$ratios" | grep . | median)"
  done
}

inside() {
  rounds=$1 seconds=$2
  local peers_only=$3 server
  trap "exit 130" INT TERM
  play_host
  echo "$name A" >"/run/bench/questions-$name"
  echo "$outside_name A" >"/run/bench/questions-$outside_name"
  start_echo
  start_dnsmasq
  start_unbound
  start_aardvark
  subject=resolver
  if [[ $peers_only == yes ]]; then
    subject=echo
    peers=(aardvark-dns dnsmasq unbound)
  else
    start_resolver
    peers=(resolver-direct resolver-cached "${peers[@]}")
  fi

  describe_machine
  echo "dnsperf -c $clients -q $outstanding -l $seconds, $rounds pairs per peer, one name, A, UDP; server and load share the cores"
  for server in "$subject" "${peers[@]}"; do
    eventually answers "$server"
    # What a first run warms up is not measured.
    seconds=1 run_once "$server" >/run/bench/warm-up
  done
  for server in "${peers[@]}"; do
    measure "$server"
  done
  report "${peers[@]}"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
else
  outside "$@"
fi
