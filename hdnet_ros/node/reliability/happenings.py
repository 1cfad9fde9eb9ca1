"""Everything that happens to a node in the course of a robot's day, one thing at a time."""
from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from lifecycle_msgs.msg import Transition
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from hdnet_ros.node.reliability.camera import Camera
from hdnet_ros.node.reliability.station import Station, TrialFailed

_OFF = (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP)
_ON = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE)


class Happenings:
    """Makes things happen, in an order that the seed decides; each kind once before any comes again.

    on_unloaded: called whenever the node has let go of its models and not loaded them again yet.
    """

    def __init__(self, station: Station, camera: Camera, seed: int, on_unloaded: Callable[[], None]):
        self._station, self._camera, self._on_unloaded = station, camera, on_unloaded
        self._random = random.Random(seed)
        self._subscriptions: dict[str, object] = {}
        self._kinds: dict[str, Callable[[], None]] = {
            'deactivate and activate': self._deactivate, 'load the models anew': self._reload,
            'markers come or go': lambda: self._toggle('markers', MarkerArray),
            'debug image comes or goes': lambda: self._toggle('debug_image', Image),
            'people leave': lambda: self._camera.show_nobody(4.0), 'the camera stalls': lambda: self._camera.stall(3.0),
            'time jumps back': lambda: self._camera.jump(-self._random.uniform(1, 5000)),
            'time jumps ahead': lambda: self._camera.jump(self._random.uniform(1, 5000)),
            'reset': self._reset, 'a parameter changes': self._set_parameter}

    @property
    def names(self) -> list[str]:
        """Of all that can happen."""
        return sorted(self._kinds)

    def order(self) -> Iterator[str]:
        """Names of what is to happen, for ever."""
        while True:
            names = self.names
            self._random.shuffle(names)
            yield from names

    def happen(self, name: str) -> None:
        """Let it happen; TrialFailed if the node does not play along."""
        self._kinds[name]()

    def _deactivate(self) -> None:
        self._go(_OFF[:1])
        self._station.spin(1.0)
        self._go(_ON[1:])

    def _reload(self) -> None:
        self._go(_OFF)
        self._on_unloaded()
        self._go(_ON)

    def _go(self, transitions: tuple[int, ...]) -> None:
        for transition in transitions:
            if not self._station.change_state(transition):
                raise TrialFailed(f'transition {transition} was refused; the node says: {self._station.message}')

    def _toggle(self, name: str, kind: type) -> None:
        node = self._station.node
        if name in self._subscriptions:
            node.destroy_subscription(self._subscriptions.pop(name))
        else:
            self._subscriptions[name] = node.create_subscription(kind, f'/hdnet/{name}', lambda message: None, 5)

    def _reset(self) -> None:
        self._station.reset()

    def _set_parameter(self) -> None:
        name, low, high = self._random.choice((('detector.score_threshold', 0.3, 0.5), ('tracker.coast_s', 0.5, 2.0),
                                               ('root.size_sigma', 0.05, 0.1)))
        if not self._station.set_parameter(name, self._random.uniform(low, high)):
            raise TrialFailed(f'{name} was refused')
