#!/usr/bin/env bash
# What the scripts in here share: what they need, and the namespace that plays the host.
set -euo pipefail
# Else a run that fails inside $(...) would go on and pass.
shopt -s inherit_errexit

benchmarks=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
repository=$(readlink -f "$benchmarks/../..")
bin=$(readlink -m "${RESOLVER_BIN:-$repository/artifacts/bin}")
podman_helpers=${PODMAN_HELPERS:-/usr/lib/podman}
export PATH=$bin:$PATH:/usr/sbin:/sbin
# Seconds until a namespace that plays the host is ended with all that is in it.
time_limit=290
# Where dockerd puts its containers' control groups.
cgroup=${BENCHMARKS_CGROUP:-resolver-benchmarks-$$}
export BENCHMARKS_CGROUP=$cgroup
missing=()
# shellcheck source=tests/control-groups.sh
source "$repository/tests/control-groups.sh"

# need PROGRAM PACKAGE: notes what is not there.
need() {
  if ! command -v "$1" >/dev/null; then
    missing+=("$2")
  fi
}

need_resolver() {
  need ip iproute2
  need unshare util-linux
  need setpriv util-linux
  if [[ $1 == no && ( ! -x $bin/resolverd || ! -x $bin/resolver ) ]]; then
    echo "no resolverd in $bin; build it (deploy/quickstart.sh does), name its directory in RESOLVER_BIN, or measure the others with --peers-only" >&2
    exit 2
  fi
}

# Stops with what to do, unless all is there.
check_needs() {
  if [[ $(id -u) != 0 ]]; then
    echo "making namespaces needs root: sudo $0" >&2
    exit 2
  fi
  if ((${#missing[@]} > 0)); then
    echo "missing; on Debian: apt-get install $(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')" >&2
    exit 2
  fi
}

# Runs this script again as the first process of a namespace that plays the host. However it ends, the kernel ends everything in there with it:
# each of the processes in between dies with its parent.
enter_host() {
  local status=0
  setpriv --pdeathsig KILL timeout --kill-after=5 "$time_limit" setpriv --pdeathsig KILL \
    unshare --net --mount --pid --fork --kill-child=KILL --mount-proc --propagation private "$0" --inside "$@" || status=$?
  remove_control_groups "$cgroup" || true # It has said which is left.
  if ((status == 124)); then
    echo "stopped after $time_limit s; ask for less" >&2
  fi
  return $status
}

play_host() {
  mount -t sysfs sysfs /sys
  mount -t tmpfs -o mode=0755 tmpfs /run
  mount -t tmpfs -o mode=0755 tmpfs /var/lib
  mkdir -p /run/netns /run/lock /run/bench/{upper,work}
  mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/bench/upper,workdir=/run/bench/work /etc
  rm -f /etc/resolv.conf
  echo 'nameserver 127.0.0.53' >/etc/resolv.conf
  mkdir -p /etc/netns
  ip link set lo up
  # A runtime that is killed leaves its diagnostic sockets behind: here they go with the namespace.
  export TMPDIR=/run/bench
}

# eventually COMMAND...: repeats it until it succeeds, for ten seconds at most.
eventually() {
  local end=$((SECONDS + 10))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      echo "not within 10 s: $*" >&2
      tail -n 5 /run/bench/*.log >&2 || true
      return 1
    fi
    sleep 0.05
  done
}

# Starts a server in the background; its pid is in $started.
start() {
  local name=$1
  shift
  "$@" </dev/null >"/run/bench/$name.log" 2>&1 &
  started=$!
}

# The median of the numbers on standard input.
median() {
  sort -g | awk '{ n[NR] = $1 } END { if (NR) print NR % 2 ? n[(NR + 1) / 2] : (n[NR / 2] + n[NR / 2 + 1]) / 2 }'
}

describe_machine() {
  printf '%s, %d cores, Linux %s, load %s\n' \
    "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" "$(cut -d' ' -f1 /proc/loadavg)"
}
