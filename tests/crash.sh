#!/bin/sh
# Kills the running gateway (kill -9) at so many random instants, and proves after each that nothing was lost:
#   tests/crash.sh 200          under load: nothing acknowledged is lost, nothing happened twice, no timer was forgotten
#   tests/crash.sh --told 200   while people are told: no rung is lost, what is told twice is on record as unknown first
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = --told ]; then
    CUT_ROUNDS="${2:-200}" exec cargo test --test world a_kill_while_people_are_told -- --nocapture
fi
CRASH_ROUNDS="${1:-200}" exec cargo test --test world a_kill_at_any_instant -- --nocapture
