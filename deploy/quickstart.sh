#!/usr/bin/env bash
# Shows the main job on this machine: sudo deploy/quickstart.sh [--keep]
# A network, PostgreSQL and nginx in sandboxes of it, names, a published port, an outside name, and the whole drawn as a tree.
# Everything happens inside a namespace that plays the host; the machine's own network, /run and /etc are not touched.
#   --keep    leave it all running, and print the commands to look around with
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
repository=$(dirname "$here")
bin=$(readlink -m "${RESOLVER_BIN:-$repository/artifacts/bin}")
lan=192.0.2.1 client=192.0.2.2 upstream=198.51.100.53 outside=198.51.100.1
work=/run/quickstart

bold='' dim='' plain=''
if [[ -t 1 || ${QUICKSTART_COLOUR:-no} == yes ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

say() {
  printf '\n%s# %s%s\n' "$bold" "$1" "$plain"
}

# Prints a command the way one would type it, and runs it.
show() {
  printf '%s$%s %s\n' "$dim" "$plain" "$*"
  bash -c "$*"
}

# The same for a command that goes on: its output goes to a file, its end would be noticed by what comes next.
show_background() {
  local name=$1
  shift
  printf '%s$%s %s &\n' "$dim" "$plain" "$*"
  setsid bash -c "exec $*" </dev/null >"$work/$name.log" 2>&1 &
}

eventually() {
  local end=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      printf 'not within 20 s: %s\n' "$*" >&2
      tail -n 20 "$work"/*.log >&2
      return 1
    fi
    sleep 0.05
  done
}

# ---- on the machine: install, build, and go into the namespaces

outside_of_namespaces() {
  local keep=$1
  if [[ $(id -u) != 0 ]]; then
    echo "making namespaces needs root: sudo $0" >&2
    exit 2
  fi

  if [[ -z ${RESOLVER_BIN:-} ]]; then
    # shellcheck source=deploy/prerequisites.sh
    source "$here/prerequisites.sh"
    install_missing "$PREREQUISITES_TO_BUILD" "$PREREQUISITES_TO_SHOW"
    find_dotnet
    say "Building resolverd and resolver"
    publish "$repository" "$bin"
  fi

  local options=(--net --mount --pid --fork --mount-proc --propagation private)
  if [[ $keep == yes ]]; then
    keep_running "${options[@]}"
  else
    # The namespaces end with this script, however it ends, and with them every process, mount and link in them.
    setpriv --pdeathsig KILL unshare "${options[@]}" --kill-child=KILL "$0" --inside no
  fi
}

keep_running() {
  local log first pid
  log=$(mktemp)
  if [[ -n $bold ]]; then
    export QUICKSTART_COLOUR=yes
  fi
  setsid unshare "$@" "$0" --inside yes </dev/null >"$log" 2>&1 &
  pid=$!
  tail --pid="$pid" -n +1 -f "$log" &
  local tail=$!
  until grep -q '^Everything is running\.$' "$log" || ! kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
  done
  sleep 0.2
  kill "$tail" 2>/dev/null || true
  wait "$tail" 2>/dev/null || true
  rm -f "$log"
  first=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null | tr -d ' ')
  if [[ -z $first ]]; then
    exit 1
  fi

  say "Look around"
  cat <<TEXT
Enter the host that this plays:    sudo nsenter -t $first -n -m -p env PATH="$bin:\$PATH" bash
  in there:                        resolver ps; resolver tree; resolver exec web -- bash; nft list table inet resolver
From the client's side:            sudo nsenter -t $first -n -m -p ip netns exec client curl http://$lan:8080
Stop it, nothing stays behind:     sudo kill -KILL $first
TEXT
}

# ---- inside: the first process of the namespaces

prepare_host() {
  export PATH=$bin:$PATH
  mount -t sysfs sysfs /sys
  mount -t tmpfs -o mode=0755 tmpfs /run
  mkdir -p /run/netns /run/lock "$work"/{upper,work}
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$work/upper,workdir=$work/work" /etc
  mount -t tmpfs -o mode=0755 tmpfs /var/lib
  # A runtime that is killed leaves its diagnostic sockets behind: here they go with the namespace.
  export TMPDIR=/run
  ip link set lo up

  # A machine of the same LAN, and one in "the internet" which knows the way back to no network of ours.
  ip netns add client
  ip link add eth0 type veth peer name eth0 netns client
  ip address add "$lan/24" dev eth0
  ip link set eth0 up
  ip -n client address add "$client/24" dev eth0
  ip -n client link set eth0 up
  ip -n client route add default via "$lan"
  ip netns add internet
  ip link add eth1 type veth peer name eth0 netns internet
  ip address add "$outside/24" dev eth1
  ip link set eth1 up
  ip -n internet address add "$upstream/24" dev eth0
  ip -n internet link set eth0 up
  ip route add default via "$upstream"

  setsid ip netns exec internet dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
    --bind-interfaces --listen-address="$upstream" --local=/#/ --address=/www.example.org/203.0.113.80 </dev/null >"$work/upstream.log" 2>&1 &
  rm -f /etc/resolv.conf
  echo "nameserver $upstream" >/etc/resolv.conf
}

prepare_postgres() {
  postgres=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
  mkdir -m 0700 "$work/pg"
  chown postgres "$work/pg"
  runuser -u postgres -- "$postgres/initdb" --pgdata="$work/pg" --auth=trust --no-sync >"$work/initdb.log"
  echo 'host all all samenet trust' >>"$work/pg/pg_hba.conf"
  cat >"$work/db.sh" <<END
#!/bin/sh
exec setpriv --reuid=postgres --regid=postgres --init-groups \\
  $postgres/postgres -D $work/pg -c listen_addresses='*' -c unix_socket_directories= -c fsync=off
END
  chmod 0755 "$work/db.sh"
}

prepare_nginx() {
  mkdir -p "$work/www"
  echo 'Hello from nginx in sandbox web.' >"$work/www/index.html"
  cat >"$work/nginx.conf" <<END
daemon off;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events {}
http {
  access_log off;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 80; root $work/www; }
}
END
}

postgres_answers() {
  resolver exec web -- psql -h db -U postgres -Atc 'select 1'
}

run_the_show() {
  local started=$SECONDS
  say "A daemon. It needs no Docker, and answers to this command line"
  show_background daemon resolverd
  show "resolver status --wait 20s"

  say "A network"
  show "resolver network create app --subnet 172.30.0.0/24"

  say "PostgreSQL in a sandbox of its own, known as db (the script starts postgres as user postgres)"
  show_background db "resolver run --network app --name db -- $work/db.sh"

  say "nginx in another, with its port 80 published as 8080 of the host"
  show_background web "resolver run --network app --name web -p 8080:80 -- nginx -c $work/nginx.conf"
  eventually postgres_answers
  eventually curl --silent --fail "http://$lan:8080"

  say "From web, db has a name: for dig, for every program that asks the C library, and so for psql"
  show "resolver exec web -- dig +short db"
  show "resolver exec web -- getent hosts db"
  show "resolver exec web -- psql -h db -U postgres -c 'select inet_server_addr() as server, inet_client_addr() as client'"

  say "From another machine, the published port"
  show "ip netns exec client curl --silent http://$lan:8080"

  say "From web, a name of the world outside, by way of the host's own upstream ($upstream)"
  show "resolver exec web -- dig +short www.example.org"

  say "What there is"
  show "resolver network ls"
  show "resolver ps"
  show "resolver tree"
  printf '\n%sAll of this took %d s.%s\n' "$dim" $((SECONDS - started)) "$plain"
}

inside_the_namespaces() {
  local keep=$1
  # The first process of a namespace gets no signal that it has no handler for.
  trap "exit 130" INT TERM
  prepare_host
  prepare_postgres
  prepare_nginx
  run_the_show
  if [[ $keep == yes ]]; then
    echo "Everything is running."
    # bash, as the first process, collects the orphans while it waits for its end.
    while :; do
      sleep 3600 &
      wait $! || true
    done
  fi

  say "And away with it"
  show "resolver rm web db"
  show "resolver network rm app"
}

case ${1:-} in
  '') outside_of_namespaces no ;;
  --keep) outside_of_namespaces yes ;;
  --inside) inside_the_namespaces "$2" ;;
  *)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
