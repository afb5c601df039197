#!/usr/bin/env bash
# Installs what is missing on a Debian machine; sourced by deploy/quickstart.sh and tests/run.sh. Needs root only when something is missing.
# Each line of the tables: what must be there, and the package that brings it. No service of a new package is started.
set -euo pipefail

# To build and to run the daemon and the command.
PREREQUISITES_TO_BUILD="
gcc gcc
/usr/include/stdio.h libc6-dev
/usr/include/zlib.h zlib1g-dev
ip iproute2
nft nftables
libnftables.so.1 libnftables1
unshare util-linux
setpriv util-linux
ps procps"

# The programs that deploy/quickstart.sh shows at work.
PREREQUISITES_TO_SHOW="
dig dnsutils
dnsmasq dnsmasq-base
curl curl
nginx nginx-light
psql postgresql
/usr/lib/postgresql/*/bin/initdb postgresql"

# What the end-to-end tests ask with and run beside, and the fuzzer, besides.
PREREQUISITES_TO_TEST="
afl-fuzz afl++
busybox busybox-static
musl-gcc musl-tools
openssl openssl
unbound unbound
ping iputils-ping
tcpdump tcpdump
iptables iptables
iptables-legacy iptables
dockerd docker.io
docker docker.io
ufw ufw
firewalld firewalld
dbus-daemon dbus-daemon
host bind9-host
drill ldnsutils
kdig knot-dnsutils
/usr/include/ares.h libc-ares-dev
go golang-go
node nodejs
/usr/bin/python3 python3-minimal"

prerequisite_is_there() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    lib*.so.*) compgen -G "/usr/lib/*/$1" >/dev/null || compgen -G "/usr/lib/$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# install_missing TABLE...
install_missing() {
  local needed package missing=()
  while read -r needed package; do
    if [[ -n $needed ]] && ! prerequisite_is_there "$needed" && [[ " ${missing[*]} " != *" $package "* ]]; then
      missing+=("$package")
    fi
  done < <(printf '%s\n' "$@")
  if ((${#missing[@]} == 0)); then
    return
  fi

  echo "Installing ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    echo "these packages of Debian are missing, and there is no apt-get to install them: ${missing[*]}" >&2
    return 1
  fi
  install_without_services "${missing[@]}"
}

# Debian starts a service as soon as it is installed, unless policy-rc.d forbids it, and at each boot from then on, unless it is disabled; PostgreSQL
# makes a cluster, unless told otherwise. What was enabled before stays so.
install_without_services() (
  services=()
  if command -v systemctl >/dev/null; then
    for service in nginx postgresql docker.service docker.socket containerd firewalld ufw; do
      if ! systemctl is-enabled --quiet "$service" 2>/dev/null; then
        services+=("$service")
      fi
    done
  fi
  policy=/usr/sbin/policy-rc.d
  clusters=/etc/postgresql-common/createcluster.d
  undo=()
  trap 'rm -f "${undo[@]}"' EXIT
  if [[ ! -e $policy ]]; then
    undo+=("$policy")
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  fi
  if [[ " $* " == *" postgresql "* ]]; then
    mkdir -p "$clusters"
    undo+=("$clusters/resolver-install.conf")
    echo 'create_main_cluster = false' >"$clusters/resolver-install.conf"
  fi

  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq -o DPkg::Lock::Timeout=120 --no-install-recommends "$@" >/dev/null
  for service in "${services[@]}"; do
    systemctl disable --quiet "$service" 2>/dev/null || true
  done
)

# Finds the .NET SDK, also where sudo's PATH does not lead.
find_dotnet() {
  local home directory
  home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
  for directory in "${DOTNET_ROOT:-}" "$(dirname "$(readlink -f "$(command -v dotnet || true)")")" "$home/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
    if [[ -n $directory && -d $directory/sdk ]]; then
      export DOTNET_ROOT=$directory
      export PATH=$directory:$PATH
      return
    fi
  done
  echo "no .NET SDK found; install .NET 10 (https://dotnet.microsoft.com) or set DOTNET_ROOT" >&2
  return 1
}

# Runs a command as the user who called sudo, so that what is built is theirs.
as_caller() {
  if [[ $(id -u) == 0 && -n ${SUDO_USER:-} && $SUDO_USER != root ]]; then
    runuser -u "$SUDO_USER" -- env "PATH=$PATH" "DOTNET_ROOT=$DOTNET_ROOT" "$@"
  else
    "$@"
  fi
}

# Publishes the two executables: publish REPOSITORY OUT
publish() {
  as_caller dotnet publish "$1/src/Resolver.Daemon" -c Release -o "$2" --nologo -v quiet
  as_caller dotnet publish "$1/src/Resolver.Cli" -c Release -o "$2" --nologo -v quiet
}
