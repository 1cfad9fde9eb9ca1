"""Trials that show what the node survives: ``python -m hdnet_ros.node.reliability fuzz`` and ``... soak``."""
