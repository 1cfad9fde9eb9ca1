import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.evaluation.root_ap import THRESHOLDS_M, first_within, nearest_truth, root_ap


def which_are_right(estimated, score, image_of_estimate, truth, image_of_truth, threshold_m=0.25):
    nearest, distance_m = nearest_truth(estimated, image_of_estimate, truth, image_of_truth)
    return first_within(nearest, distance_m, score, threshold_m).tolist()


def reference(estimated, score, image_of_estimate, truth, image_of_truth, threshold_m):
    """AP and AR, estimate by estimate; and which of the estimates are right."""
    order = sorted(range(len(estimated)), key=lambda i: -score[i])
    taken, right, precision, recall = set(), [False] * len(estimated), [], []
    for i in order:
        candidates = [j for j in range(len(truth)) if image_of_truth[j] == image_of_estimate[i]]
        if not candidates:
            continue
        nearest = min(candidates, key=lambda j: float(np.linalg.norm(estimated[i] - truth[j])))
        if np.linalg.norm(estimated[i] - truth[nearest]) < threshold_m and nearest not in taken:
            taken.add(nearest)
            right[i] = True
        precision.append(len(taken) / (len(precision) + 1))
        recall.append(len(taken) / len(truth))
    ap = sum(precision[n + 1] * (recall[n + 1] - recall[n]) for n in range(len(precision) - 1))
    return ap, recall[-1] if recall else 0.0, right


@st.composite
def scenes(draw):
    """A few images with a few people each; roots on a coarse grid, so that equal distances and scores occur."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truths, estimates = draw(st.integers(1, 12)), draw(st.integers(0, 16))
    grid = draw(st.sampled_from([0.0625, 0.25]))   # powers of two: distances are exact
    return ((random.integers(0, 4, (estimates, 3)) * grid), random.integers(0, 5, estimates) / 4,
            random.integers(0, 4, estimates), random.integers(0, 4, (truths, 3)) * grid, random.integers(0, 3, truths))


@settings(max_examples=300)
@given(scenes(), st.sampled_from([*THRESHOLDS_M, 0.05, 1.0]))
def test_the_same_as_one_by_one(scene, threshold_m):
    found = root_ap(*scene, threshold_m)
    ap, ar, right = reference(*scene, threshold_m)
    assert found.ap == pytest.approx(ap, abs=1e-12)
    assert found.ar == pytest.approx(ar, abs=1e-12)
    assert which_are_right(*scene, threshold_m) == right


@given(scenes(), st.integers(0, 2**32 - 1))
def test_neither_the_order_of_people_nor_the_numbers_of_images_matter(scene, seed):
    estimated, score, image, truth, image_of_truth = scene
    random = np.random.default_rng(seed)
    # Without ties: they are resolved by order.
    score = random.permutation(len(score)) / 16
    estimated = estimated + random.uniform(-0.01, 0.01, estimated.shape)
    scene = estimated, score, image, truth, image_of_truth
    before, right = root_ap(*scene), which_are_right(*scene)
    people, others, images = (random.permutation(n) for n in (len(estimated), len(truth), 9))
    scene = (estimated[people], score[people], images[image[people]], truth[others], images[image_of_truth[others]])
    after = root_ap(*scene)
    assert (after.ap, after.ar) == pytest.approx((before.ap, before.ar))
    assert which_are_right(*scene) == [right[person] for person in people]


@given(scenes())
def test_perfect_estimates_lose_only_the_first_step(scene):
    _, _, _, _, image = scene
    truth = np.random.default_rng(0).normal(size=(len(image), 3))
    found = root_ap(truth, np.ones(len(truth)), image, truth, image)
    assert found.ap == pytest.approx((len(truth) - 1) / len(truth))
    assert found.ar == 1


@pytest.mark.parametrize('offset, right', [(0.2499, True), (0.2501, False)])
def test_a_known_offset_is_right_below_the_threshold(offset, right):
    truth = np.array([[0, 0, 3.0], [1, 0, 3.0]])
    found = root_ap(truth + [0, 0, offset], np.ones(2), np.zeros(2, int), truth, np.zeros(2, int))
    assert found.ar == float(right)


def test_exactly_at_the_threshold_is_wrong():
    assert root_ap([[0, 0, 3.25]], [1], [0], [[0, 0, 3.0]], [0], 0.25).ar == 0


def test_by_hand():
    truth = np.array([[0, 0, 3.0], [0, 0, 4.0], [0, 0, 3.0], [9, 9, 9.0]])
    image_of_truth = np.array([0, 0, 1, 7])
    estimated = np.array([[0, 0, 3.1], [0, 0, 3.05], [0, 0, 3.9], [0, 0, 5.0], [0, 0, 3.2]])
    score = np.array([0.9, 0.8, 0.7, 0.95, 0.6])
    image = np.array([0, 0, 0, 2, 1])
    scene = estimated, score, image, truth, image_of_truth
    found = root_ap(*scene)
    # In the order of scores: image 2 has no truth and does not count; right; wrong, since the root is taken although
    # this estimate is nearer; right; right. Precision 1, 1/2, 2/3, 3/4, each step of recall 1/4, the first left out.
    assert which_are_right(*scene) == [True, False, True, False, True]
    assert found.ap == pytest.approx((2 / 3 + 3 / 4) / 4)
    assert found.ar == pytest.approx(3 / 4)


def test_an_estimate_that_is_too_far_does_not_take_the_root():
    scene = [[0, 0, 3.3], [0, 0, 3.1]], [0.9, 0.8], [0, 0], [[0, 0, 3.0]], [0]
    assert which_are_right(*scene) == [False, True]
    assert root_ap(*scene).ap == pytest.approx(0.5)


def test_no_second_choice():
    # Both estimates are nearest to the first root; the second would be within reach of the other one, too.
    scene = [[0, 0, 3.0], [0, 0, 3.05]], [0.9, 0.8], [0, 0], [[0, 0, 3.0], [0, 0, 3.2]], [0, 0]
    assert which_are_right(*scene) == [True, False]


def test_nobody_estimated_and_nobody_there():
    nobody, nowhere = np.empty((0, 3)), np.empty(0, int)
    found = root_ap(nobody, [], nowhere, [[0, 0, 3.0]], [0])
    assert (found.ap, found.ar) == (0, 0)
    found = root_ap([[0, 0, 3.0]], [1.0], [0], nobody, nowhere)
    assert np.isnan([found.ap, found.ar]).all()


def test_nearest_truth_stays_in_the_image():
    truth = [[0, 0, 1.0], [0, 0, 3.0], [0, 0, 1.5]]
    nearest, distance_m = nearest_truth([[0, 0, 1.0]] * 3, [5, 6, 4], truth, [6, 5, 5])
    assert nearest.tolist() == [2, 0, -1]
    assert distance_m.tolist() == [0.5, 0, np.inf]
    with pytest.raises(ValueError, match='finite'):
        nearest_truth([[0, np.nan, 1]], [0], [[0, 0, 1.0]], [0])
