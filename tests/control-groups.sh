#!/usr/bin/env bash
# Control groups of Docker's containers, for tests and benchmarks that run it on a host which a namespace plays; sourced.
# They belong to no namespace and outlive their processes: whoever has made some takes them away from outside.
set -euo pipefail

# The namespace has covered /sys, and dockerd wants its control groups.
mount_control_groups() {
  local controller hierarchy rest
  if [[ -n $(ls /sys/fs/cgroup) ]]; then
    return
  fi
  if [[ $(cat /proc/self/cgroup) == 0::* ]]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    return
  fi
  mount -t tmpfs tmpfs /sys/fs/cgroup
  while read -r controller hierarchy rest; do
    if [[ $controller != \#* && $hierarchy != 0 ]]; then
      mkdir "/sys/fs/cgroup/$controller"
      mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
    fi
  done </proc/cgroups
}

# Those whose names begin so, with what is below them: remove_control_groups NAME. The kernel may still be taking the processes away.
remove_control_groups() {
  local group end=$((SECONDS + 20))
  while read -r group; do
    until rmdir "$group" 2>/dev/null || [[ ! -d $group ]]; do
      if ((SECONDS >= end)); then
        echo "the control group $group is still in use" >&2
        return 1
      fi
      sleep 0.05
    done
  done < <(find /sys/fs/cgroup -depth -type d -path "*/$1*" 2>/dev/null)
}
