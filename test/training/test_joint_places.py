"""Where joints lie in boxes: closed forms, and the numbers of the preset."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.network import HDNetConfig
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.training.joint_places import joint_places, main


def with_joints(sample, *people):
    """A sample of one person for each (J, 2) of places in the box."""
    low, side = np.array([20.0, 10]), np.array([60.0, 100])
    box = np.concatenate([low, low + side])
    return replace(sample, people=tuple(replace(sample.people[0], box=box, joints_px=low + places * side)
                                        for places in people))


def test_mean_and_deviation_by_hand(sample):
    """Two people 0.1 to each side of (0.4, 0.5), and their mirror images 0.1 to each side of (0.6, 0.5)."""
    low, high = np.full((17, 2), (0.3, 0.5)), np.full((17, 2), (0.5, 0.5))
    places = joint_places([with_joints(sample, low, high)], HUMAN36M_17)
    np.testing.assert_allclose(places, np.tile([0.5, 0.5, np.sqrt(0.02), 0], (17, 1)), atol=1e-9)


def test_left_is_the_mirror_image_of_right(sample):
    random = np.random.default_rng(0)
    places = joint_places([with_joints(sample, *random.uniform(0, 1, (30, 17, 2)))], HUMAN36M_17)
    mirrored = places[list(HUMAN36M_17.flip_order)] * (-1, 1, 1, 1) + (1, 0, 0, 0)
    np.testing.assert_allclose(places, mirrored)


def test_joints_outside_or_unknown_do_not_count(sample):
    inside, strange = np.full((17, 2), 0.5), np.full((17, 2), 0.5)
    strange[3], strange[9] = np.nan, (0.5, 1.2)
    places = joint_places([with_joints(sample, inside, strange)], HUMAN36M_17)
    np.testing.assert_allclose(places, np.tile([0.5, 0.5, 0, 0], (17, 1)), atol=1e-9)
    with pytest.raises(DataSetError, match='neck'):
        joint_places([with_joints(sample, strange)], HUMAN36M_17)


def test_the_command_prints_rows_for_the_configuration(muco_folder, capsys):
    assert main([str(muco_folder), '--images', '6']) == 0
    rows = [tuple(map(float, line.split('#')[0].strip(' (),').split(','))) for line in
            capsys.readouterr().out.replace('),', '').splitlines()]
    HDNetConfig().with_changes(joint_places=tuple(rows))
    assert main([str(muco_folder / 'nowhere')]) == 2
    assert 'nowhere' in capsys.readouterr().err


def test_people_of_the_preset_stand_upright():
    places = dict(zip(HUMAN36M_17.joints, np.array(HDNetConfig.preset('lite').joint_places)))
    order = ('head', 'neck', 'thorax', 'spine', 'hip', 'left_knee', 'left_foot')
    assert (np.diff([places[name][1] for name in order]) > 0).all()
    flipped = np.array(HDNetConfig.preset('lite').joint_places)[list(HUMAN36M_17.flip_order)]
    np.testing.assert_array_equal(flipped, HDNetConfig.preset('lite').joint_places)
