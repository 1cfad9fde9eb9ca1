"""PoseNet as a lifter: the root-relative 3D pose network that the paper uses."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.models import ModelError
from hdnet_ros.perception.detector.boxes import check_image
from hdnet_ros.perception.device import choose_device
from hdnet_ros.perception.lifter.back_projection import at_depth
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.person_square import crop_square, person_square, reference_depth_m
from hdnet_ros.skeleton import HUMAN36M_17, convert, joint_set
from hdnet_ros.units import MM_PER_M

_BATCH = 4     # the volumes of one person take about 60 MB


class PoseNetLifter:
    """PoseNet on every detected person.

    It sees one crop, so it tells pixels, and depths relative to the root, but no distance.
    ``joints_relative`` holds for a person at RootNet's k, sqrt(fx fy) * 2 m / side of the square box;
    once the root depth is known, ``back_projection.at_depth`` gives the real ones.
    So it has no size that could tell how far away a person is.
    Confidences are 1, as the network gives none, but 0 for joints that have no place at any root depth: those that the
    network does not tell, and those whose pixel has no ray.
    """

    name = 'posenet'

    def __init__(self, config: LifterConfig) -> None:
        """Load the checkpoint ``config.path``; CheckpointError for a bad file.

        ModelError if no file is given, or torch or the device is missing.
        """
        if not config.path:
            raise ModelError("the lifter 'posenet' needs the path of a checkpoint (snapshot_N.pth.tar or .safetensors)")
        try:
            from hdnet_ros.network import load_posenet
        except ImportError as error:
            raise ModelError(f"the lifter 'posenet' needs torch; install it: pip install torch ({error})") from error
        self.config = config
        self.device = choose_device(config.device)
        self._network = load_posenet(config.path, config.joint_set or None).to(self.device)
        self._joint_set = joint_set(self._network.joint_set)

    def reset(self) -> None:
        """Nothing to forget: every image is seen for itself."""

    def lift(self, image: np.ndarray, detections: Sequence[Detection], camera: Camera,
             camera_roll_deg: float = 0.0) -> list[Pose | None]:
        """See ``Lifter.lift``; None for a box outside the image. The camera's roll is not looked at."""
        image = check_image(image)
        squares = [person_square(detection.box, image.shape[1], image.shape[0]) for detection in detections]
        seen = [i for i, square in enumerate(squares) if square is not None]
        poses: list[Pose | None] = [None] * len(detections)
        for start in range(0, len(seen), _BATCH):
            batch = seen[start:start + _BATCH]
            crops = np.stack([crop_square(image, squares[i]) for i in batch])
            for i, cells in zip(batch, self._run(crops), strict=True):
                poses[i] = self._pose(cells, squares[i], detections[i].score, camera)
        return poses

    def _run(self, crops: np.ndarray) -> np.ndarray:
        """(B, 256, 256, 3) uint8 BGR to (B, J, 3) cells."""
        import torch

        from hdnet_ros.network import posenet_input
        with torch.inference_mode():
            images = posenet_input(crops, self.device)
            cells = self._network.flip_test(images) if self.config.flip_test else self._network(images)
        return cells.cpu().numpy().astype(float)

    def _pose(self, cells: np.ndarray, square: np.ndarray, score: float, camera: Camera) -> Pose:
        from hdnet_ros.network.posenet import CELLS, cells_to_mm
        cells = convert(cells, self._joint_set, HUMAN36M_17)
        joints_px = square[:2] + cells[:, :2] / CELLS * square[2]
        relative_depth_m = cells_to_mm(cells[:, 2]) / MM_PER_M
        known = np.isfinite(camera.unproject(joints_px)).all(axis=1) & np.isfinite(relative_depth_m)
        guessed = Pose(joints_px=joints_px, joints_relative=np.full((len(joints_px), 3), np.nan),
                       confidence=(known & known[HUMAN36M_17.root]).astype(float), score=score,
                       relative_depth_m=relative_depth_m)
        # A joint that would be behind the camera at the guessed depth need not be so at the real one: still confident.
        at_guess = at_depth(guessed, reference_depth_m(square[2], camera), camera)
        return replace(guessed, joints_relative=at_guess.joints_relative)
