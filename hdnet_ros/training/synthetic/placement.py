"""Where people stand: bodies in poses on the floor in front of a camera, not inside each other."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.synthetic.body_pool import BodyPool
from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.config import SceneConfig
from hdnet_ros.training.synthetic.joints import JointRegressor
from hdnet_ros.training.synthetic.kinematics import bone_transforms, moved, skin
from hdnet_ros.training.synthetic.pose_source import DrawnPose
from hdnet_ros.training.synthetic.view import View

# From the body's frame (x left, y back, z up) to the level frame (x right, y down, z forward), facing the camera.
_UPRIGHT = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
_CLOSEST_M = 0.35
_TRIES = 30
_COARSE = 12


@dataclass(frozen=True, eq=False)
class PlacedPerson:
    """One person in the camera frame, without clothes.

    body: index in the pool. transforms: (B, 3, 4), bone_starts: (B, 3). joints: (21, 3), see ``joints.NAMES``.
    floor_place: (2,) x and z of the hips, seat_m: height of the hips above the floor, yaw_rad: level frame.
    """

    body: int
    transforms: np.ndarray
    bone_starts: np.ndarray
    joints: np.ndarray
    floor_place: np.ndarray
    seat_m: float
    yaw_rad: float
    sits: bool


class Placer:
    """Places people of one pool."""

    def __init__(self, body: BodyTemplate, pool: BodyPool) -> None:
        self._body = body
        self._pool = pool
        self._regressor = JointRegressor(body)
        # Every n-th vertex is enough to find what touches the floor.
        self._coarse = body.skin[::_COARSE]
        self._coarse_weights = body.weights[self._coarse]

    def spots(self, config: SceneConfig, count: int, depths_m: np.ndarray, view: View,
              rng: np.random.Generator) -> list[np.ndarray]:
        """Up to ``count`` places on the floor, (2,) x and z, that keep their distance from each other."""
        spots: list[np.ndarray] = []
        least_m = config.depth_m[0] * (1 - 1e-9)    # depths are powers of e, rounded
        for depth in depths_m[:count]:
            for _ in range(_TRIES):
                if spots and rng.random() < config.near_share:
                    angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(config.spacing_m, 2 * config.spacing_m)
                    spot = spots[rng.integers(len(spots))] + away * np.array([np.cos(angle), np.sin(angle)])
                else:
                    across = rng.uniform(-config.lateral, config.lateral) * view.width / view.focal_px
                    spot = np.array([across * depth, depth])
                if spot[1] >= least_m and all(np.linalg.norm(spot - s) > config.spacing_m for s in spots):
                    spots.append(spot)
                    break
        return spots

    def place(self, body: int, pose: DrawnPose, spot: np.ndarray, yaw_rad: float, view: View) -> PlacedPerson | None:
        """Put somebody's hips above a spot and the lowest point on the floor; None if part of him comes too close."""
        shape, heads = self._pool.shapes[body], self._pool.heads[body].astype(float)
        transforms, starts = bone_transforms(heads, pose.rotations.astype(float), self._body.parents)
        coarse, _ = skin(self._coarse_weights, transforms, shape[self._coarse], shape[self._coarse])
        cosine, sine = np.cos(yaw_rad), np.sin(yaw_rad)
        to_level = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]]) @ _UPRIGHT
        joints = self._regressor.posed(self._regressor.rest(shape, heads), transforms)
        coarse_level, hips = coarse @ to_level.T, to_level @ joints[0]
        shift = np.array([spot[0] - hips[0], view.height_m - coarse_level[:, 1].max(), spot[1] - hips[2]])
        rotation, translation = view.rotation @ to_level, view.rotation @ shift
        if (coarse @ rotation[2] + translation[2]).min() < _CLOSEST_M:
            return None
        return PlacedPerson(body, moved(transforms, rotation, translation), starts @ rotation.T + translation,
                            joints @ rotation.T + translation, spot, float(view.height_m - hips[1] - shift[1]), yaw_rad,
                            pose.sits)
