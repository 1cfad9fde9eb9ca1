"""The geometric root for whole people and real cameras."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection
from hdnet_ros.perception.root import GeometricLocator, RootConfig
from hdnet_ros.perception.root.config import METHODS
from hdnet_ros.perception.root.geometric import TRUNK
from hdnet_ros.skeleton import HUMAN36M_17

LIMBS = tuple(HUMAN36M_17.index(f'{side}_{part}')
              for side in ('left', 'right') for part in ('wrist', 'elbow', 'foot', 'knee'))


def locate(pose, camera, **settings_):
    return GeometricLocator(RootConfig(kind='geometric', **settings_)).locate(None, camera, [inside(camera)], [pose])[0]


def inside(camera):
    """Somebody whom the border does not cut off."""
    return Detection(np.array([0.4, 0.3, 0.6, 0.7]) * np.tile([camera.width, camera.height], 2))


@settings(deadline=None)
@given(name=st.sampled_from(['pinhole', 'plumb_bob', 'rational_polynomial', 'equidistant']),
       seed=st.integers(0, 10_000), method=st.sampled_from(METHODS), x=st.floats(-0.25, 0.25),
       y=st.floats(-0.1, 0.1), z=st.floats(2.5, 12))
def test_exact_for_every_camera_posture_and_place(name, seed, method, x, y, z, scene):
    camera, root = scene.cameras[name], np.array([x * z, y * z, z])
    found = locate(scene.pose_of(scene.body(seed), root, camera), camera, method=method)
    np.testing.assert_allclose(found.position, root, atol=1e-5)
    np.testing.assert_allclose(found.pixel, camera.project(root), atol=1e-3)
    assert found.method == 'geometric' and not found.saturated


def test_whom_the_border_cuts_off_is_placed_less_surely_or_not_at_all(scene):
    camera = Camera.pinhole(1280, 960, 900)
    pose = scene.pose_of(scene.standing, np.array([0.3, 0.1, 4.0]), camera)
    depth_sigma = []
    for box in ((560, 300, 760, 700), (560, 560, 760, 959), (560, 720, 760, 959), (560, 800, 760, 959)):
        found, = GeometricLocator(RootConfig(kind='geometric')).locate(None, camera, [Detection(np.array(box, float))],
                                                                       [pose])
        depth_sigma.append(found and np.sqrt(found.covariance[2, 2]))
    assert depth_sigma[3] is None and depth_sigma[2] > 1.5 * depth_sigma[1] > 0
    assert depth_sigma[1] == pytest.approx(depth_sigma[0], rel=0.05)


def test_a_skeleton_without_a_size_of_its_own_tells_no_distance(scene):
    camera = Camera.pinhole(1280, 960, 900)
    pose = scene.pose_of(scene.body(1), np.array([0.3, 0.1, 4.0]), camera)
    assert locate(pose, camera) is not None
    assert locate(replace(pose, relative_depth_m=pose.joints_relative[:, 2]), camera) is None


@given(seed=st.integers(0, 1000), z=st.floats(2, 12))
def test_half_the_resolution_gives_the_same_metres(seed, z, scene):
    full, root = Camera.pinhole(1280, 960, 900), np.array([0.3, 0.1, z])
    half = Camera.pinhole(640, 480, 450)
    joints = scene.body(seed)
    joints_full = scene.pose_of(joints, root, full)
    joints_half = scene.pose_of(joints, root, half)
    np.testing.assert_allclose(locate(joints_full, full).position, locate(joints_half, half).position, rtol=1e-6)


@given(factor=st.floats(0.7, 1.3))
def test_a_child_taken_for_an_adult_stands_farther_away(factor, scene):
    """Size and distance scale together, along the same ray."""
    camera, root = scene.cameras['pinhole'], np.array([0.5, 0.2, 4.0])
    pose = scene.pose_of(scene.body(1), root, camera)
    found = locate(replace(pose, joints_relative=pose.joints_relative * factor), camera)
    np.testing.assert_allclose(found.position, root * factor, rtol=1e-6)


def test_covariance_of_a_perfect_skeleton_is_that_of_its_size(scene):
    camera, root = scene.cameras['pinhole'], np.array([0.5, 0.2, 4.0])
    found = locate(scene.pose_of(scene.standing, root, camera), camera, size_sigma=0.07, pelvis_sigma_m=0.03)
    values, vectors = np.linalg.eigh(found.covariance)
    assert abs(vectors[:, 2] @ root) / np.linalg.norm(root) == pytest.approx(1, abs=1e-3)
    assert np.sqrt(values[2]) == pytest.approx(0.07 * np.linalg.norm(root), rel=0.2)
    assert np.sqrt(values[:2]) == pytest.approx([0.03, 0.03], rel=0.2)


def test_covariance_is_honest_when_sizes_differ(scene):
    camera, rng, errors = scene.cameras['pinhole'], np.random.default_rng(0), []
    for k in range(300):
        root = np.array([rng.uniform(-1, 1), 0, rng.uniform(2, 8)])
        pose = scene.pose_of(scene.body(k), root, camera)
        wrong = pose.joints_relative * rng.normal(1, 0.07) + rng.normal(scale=0.04, size=(17, 3))
        shift = rng.normal(scale=0.03, size=3)
        found = locate(replace(pose, joints_relative=wrong + shift), camera, pelvis_sigma_m=0.03)
        error = found.position - root
        errors.append(error @ np.linalg.solve(found.covariance, error))
    assert 2.4 < np.mean(errors) < 3.6


@settings(deadline=None)
@given(seed=st.integers(0, 1000), angle=st.floats(0, 1.3), around=st.floats(0, 6.28), method=st.sampled_from(METHODS))
def test_a_camera_that_looks_past_a_person_finds_the_same(seed, angle, around, method, scene):
    """A turn of the camera about its centre changes nothing about who stands where, nor about how sure that is."""
    camera, rng = Camera.pinhole(2000, 2000, 300), np.random.default_rng(seed)
    turn = Rotation.from_rotvec(angle * np.array([np.cos(around), np.sin(around), 0])).as_matrix()
    root, settings_ = np.array([0, 0, 4.0]), {'method': method, 'pelvis_sigma_m': 1e-6}
    joints, noise = scene.body(seed), rng.normal(scale=0.05, size=(17, 3))
    ahead = scene.pose_of(joints, root, camera)
    beside = scene.pose_of(joints @ turn.T, turn @ root, camera)
    found = locate(replace(ahead, joints_relative=ahead.joints_relative + noise), camera, **settings_)
    turned = locate(replace(beside, joints_relative=beside.joints_relative + noise @ turn.T), camera, **settings_)
    np.testing.assert_allclose(turned.position, turn @ found.position, atol=1e-6)
    np.testing.assert_allclose(turned.covariance, turn @ found.covariance @ turn.T, atol=1e-6)


@pytest.mark.parametrize('method', METHODS)
def test_beside_the_camera_of_a_fisheye_nobody_is_too_near_who_is_far_enough_away(method, scene):
    """70 degrees off the axis, somebody half a metre deep is 1.46 m away; 86 degrees, 8 cm deep and 1.2 m away."""
    camera, root = scene.cameras['equidistant'], 0.5 * np.array([np.tan(np.radians(70)), 0, 1])
    pose = scene.pose_of(scene.standing, root, camera)
    np.testing.assert_allclose(locate(pose, camera, method=method, max_depth_m=1.0).position, root, atol=1e-6)
    assert locate(pose, camera, method=method, max_depth_m=0.4) is None
    assert locate(pose, camera, method=method, min_depth_m=1.4) is not None
    assert locate(pose, camera, method=method, min_depth_m=1.5) is None
    root = 1.2 * np.array([np.sin(np.radians(86)), 0, np.cos(np.radians(86))])
    wide = Camera(1000, 1000, np.array([[300, 0, 500], [0, 300, 500], [0, 0, 1]]), np.zeros(4), 'equidistant')
    standing = 0.2 * scene.standing      # who is whole in front of the camera
    found = locate(scene.pose_of(standing, root, wide), wide, method=method)
    np.testing.assert_allclose(found.position, root, atol=1e-5)


def test_pixels_of_tolerance_are_those_of_the_image(scene):
    """30 m away, twelve joints are a pixel (5 cm) beside the truth, and five are right on somebody else."""
    camera, root = Camera.pinhole(640, 480, 600), np.array([2.0, 0, 30])
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, size=17)
    pixels = scene.pose_of(scene.standing, root, camera).joints_px + np.stack([np.cos(angles), np.sin(angles)], axis=1)
    other = scene.pose_of(scene.standing, root + [1.5, 0.5, 0], camera)
    pixels[[0, 3, 6, 10, 13]] = other.joints_px[[0, 3, 6, 10, 13]]
    pose = replace(other, joints_px=pixels)
    places = {tolerance_px: locate(pose, camera, inlier_m=0.02, inlier_px=tolerance_px).position
              for tolerance_px in (0.2, 3.0)}
    np.testing.assert_allclose(places[3.0], root, atol=1.0)
    np.testing.assert_allclose(places[0.2], root + [1.5, 0.5, 0], atol=0.1)


def test_baselines_of_table_1(scene):
    """With limbs that are badly wrong, leaving them out or letting joints vote beats using all, as in the paper."""
    camera, rng = scene.cameras['pinhole'], np.random.default_rng(0)
    errors = {method: [] for method in METHODS}
    for k in range(60):
        root = np.array([0, 0, rng.uniform(3, 6)])
        pose = scene.pose_of(scene.body(k), root, camera)
        wrong = pose.joints_relative + rng.normal(scale=0.01, size=(17, 3))
        wrong[list(LIMBS)] += rng.normal(scale=0.25, size=(len(LIMBS), 3))
        for method in METHODS:
            found = locate(replace(pose, joints_relative=wrong), camera, method=method)
            errors[method].append(np.linalg.norm(found.position - root))
    mean = {method: np.mean(values) for method, values in errors.items()}
    assert mean['ransac'] < 0.6 * mean['all'] and mean['trunk'] < 0.6 * mean['all']


def test_trunk_looks_at_nothing_else(scene):
    camera, root = scene.cameras['pinhole'], np.array([0, 0, 4.0])
    pose = scene.pose_of(scene.body(0), root, camera)
    pixels = pose.joints_px.copy()
    pixels[list(LIMBS)] = np.nan
    found = locate(replace(pose, joints_px=pixels), camera, method='trunk')
    np.testing.assert_allclose(found.position, root, atol=1e-6)
    assert not set(LIMBS) & set(TRUNK) and len(TRUNK) + len(LIMBS) == 17


def test_a_person_cut_off_at_the_hips(scene):
    """Joints outside the image are guesses of low confidence and far off; the visible half decides."""
    camera, root, rng = scene.cameras['pinhole'], np.array([0.2, 1.0, 2.2]), np.random.default_rng(0)
    pose = scene.pose_of(scene.standing, root, camera)
    outside = pose.joints_px[:, 1] > camera.height
    assert 4 <= outside.sum() <= 10
    pixels, confidence = pose.joints_px.copy(), np.where(outside, 0.15, 0.95)
    pixels[outside] += rng.normal(scale=150, size=(outside.sum(), 2))
    for method in METHODS:
        found = locate(replace(pose, joints_px=pixels, confidence=confidence), camera, method=method)
        assert np.linalg.norm(found.position - root) < (0.02 if method == 'ransac' else 0.2)


def test_joints_without_a_ray_are_left_out(scene):
    camera, root = scene.cameras['pinhole'], np.array([0, 0, 4.0])
    pose = scene.pose_of(scene.standing, root, camera)
    pixels, relative = pose.joints_px.copy(), pose.joints_relative.copy()
    pixels[[3, 6]], relative[16] = np.nan, np.inf
    found = locate(replace(pose, joints_px=pixels, joints_relative=relative), camera)
    np.testing.assert_allclose(found.position, root, atol=1e-6)


@pytest.mark.parametrize('change', [
    lambda p: {'confidence': np.zeros(17)},
    lambda p: {'confidence': np.r_[np.ones(3), np.zeros(14)]},
    lambda p: {'confidence': np.full(17, np.nan)},
    lambda p: {'joints_px': np.full((17, 2), np.nan)},
    lambda p: {'joints_px': np.full((17, 2), 300.0)},
    lambda p: {'joints_relative': np.zeros((17, 3))},
    lambda p: {'joints_relative': p.joints_relative * 100},          # 400 m away
    lambda p: {'joints_relative': p.joints_relative * 0.01},         # 4 cm away
    lambda p: {'joints_px': 1000 - p.joints_px}])                    # behind the camera
def test_nobody_is_placed_where_nobody_can_be(change, scene):
    camera = scene.cameras['pinhole']
    pose = scene.pose_of(scene.standing, np.array([0, 0, 4.0]), camera)
    for method in METHODS:
        assert locate(replace(pose, **change(pose)), camera, method=method) is None


def test_too_vague_a_depth_is_none_at_all(scene):
    """Only the head and shoulders, far away, with a lifter that contradicts itself."""
    camera, rng = scene.cameras['pinhole'], np.random.default_rng(1)
    pose = scene.pose_of(scene.standing, np.array([0, 0, 4.0]), camera)
    confidence = np.where(np.isin(np.arange(17), [8, 9, 10, 11, 14]), 1.0, 0.0)
    relative = pose.joints_relative + rng.normal(scale=0.3, size=(17, 3))
    assert locate(replace(pose, confidence=confidence, joints_relative=relative), camera, method='all') is None


def test_one_entry_per_pose(scene):
    camera = scene.cameras['pinhole']
    poses = [None, scene.pose_of(scene.standing, np.array([0, 0, 4.0]), camera), None]
    locator = GeometricLocator()
    found = locator.locate(None, camera, [inside(camera)] * len(poses), poses)
    assert found[0] is None and found[2] is None and found[1].position[2] == pytest.approx(4)
    assert locator.locate(None, camera, [], []) == []
    assert locator.depth_range(camera) == (0.2, 50.0)
