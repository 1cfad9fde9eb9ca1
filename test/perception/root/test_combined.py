"""Two estimates of one person become one: closed forms and properties."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from scipy.stats import norm

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Root
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.combined import SHARED_LOG_SIGMA, CombinedLocator, combine
from hdnet_ros.perception.root.on_ray import ray_of

CAMERA = Camera.pinhole(640, 480, 600)


def root(depth_m, log_sigma, ray=(0.1, -0.05), ray_sigma=0.002, **changes):
    position = np.array([*ray, 1.0]) * depth_m
    jacobian = np.array([[depth_m, 0, ray[0]], [0, depth_m, ray[1]], [0, 0, 1]])
    covariance = jacobian @ np.diag([ray_sigma ** 2, ray_sigma ** 2, (log_sigma * depth_m) ** 2]) @ jacobian.T
    return Root(position, covariance, CAMERA.project(position), **changes)


def log_sigma(found):
    return np.sqrt(found.covariance[2, 2]) / found.position[2]


def test_equally_sure_estimates_meet_at_their_geometric_mean():
    found = combine(CAMERA, root(2.0, 0.1, ray_sigma=1e-5), root(2.42, 0.1, ray_sigma=1e-5))
    assert found.position[2] == pytest.approx(2.2)
    np.testing.assert_allclose(found.position[:2] / found.position[2], (0.1, -0.05))
    np.testing.assert_allclose(found.pixel, CAMERA.project(found.position))
    assert found.method == 'combined'
    own, half = 0.1 ** 2 - SHARED_LOG_SIGMA ** 2, np.log(1.1)
    assert log_sigma(found) == pytest.approx(np.sqrt(SHARED_LOG_SIGMA ** 2 + own / 2 + half ** 2))


def test_the_surer_one_counts_more():
    found = combine(CAMERA, root(2.0, 0.3), root(3.0, 0.06))
    assert 2.9 < found.position[2] < 3.0


@pytest.mark.parametrize('sigmas', [(0.01, 0.03), (0.03, 0.01), (0.02, 0.02)])
def test_rays_count_in_proportion_to_their_precisions(sigmas):
    rays, precisions = np.array([[0.03, -0.04], [-0.03, 0.04]]), 1 / np.square(sigmas)     # about the optical axis
    found = combine(CAMERA, *(root(2.0, 0.1, ray, sigma) for ray, sigma in zip(rays, sigmas, strict=True)))
    ray, covariance = ray_of(found)
    np.testing.assert_allclose(ray, precisions @ rays / precisions.sum(), atol=1e-4)
    apart = rays - precisions @ rays / precisions.sum()
    spread = np.einsum('i,ij,ik->jk', precisions / precisions.sum(), apart, apart)
    np.testing.assert_allclose(covariance, np.eye(2) / precisions.sum() + spread, rtol=1e-3, atol=1e-8)
    np.testing.assert_allclose(found.pixel, CAMERA.project(found.position))


def test_what_both_cannot_know_stays_unknown():
    found = combine(CAMERA, root(3.0, 0.06), root(3.0, 0.06))
    assert SHARED_LOG_SIGMA < log_sigma(found) < 0.06


def mixed_log_depth(near_m, far_m, sigma, share):
    """(mean, variance) of ln(depth), integrated numerically over a child and an adult of equal place but other size.

    Who is nearer than a child would be is not placed elsewhere for that, but less surely.
    """
    own = sigma ** 2 - SHARED_LOG_SIGMA ** 2
    adult, child = norm(0, np.sqrt(2 * own)), norm(-0.25, np.sqrt(2 * own + 0.15 ** 2))
    seen = np.log(near_m / far_m)
    nearer = min(seen, 0.0)
    p = share * child.pdf(nearer) / (share * child.pdf(nearer) + (1 - share) * adult.pdf(nearer))
    beyond = max(-0.25 - seen, 0.0)
    alone = np.sqrt(sigma ** 2 + own / (2 * own + 0.15 ** 2) * beyond ** 2)
    both = SHARED_LOG_SIGMA ** 2 + own / 2 + seen ** 2 / 4
    grid = np.linspace(np.log(near_m) - 1, np.log(far_m) + 1, 20001)
    density = p * norm(np.log(near_m), alone).pdf(grid)
    density += (1 - p) * norm(np.log(near_m * far_m) / 2, np.sqrt(both)).pdf(grid)
    mean = np.average(grid, weights=density)
    return mean, np.average((grid - mean) ** 2, weights=density)


@pytest.mark.parametrize('ratio', [0.5, 0.7, 0.8, 0.9, 1.0, 1.2])
@pytest.mark.parametrize('share', [0.02, 0.12, 0.5])
def test_depth_is_that_of_a_mixture_of_child_and_adult(ratio, share):
    found = combine(CAMERA, root(3.0 * ratio, 0.08), root(3.0, 0.08), share)
    mean, variance = mixed_log_depth(3.0 * ratio, 3.0, 0.08, share)
    assert np.log(found.position[2]) == pytest.approx(mean, abs=1e-5)
    assert log_sigma(found) == pytest.approx(np.sqrt(variance), rel=1e-3)


def test_a_child_is_put_where_hdnet_sees_it_and_an_adult_where_both_do():
    child = combine(CAMERA, root(2.0, 0.08), root(3.2, 0.08), 0.12)
    assert child.position[2] == pytest.approx(2.0, rel=0.01)
    adult = combine(CAMERA, root(3.0, 0.08), root(3.1, 0.08), 0.12)
    assert adult.position[2] == pytest.approx(np.sqrt(3.0 * 3.1), rel=0.002)


def test_without_children_everybody_has_the_size_of_an_adult():
    far = combine(CAMERA, root(2.0, 0.08), root(3.2, 0.08), 0.0)
    assert far.position[2] == pytest.approx(np.sqrt(2.0 * 3.2))


def test_who_is_farther_than_an_adult_would_be_is_no_child():
    """However far: HDNet's word would count alone then, and seem sure."""
    for hdnet_m in (3.3, 5.0, 9.0, 30.0):
        found = combine(CAMERA, root(hdnet_m, 0.08), root(3.0, 0.08), 0.12)
        between = np.sqrt(hdnet_m * 3.0)
        assert between <= found.position[2] < between * (hdnet_m / 3.0) ** 0.04
        assert log_sigma(found) > 0.45 * np.log(hdnet_m / 3.0)


