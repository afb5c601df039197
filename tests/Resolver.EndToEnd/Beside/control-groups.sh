#!/usr/bin/env bash
# Takes away the control groups of containers when its input ends, that is when the test does, however it ends: control-groups.sh NAME
# They outlive their processes and belong to no namespace; the kernel may still be taking the processes away.
set -euo pipefail

name=$1
while read -r _; do :; done

end=$((SECONDS + 20))
while read -r group; do
  until rmdir "$group" 2>/dev/null || [[ ! -d $group ]]; do
    if ((SECONDS >= end)); then
      echo "the control group $group is still in use" >&2
      exit 1
    fi
    sleep 0.05
  done
done < <(find /sys/fs/cgroup -depth -type d -path "*/$name*" 2>/dev/null)
