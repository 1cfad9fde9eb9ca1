"""What the tracker can be told."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.perception.tracker.ids import id_count


@dataclass(frozen=True)
class TrackerConfig:
    """Settings of the tracker; ValueError names the setting that makes no sense.

    max_people: most tracks at any time.
    min_hits, confirm_s: a track is confirmed after so many sightings, or when it is so old and was seen at least twice.
    coast_s: a confirmed track that is not seen is predicted for so long (message time), then dropped.
    tentative_coast_s: the same for a track that is not confirmed yet.
    acceleration_density: how readily people change their velocity, m^2/s^3; relative to the camera, so a turning
        robot adds to it.
    initial_speed_sigma: standard deviation of the speed on first sight, m/s.
    jitter_fraction: share of a measurement's standard deviation that changes from image to image.
        The rest (a body that is taller than assumed, say) stays with the person and must not slow the filter down.
    gate_probability: a true match falls inside the gate with this probability.
    newcomer_density: unexpected observations per cubic metre; the larger, the sooner a new track is preferred to a
        poor match.
    rescue_iou: a track whose measured depth jumps out of the gate keeps its person if the box overlaps the last one
        by so much, and that one is no older than ``tentative_coast_s``.
    late_s: a stamp that is older than the last one by no more than this counts as the same moment; beyond, time has
        jumped back (a bag that loops) and the tracker starts afresh.
    id_pool_size, seed: how many different ids are ever used, and which.
    id_prefix: how all of them begin; see ``IdPool``.
    """

    max_people: int = 32
    min_hits: int = 3
    confirm_s: float = 0.5
    coast_s: float = 1.2
    tentative_coast_s: float = 0.6
    acceleration_density: float = 2.0
    initial_speed_sigma: float = 1.0
    jitter_fraction: float = 0.7
    gate_probability: float = 0.999
    newcomer_density: float = 0.005
    rescue_iou: float = 0.5
    late_s: float = 0.1
    id_pool_size: int = 1000
    seed: int = 0
    id_prefix: str = ''

    def __post_init__(self) -> None:
        for name in ('max_people', 'min_hits'):
            if getattr(self, name) < 1:
                raise ValueError(f'{name} must be at least 1, not {getattr(self, name)}')
        for name in ('confirm_s', 'coast_s', 'tentative_coast_s', 'late_s'):
            if not 0 <= getattr(self, name) < float('inf'):
                raise ValueError(f'{name} must be a time in seconds of at least 0, not {getattr(self, name)}')
        for name in ('acceleration_density', 'initial_speed_sigma', 'newcomer_density'):
            if not 0 < getattr(self, name) < float('inf'):
                raise ValueError(f'{name} must be positive, not {getattr(self, name)}')
        for name in ('jitter_fraction', 'rescue_iou'):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f'{name} must be above 0 and at most 1, not {getattr(self, name)}')
        if not 0 < self.gate_probability < 1:
            raise ValueError(f'gate_probability must lie between 0 and 1, not {self.gate_probability}')
        most = id_count(self.id_prefix)
        if not self.max_people <= self.id_pool_size <= most:
            of_prefix = f' (ids that begin with {self.id_prefix!r})' if self.id_prefix else ''
            raise ValueError(f'id_pool_size must lie between max_people ({self.max_people}) and {most}{of_prefix}, '
                             f'not {self.id_pool_size}')
