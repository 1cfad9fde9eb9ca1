from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.skeleton import (
    HUMAN36M_17,
    HUMAN36M_18,
    JOINT_SETS,
    MUCO_21,
    MUPOTS_17,
    body_axes,
    convert,
    joint_set,
)

ALL = pytest.mark.parametrize('joints', JOINT_SETS.values(), ids=JOINT_SETS)


@ALL
def test_bones_form_a_tree(joints):
    assert len(joints.edges) == len(joints) - 1
    reached = {joints.root}
    while True:
        new = {b for edge in joints.edges for a, b in (edge, edge[::-1]) if a in reached} - reached
        if not new:
            break
        reached |= new
    assert len(reached) == len(joints)


@ALL
def test_flip_order(joints):
    order = list(joints.flip_order)
    assert [order[order[i]] for i in range(len(joints))] == list(range(len(joints)))
    for name, other in zip(joints.joints, (joints.joints[i] for i in order), strict=True):
        assert other == name.replace('left_', '#').replace('right_', 'left_').replace('#', 'right_')


@ALL
def test_adjacency(joints):
    matrix = joints.adjacency()
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(matrix > 0, matrix.T > 0)
    assert (np.diag(matrix) > 0).all()


def test_adjacency_of_human36m():
    """Bones and the joint itself, counted by hand."""
    degree = [4, 3, 3, 2, 3, 3, 2, 3, 5, 3, 2, 3, 3, 2, 3, 3, 2]
    np.testing.assert_allclose(np.diag(HUMAN36M_17.adjacency()), 1 / np.array(degree), rtol=1e-6)


def test_sizes_and_roots():
    assert {name: (len(joints), joints.joints[joints.root]) for name, joints in JOINT_SETS.items()} == {
        'human36m_17': (17, 'hip'), 'human36m_18': (18, 'hip'), 'muco_21': (21, 'hip'), 'mupots_17': (17, 'hip')}


def test_lookup():
    assert joint_set('muco_21') is MUCO_21
    assert HUMAN36M_17.index('head') == 10
    with pytest.raises(ValueError, match='human36m_17, human36m_18'):
        joint_set('coco')
    with pytest.raises(ValueError, match="no joint 'tail' in human36m_17; it has hip"):
        HUMAN36M_17.index('tail')


def test_convert_from_muco_by_hand():
    """The order of Human3.6M in MuCo's indices; head (16) becomes neck/nose and head_top (0) becomes head."""
    muco = np.arange(21 * 3).reshape(21, 3)
    expected = [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]
    converted = convert(muco, MUCO_21, HUMAN36M_17)
    assert converted.dtype.kind == 'f'
    np.testing.assert_array_equal(converted, muco[expected])
    np.testing.assert_array_equal(convert(muco[:17], MUPOTS_17, HUMAN36M_17), muco[expected])


def test_convert_marks_what_is_missing():
    joints = np.ones((2, 5, 17, 2), dtype=np.float32)
    converted = convert(joints, HUMAN36M_17, MUCO_21)
    assert converted.shape == (2, 5, 21, 2)
    assert converted.dtype == np.float32
    assert np.isnan(converted[..., 17:, :]).all()
    assert np.isfinite(converted[..., :17, :]).all()
    assert np.isnan(convert(joints, HUMAN36M_17, HUMAN36M_18)[..., 17, :]).all()


def test_convert_18_keeps_the_first_17():
    joints = np.random.default_rng(0).normal(size=(18, 3))
    np.testing.assert_array_equal(convert(joints, HUMAN36M_18, HUMAN36M_17), joints[:17])


@pytest.mark.parametrize('source', JOINT_SETS.values(), ids=JOINT_SETS)
@pytest.mark.parametrize('target', JOINT_SETS.values(), ids=JOINT_SETS)
def test_convert_there_and_back(source, target):
    joints = np.random.default_rng(0).normal(size=(len(source), 3))
    back = convert(convert(joints, source, target), target, source)
    kept = np.isfinite(back).all(axis=1)
    assert kept.sum() >= 17
    np.testing.assert_array_equal(back[kept], joints[kept])


@pytest.mark.parametrize('shape', [(16, 3), (17,), (3, 17)])
def test_convert_refuses_another_shape(shape):
    with pytest.raises(ValueError, match='human36m_17 must be'):
        convert(np.zeros(shape), HUMAN36M_17, MUCO_21)


def person(hip_slope=0.0):
    """Standing upright 3 m in front of the camera and facing it: the left side is on the camera's right."""
    joints = np.full((17, 3), np.nan)
    joints[HUMAN36M_17.index('hip')] = [0, 0, 3]
    joints[HUMAN36M_17.index('left_hip')] = [0.1, -hip_slope, 3]
    joints[HUMAN36M_17.index('right_hip')] = [-0.1, hip_slope, 3]
    joints[HUMAN36M_17.index('thorax')] = [0, -0.5, 3]
    return joints


def test_body_axes_of_somebody_facing_the_camera():
    """Forward is towards the camera (-z), left is its right (+x), up is -y."""
    np.testing.assert_allclose(body_axes(person()), [[0, 1, 0], [0, 0, -1], [-1, 0, 0]], atol=1e-15)


def test_body_axes_when_the_hips_slope():
    axes = body_axes(person(hip_slope=0.02))
    left = np.array([0.1, -0.02, 0]) / np.hypot(0.1, 0.02)
    np.testing.assert_allclose(axes[:, 1], left, atol=1e-12)
    np.testing.assert_allclose(axes[:, 0], [0, 0, -1], atol=1e-12)


@given(seed=st.integers(0, 1000), slope=st.floats(-0.05, 0.05))
def test_body_axes_turn_with_the_body(seed, slope):
    turn = Rotation.random(random_state=seed).as_matrix()
    axes = body_axes(person(slope))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_allclose(body_axes(person(slope) @ turn.T), turn @ axes, atol=1e-9)


def test_body_axes_of_another_set():
    np.testing.assert_allclose(body_axes(convert(person(), HUMAN36M_17, MUCO_21), MUCO_21), body_axes(person()))


@pytest.mark.parametrize('change', [
    {'thorax': [np.nan] * 3}, {'left_hip': [-0.1, 0, 3]}, {'thorax': [0, 0, 3]}, {'thorax': [0.5, 0, 3]},
    {'hip': [0, np.inf, 3]},
])
def test_body_axes_unknown(change):
    joints = person()
    for name, place in change.items():
        joints[HUMAN36M_17.index(name)] = place
    assert body_axes(joints) is None
