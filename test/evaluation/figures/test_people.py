"""People of tables, as drawings want them."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.evaluation.figures.people import people_of_rows
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert


def test_joints_are_read_in_the_order_of_human36m(truth_of):
    truth = truth_of((0, (0, 0, 4), 1))
    other = replace(truth, joints=convert(truth.joints, HUMAN36M_17, MUPOTS_17), joint_set='mupots_17',
                    joints_px=convert(truth.joints_px, HUMAN36M_17, MUPOTS_17), visible=None)
    mine, theirs = (people_of_rows(table, np.array([0]))[0] for table in (truth, other))
    assert np.allclose(mine.joints, truth.joints[0])
    assert np.allclose(theirs.joints, mine.joints) and np.allclose(theirs.joints_px, mine.joints_px)
    assert mine.id == '1' and mine.confidence.all() and np.allclose(mine.observation.detection.box, truth.box[0])


def test_estimates_without_joints_are_seen_where_their_root_is(people_of, camera):
    people = people_of((0, (0.4, 0, 4)), (0, (0, 0, 5)), log_sigma=np.array([0.1, np.nan]))
    first, second = people_of_rows(people, np.array([0, 1]), camera)
    assert np.isnan(first.joints).all() and not first.confidence.any()
    assert np.allclose(first.observation.root.pixel, camera.project(np.array([0.4, 0, 4])))
    assert np.allclose(first.observation.detection.box, np.tile(first.observation.root.pixel, 2))
    # 10 % along the ray and nothing across.
    ray = first.root / np.linalg.norm(first.root)
    assert ray @ first.root_covariance @ ray == pytest.approx((0.1 * np.linalg.norm(first.root)) ** 2)
    assert np.linalg.matrix_rank(first.root_covariance) == 1 and not second.root_covariance.any()
    assert not people_of_rows(people, np.array([0]))[0].observation.detection.box.any()


def test_joints_are_projected_where_the_table_has_no_pixels(truth_of, camera):
    truth = truth_of((0, (0, 0, 4), 1))
    person, = people_of_rows(replace(truth, joints_px=None, visible=None, box=None), np.array([0]), camera)
    assert np.allclose(person.joints_px, truth.joints_px[0])
    low, high = np.split(person.observation.detection.box, 2)
    assert np.allclose(low, truth.joints_px[0].min(axis=0)) and np.allclose(high, truth.joints_px[0].max(axis=0))
