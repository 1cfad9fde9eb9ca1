#!/usr/bin/env bash
# Sets up what is needed and shows people in metres: scripts/demo.sh --help
set -euo pipefail
CALLED_FROM="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
set_up demo

# Seen by RViz and the ros2 tools of this machine, not by robots in the network.
export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"

cd "$CALLED_FROM"   # so that paths among the arguments mean what they say
exec "$VENV/bin/python" -m hdnet_ros.node.demo "$@"
