"""Settings of all tests."""
from __future__ import annotations

from hypothesis import settings

# No deadline: on a busy machine the slowest example says nothing about the code.
settings.register_profile('hdnet_ros', deadline=None)
settings.load_profile('hdnet_ros')
