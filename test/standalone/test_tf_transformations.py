"""Rotations against scipy."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

tf = pytest.importorskip('tf_transformations')

ANGLES = st.floats(-math.pi, math.pi)
QUATERNIONS = st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1)
VECTORS = st.lists(st.floats(-100, 100), min_size=3, max_size=3)
STATIC_AXES = [a + b + c for a in 'xyz' for b in 'xyz' for c in 'xyz' if a != b != c]


def same_turn(quaternion, rotation, tolerance=1e-9) -> bool:
    """Whether a quaternion (x, y, z, w) of length 1 is that rotation; q and -q are the same."""
    return abs(abs(np.dot(quaternion, rotation.as_quat())) - 1.0) < tolerance


@pytest.mark.parametrize('axes', STATIC_AXES)
@pytest.mark.parametrize('frame', ['s', 'r'])
@pytest.mark.parametrize('angles', [(0.3, 1.1, -2.0), (-3.0, 0.2, 0.9), (1.0, 1.4, 0.0)])
def test_euler_angles_of_all_sequences(axes, frame, angles):
    # Turning axes (r) are written in the order of the turns too; scipy has them in capitals.
    rotation = Rotation.from_euler(axes if frame == 's' else axes.upper(), angles)
    sequence = frame + axes
    assert same_turn(tf.quaternion_from_euler(*angles, axes=sequence), rotation)
    assert np.allclose(tf.euler_matrix(*angles, axes=sequence)[:3, :3], rotation.as_matrix())
    # Other angles may make the same turn.
    for again in (tf.euler_from_quaternion(rotation.as_quat(), axes=sequence),
                  tf.euler_from_matrix(rotation.as_matrix(), axes=sequence)):
        assert np.allclose(Rotation.from_euler(axes if frame == 's' else axes.upper(), again).as_matrix(),
                           rotation.as_matrix())


@given(ANGLES, st.floats(-1.5, 1.5), ANGLES)
def test_roll_pitch_yaw_round_trip(roll, pitch, yaw):
    quaternion = tf.quaternion_from_euler(roll, pitch, yaw)
    assert np.allclose(np.exp(1j * np.array(tf.euler_from_quaternion(quaternion))),
                       np.exp(1j * np.array([roll, pitch, yaw])), atol=1e-6)


@given(QUATERNIONS)
def test_quaternion_to_matrix_and_back(quaternion):
    rotation = Rotation.from_quat(quaternion)
    matrix = tf.quaternion_matrix(quaternion)
    assert np.allclose(matrix[:3, :3], rotation.as_matrix())
    assert np.array_equal(matrix[3], [0, 0, 0, 1]) and not matrix[:3, 3].any()
    back = tf.quaternion_from_matrix(matrix)
    assert same_turn(back, rotation) and back[3] >= -1e-12


@given(QUATERNIONS, VECTORS)
def test_quaternion_from_matrix_ignores_translation(quaternion, vector):
    matrix = tf.quaternion_matrix(quaternion)
    matrix[:3, 3] = vector
    assert same_turn(tf.quaternion_from_matrix(matrix), Rotation.from_quat(quaternion))


@given(QUATERNIONS, QUATERNIONS)
def test_product_and_inverse(first, second):
    outer, inner = np.array(first) / np.linalg.norm(first), np.array(second) / np.linalg.norm(second)
    assert same_turn(tf.quaternion_multiply(outer, inner), Rotation.from_quat(outer) * Rotation.from_quat(inner))
    assert np.allclose(tf.quaternion_multiply(first, tf.quaternion_inverse(first)), [0, 0, 0, 1], atol=1e-9)
    assert same_turn(tf.quaternion_conjugate(outer), Rotation.from_quat(outer).inv())


@given(QUATERNIONS, QUATERNIONS, st.floats(0, 1))
def test_slerp(first, second, fraction):
    ends = Rotation.from_quat([first, second])
    # Half a turn apart there is no shorter way.
    if (ends[0].inv() * ends[1]).magnitude() > math.pi - 1e-3:
        return
    assert same_turn(tf.quaternion_slerp(first, second, fraction), Slerp([0, 1], ends)([fraction])[0], 1e-7)


def test_slerp_the_long_way_and_with_more_turns():
    start, end = tf.quaternion_about_axis(0.0, (0, 0, 1)), -np.array(tf.quaternion_about_axis(0.4, (0, 0, 1)))
    short = tf.quaternion_slerp(start, end, 0.5)
    assert same_turn(short, Rotation.from_rotvec([0, 0, 0.2]))
    long = tf.quaternion_slerp(start, end, 0.5, shortestpath=False)
    assert same_turn(long, Rotation.from_rotvec([0, 0, 0.2 - math.pi]))
    spun = tf.quaternion_slerp(start, tf.quaternion_about_axis(0.4, (0, 0, 1)), 1 / 3, spin=2)
    assert same_turn(spun, Rotation.from_rotvec([0, 0, (0.4 + 4 * math.pi) / 3]))
    assert np.allclose(tf.quaternion_slerp(start, start, 0.3), start)


@given(ANGLES, VECTORS.filter(lambda axis: np.linalg.norm(axis) > 0.1), VECTORS, VECTORS)
def test_turn_about_an_axis_through_a_point(angle, axis, center, point):
    rotation = Rotation.from_rotvec(angle * np.array(axis) / np.linalg.norm(axis))
    assert same_turn(tf.quaternion_about_axis(angle, axis), rotation)
    turned = tf.rotation_matrix(angle, axis, center) @ [*point, 1.0]
    assert np.allclose(turned[:3], rotation.apply(np.subtract(point, center)) + center, atol=1e-8)
    assert np.allclose(tf.rotation_matrix(angle, axis)[:3, :3], rotation.as_matrix())


def test_axis_and_point_of_a_turn():
    matrix = tf.rotation_matrix(0.7, (1, 2, 3), (4, 5, 6))
    assert np.allclose(tf.rotation_matrix(*tf.rotation_from_matrix(matrix)[:2],
                                          tf.rotation_from_matrix(matrix)[2][:3]), matrix)


@given(VECTORS, QUATERNIONS, VECTORS)
def test_matrices_chain_and_invert(vector, quaternion, point):
    chain = tf.concatenate_matrices(tf.translation_matrix(vector), tf.quaternion_matrix(quaternion))
    expected = Rotation.from_quat(quaternion).apply(point) + vector
    assert np.allclose((chain @ [*point, 1.0])[:3], expected, atol=1e-9)
    assert np.allclose(tf.translation_from_matrix(chain), vector)
    assert np.allclose(tf.inverse_matrix(chain) @ chain, tf.identity_matrix(), atol=1e-9)
    assert tf.is_same_transform(chain, 3.0 * chain)
    moved = tf.translation_matrix([1, 0, 0]) @ chain
    assert not tf.is_same_transform(chain, moved)


def test_lengths():
    assert tf.vector_norm([3.0, 4.0]) == 5.0
    assert np.allclose(tf.vector_norm([[3.0, 4.0], [6.0, 8.0]], axis=1), [5.0, 10.0])
    assert np.allclose(tf.unit_vector([0.0, 3.0, 4.0]), [0.0, 0.6, 0.8])
    assert np.allclose(tf.unit_vector([[3.0, 4.0], [0.0, 2.0]], axis=1), [[0.6, 0.8], [0.0, 1.0]])
    assert np.isclose(np.linalg.norm(tf.unit_vector([[3.0, 4.0], [0.0, 2.0]])), 1.0)
