#!/usr/bin/env bash
# Takes away a test's control groups when its input ends, that is when the test does, however it ends: end-of-test.sh NAME
set -euo pipefail

# shellcheck source=tests/control-groups.sh
source "$(dirname "$(readlink -f "$0")")/../control-groups.sh"
while read -r _; do :; done
remove_control_groups "$1"
