"""Where people's root joints are, in metres."""
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.geometric import GeometricLocator
from hdnet_ros.perception.root.root import RootLocator, make_root_locator

__all__ = ['GeometricLocator', 'RootConfig', 'RootLocator', 'make_root_locator']
