#!/usr/bin/env bash
# The servers that dns.sh and scale.sh ask, each on loopback or in a sandbox of the namespace that plays the host; sourced by them.
# Each start_NAME leaves the server's pid in pid[NAME], where to ask in target[NAME], and in which namespace in netns[NAME].
# All know $name; what else they are asked for, they ask of the C echo, which knows everything.
set -euo pipefail

name=web address=10.88.0.10 outside_name=www.example.org
declare -A pid=() target=() netns=() asked=()

need_peers() {
  need dnsperf dnsperf
  need dig dnsutils
  need gcc gcc
  need dnsmasq dnsmasq-base
  need unbound unbound
  need ss iproute2
  need nft nftables
  need dockerd docker.io
  need iptables iptables
  need busybox busybox-static
  [[ -x $podman_helpers/aardvark-dns ]] || missing+=(aardvark-dns)
}

compile() {
  gcc -O2 -Wall -pthread -o /run/bench/echo "$benchmarks/echo.c"
  gcc -O2 -Wall -pthread -o /run/bench/load "$benchmarks/load.c"
}

start_echo() {
  start echo /run/bench/echo 127.0.0.20 5300
  pid[echo]=$started target[echo]="127.0.0.20 5300"
}

# Where the host's resolv.conf leads.
start_upstream() {
  start upstream /run/bench/echo 127.0.0.53 53
}

start_dnsmasq() {
  start dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
    --listen-address=127.0.0.21 --port=5300 --host-record="$name,$address" --server=127.0.0.53 --dns-forward-max=1000
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
  module-config: "iterator"
  do-not-query-localhost: no
  local-data: "$name. 600 IN A $address"
forward-zone:
  name: "."
  forward-addr: 127.0.0.53
remote-control:
  control-enable: no
END
  start unbound unbound -d -c /run/bench/unbound.conf
  pid[unbound]=$started target[unbound]="127.0.0.22 5300"
}

# It listens at a gateway's address and knows its clients by theirs: both are on loopback here, which costs least.
start_aardvark-dns() {
  mkdir -p /run/bench/aardvark
  printf '127.0.0.23\n%064d %s  %s\n%064d 127.0.0.24  client\n' 1 "$address" "$name" 2 >/run/bench/aardvark/bench
  start aardvark-dns "$podman_helpers/aardvark-dns" --config /run/bench/aardvark --port 5300 run
  target[aardvark-dns]="127.0.0.23 5300"
  eventually test -s /run/bench/aardvark/aardvark.pid
  pid[aardvark-dns]=$(cat /run/bench/aardvark/aardvark.pid)
}

# The daemon of Debian's docker.io with a state of its own, two containers of nothing but busybox on a network, asked from inside one of them.
# The embedded server is a part of dockerd, in which the container's namespace is entered to open its sockets.
start_docker() {
  local directory=/run/bench/docker container
  mount_control_groups
  mkdir -p "$directory/image/bin"
  start dockerd dockerd --data-root "$directory/data" --exec-root "$directory/exec" --pidfile "$directory/pid" --host "unix://$directory/socket" \
    --storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$cgroup" --userland-proxy=false
  pid[docker]=$started target[docker]="127.0.0.11 53" netns[docker]=docker-client
  eventually docker_here info
  cp "$(command -v busybox)" "$directory/image/bin/busybox"
  tar -C "$directory/image" -c . | docker_here import - bench
  docker_here network create --subnet 10.88.0.0/24 --gateway 10.88.0.1 bench
  docker_here run --detach --network bench --ip "$address" --name "$name" bench /bin/busybox sleep 3600
  container=$(docker_here run --detach --network bench --dns 10.88.0.1 --name client bench /bin/busybox sleep 3600)
  ip netns attach docker-client "$(docker_here inspect --format '{{.State.Pid}}' "$container")"
  start docker-upstream /run/bench/echo 10.88.0.1 53
}

docker_here() {
  DOCKER_HOST=unix:///run/bench/docker/socket docker "$@" 2>>/run/bench/docker-client.log
}

start_resolverd() {
  start resolverd resolverd
  pid[resolver]=$started
  resolver status --wait 20s >/run/bench/status.log
}

# One network, one sandbox, one name; asked at 127.0.0.11:53, through the rewriting, and at the port that the responder really has. The latter
# is possible only without the rewriting, which would change the replies' source port: prepare takes it away and brings it back.
start_resolver() {
  local port
  start_resolverd
  resolver network create bench --subnet 172.30.0.0/24 >/run/bench/create.log
  ip netns add client
  resolver network connect bench --netns /run/netns/client --name client >/run/bench/connect.log
  resolver register bench "$name" --ip "$address" >/run/bench/register.log
  port=$(ip netns exec client ss -Hlnu src 127.0.0.11 | awk '{ sub(/.*:/, "", $4); print $4; exit }')
  target[resolver]="127.0.0.11 53" netns[resolver]=client
  ip netns exec client nft list ruleset >/run/bench/rewriting.nft
  pid[resolver-cached]=${pid[resolver]} target[resolver-cached]="127.0.0.11 53" netns[resolver-cached]=client
  asked[resolver-cached]=$outside_name
  pid[resolver-direct]=${pid[resolver]} target[resolver-direct]="127.0.0.11 $port" netns[resolver-direct]=client
}

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
