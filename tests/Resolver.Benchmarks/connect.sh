#!/usr/bin/env bash
# How long it takes to put a namespace on a network, names included: ours and netavark's in turn: sudo tests/Resolver.Benchmarks/connect.sh [option]...
#   --quick         a few of each: does it all still run?
#   --peers-only    without resolverd
#   --count N       namespaces of ours, at least 20 (default 200); netavark gets a quarter of it
# Each attachment goes into a fresh namespace, all in a namespace that plays the host. Ends within five minutes.
set -euo pipefail

# shellcheck source=tests/Resolver.Benchmarks/functions.sh
source "$(dirname "$(readlink -f "$0")")/functions.sh"
# shellcheck source=deploy/prerequisites.sh
source "$repository/deploy/prerequisites.sh"

program=$repository/artifacts/benchmarks/Resolver.Benchmarks
warm_ups=5

outside() {
  local count=200 rounds=5 peers_only=no
  while (($# > 0)); do
    case $1 in
      --quick) count=20 rounds=1 ;;
      --peers-only) peers_only=yes ;;
      --count) count=$2 && shift ;;
      *)
        sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
  done

  if ((count < 20)); then
    echo "--count $count: at least 20, so that each of the $rounds rounds has some of each" >&2
    exit 2
  fi

  need_resolver "$peers_only"
  need iptables iptables
  [[ -x $podman_helpers/netavark ]] || missing+=(netavark)
  [[ -x $podman_helpers/aardvark-dns ]] || missing+=(aardvark-dns)
  check_needs
  find_dotnet
  as_caller dotnet publish "$benchmarks" -c Release -o "$(dirname "$program")" --nologo -v quiet >/dev/null
  PODMAN_HELPERS=$podman_helpers enter_host "$count" "$((count / 4))" "$rounds" "$peers_only"
}

make_namespaces() {
  local prefix=$1 count=$2 i
  for ((i = 0; i < count + warm_ups; i++)); do
    echo "netns add $prefix-$i"
  done | ip -batch -
}

# The last namespace of a kind has an address and a way out, so what was measured was done.
check_last() {
  ip -n "$1" -4 -o address show dev eth0 | grep -q ' inet '
  ip -n "$1" route show default | grep -q '^default via'
}

inside() {
  local count=$1 peer_count=$2 rounds=$3 peers_only=$4 socket=()
  trap "exit 130" INT TERM
  play_host
  mkdir -p /run/bench/netavark
  make_namespaces theirs "$peer_count"
  if [[ $peers_only == no ]]; then
    make_namespaces ours "$count"
    start resolverd resolverd
    resolver status --wait 20s >/run/bench/status.log
    resolver network create bench --subnet 172.30.0.0/16 >/run/bench/create.log
    socket=(/run/resolver/resolver.sock)
  fi

  describe_machine
  # aardvark-dns complains on standard error that there is no syslog in here.
  if ! "$program" side-by-side "$count" "$peer_count" "$rounds" "${socket[@]}" 2>/run/bench/program.log; then
    tail -n 20 /run/bench/program.log /run/bench/resolverd.log >&2
    return 1
  fi
  check_last "theirs-$((peer_count + warm_ups - 1))"
  if [[ $peers_only == no ]]; then
    check_last "ours-$((count + warm_ups - 1))"
  fi
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
else
  outside "$@"
fi
