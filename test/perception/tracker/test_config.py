"""Settings that make no sense are refused by name."""
from __future__ import annotations

import pytest

from hdnet_ros.perception.tracker import TrackerConfig


@pytest.mark.parametrize('name, value', [
    ('max_people', 0), ('min_hits', 0), ('confirm_s', -1), ('coast_s', float('nan')), ('coast_s', float('inf')),
    ('tentative_coast_s', -0.1), ('late_s', -1), ('acceleration_density', 0), ('initial_speed_sigma', float('nan')),
    ('newcomer_density', 0), ('jitter_fraction', 0), ('jitter_fraction', 1.1), ('rescue_iou', 0),
    ('average_s', 0), ('standing_speed_sigma', 0), ('jitter_memory_s', -1), ('joint_sigma_m', 0),
    ('leap_s', -1), ('remember_s', float('inf')), ('gate_probability', 1), ('gate_probability', 0),
    ('id_pool_size', 5), ('id_pool_size', 10**6)])
def test_refused(name, value):
    with pytest.raises(ValueError, match=name):
        TrackerConfig(**{name: value})


def test_defaults_are_valid():
    assert TrackerConfig().coast_s > 1.0     # a second of occlusion survives
