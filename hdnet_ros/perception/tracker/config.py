"""What the tracker can be told."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.perception.limits import at_least, positive
from hdnet_ros.perception.tracker.ids import id_count


@dataclass(frozen=True)
class TrackerConfig:
    """Settings of the tracker; ValueError names the setting that makes no sense.

    max_people: most tracks at any time.
    min_hits, confirm_s: a track is confirmed after so many sightings, or when it is so old and was seen at least twice.
    coast_s: a confirmed person who is not seen is reported where predicted for so long (message time).
    remember_s: after that, somebody who appears where the hidden person may be gets that person's id for so long since
        last seen.
    tentative_coast_s: a track that is not confirmed yet is forgotten after so long.
    appearance: tell people apart by the colours of their clothes, too.
    smooth: report the filtered root and skeleton of people in sight; else as measured in that image.
    acceleration_density: how readily people who walk change their velocity, m^2/s^3; without a fixed frame it is the
        velocity relative to the camera, so a turning robot adds to it.
    initial_speed_sigma: standard deviation of the speed on first sight, m/s.
    standing_speed_sigma: standard deviation of the speed of people who stand, m/s, each direction. The tracker finds
        out who stands.
    average_s: time constant of the average over the places of somebody who stands.
    jitter_fraction: share of a measurement's standard deviation that does not stay with the person.
        The rest (a body that is taller than assumed, say) is always there and must not slow the filter down.
    jitter_memory_s: the share that does not stay is alike from image to image for so long; 0: not at all.
    joint_sigma_m: standard deviation of each coordinate of a joint relative to the root, at a confidence of 1.
    gate_probability: a true match falls inside the gate with this probability.
    newcomer_density: unexpected observations per cubic metre; the larger, the sooner a new track is preferred to a
        poor match.
    rescue_iou: a track whose measured depth jumps out of the gate keeps its person if the box overlaps the last one
        by so much, and that one is no older than ``tentative_coast_s``.
    leap_s: such a jump is believed once it has lasted for so long; 0: at once.
    late_s: a stamp that is older than the last one by no more than this counts as the same moment; beyond, time has
        jumped back (a bag that loops) and the tracker starts afresh.
    id_pool_size, seed: how many different ids are ever used, and which.
    id_prefix, first_id: how all of them begin, and where in their order to begin; see ``IdPool``.
    """

    max_people: int = 32
    min_hits: int = 3
    confirm_s: float = 0.5
    coast_s: float = 1.2
    remember_s: float = 10.0
    tentative_coast_s: float = 0.6
    appearance: bool = True
    smooth: bool = True
    acceleration_density: float = 1.0
    initial_speed_sigma: float = 1.0
    standing_speed_sigma: float = 0.05
    average_s: float = 0.8
    jitter_fraction: float = 0.35
    jitter_memory_s: float = 0.12
    joint_sigma_m: float = 0.015
    gate_probability: float = 0.9999
    newcomer_density: float = 0.0003
    rescue_iou: float = 0.5
    leap_s: float = 0.15
    late_s: float = 0.1
    id_pool_size: int = 1000
    seed: int = 0
    id_prefix: str = ''
    first_id: int = 0

    def __post_init__(self) -> None:
        at_least(self, 1, 'max_people', 'min_hits')
        at_least(self, 0, 'confirm_s', 'coast_s', 'remember_s', 'tentative_coast_s', 'late_s', 'leap_s',
                 'jitter_memory_s')
        positive(self, 'acceleration_density', 'initial_speed_sigma', 'standing_speed_sigma', 'average_s',
                 'newcomer_density', 'joint_sigma_m')
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
