"""One person detected twice: a box around the body and another around its upper half, say."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.perception.detector.boxes import box_overlap
from hdnet_ros.perception.people import Observation, Pose

# The same skeleton comes out nearly the same from two boxes; people who walk abreast differ by more than a tenth of
# their height.
_SAME_POSE = 0.1
_SAME_BOX = 0.7
_SAME_DISTANCE = 0.15
_SURE = 0.3
_MIN_JOINTS = 4


def drop_duplicates(observations: Sequence[Observation]) -> list[Observation]:
    """The observations without repetitions of the same person, in the same order; the better detection stays."""
    order = sorted(range(len(observations)), key=lambda i: -observations[i].detection.score)
    kept: list[int] = []
    for i in order:
        if not any(_same_person(observations[i], observations[k]) for k in kept):
            kept.append(i)
    return [observations[i] for i in sorted(kept)]


def _same_person(a: Observation, b: Observation) -> bool:
    """Equally far away and, in the image, the same skeleton or (if one has none) the same box."""
    near, far = sorted(np.linalg.norm(each.root.position) for each in (a, b))
    if far - near > _SAME_DISTANCE * near:
        return False
    if a.pose is None or b.pose is None:
        return bool(box_overlap(a.detection.box, b.detection.box[None])[0] > _SAME_BOX)
    size_px = min(o.detection.size_px for o in (a, b))
    return _difference_px(a.pose, b.pose) < _SAME_POSE * size_px


def _difference_px(a: Pose, b: Pose) -> float:
    """Median distance of the joints that both are sure of; of all, if those are too few."""
    distance = np.linalg.norm(a.joints_px - b.joints_px, axis=1)
    sure = (a.confidence >= _SURE) & (b.confidence >= _SURE) & np.isfinite(distance)
    if np.count_nonzero(sure) < _MIN_JOINTS:
        sure = np.isfinite(distance)
    return float(np.median(distance[sure])) if sure.any() else np.inf
