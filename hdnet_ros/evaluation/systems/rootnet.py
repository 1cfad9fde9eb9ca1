"""RootNet as a system: what HDNet is compared with in the paper's Tables 1 to 5."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.placing import place, root_ray
from hdnet_ros.network import posenet_input
from hdnet_ros.network.inference import for_inference
from hdnet_ros.network.posenet import CELLS
from hdnet_ros.network.rootnet import RootNet, load_rootnet
from hdnet_ros.perception.device import choose_device
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.person_square import crop_square, person_square, reference_depth_m
from hdnet_ros.perception.root.config import RootConfig


class RootNetLocator:
    """Looks at a crop of every person with RootNet; it tells no uncertainty, so covariances are NaN.

    The boxes must be those of a detector: feeding squares that RootNet has made already halves its accuracy.
    A distorted image is looked at as it is; only the viewing rays know the lens.
    """

    name = 'rootnet'

    def __init__(self, net: RootNet, config: RootConfig | None = None):
        """net: in any mode on any device; it is copied. config: device, depths, root_pixel, windows_per_pass."""
        self.config = config or RootConfig()
        self.device = choose_device(self.config.device)
        self._net = for_inference(net).to(self.device)

    @classmethod
    def from_config(cls, config: RootConfig) -> RootNetLocator:
        """Load ``config.checkpoint``; CheckpointError for a file that is no RootNet, ModelError for a bad device."""
        choose_device(config.device)
        return cls(load_rootnet(config.checkpoint), config)

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres at which people are placed."""
        return self.config.min_depth_m, self.config.max_depth_m

    @torch.inference_mode()
    def locate(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """One root per detection, None for a box outside the image or a depth that is absurd.

        image: (H, W, 3) uint8 BGR. poses: only with ``root_pixel='lifter'``.
        """
        squares = [person_square(d.box, image.shape[1], image.shape[0]) for d in detections]
        seen = [person for person, square in enumerate(squares) if square is not None]
        roots: list[Root | None] = [None] * len(detections)
        for start in range(0, len(seen), self.config.windows_per_pass):
            batch = seen[start:start + self.config.windows_per_pass]
            for person, found in zip(batch, self._run(image, camera, [squares[p] for p in batch]), strict=True):
                left_top, side = squares[person][:2], squares[person][2]
                own_ray = camera.unproject(left_top + found[:2] / CELLS * side)
                ray = root_ray(camera, own_ray, poses[person], self.config)
                roots[person] = place(camera, ray, found[2], self.name, self.config)
        return roots

    def _run(self, image: np.ndarray, camera: Camera, squares: Sequence[np.ndarray]) -> np.ndarray:
        """(B, 3): x and y in cells of each square, and the depth in metres."""
        images = posenet_input(np.stack([crop_square(image, square) for square in squares]), self.device)
        k = torch.tensor([reference_depth_m(square[2], camera) for square in squares], device=self.device)
        return self._net(images.to(memory_format=torch.channels_last), k.float()).double().cpu().numpy()
