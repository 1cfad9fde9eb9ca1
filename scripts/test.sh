#!/usr/bin/env bash
# Sets up what is needed and runs the tests. Arguments go to pytest: scripts/test.sh -k camera
# Without arguments: all tests, at least 90 % line coverage, and the style check.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
set_up test

# Never talk to robots: nodes of this machine only, on a domain of their own.
export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST ROS_DOMAIN_ID=$((RANDOM % 100 + 1))
unset FASTRTPS_DEFAULT_PROFILES_FILE FASTDDS_DEFAULT_PROFILES_FILE

if [ $# -gt 0 ]; then exec "$VENV/bin/python" -m pytest "$@"; fi

status=0
# Tests of running nodes one after the other: what they expect within seconds would come too late on busy cores.
nodes=(test/node test/faults test/launch test/standalone)
"$VENV/bin/python" -m pytest --cov --cov-report= "${nodes[@]}" || status=1
# All others on all cores, up to four, with one thread each: several would wait for each other.
OMP_NUM_THREADS=1 "$VENV/bin/python" -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile "${nodes[@]/#/--ignore=}" \
    --cov --cov-append --cov-report=term --cov-fail-under=90 || status=1
# Last, so that what it finds is not out of sight above all the tests.
"$VENV/bin/python" -m ruff check --output-format concise . || status=1
[ $status = 0 ] || echo "Something failed, see above." >&2
exit $status
