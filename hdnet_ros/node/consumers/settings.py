"""What the adapters are asked to do."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SHAPES = ('cylinder', 'joints')
FRAMES = ('camera', 'fixed')
_SWITCH = '.enabled'


@dataclass(frozen=True)
class ConsumerSettings:
    """The parameters ``consumers.*``.

    enabled: names of the adapters that are switched on.
    """

    enabled: tuple[str, ...] = ()
    target_id: str = ''
    points_shape: str = 'cylinder'
    points_frame: str = 'camera'
    points_radius_m: float = 0.3

    @classmethod
    def from_values(cls, values: Mapping[str, bool | int | float | str]) -> ConsumerSettings:
        """From the values of the parameters, by their names without ``consumers.``."""
        enabled = tuple(name.removesuffix(_SWITCH) for name, value in values.items()
                        if name.endswith(_SWITCH) and value)
        return cls(enabled=enabled, target_id=values['target.id'], points_shape=values['points.shape'],
                   points_frame=values['points.frame'], points_radius_m=values['points.radius_m'])
