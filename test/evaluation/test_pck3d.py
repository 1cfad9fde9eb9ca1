import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.evaluation.bones import rescale_bones
from hdnet_ros.evaluation.pck3d import COUNTED_JOINTS, JOINT_GROUPS, joint_errors, pck3d
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17

PELVIS = 14
seeds = st.integers(0, 2**32 - 1)


def skeletons(seed, count=4):
    return np.random.default_rng(seed).normal(size=(count, 17, 3))


def reference(estimated, truth, relative):
    """PCK, AUC, and the PCK of every joint, by plain loops; no estimate is a row of NaN."""
    near = {(t, j): 0 for t in range(0, 151, 5) for j in range(14)}
    total = [0] * 14
    for e, t in zip(estimated, truth):
        for j in range(14):
            if np.isnan(t[j]).any():
                continue
            total[j] += 1
            error = (e[j] - e[PELVIS]) - (t[j] - t[PELVIS]) if relative else e[j] - t[j]
            for threshold in range(0, 151, 5):
                near[threshold, j] += bool(np.sqrt((error ** 2).sum()) < threshold / 1000)
    share = [sum(near[t, j] for j in range(14)) / sum(total) for t in range(0, 151, 5)]
    return share[-1], sum(share) / 31, [near[150, j] / total[j] for j in range(14)]


@settings(max_examples=50)
@given(seeds, st.booleans())
def test_the_same_as_joint_by_joint(seed, relative):
    random = np.random.default_rng(seed)
    truth = skeletons(seed, 6)
    estimated = truth + random.uniform(0, 0.2) * random.normal(size=truth.shape)
    estimated[random.random(6) < 0.2] = np.nan
    estimated[random.random((6, 17)) < 0.1] = np.nan
    truth[1:][random.random((5, 17)) < 0.1] = np.nan
    truth[:, PELVIS] = 0
    count = pck3d(joint_errors(estimated, truth, PELVIS if relative else None))
    pck, auc, joints = reference(estimated, truth, relative)
    assert count.pck == pytest.approx(pck)
    assert count.auc == pytest.approx(auc)
    assert list(count.by_joint().values()) == pytest.approx(joints)


def test_fourteen_joints_count():
    assert len(COUNTED_JOINTS) == 14
    assert set(MUPOTS_17.joints) - set(COUNTED_JOINTS) == {'hip', 'spine', 'head'}
    assert sorted(name for group in JOINT_GROUPS.values() for name in group) == sorted(COUNTED_JOINTS)
    truth = skeletons(0)
    estimated = truth.copy()
    estimated[:, [14, 15, 16]] += 1
    assert pck3d(joint_errors(estimated, truth)).pck == 1
    assert pck3d(joint_errors(estimated, truth, root=PELVIS)).pck == 0


def test_a_perfect_estimate_is_near_at_all_thresholds_but_zero():
    count = pck3d(joint_errors(skeletons(0), skeletons(0)))
    assert count.pck == 1
    assert count.auc == pytest.approx(30 / 31)


@pytest.mark.parametrize('offset_m, pck, thresholds', [
    (0.1499, 1, 1), (0.1501, 0, 0), (0.0726, 1, 16), (0.0001, 1, 30), (5.0, 0, 0)])
def test_a_known_offset(offset_m, pck, thresholds):
    truth = skeletons(0)
    absolute = pck3d(joint_errors(truth + [0, offset_m, 0], truth))
    assert absolute.pck == pck
    assert absolute.auc == pytest.approx(thresholds / 31)
    assert pck3d(joint_errors(truth + [0, offset_m, 0], truth, root=PELVIS)).pck == 1


def test_exactly_at_the_threshold_is_not_near():
    truth = np.zeros((1, 17, 3))
    estimated = truth.copy()
    estimated[:, :, 2] = 0.15
    assert pck3d(joint_errors(estimated, truth)).pck == 0


def test_by_joint_and_by_group():
    truth = skeletons(0, 2)
    estimated = truth.copy()
    estimated[0, MUPOTS_17.index('left_wrist')] += 1
    count = pck3d(joint_errors(estimated, truth))
    assert count.pck == pytest.approx(27 / 28)
    assert count.by_joint()['left_wrist'] == 0.5 and count.by_joint()['right_wrist'] == 1
    assert count.by_group() == {name: 0.75 if name == 'wrists' else 1 for name in JOINT_GROUPS}
    with pytest.raises(ValueError):
        count.of(['tail'])


def test_matched_and_all():
    truth = skeletons(0)
    estimated = truth.copy()
    estimated[1] = np.nan
    errors = joint_errors(estimated, truth)
    assert np.isinf(errors[1]).all()
    assert pck3d(errors).pck == 0.75
    assert pck3d(errors[[0, 2, 3]]).pck == 1
    assert np.isnan(pck3d(errors[:0]).pck) and np.isnan(pck3d(errors[:0]).auc)


@given(seeds, st.integers(0, 6))
def test_counts_of_parts_add_up(seed, cut):
    truth = skeletons(seed, 6)
    errors = joint_errors(truth + 0.1 * skeletons(seed + 1, 6), truth)
    whole, parts = pck3d(errors), pck3d(errors[:cut]) + pck3d(errors[cut:])
    shuffled = pck3d(errors[np.random.default_rng(seed).permutation(6)])
    for other in (parts, shuffled):
        np.testing.assert_array_equal(other.near, whole.near)
        np.testing.assert_array_equal(other.total, whole.total)


def test_other_joint_sets_and_counts_that_do_not_fit():
    truth = skeletons(0)
    estimated = truth.copy()
    estimated[:, HUMAN36M_17.index('head')] += 1
    count = pck3d(joint_errors(estimated, truth), HUMAN36M_17, ['head', 'neck'])
    assert count.pck == 0.5
    with pytest.raises(ValueError, match='cannot be added'):
        count + pck3d(joint_errors(truth, truth))
    with pytest.raises(ValueError, match='expected two arrays'):
        joint_errors(truth, truth[:, :16])


@given(seeds, st.floats(0.2, 5))
def test_after_rescaling_the_size_of_the_estimate_does_not_matter(seed, size):
    truth = skeletons(seed)
    estimated = truth + 0.1 * skeletons(seed + 1)
    errors = [joint_errors(rescale_bones(s * estimated, truth), truth, root=PELVIS) for s in (1, size)]
    np.testing.assert_allclose(*errors, atol=1e-9)
