"""Stand-in for the Python interface of ROS 2's cv_bridge: OpenCV images as image messages."""
from cv_bridge.core import CvBridge, CvBridgeError

__all__ = ['CvBridge', 'CvBridgeError']
