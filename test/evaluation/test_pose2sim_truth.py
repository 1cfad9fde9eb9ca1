from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.evaluation.pose2sim_truth import WHO, Pose2SimTruth, TruePerson, match_people
from hdnet_ros.evaluation.who_is_whom import GATE_M
from hdnet_ros.skeleton import HUMAN36M_17


@pytest.fixture(scope='module')
def truth():
    return Pose2SimTruth()


def test_four_cameras_and_every_fifth_frame(truth):
    assert list(truth.cameras) == ['cam01', 'cam02', 'cam03', 'cam04']
    assert truth.frames == tuple(range(0, 100, 5))
    for name in truth.cameras:
        for frame in truth.frames:
            assert {p.who for p in truth.people(name, frame)} == set(WHO)
    assert truth.people('cam01', 3) == []
    with pytest.raises(KeyError):
        truth.people('cam09', 0)


def test_rotations_are_rotations(truth):
    for R, _ in truth._extrinsics.values():
        np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-5)
        assert np.linalg.det(R) == pytest.approx(1, abs=1e-5)


def test_everybody_is_in_the_image_of_every_camera(truth):
    for name, camera in truth.cameras.items():
        for frame in truth.frames:
            for person in truth.people(name, frame):
                x, y = person.pixel
                assert 0 < x < camera.width and 0 < y < camera.height
                assert 1.5 < person.root[2] < 6


def test_pixels_agree_with_opencv(truth):
    camera = truth.cameras['cam02']
    for person in truth.people('cam02', 40):
        expected = cv2.projectPoints(person.root[None], np.zeros(3), np.zeros(3), camera.K, camera.D)[0][0, 0]
        np.testing.assert_allclose(person.pixel, expected, atol=1e-3)


def test_rays_of_all_cameras_meet_again(truth):
    """The same pelvis, seen by four cameras, triangulates to one point."""
    for who in WHO:
        A = []
        for name, camera in truth.cameras.items():
            R, t = truth._extrinsics[name]
            person = next(p for p in truth.people(name, 50) if p.who == who)
            x, y, _ = camera.unproject(person.pixel)
            P = np.column_stack([R, t])
            A += [x * P[2] - P[0], y * P[2] - P[1]]
        point = np.linalg.svd(np.array(A))[2][-1]
        point = point[:3] / point[3]
        R, t = truth._extrinsics['cam01']
        person = next(p for p in truth.people('cam01', 50) if p.who == who)
        np.testing.assert_allclose(R @ point + t, person.root, atol=1e-3)


def test_limbs_have_the_lengths_of_people(truth):
    def lengths(who, a, b):
        a, b = HUMAN36M_17.index(a), HUMAN36M_17.index(b)
        return [np.linalg.norm(p.joints[a] - p.joints[b]) for frame in truth.frames
                for p in truth.people('cam01', frame) if p.who == who and p.reliable]
    for side in ('left', 'right'):
        thigh, shin = (np.median(lengths('man', f'{side}_{a}', f'{side}_{b}'))
                       for a, b in (('hip', 'knee'), ('knee', 'foot')))
        assert 0.33 < thigh < 0.5 and 0.33 < shin < 0.5
        assert np.median(lengths('woman', f'{side}_hip', f'{side}_knee')) < thigh


def test_the_pelvis_lies_between_the_hips_and_four_joints_are_unknown(truth):
    hip, left, right = (HUMAN36M_17.index(name) for name in ('hip', 'left_hip', 'right_hip'))
    for frame in truth.frames:
        for person in truth.people('cam03', frame):
            np.testing.assert_allclose(person.joints[hip], (person.joints[left] + person.joints[right]) / 2, atol=1e-4)
            np.testing.assert_allclose(person.joints_px[hip], person.pixel)
            unknown = np.isnan(person.joints).any(axis=1)
            assert {HUMAN36M_17.joints[i] for i in np.flatnonzero(unknown)} == {'spine', 'thorax', 'neck', 'head'}
            np.testing.assert_array_equal(np.isnan(person.joints_px).any(axis=1), unknown)


def test_two_frames_of_the_man_are_unreliable(truth):
    bad = {(p.who, f) for f in truth.frames for p in truth.people('cam01', f) if not p.reliable}
    assert bad == {('man', 85), ('man', 90)}


def true_person(x, y, z=4.0, who='man'):
    nothing = np.full((17, 3), np.nan)
    return TruePerson(who, np.array([0, 0, z]), np.array([x, y], float), True, nothing, nothing[:, :2])


def test_matching_takes_the_least_sum_of_distances():
    people = [true_person(100, 100), true_person(160, 100)]
    # Greedily, the first would take the estimate at 130 and leave one that is too far away for the second.
    assert match_people([(130, 100), (70, 100)], people, 1000) == [1, 0]
    assert match_people([(70, 100), (130, 100), (500, 100)], people, 1000) == [0, 1]


def test_matching_has_a_gate_in_metres_and_ignores_who_is_not_seen():
    focal, z = 1000, 4.0
    radius = GATE_M * focal / z
    assert match_people([(100 + 0.99 * radius, 100)], [true_person(100, 100, z)], focal) == [0]
    assert match_people([(100 + 1.01 * radius, 100)], [true_person(100, 100, z)], focal) == [None]
    assert match_people([(np.nan, np.nan), (101, 100)], [true_person(100, 100)], focal) == [1]
    assert match_people([(np.nan, np.nan)], [true_person(100, 100)], focal) == [None]
    assert match_people([], [true_person(100, 100)], focal) == [None]
    assert match_people([(1, 1)], [], focal) == []
