"""Stand-in for the Python interface of tf2_ros: broadcasters, a listener and its buffer of transforms."""
from tf2_ros.buffer import Buffer
from tf2_ros.errors import (
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TransformException,
)
from tf2_ros.static_transform_broadcaster import StaticTransformBroadcaster
from tf2_ros.transform_broadcaster import TransformBroadcaster
from tf2_ros.transform_listener import TransformListener

__all__ = [
    'Buffer', 'ConnectivityException', 'ExtrapolationException', 'InvalidArgumentException', 'LookupException',
    'StaticTransformBroadcaster', 'TransformBroadcaster', 'TransformException', 'TransformListener',
]
