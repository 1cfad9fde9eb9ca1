import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.bones import MUPOTS_PARENTS, outward, rescale_bones

seeds = st.integers(0, 2**32 - 1)


def skeletons(seed, count=2):
    return np.random.default_rng(seed).normal(size=(count, 17, 3))


def test_the_tree_of_the_published_evaluation():
    # Its table counts from 1.
    assert [parent + 1 for parent in MUPOTS_PARENTS] == [2, 16, 2, 3, 4, 2, 6, 7, 15, 9, 10, 15, 12, 13, 15, 15, 2]


def test_by_hand():
    parents = (0, 0, 1)
    estimated = np.array([[[1.0, 1, 1], [1, 1, 3], [1, 5, 3]]])
    truth = np.array([[[9.0, 9, 9], [9, 12, 9], [9, 12, 10]]])
    np.testing.assert_allclose(rescale_bones(estimated, truth, parents), [[[1, 1, 1], [1, 1, 4], [1, 2, 4]]])


@given(seeds)
def test_lengths_of_the_truth_and_directions_of_the_estimate(seed):
    estimated, truth = skeletons(seed), skeletons(seed + 1)
    scaled = rescale_bones(estimated, truth)

    def bones(joints):
        vectors = np.delete(joints - joints[:, list(MUPOTS_PARENTS)], 14, axis=1)
        length = np.linalg.norm(vectors, axis=2)
        return length, vectors / length[:, :, None]
    np.testing.assert_allclose(bones(scaled)[0], bones(truth)[0], atol=1e-9)
    np.testing.assert_allclose(bones(scaled)[1], bones(estimated)[1], atol=1e-6)
    np.testing.assert_array_equal(scaled[:, 14], estimated[:, 14])


@given(seeds, st.floats(0.1, 10))
def test_the_size_of_the_estimate_does_not_matter(seed, size):
    estimated, truth = skeletons(seed), skeletons(seed + 1)
    pelvis = estimated[:, 14, None]
    np.testing.assert_allclose(rescale_bones(pelvis + size * (estimated - pelvis), truth),
                               rescale_bones(estimated, truth), atol=1e-9)
    np.testing.assert_allclose(rescale_bones(truth, truth), truth, atol=1e-9)


def test_a_bone_without_direction_and_what_hangs_on_it_are_unknown():
    estimated, truth = skeletons(0, 1), skeletons(1, 1)
    estimated[0, 3] = estimated[0, 2]    # elbow on shoulder
    scaled = rescale_bones(estimated, truth)
    assert np.flatnonzero(np.isnan(scaled).any(axis=2)[0]).tolist() == [3, 4]


def test_what_is_no_skeleton_is_refused():
    with pytest.raises(ValueError, match='expected two arrays'):
        rescale_bones(np.zeros((1, 16, 3)), np.zeros((1, 16, 3)))
    with pytest.raises(ValueError, match='its own parent, not 2'):
        outward((0, 1, 0))
    with pytest.raises(ValueError, match='hang on the root'):
        outward((0, 2, 1))
