"""People as a point cloud, for obstacle layers and collision monitors."""
from __future__ import annotations

import array

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from hdnet_ros.node.consumers.body_points import cylinder_points, joint_points
from hdnet_ros.node.consumers.consumer import Consumer, located
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.consumers.view import NO_FIXED_FRAME, camera_view, fixed_view
from hdnet_ros.node.frame import Frame

_FIELDS = [PointField(name=name, offset=4 * index, datatype=PointField.FLOAT32, count=1)
           for index, name in enumerate('xyz')]


class Points(Consumer):
    """Points on everybody, and an empty cloud when nobody is there: a monitor needs to hear that the camera works."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._publisher = self._advertise(PointCloud2, '~/points')

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Joints or cylinders, in the camera's frame or in the fixed one."""
        view = camera_view(frame) if settings.points_frame == 'camera' else fixed_view(frame)
        self.problem = '' if view else NO_FIXED_FRAME
        if view is None:
            return
        self._last = view.header
        if settings.points_shape == 'joints':
            parts = [joint_points(person) for person in located(frame)]
        else:
            up_camera = camera_view(frame).up
            parts = [cylinder_points(person, up_camera, settings.points_radius_m) for person in located(frame)]
        self._publisher.publish(cloud(view.points(np.vstack([np.empty((0, 3)), *parts])), view.header))

    def _publish_nobody(self, header: Header) -> None:
        self._publisher.publish(cloud(np.empty((0, 3)), header))


def cloud(points: np.ndarray, header: Header) -> PointCloud2:
    """(N, 3) metres as an unordered cloud of x, y, z."""
    data = array.array('B', points.astype('<f4').tobytes())
    step = 4 * len(_FIELDS)
    return PointCloud2(header=header, height=1, width=len(points), fields=_FIELDS, is_bigendian=False, point_step=step,
                       row_step=step * len(points), data=data, is_dense=True)
