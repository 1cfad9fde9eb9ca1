"""Stand-in for the Python interface of ROS 2's cv_bridge: image messages to and from OpenCV images."""
from cv_bridge.core import CvBridge
from cv_bridge.errors import CvBridgeError

__all__ = ['CvBridge', 'CvBridgeError']
