"""The service with which somebody is selected."""
from __future__ import annotations

import time

from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from hdnet_ros.node.consumers.consumer import nearest_first
from hdnet_ros.node.frame import Frame

# Whoever was nearest longer ago need not be any more; at a low rate, after so many intervals.
_RECENT_S, _PAUSE = 1.0, 2.5

SWITCH, SELECTED = 'consumers.target.enabled', 'consumers.target.id'


class Selection:
    """~/select_nearest writes the id of whoever is nearest to the parameter consumers.target.id.

    Made, called and closed in the executor's thread; ``see`` and ``forget`` may be called from any.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._nearest_id = ''
        self._seen_s, self._interval_s = time.monotonic(), 0.0
        self._service = node.create_service(Trigger, '~/select_nearest', self._select_nearest)

    def see(self, frame: Frame) -> None:
        """Remember who is nearest in an image."""
        now_s = time.monotonic()
        self._seen_s, self._interval_s = now_s, now_s - self._seen_s
        people = nearest_first(frame)
        self._nearest_id = people[0].id if people else ''

    def forget(self) -> None:
        """Nobody is there any more."""
        self._nearest_id = ''

    def close(self) -> None:
        """Destroy the service."""
        self._node.destroy_service(self._service)

    def _select_nearest(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        nearest_id = self._nearest_id   # once, because the worker may write it meanwhile
        age_s = time.monotonic() - self._seen_s
        if not self._node.get_parameter(SWITCH).value:
            response.message = f'set {SWITCH} to true first'
        elif nearest_id and age_s > max(_RECENT_S, _PAUSE * self._interval_s):
            response.message = f'there has been no image for {age_s:.1f} s'
        elif not nearest_id:
            response.message = 'nobody is in view'
        else:
            result = self._node.set_parameters([Parameter(SELECTED, value=nearest_id)])[0]
            response.success = result.successful
            response.message = nearest_id if result.successful else result.reason
        return response
