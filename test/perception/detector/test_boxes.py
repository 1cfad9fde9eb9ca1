from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdnet_ros.perception.detector.boxes import box_overlap, check_image, clean_detections, pixels_touched
from hdnet_ros.perception.detector.config import DetectorConfig

BOXES = arrays(np.float64, st.tuples(st.integers(0, 12), st.just(4)),
               elements=st.one_of(st.floats(-200, 400), st.sampled_from([np.nan, np.inf, -np.inf])))


def overlap_by_counting(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of boxes with whole coordinates, by counting cells."""
    grid = np.zeros((2, 64, 64), bool)
    for layer, (x0, y0, x1, y1) in zip(grid, (a, b), strict=True):
        layer[y0:y1, x0:x1] = True
    union = (grid[0] | grid[1]).sum()
    return (grid[0] & grid[1]).sum() / union if union else 0.0


@given(arrays(int, (5, 2, 2), elements=st.integers(0, 63)))
def test_overlap_counts_cells(corners):
    boxes = np.sort(corners, axis=1).reshape(5, 4)
    expected = [overlap_by_counting(boxes[0], box) for box in boxes]
    assert np.allclose(box_overlap(boxes[0].astype(float), boxes), expected)


@given(arrays(int, (2, 2), elements=st.integers(-80, 400)), st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_a_pixel_is_touched_if_the_box_reaches_into_it(eighths, size):
    """Eighths of a pixel, so that edges between two pixels come up, and nothing is rounded."""
    low, high = np.sort(eighths, axis=0) / 8
    first, end = pixels_touched(low, high, size)
    for axis in range(2):
        centres = np.arange(size[axis])
        reaches_in = (np.maximum(low[axis], centres - 0.5) < np.minimum(high[axis], centres + 0.5)).nonzero()[0]
        if low[axis] < high[axis]:
            assert list(range(first[axis], end[axis])) == reaches_in.tolist()
        assert 0 <= first[axis] <= end[axis] <= size[axis]


def test_a_box_over_the_whole_image_touches_all_of_it():
    first, end = pixels_touched([-0.5, -0.5], [639.5, 479.5], (640, 480))
    assert (first.tolist(), end.tolist()) == ([0, 0], [640, 480])


@given(BOXES, st.data())
def test_clean_detections_keep_their_promises(boxes, data):
    scores = data.draw(arrays(np.float64, len(boxes), elements=st.one_of(st.floats(-1, 2), st.just(np.nan))))
    config = DetectorConfig(score_threshold=0.3, overlap_threshold=0.4, min_size_px=5, max_people=4)
    found = clean_detections(boxes, scores, 320, 240, config)
    assert len(found) <= 4
    assert all(a.score >= b.score for a, b in pairwise(found))
    for i, detection in enumerate(found):
        x0, y0, x1, y1 = detection.box
        assert min(x0, y0) >= 0 and x1 <= 319 and y1 <= 239 and min(x1 - x0, y1 - y0) >= 5
        assert 0.3 <= detection.score <= 1
        others = np.array([other.box for other in found[:i]]).reshape(-1, 4)
        assert (box_overlap(detection.box, others) <= 0.4).all()


def test_the_better_of_two_doubles_stays():
    boxes = [[10, 10, 60, 110], [12, 12, 62, 112], [200, 10, 250, 110]]
    found = clean_detections(np.array(boxes), np.array([0.7, 0.9, 0.5]), 640, 480, DetectorConfig())
    assert [detection.score for detection in found] == [0.9, 0.5]
    assert found[0].box.tolist() == boxes[1]


def test_nobody():
    assert clean_detections(np.array([]), np.array([]), 640, 480, DetectorConfig()) == []


@pytest.mark.parametrize('image', [
    None, np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8),
    np.zeros((4, 4, 4), np.uint8)])
def test_check_image_refuses(image):
    with pytest.raises(ValueError, match='uint8 array with at least one pixel'):
        check_image(image)


def test_check_image_makes_contiguous():
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)[:, ::-2]
    checked = check_image(image)
    assert checked.flags.c_contiguous and (checked == image).all()


def test_limits_belong_to_what_they_let_through():
    """An overlap and a score that are just those of the configuration."""
    apart, same = np.array([[0, 0, 50, 100.0], [100, 0, 150, 100]]), np.array([[0, 0, 50, 100.0]] * 2)
    scores = np.array([0.9, 0.8])
    assert len(clean_detections(apart, scores, 300, 200, DetectorConfig(overlap_threshold=0.0))) == 2
    assert len(clean_detections(same, scores, 300, 200, DetectorConfig(overlap_threshold=1.0))) == 2
    assert len(clean_detections(apart[:1], np.array([0.4]), 300, 200, DetectorConfig(score_threshold=0.4))) == 1
