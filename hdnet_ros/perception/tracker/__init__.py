"""People from image to image: stable ids, velocities, and a place while hidden."""
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.perception.tracker.tracker import Tracker

__all__ = ['Tracker', 'TrackerConfig']
