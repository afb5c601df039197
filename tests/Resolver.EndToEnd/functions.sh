#!/usr/bin/env bash
# What every script of a test may use; sourced inside the namespace that plays the host.
set -euo pipefail

# A runtime that is killed leaves its diagnostic sockets behind: here they go with the namespace.
export TMPDIR=/run/host

# Repeats a command until it succeeds, for ten seconds at most.
eventually() {
  local end=$((SECONDS + 10))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      echo "not within 10 s: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

# Starts a command that outlives this script; its output goes to /run/host/NAME.log, its pid to /run/host/NAME.pid.
background() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"/run/host/$name.log" 2>&1 &
  echo $! >"/run/host/$name.pid"
}

# True when nothing runs any more under the pid that background noted.
ended() {
  ! kill -0 "$(cat "/run/host/$1.pid")" 2>/dev/null
}

# What the kernel and the file system hold of networks, in a form that two moments can be compared by.
snapshot() {
  ip -o link show | sed -E 's/^[0-9]+: ([^:@]+)(@[^:]*)?: .*/link \1/' | sort
  ip -4 -o address show | awk '{ print "address", $2, $4 }' | sort
  ip -6 -o address show scope global | awk '{ print "address", $2, $4 }' | sort
  ip -4 route show table all | sed 's/ linkdown//; s/ *$//' | sort
  nft -s list ruleset
  # shellcheck disable=SC2012 # names of namespaces hold no odd characters
  ls /run/netns | sed 's/^/netns /'
  find /etc/netns -mindepth 1 | sort
}

# A sandbox whose process has just ended is still being taken away: waits until two looks agree.
settled_snapshot() {
  local last now
  last=$(snapshot)
  for _ in $(seq 20); do
    sleep 0.2
    now=$(snapshot)
    if [[ $now == "$last" ]]; then break; fi
    last=$now
  done
  echo "$now"
}

start_daemon() {
  background daemon resolverd "$@"
  resolver status --wait 20s >/dev/null
}

# Starts a sandbox that sleeps: sandbox NAME NETWORK [option]...
# Its program starts when everything is connected, and says so with a file.
sandbox() {
  local name=$1 network=$2
  shift 2
  rm -f "/run/host/$name.up"
  background "$name" resolver run --network "$network" --name "$name" "$@" -- sh -c "touch /run/host/$name.up; exec sleep 600"
  if ! eventually test -e "/run/host/$name.up"; then
    cat "/run/host/$name.log" >&2
    return 1
  fi
}

# Starts a server inside a sandbox: inside SANDBOX LOG-NAME CMD...
inside() {
  local sandbox=$1 log=$2
  shift 2
  background "$log" resolver exec "$sandbox" -- "$@"
}

dig_in() {
  local sandbox=$1
  shift
  ip netns exec "$sandbox" dig +tries=1 +time=3 "$@"
}

# Ends the processes of sandboxes that sandbox made and waits until the daemon has taken the sandboxes away: remove SANDBOX...
remove() {
  local name
  for name in "$@"; do
    stop "$name"
    eventually gone "$name"
  done
}

# True when the daemon does not know the sandbox.
gone() {
  ! resolver ps | grep -qw -- "$1"
}

# Ends what background started: stop NAME
stop() {
  kill "$(cat "/run/host/$1.pid")"
  eventually ended "$1"
}
