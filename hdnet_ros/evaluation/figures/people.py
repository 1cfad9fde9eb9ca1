"""People from tables of predictions and of truth, as the drawing code wants them."""
from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Observation, Person, Root, TrackState
from hdnet_ros.skeleton import HUMAN36M_17, convert, joint_set

from ..people_table import PeopleTable, TruthTable


def people_of_rows(table: PeopleTable | TruthTable, rows: np.ndarray, camera: Camera | None = None) -> list[Person]:
    """The people in some rows of a table, called 1, 2, 3 and so on.

    Joints are read in the order of Human3.6M, NaN where unknown. Where the table has no pixels and a camera is given,
    the joints and the root are projected. The covariance is that of the depth; zero if the table does not know it.
    """
    return [_person(table, int(row), str(number), camera) for number, row in enumerate(rows, start=1)]


def _person(table: PeopleTable | TruthTable, row: int, name: str, camera: Camera | None) -> Person:
    root = table.root[row]
    joints, pixels = (np.full((17, 3), np.nan) if column is None
                      else convert(column[row], joint_set(table.joint_set), HUMAN36M_17)
                      for column in (table.joints, None))
    if table.joints_px is not None:
        pixels = convert(table.joints_px[row], joint_set(table.joint_set), HUMAN36M_17)
    elif camera is not None:
        pixels = camera.project(joints)
    else:
        pixels = np.full((17, 2), np.nan)
    root_px = table.root_px[row]
    if camera is not None and np.isnan(root_px).any():
        root_px = camera.project(root)
    covariance = np.zeros((3, 3))
    if isinstance(table, PeopleTable) and np.isfinite(table.log_sigma[row]):
        covariance = table.log_sigma[row] ** 2 * np.outer(root, root)
    known = np.isfinite(pixels).all(axis=1)
    return Person(id=name, state=TrackState.CONFIRMED, age_s=0.0, unseen_s=0.0, root=root, root_covariance=covariance,
                  velocity=np.zeros(3), velocity_covariance=np.zeros((3, 3)),
                  observation=Observation(Detection(_box(table.box[row], pixels, root_px)),
                                          Root(root, covariance, root_px)),
                  joints=joints, joints_px=pixels, confidence=known.astype(float))


def _box(box: np.ndarray, pixels: np.ndarray, root_px: np.ndarray) -> np.ndarray:
    """The box, or the smallest that holds what is known of the person in the image."""
    if np.isfinite(box).all():
        return box
    known = np.vstack([pixels, root_px])
    known = known[np.isfinite(known).all(axis=1)]
    return np.concatenate([known.min(axis=0), known.max(axis=0)]) if len(known) else np.zeros(4)
