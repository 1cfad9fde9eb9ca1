import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from hdnet_ros.evaluation.metrics import (
    align,
    coverage,
    mpjpe,
    mrpe,
    pa_mpjpe,
    pck_2d,
    relative_depth_error,
    torso_length,
)
from hdnet_ros.skeleton import HUMAN36M_17

lengths = st.floats(-5, 5, allow_subnormal=False)
roots = arrays(np.float64, st.tuples(st.integers(1, 8), st.just(3)), elements=lengths)
offsets = arrays(np.float64, 3, elements=lengths)
seeds = st.integers(0, 2**32 - 1)


def skeletons(seed, count=3, joints=17):
    return np.random.default_rng(seed).normal(size=(count, joints, 3))


def as_tuple(errors):
    return errors.total, errors.x, errors.y, errors.z


def test_mrpe_by_hand():
    errors = mrpe([[3.0, 4, 5], [1, 1, 1]], [[0.0, 0, 5], [1, 1, 4]])
    assert as_tuple(errors) == (4.0, 1.5, 2.0, 1.5)


@given(roots, offsets)
def test_mrpe_of_a_known_offset(truth, offset):
    errors = mrpe(truth + offset, truth)
    assert errors.total == pytest.approx(np.sqrt(offset @ offset), abs=1e-9)
    assert (errors.x, errors.y, errors.z) == pytest.approx(tuple(abs(offset)), abs=1e-9)


@given(roots, seeds)
def test_mrpe_does_not_depend_on_the_order_of_people(truth, seed):
    random = np.random.default_rng(seed)
    estimated, order = truth + random.normal(size=truth.shape), random.permutation(len(truth))
    assert as_tuple(mrpe(estimated[order], truth[order])) == pytest.approx(as_tuple(mrpe(estimated, truth)))
    assert as_tuple(mrpe(truth, truth)) == (0, 0, 0, 0)


def test_errors_over_nothing_are_unknown():
    assert np.isnan(as_tuple(mrpe(np.empty((0, 3)), np.empty((0, 3))))).all()
    assert np.isnan(mpjpe(np.empty((0, 17, 3)), np.empty((0, 17, 3))))
    assert np.isnan(pa_mpjpe(np.empty((0, 17, 3)), np.empty((0, 17, 3))))
    assert np.isnan(coverage([], []))
    assert np.isnan(pck_2d(np.empty((0, 17, 2)), np.empty((0, 17, 2)), np.empty(0)))


@pytest.mark.parametrize('function, shapes', [
    (mrpe, [(2, 3), (3, 3)]), (mrpe, [(2, 2), (2, 2)]), (mpjpe, [(2, 17, 3), (2, 16, 3)]),
    (pa_mpjpe, [(2, 17, 2), (2, 17, 2)]), (coverage, [(2,), (3,)]), (align, [(1, 5, 3), (2, 5, 3)]),
])
def test_arrays_that_do_not_correspond_are_refused(function, shapes):
    with pytest.raises(ValueError, match='do not correspond|expected arrays'):
        function(*(np.zeros(shape) for shape in shapes))


def test_relative_depth_error_has_a_sign():
    np.testing.assert_allclose(relative_depth_error([5.0, 3.0, 4.0], [4.0, 4.0, 4.0]), [0.25, -0.25, 0])


def test_coverage_of_honest_and_of_too_certain_predictions():
    error = np.random.default_rng(0).normal(size=100_000)
    for probability in (0.5, 0.6827, 0.95, 0.99):
        assert coverage(error, np.ones_like(error), probability) == pytest.approx(probability, abs=0.005)
    # Half of the spread: only what lies within 0.98 of the true one is covered.
    assert coverage(error, 0.5 * np.ones_like(error)) == pytest.approx(0.6729, abs=0.005)


def test_coverage_by_hand():
    assert coverage([1.95, -1.95, 1.97, 0.1], [1, 1, 1, np.nan]) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match='probability'):
        coverage([1.0], [1.0], 95)


def test_mpjpe_by_hand():
    truth = np.zeros((1, 3, 3))
    estimated = np.array([[[1.0, 0, 0], [1, 0, 0], [1, 3, 4]]])
    assert mpjpe(estimated, truth) == pytest.approx(5 / 3)
    assert mpjpe(estimated, truth, root=None) == pytest.approx((1 + 1 + np.sqrt(26)) / 3)
    assert mpjpe(estimated, truth, root=2) == pytest.approx(10 / 3)


@given(seeds, offsets)
def test_mpjpe_ignores_where_the_root_is(seed, offset):
    truth = skeletons(seed)
    assert mpjpe(truth + offset, truth) == pytest.approx(0, abs=1e-12)
    assert mpjpe(truth + offset, truth, root=None) == pytest.approx(np.linalg.norm(offset), abs=1e-9)


