#!/usr/bin/env bash
# The daemon of Debian's docker.io on the host that a namespace plays, with a state of its own; sourced after beside.sh and control-groups.sh. Its
# containers' control groups are below /$control_group, which the test names.
set -euo pipefail

docker_directory=/run/host/docker
export DOCKER_CONFIG=$docker_directory/client DOCKER_HOST=unix://$docker_directory/socket

# start_docker [DIRECTORY]: where Docker finds an iptables that is not the usual one.
start_docker() {
  mkdir -p "$docker_directory/image/bin"
  echo '{}' >"$docker_directory/daemon.json"
  mount_control_groups
  PATH=${1:+$1:}$PATH background dockerd dockerd --config-file "$docker_directory/daemon.json" --host "$DOCKER_HOST" --storage-driver vfs \
    --data-root "$docker_directory/data" --exec-root "$docker_directory/exec" --pidfile "$docker_directory/pid" \
    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$control_group"
  if ! eventually docker info; then
    tail -n 20 /run/host/dockerd.log >&2
    return 1
  fi
}

# An image of busybox alone, and a container of it on a network of Docker's; port 80 is published, port 81 is not.
run_container() {
  local port
  cp "$(command -v busybox)" "$docker_directory/image/bin/busybox"
  tar -C "$docker_directory/image" -c . | docker import - busybox >/run/host/container.log
  docker network create --subnet 10.88.0.0/24 theirs >>/run/host/container.log
  docker run --detach --network theirs --ip 10.88.0.2 --name contained -p 8500:80 --stop-signal KILL busybox \
    /bin/busybox sh -c '/bin/busybox nc -ll -p 81 -e /bin/busybox cat & exec /bin/busybox nc -ll -p 80 -e /bin/busybox cat' >>/run/host/container.log
  for port in 80 81; do
    eventually answers 10.88.0.2 "$port"
  done
}

in_container() {
  nsenter -n -t "$(docker inspect --format '{{.State.Pid}}' contained)" "$@"
}

# All its rules but those in DOCKER-USER, which it keeps for others: theirs, or theirs -legacy.
theirs() {
  saved "${1:-}" | sed '/^-A DOCKER-USER /d'
  if nft list table ip nat >/dev/null 2>&1; then nft -s list table ip nat; fi
}

# Theirs from outside and from the host, and the way out.
theirs_work() {
  eventually answers 192.0.2.1 8500
  eventually answers 192.0.2.1 8500 ip netns exec client
  eventually answers 198.51.100.53 99 in_container
}

# Each reaches what the other publishes, and nothing else.
both_are_apart() {
  answers 192.0.2.1 8500 ip netns exec guest
  answers 192.0.2.1 8200 in_container
  answers 10.88.0.2 81
  answers 172.30.0.2 81
  refuses 10.88.0.2 81 ip netns exec guest
  refuses 172.30.0.2 81 in_container
}