def test_who_is_nearer_than_a_child_could_be_is_not_placed_surely():
    sure, wild = (log_sigma(combine(CAMERA, root(near_m, 0.08), root(4.0, 0.08), 0.12)) for near_m in (3.0, 0.8))
    assert sure < 0.1 and wild > 0.4


def test_one_alone_counts_alone():
    hdnet, geometric = root(2.0, 0.1, method='hdnet'), root(3.0, 0.1)
    assert combine(CAMERA, hdnet, None) is hdnet
    assert combine(CAMERA, None, geometric) is geometric
    assert combine(CAMERA, None, None) is None
    at_the_end = root(20.0, 0.01, saturated=True)
    assert combine(CAMERA, at_the_end, geometric) is geometric
    assert combine(CAMERA, at_the_end, None) is at_the_end


def test_joints_of_the_network_are_kept():
    joints = np.arange(34.0).reshape(17, 2)
    assert combine(CAMERA, root(2.0, 0.1, joints_px=joints), root(2.0, 0.1)).joints_px is joints


sizes = st.floats(0.03, 0.4)
depths = st.floats(0.5, 15)
rays = st.tuples(st.floats(-0.8, 0.8), st.floats(-0.8, 0.8))


@given(depths, depths, sizes, sizes, rays, rays, st.floats(0, 1))
def test_it_lies_between_and_is_a_proper_covariance(near, far, first, second, ray, other, child_share):
    roots = root(near, first, ray), root(far, second, other)
    found = combine(CAMERA, *roots, child_share)
    directions = [each.position / np.linalg.norm(each.position) for each in (*roots, found)]
    ahead = (directions[0] + directions[1]) / np.linalg.norm(directions[0] + directions[1])
    low, high = sorted(each.position @ ahead for each in roots)
    assert low * (1 - 1e-9) <= found.position @ ahead <= high * (1 + 1e-9)
    apart, *to_found = (np.linalg.norm(directions[a] - directions[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert max(to_found) <= apart + 1e-6
    assert np.linalg.eigvalsh(found.covariance).min() > 0
    assert np.sqrt(ahead @ found.covariance @ ahead) / (found.position @ ahead) > SHARED_LOG_SIGMA


@given(depths, depths, sizes, sizes, st.floats(0, 1.3), st.floats(-3.1, 3.1), st.floats(0, 1))
def test_a_camera_that_looks_past_a_person_finds_the_same(near, far, first, second, angle, around, child_share):
    """A turn of the camera about its centre changes nothing about who stands where, nor about how sure that is.

    Who errs across the line of sight errs in depth beside the axis, too, and that is no sign of a child.
    """
    turn = Rotation.from_rotvec(angle * np.array([np.cos(around), np.sin(around), 0])).as_matrix()
    roots = root(near, first, (0.02, -0.03), 0.02), root(far, second, (-0.05, 0.01), 0.01)
    found = combine(CAMERA, *roots, child_share)
    turned = combine(CAMERA, *(replace(each, position=turn @ each.position,
                                       covariance=turn @ each.covariance @ turn.T) for each in roots), child_share)
    np.testing.assert_allclose(turned.position, turn @ found.position, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(turned.covariance, turn @ found.covariance @ turn.T, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(turned.pixel, CAMERA.project(turned.position), equal_nan=True)


class Fixed:
    """A locator that says what it was told to say, and remembers what it was asked."""

    device = 'cpu'

    def __init__(self, roots):
        self.roots, self.poses, self.config = roots, None, RootConfig()

    def depth_range(self, camera):
        return 0.2, 50.0

    def locate(self, image, camera, detections, poses):
        self.poses = poses
        return self.roots



def test_settings_reach_both():
    hdnet, geometric = Fixed([]), Fixed([])
    locator = CombinedLocator(hdnet, geometric)
    locator.config = RootConfig(max_depth_m=7.0)
    assert hdnet.config is geometric.config is locator.config and locator.config.max_depth_m == 7.0


def test_both_are_asked_about_everybody():
    hdnet, geometric = Fixed([root(2.0, 0.1), root(3.0, 0.1), None]), Fixed([None, root(3.0, 0.1), None])
    locator = CombinedLocator(hdnet, geometric)
    poses = [None, object(), None]
    found = locator.locate(None, CAMERA, [None] * 3, poses)
    assert hdnet.poses == geometric.poses == poses
    assert found[0].position[2] == 2.0 and found[2] is None
    expected = combine(CAMERA, hdnet.roots[1], geometric.roots[1], hdnet.config.child_share)
    assert found[1].position[2] == expected.position[2] > 2.9
    assert locator.depth_range(CAMERA) == (0.2, 50.0)
