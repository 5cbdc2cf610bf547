#!/bin/sh
# Kills the running gateway (kill -9) at so many random instants under load, and proves after each that
# nothing acknowledged is lost, nothing happened twice and no timer was forgotten:
#   tests/crash.sh 200
set -eu
cd "$(dirname "$0")/.."
CRASH_ROUNDS="${1:-200}" exec cargo test --test world a_kill_at_any_instant -- --nocapture
