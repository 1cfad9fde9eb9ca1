"""Skeletons stay steady through noise, swaps, jumps and joints that nobody sees."""
from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.evaluation.tracking.walks import skeleton
from hdnet_ros.perception.tracker.skeleton_filter import SkeletonFilter
from hdnet_ros.skeleton import HUMAN36M_17

FLIP = list(HUMAN36M_17.flip_order)
WRIST = HUMAN36M_17.index('left_wrist')
SURE = np.full(17, 0.9)


def show(skeletons, frames, change=lambda k, joints, confidence: (joints, confidence), walks=True, noise_m=0.01):
    """Errors (N, 17) in metres while somebody walks, and what the filter said of swaps."""
    rng, errors, swaps = np.random.default_rng(0), [], []
    for k in range(frames):
        truth = skeleton(k / 15, walks, heading_rad=0.6)
        seen, confidence = change(k, truth + noise_m * rng.normal(size=(17, 3)) * (np.arange(17) > 0)[:, None], SURE)
        swaps.append(skeletons.see(seen, confidence, 1 / 15, 0.015, 0.12))
        errors.append(np.linalg.norm(skeletons.relative() - truth, axis=1))
    return np.array(errors), swaps


def test_left_and_right_exchanged_for_a_few_images():
    errors, swaps = show(SkeletonFilter(), 40, lambda k, j, c: (j[FLIP], c) if 20 <= k < 25 else (j, c))
    assert [k for k, swapped in enumerate(swaps) if swapped] == list(range(20, 25))
    assert errors[20:25].max() < 0.12 and errors[5:].mean() < 0.03


def test_somebody_who_turned_round_is_believed():
    errors, swaps = show(SkeletonFilter(), 60, lambda k, j, c: (j[FLIP], c) if k >= 20 else (j, c), walks=False)
    assert any(swaps[20:28]) and not any(swaps[30:])
    turned = skeleton(0.0, False, heading_rad=0.6)
    np.testing.assert_allclose(errors[-1], np.linalg.norm(turned[FLIP] - turned, axis=1), atol=0.06)


def test_a_joint_that_is_not_seen_any_more_is_unknown_in_the_end():
    def without_wrist(k, joints, confidence):
        if k >= 15:
            joints[WRIST] = np.nan
        if k >= 20:
            joints[FLIP[WRIST]] = np.nan if k % 2 else joints[FLIP[WRIST]]     # comes and goes
        return joints, confidence
    errors, _ = show(SkeletonFilter(), 45, without_wrist)
    assert np.isfinite(errors[15:20]).all() and np.isnan(errors[26:, WRIST]).all()
    assert np.isfinite(np.delete(errors, WRIST, axis=1)).all()


def test_a_joint_that_jumps_for_one_image():
    def jump(k, joints, confidence):
        joints = joints.copy()
        joints[WRIST] += [0.5, 0, 0] if k == 30 else 0
        return joints, confidence
    errors, _ = show(SkeletonFilter(), 40, jump, walks=False)
    assert errors[30, WRIST] < 0.4 and errors[32:, WRIST].max() < 0.1      # damped, and soon forgotten


def test_joints_of_low_confidence_lean_on_the_past():
    def hide(k, joints, confidence):
        joints, confidence = joints.copy(), confidence.copy()
        if k >= 20:
            joints[WRIST] += [0.15, 0.1, 0]
            confidence[WRIST] = 0.02
        return joints, confidence
    errors, _ = show(SkeletonFilter(), 30, hide, walks=False)
    assert errors[20:25, WRIST].max() < 0.1 and errors[-1, WRIST] < 0.18     # not for ever


def test_unknown_joints_stay_unknown_until_seen_and_then_stay_known():
    def sometimes(k, joints, confidence):
        joints = joints.copy()
        if k < 5 or k >= 10:
            joints[WRIST] = np.nan
        return joints, confidence
    skeletons = SkeletonFilter()
    assert np.isnan(skeletons.relative()).all()
    errors, _ = show(skeletons, 5, sometimes, walks=False)
    assert np.isnan(errors[:, WRIST]).all() and np.isfinite(np.delete(errors, WRIST, axis=1)).all()
    errors, _ = show(skeletons, 14, lambda k, j, c: sometimes(k + 5, j, c), walks=False)
    assert errors[:, WRIST].max() < 0.1


def test_a_long_gap_begins_anew_and_axes_may_turn():
    skeletons = SkeletonFilter()
    show(skeletons, 10, walks=False)
    rotation = Rotation.from_euler('xyz', [0.3, 1.0, -0.5]).as_matrix()
    before = skeletons.relative()
    skeletons.turn(rotation)
    np.testing.assert_allclose(skeletons.relative(), before @ rotation.T, atol=1e-12)
    assert np.isfinite(skeletons.relative(0.6)).all() and np.isnan(skeletons.relative(0.61)).all()
    other = skeleton(0.0, False, heading_rad=2.0)
    skeletons.see(other, SURE, 5.0, 0.015, 0.12)
    np.testing.assert_allclose(skeletons.relative(), other)
