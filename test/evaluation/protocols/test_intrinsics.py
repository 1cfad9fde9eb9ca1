from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.protocols.intrinsics import compare_cameras, describe_cameras, fit_cameras
from hdnet_ros.training.errors import DataSetError

CAMERAS = {1: (1500.0, 1480.0, 1024.0, 1010.0), 7: (1100.0, 1105.0, 960.0, 540.0)}


def people(noise_px=0.0, frames=200):
    random = np.random.default_rng(3)
    ids, joints, joints_px = [], [], []
    for sequence, (fx, fy, cx, cy) in CAMERAS.items():
        for frame in range(frames):
            ids.append(f'TS{sequence}/img_{frame:06d}')
            joints.append(random.uniform([-1.5, -1, 2.5], [1.5, 1, 6], (17, 3)))
            joints_px.append(joints[-1][:, :2] / joints[-1][:, 2:] * (fx, fy) + (cx, cy)
                             + random.normal(0, noise_px, (17, 2)) if noise_px else
                             joints[-1][:, :2] / joints[-1][:, 2:] * (fx, fy) + (cx, cy))
    joints, joints_px = np.stack(joints), np.stack(joints_px)
    return TruthTable(ids, np.arange(len(ids)), joints[:, 14], joints_px=joints_px, joints=joints,
                      joint_set='mupots_17')


def matrix(fx, fy, cx, cy):
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def test_exact_joints_give_the_exact_camera_of_each_sequence():
    fitted = fit_cameras(people())
    assert list(fitted) == [1, 7]
    for sequence, values in CAMERAS.items():
        np.testing.assert_allclose(fitted[sequence].K, matrix(*values), rtol=1e-9)
        assert fitted[sequence].residual_px < 1e-8


def test_noise_shows_in_the_residual_and_averages_out_of_the_camera():
    fitted = fit_cameras(people(noise_px=2.0))
    for difference in compare_cameras(fitted, {number: matrix(*values) for number, values in CAMERAS.items()}):
        assert difference.focal_share < 2e-3 and difference.center_px < 1
        assert fitted[difference.sequence].residual_px == pytest.approx(2 * np.sqrt(2), rel=0.05)


def test_unknown_joints_do_not_count():
    table = people()
    table.joints_px[:, 3] = np.nan
    fitted = fit_cameras(table)
    np.testing.assert_allclose(fitted[1].K, matrix(*CAMERAS[1]), rtol=1e-9)


def test_difference_from_given_cameras_is_the_larger_focal_error():
    given = {1: matrix(1500.0 / 1.01, 1480.0 / 0.97, 1021.0, 1006.0), 3: np.eye(3)}
    difference, = compare_cameras(fit_cameras(people()), given)
    assert difference.sequence == 1
    assert difference.focal_share == pytest.approx(0.03) and difference.center_px == pytest.approx(5)


def test_the_cameras_are_described():
    fitted = fit_cameras(people())
    assert describe_cameras(fitted, {}) == ('cameras fitted to the joints of 2 sequences, which they project within '
                                            '0.00 px')
    given = {1: matrix(1500, 1480, 1021, 1006), 7: matrix(1100 / 1.01, 1105, 960, 540)}
    assert describe_cameras(fitted, given) == (
        'cameras of 2 sequences as given; cameras fitted to the joints of 2 sequences, which they project within '
        '0.00 px and differ from the given ones by at most 1.00 % in focal length (TS7) and 5.0 px in the principal '
        'point (TS1)')


def test_people_who_do_not_determine_a_camera_are_named():
    table = people()
    table.joints[table.image < 200] = [0.1, 0.2, 3.0]
    with pytest.raises(DataSetError, match='TS1: the joints of a sequence do not determine its camera'):
        fit_cameras(table)
