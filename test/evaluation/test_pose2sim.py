from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest

from hdnet_ros.evaluation.pose2sim import (
    GATE_M,
    WHO,
    Pose2SimTruth,
    RootError,
    TruePerson,
    markdown_table,
    match_people,
    summarize,
    write_csv,
)


@pytest.fixture(scope='module')
def truth():
    return Pose2SimTruth()


def error(who='man', camera='cam01', frame=0, offset=(0, 0, 0.2), true=(0, 0, 4)):
    return RootError(camera, frame, who, 'aaaaa', np.add(true, offset), np.array(true, float))


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


def test_two_frames_of_the_man_are_unreliable(truth):
    bad = {(p.who, f) for f in truth.frames for p in truth.people('cam01', f) if not p.reliable}
    assert bad == {('man', 85), ('man', 90)}


def true_person(x, y, z=4.0, who='man'):
    return TruePerson(who, np.array([0, 0, z]), np.array([x, y], float), True)


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


def test_errors_are_distances_and_shares_of_the_depth():
    e = error(offset=(0.3, 0, -0.4))
    assert e.distance_m == pytest.approx(0.5) and e.depth_percent == pytest.approx(-10)


def test_summary_has_medians_by_camera_and_over_all():
    errors = [error(offset=(0, 0, d)) for d in (-0.4, 0.2, 0.4)] + [error(camera='cam02', offset=(0, 0, 0.8))]
    rows = {(r.who, r.camera): r for r in summarize(errors)}
    assert set(rows) == {('man', 'cam01'), ('man', 'cam02'), ('man', 'all')}
    first, both = rows['man', 'cam01'], rows['man', 'all']
    assert (first.count, first.root_m) == (3, pytest.approx(0.4))
    assert (first.depth_percent_abs, first.depth_percent) == (pytest.approx(10), pytest.approx(5))
    assert (both.count, both.root_m) == (4, pytest.approx(0.4))
    assert summarize([]) == []


def test_table_is_markdown_with_equal_columns():
    lines = markdown_table(summarize([error(), error(who='woman', offset=(0, 0, 0.6))])).splitlines()
    assert len(lines) == 2 + 4 and len({len(line) for line in lines}) == 1
    assert len({line.count('|') for line in lines}) == 1
    assert 'real man' in lines[2] and '0.200' in lines[2] and '+5.0' in lines[2]


def test_csv_holds_every_estimate(tmp_path):
    write_csv([error(frame=5), error(frame=10)], tmp_path / 'e.csv')
    with open(tmp_path / 'e.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [r['frame'] for r in rows] == ['5', '10']
    assert float(rows[0]['z_m']) == pytest.approx(4.2) and float(rows[0]['depth_error_percent']) == pytest.approx(5)
