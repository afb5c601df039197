#!/usr/bin/env bash
# Measures two servers in turn and compares them pair by pair; sourced by dns.sh and scale.sh, which say what one run is: run_once SERVER writes
# one number for each of the columns.
set -euo pipefail

columns=()
# goals["PEER COLUMN"]: what the median of the ratios should be, like ">= 4".
declare -A goals=()

# utime and stime of all threads, in ticks (proc(5)).
ticks() {
  sed 's/.*) //' "/proc/${pid[$1]}/stat" | awk '{ print $12 + $13 }'
}

# A run that says whose it was when it fails.
run_named() (
  asked_server=$1
  trap 'echo "the run of $asked_server failed" >&2' ERR
  run_once "$asked_server"
)

# measure PEER ROUNDS: pairs of subject and peer, the first of each pair taking turns.
measure() {
  local peer=$1 rounds=$2 round ours theirs
  : >"/run/bench/$peer.pairs"
  for ((round = 0; round < rounds; round++)); do
    if ((round % 2 == 0)); then
      ours=$(run_named "$subject")
      theirs=$(run_named "$peer")
    else
      theirs=$(run_named "$peer")
      ours=$(run_named "$subject")
    fi
    echo "$ours $theirs" >>"/run/bench/$peer.pairs"
  done
}

column() {
  cut -d' ' -f"$2" "/run/bench/$1.pairs" | median
}

# meets RATIO GOAL...
meets() {
  awk -v ratio="$1" -v operator="$2" -v goal="$3" 'BEGIN { exit !(operator == ">=" ? ratio >= goal : ratio <= goal) }'
}

report() {
  local peer index ratios ratio verdict
  printf '\n%-16s %-20s %12s %12s   %s\n' peer column "$subject" peer "$subject's over the peer's, pair by pair (median)"
  for peer in "$@"; do
    for index in "${!columns[@]}"; do
      ratios=$(awk -v ours=$((index + 1)) -v theirs=$((index + 1 + ${#columns[@]})) '{ printf "%.2f ", ($theirs > 0 ? $ours / $theirs : 0) }' \
        "/run/bench/$peer.pairs")
      ratio=$(tr ' ' '\n' <<<"$ratios" | grep . | median)
      verdict=$(judge "$ratio" "${goals["$peer ${columns[index]}"]:-}")
      printf '%-16s %-20s %12s %12s   %s(%.2f)%s\n' "$peer" "${columns[index]}" "$(column "$peer" $((index + 1)))" \
        "$(column "$peer" $((index + 1 + ${#columns[@]})))" "$ratios" "$ratio" "$verdict"
    done
  done
}

# judge RATIO [GOAL]: a remark for the line, or nothing when there is no goal.
judge() {
  if [[ -n ${2:-} ]]; then
    # shellcheck disable=SC2086 # The goal is an operator and a number.
    if meets "$1" $2; then
      printf '   goal %s: reached' "$2"
    else
      printf '   goal %s: MISSED' "$2"
    fi
  fi
}

# check_dnsperf SERVER TICKS: writes "questions-a-second cpu-seconds-per-million" of dnsperf's report, if all was answered and answered well.
check_dnsperf() {
  awk -v ticks="$2" -v hz="$(getconf CLK_TCK)" -v server="$1" '
    /Queries sent:/ { sent = $3 }
    /Queries completed:/ { completed = $3 }
    /Queries lost:/ { lost = $3 }
    /Response codes:/ { good = $3 == "NOERROR" ? $4 : 0 }
    /Queries per second:/ { rate = $4 }
    END {
      if (completed == 0 || lost > 0 || good < completed) {
        printf "%s: %d questions, %d answered, %d lost, %d with NOERROR\n", server, sent, completed, lost, good >"/dev/stderr"
        exit 1
      }
      printf "%.0f %.2f\n", rate, ticks / hz / completed * 1e6
    }' /run/bench/dnsperf.out
}
