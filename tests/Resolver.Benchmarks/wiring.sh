#!/usr/bin/env bash
# The topologies that network.sh sends through, ours and the same wired by hand, and a second host; sourced by it. All in the namespace that
# plays the host.
set -euo pipefail

iperf_port=5201 host_address=192.0.2.1
# By side: who sends to whom inside, and who calls which address from outside.
declare -A sender=() receiver=() caller=() called=()

# A second host beside the first, with a daemon of its own.
# shellcheck disable=SC2154 # functions.sh says where the scripts are and what was started.
start_second_host() {
  start second-host unshare --net --mount --propagation private bash -c "source '$benchmarks/functions.sh'; play_host; touch /run/is-second; exec resolverd"
  second_host=$started
  # Before it is unshared it is the first host.
  eventually in_second_host test -e /run/is-second
  in_second_host resolver status --wait 20s >/run/bench/status.log
}

in_second_host() {
  nsenter --target "$second_host" --net --mount "$@"
}

# join NAMESPACE LINK OTHER-NAMESPACE: a cable between two namespaces, eth0 in the other.
join() {
  ip -n "$1" link add "$2" type veth peer name eth0 netns "$3"
}

# A namespace that reaches the host at $host_address and nothing else.
wire_outside() {
  ip netns add outside
  ip link add to-outside type veth peer name eth0 netns outside
  ip address add "$host_address/24" dev to-outside
  ip link set to-outside up
  set_up_link outside 192.0.2.2/24 "$host_address"
}

# set_up_link NAMESPACE ADDRESS GATEWAY
set_up_link() {
  ip -n "$1" link set lo up
  ip -n "$1" address add "$2" dev eth0
  ip -n "$1" link set eth0 up
  ip -n "$1" route add default via "$3"
}

listen_in() {
  start "iperf-$1" ip netns exec "$1" iperf3 --server --port "$iperf_port"
  eventually ip netns exec "$1" iperf3 --client 127.0.0.1 --port "$iperf_port" --bytes 1K
}

wire_ours() {
  wire_outside
  resolver network create bench --subnet 172.30.0.0/24 >/run/bench/create.log
  ip netns add ours-a
  ip netns add ours-b
  resolver network connect bench --netns /run/netns/ours-a --name ours-a >/run/bench/connect.log
  resolver network connect bench --netns /run/netns/ours-b --name ours-b --ip 172.30.0.10 -p "$iperf_port:$iperf_port" >/run/bench/connect.log
  listen_in ours-b
  sender[resolver]=ours-a receiver[resolver]=172.30.0.10 caller[resolver]=outside called[resolver]=$host_address
}

# A host of its own, so that neither side's packets meet the other's rules.
wire_by_hand() {
  local name
  for name in hand-host hand-outside hand-a hand-b; do
    ip netns add "$name"
  done
  ip -n hand-host link set lo up
  ip netns exec hand-host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  ip -n hand-host link add br0 type bridge
  ip -n hand-host address add 172.30.0.1/24 dev br0
  ip -n hand-host link set br0 up
  for name in hand-a hand-b; do
    join hand-host "p-$name" "$name"
    ip -n hand-host link set "p-$name" master br0 up
  done
  set_up_link hand-a 172.30.0.2/24 172.30.0.1
  set_up_link hand-b 172.30.0.10/24 172.30.0.1
  join hand-host to-outside hand-outside
  ip -n hand-host address add "$host_address/24" dev to-outside
  ip -n hand-host link set to-outside up
  set_up_link hand-outside 192.0.2.2/24 "$host_address"
  ip netns exec hand-host nft -f - <<END
table ip hand {
  chain in {
    type nat hook prerouting priority dstnat;
    ip daddr $host_address tcp dport $iperf_port dnat to 172.30.0.10
  }
}
END
  listen_in hand-b
  sender[by-hand]=hand-a receiver[by-hand]=172.30.0.10 caller[by-hand]=hand-outside called[by-hand]=$host_address
}

# send_inside SIDE SECONDS: from one sandbox to the other.
send_inside() {
  send "${sender[$1]}" "${receiver[$1]}" "$2"
}

# send_to_published SIDE SECONDS: from outside to the published port.
send_to_published() {
  send "${caller[$1]}" "${called[$1]}" "$2"
}

# send NAMESPACE ADDRESS SECONDS: one stream; writes what arrived, in Mbit/s.
send() {
  ip netns exec "$1" iperf3 --client "$2" --port "$iperf_port" --time "$3" --format m --connect-timeout 3000 >/run/bench/iperf.out
  awk '/receiver/ { print $(NF - 2); found = 1 } END { exit !found }' /run/bench/iperf.out
}
