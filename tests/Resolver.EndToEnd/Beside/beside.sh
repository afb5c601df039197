#!/usr/bin/env bash
# What the tests beside real programs share; sourced after functions.sh, inside the namespace that plays the host.
set -euo pipefail

# What these programs write besides goes with the namespace; and modules of the kernel, which they would load, are the machine's: none is found.
cover_machine() {
  local directory
  for directory in /var/log /lib/modules; do
    if [[ -d $directory ]]; then
      mount -t tmpfs -o mode=0755 tmpfs "$directory"
    fi
  done
}

# Port 80 of a sandbox is published, port 81 is not; and somebody outside is there to be reached.
serve() {
  local port
  resolver network create app --subnet 172.30.0.0/24 >/run/host/app.log
  sandbox guest app -p 8200:80
  for port in 80 81; do
    inside guest "guest-$port" busybox nc -ll -p "$port" -e cat
    eventually answers 172.30.0.2 "$port"
  done
  if [[ ! -e /run/host/outside.pid ]]; then
    background outside ip netns exec upstream busybox nc -ll -p 99 -e cat
  fi
  eventually answers 198.51.100.53 99
}

# answers ADDRESS PORT [IN...]: an echo comes back, asked from the host or by what leads elsewhere.
answers() {
  local address=$1 port=$2
  shift 2
  test "$(echo hi | "$@" timeout "${patience:-1}" busybox nc "$address" "$port")" = hi
}

refuses() {
  if patience=0.3 answers "$@" 2>/run/host/refused.log; then
    echo "answers: $*" >&2
    return 1
  fi
}

# Ours from outside and from the host, and the way out.
ours_work() {
  eventually answers 192.0.2.1 8200
  eventually answers 192.0.2.1 8200 ip netns exec client
  eventually answers 198.51.100.53 99 ip netns exec guest
  refuses 172.30.0.2 81 ip netns exec client
}

bridge_of_app() {
  resolver network inspect app | grep -oE 'br-[0-9a-f]{12}'
}

# Rules of both families without their counters: saved, or saved -legacy.
saved() {
  local program
  for program in iptables ip6tables; do
    "$program${1:-}-save" | sed '/^#/d; s/\[.*\]//'
  done
}
