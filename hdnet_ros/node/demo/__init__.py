"""The demonstration: a film as a live camera, the real node in a process of its own, and what it says about the people.

``python -m hdnet_ros.node.demo`` plays calibrated footage of four cameras and compares with its truth, or plays a
video of the user's.
"""
