"""The evaluation of Human3.6M: MRPE of the root, MPJPE and PA-MPJPE of the skeleton."""
from __future__ import annotations

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17, convert, joint_set

from ..metrics import mpjpe, mrpe, pa_mpjpe, relative_depth_error
from ..people_table import PeopleTable
from .human36m_truth import Human36mTruth
from .results import ActionErrors, Human36mResult

ACTIONS = {2: 'Directions', 3: 'Discussion', 4: 'Eating', 5: 'Greeting', 6: 'Phoning', 7: 'Posing', 8: 'Purchases',
           9: 'Sitting', 10: 'SittingDown', 11: 'Smoking', 12: 'Photo', 13: 'Waiting', 14: 'Walking', 15: 'WalkDog',
           16: 'WalkTogether'}


def evaluate_human36m(people: PeopleTable, truth: Human36mTruth, detections_px: np.ndarray | None = None,
                      ) -> Human36mResult:
    """Score the most certain estimate of every image.

    people: with image ids s_09_act_02_subact_01_ca_01_000001 and so on; without joints only roots are scored.
    detections_px: (N, 17, 2) 2D joints from elsewhere, one row per image of the truth. The root then is the system's
        depth behind their root joint, as in the paper, whose network does not give the pixel itself (section 4.3).
    Images without an estimate are counted and left out of the errors. Joints are compared relative to the root, with
    rigid alignment without scale for PA-MPJPE.
    Source: paper, sections 4.1 and 4.3; the code published with RootNet and PoseNet.
    """
    estimates = people.of_images(truth.people.image_ids)
    best = _most_certain(estimates.image, estimates.score)
    surplus = len(estimates) - len(best)
    estimates = estimates.take(best)
    row = estimates.image
    root = estimates.root
    if detections_px is not None:
        root = back_project(np.asarray(detections_px)[row, HUMAN36M_17.root], root[:, 2], truth.K[row])
    true_root = truth.people.root[row]
    joints = None
    if estimates.joints is not None:
        joints = convert(estimates.joints, joint_set(estimates.joint_set), HUMAN36M_17)

    def errors(name: str, members: np.ndarray) -> ActionErrors:
        found = mrpe(root[members], true_root[members])
        if joints is None:
            return ActionErrors(name, found, 0, None, None)
        posed = members & np.isfinite(joints).all(axis=(1, 2))
        pair = joints[posed], truth.people.joints[row[posed]]
        return ActionErrors(name, found, int(posed.sum()), mpjpe(*pair, root=HUMAN36M_17.root),
                            pa_mpjpe(*pair, scale=False))

    action = np.array([image.action for image in truth.images])
    pixel_error_px = np.linalg.norm(estimates.root_px - truth.people.root_px[row], axis=1)
    depth_error = np.abs(relative_depth_error(root[:, 2], true_root[:, 2]))
    return Human36mResult(
        protocol=truth.protocol, root_pixel='estimate' if detections_px is None else 'detections',
        images=len(truth.people), missing=len(truth.people) - len(row), surplus=surplus,
        overall=errors('all', np.ones(len(row), dtype=bool)),
        actions=tuple(errors(ACTIONS.get(number, f'action {number}'), action[row] == number)
                      for number in np.unique(action).tolist()),
        pixel_error_px=_mean(pixel_error_px[np.isfinite(pixel_error_px)]), relative_depth_error=_mean(depth_error))


def back_project(pixels: np.ndarray, depth_m: np.ndarray, K: np.ndarray) -> np.ndarray:
    """(N, 3) metres: points at depths (N,) behind pixels (N, 2), cameras (N, 3, 3) without distortion."""
    rays = (pixels - K[:, :2, 2]) / K[:, [0, 1], [0, 1]]
    return np.column_stack([rays, np.ones(len(rays))]) * np.asarray(depth_m)[:, None]


def _most_certain(image: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Row of the highest score of every image, the first of equals; ascending by image."""
    order = np.lexsort((-score, image))
    return order[np.unique(image[order], return_index=True)[1]]


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float('nan')
