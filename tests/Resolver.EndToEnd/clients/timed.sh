#!/usr/bin/env bash
# Runs a command, and says in a last line how it ended and after how long: timed.sh 'COMMAND'
set -euo pipefail

start=${EPOCHREALTIME/[.,]/}
status=0
timeout 10 bash -c "$1" 2>&1 || status=$?
echo "status $status after $(((${EPOCHREALTIME/[.,]/} - start) / 1000)) ms"