def test_joints_that_the_truth_lacks_do_not_count_and_those_that_the_estimate_lacks_do():
    truth, estimated = skeletons(1), skeletons(2)
    some = truth.copy()
    some[0, 5] = np.nan
    every = np.linalg.norm((estimated - estimated[:, :1]) - (truth - truth[:, :1]), axis=2)
    assert mpjpe(estimated, some) == pytest.approx((every.sum() - every[0, 5]) / (every.size - 1))
    assert pa_mpjpe(np.delete(estimated[:1], 5, axis=1), np.delete(truth[:1], 5, axis=1)) == pytest.approx(
        pa_mpjpe(estimated[:1], some[:1]))
    assert np.isnan(mpjpe(some, truth))
    assert np.isnan(pa_mpjpe(some, truth))


@given(seeds, offsets, st.floats(0.3, 3))
def test_pa_mpjpe_does_not_see_rigid_motion(seed, offset, size):
    truth = skeletons(seed)
    turn = Rotation.random(random_state=seed % 2**31).as_matrix()
    moved = truth @ turn.T + offset
    assert pa_mpjpe(moved, truth) == pytest.approx(0, abs=1e-9)
    assert pa_mpjpe(size * moved, truth, scale=True) == pytest.approx(0, abs=1e-9)
    noisy = truth + 0.1 * skeletons(seed + 1)
    assert pa_mpjpe(noisy @ turn.T + offset, truth) == pytest.approx(pa_mpjpe(noisy, truth), abs=1e-9)


@settings(max_examples=50)
@given(seeds, st.sampled_from([3, 5, 17]))
def test_alignment_is_that_of_an_independent_solver(seed, joints):
    truth, estimated = skeletons(seed, 2, joints), skeletons(seed + 1, 2, joints)
    for aligned, e, t in zip(align(estimated, truth), estimated, truth):
        turn, _ = Rotation.align_vectors(t - t.mean(axis=0), e - e.mean(axis=0))
        np.testing.assert_allclose(aligned, turn.apply(e - e.mean(axis=0)) + t.mean(axis=0), atol=1e-6)


def test_without_scale_the_size_stays():
    truth = skeletons(3, 1)
    centered = truth - truth.mean(axis=1, keepdims=True)
    expected = np.linalg.norm(centered, axis=2).mean()
    assert pa_mpjpe(2 * truth, truth) == pytest.approx(expected)
    assert pa_mpjpe(2 * truth, truth, scale=True) == pytest.approx(0, abs=1e-12)


def test_a_mirrored_skeleton_is_not_turned_inside_out():
    truth = skeletons(4, 1)
    mirrored = truth * [-1, 1, 1]
    assert pa_mpjpe(mirrored, truth) > 0.1
    assert pa_mpjpe(mirrored, truth, scale=True) > 0.1


def test_a_skeleton_of_one_point_can_be_aligned():
    truth = skeletons(5, 1)
    expected = np.linalg.norm(truth - truth.mean(axis=1, keepdims=True), axis=2).mean()
    assert pa_mpjpe(np.ones_like(truth), truth, scale=True) == pytest.approx(expected)


def test_pck_2d_by_hand():
    truth = np.zeros((2, 4, 2))
    estimated = truth.copy()
    estimated[0, :, 0] = [20, 20.1, 0, np.nan]    # torso of 100 px: two of four
    estimated[1, :, 1] = [20, 0, 0, 0]            # torso of 50 px: three of three, one is unknown
    truth[1, 0] = np.nan
    assert pck_2d(estimated, truth, [100, 50]) == pytest.approx(5 / 7)
    assert pck_2d(estimated, truth, [100, 50], fraction=0.3) == pytest.approx(6 / 7)
    assert pck_2d(estimated, truth, [100, np.nan]) == pytest.approx(2 / 4)


def test_torso_goes_from_hip_to_thorax():
    joints = np.full((2, 17, 2), np.nan)
    joints[0, HUMAN36M_17.index('hip')] = (10, 10)
    joints[0, HUMAN36M_17.index('thorax')] = (13, 14)
    np.testing.assert_array_equal(torso_length(joints, HUMAN36M_17), [5, np.nan])


def test_the_scale_of_a_mirrored_skeleton_fits_best():
    """Its mirror image cannot be turned into it, and the best scale is smaller for that."""
    truth = np.random.default_rng(1).normal(size=(1, 8, 3))
    middle = truth.mean(axis=1, keepdims=True)
    aligned = align(truth * [-1, 1, 1], truth, scale=True)
    error = np.linalg.norm(aligned - truth)
    for factor in (0.97, 1.03):
        assert np.linalg.norm((aligned - middle) * factor + middle - truth) > error
