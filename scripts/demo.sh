#!/usr/bin/env bash
# Sets up what is needed and shows people in metres: scripts/demo.sh --help
set -euo pipefail
CALLED_FROM="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
set_up demo

cd "$CALLED_FROM"   # so that paths among the arguments mean what they say
exec "$VENV/bin/python" -m hdnet_ros.node.demo "$@"
