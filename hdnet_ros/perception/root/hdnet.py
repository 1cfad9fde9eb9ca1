"""Root position from HDNet's depth and a viewing ray."""
from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.joint_masks import window_joint_masks
from hdnet_ros.models import file_or_model
from hdnet_ros.network import HDNet, HDNetConfig, HDNetOutput, flip_test, for_inference, hdnet_input, load_hdnet
from hdnet_ros.network.checkpoint_file import tells_configuration
from hdnet_ros.network.heatmaps import position_covariance
from hdnet_ros.perception.device import choose_device
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.cut_off import root_covariance
from hdnet_ros.perception.root.on_ray import on_ray
from hdnet_ros.perception.root.root_windows import WindowChooser
from hdnet_ros.skeleton import HUMAN36M_17, convert, joint_set
from hdnet_ros.window import Window, equivalent_focal_px

# A distribution over bins is never that sure: neighbouring bins differ by 2 % or more.
_MIN_LOG_SIGMA = 0.005
# At an end of the scale the distribution is narrow, too, but the person may be anywhere beyond.
_SATURATED_LOG_SIGMA = 0.5


class _Estimate(NamedTuple):
    """What the network says of one person.

    joints: (J, 2) normalised camera coordinates; ray_covariance: (2, 2) of the root's. bins: (NB,) probabilities, or
    (0,). bin_index: the real index on the scale of the bins.
    """

    joints: np.ndarray
    ray_covariance: np.ndarray
    bins: np.ndarray
    bin_index: float


class HDNetLocator:
    """Looks at each person's window with HDNet; depth from the bins, lateral position from a viewing ray.

    One pass of the backbone per window, however many people are in it.
    """

    name = 'hdnet'

    def __init__(self, net: HDNet, config: RootConfig | None = None):
        """net: in any mode on any device; it is copied. ValueError if the windows cannot be chosen as configured."""
        self.config = config or RootConfig()
        self.device = choose_device(self.config.device)
        self._net = for_inference(net).to(self.device)
        self._bins = net.depth_bins
        self._joint_set = joint_set(net.config.joint_set)
        self._root = self._joint_set.root
        self._chooser = WindowChooser(net.config, self.config)

    @classmethod
    def from_config(cls, config: RootConfig) -> HDNetLocator:
        """Loads the checkpoint; CheckpointError or ModelError if it or the device cannot be used."""
        # Asked first: a missing device is told without waiting for the weights.
        choose_device(config.device)
        preset = HDNetConfig.preset(config.preset) if config.preset else None
        path = file_or_model(config.checkpoint)
        if preset and tells_configuration(path):
            preset = None
        return cls(load_hdnet(path, preset), config)

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres that the network can tell, in the largest usual and the smallest windows."""
        usual = equivalent_focal_px(camera, self._chooser.size_px(camera))
        return self._clip_range(usual)[0], self._clip_range(usual * self._chooser.max_zoom)[1]

    @torch.inference_mode()
    def locate(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """The roots of the people in one image.

        image: (H, W, 3) uint8 BGR.
        poses: only their root pixels are used, and only with ``root_pixel='lifter'``; whoever has no pose, or one whose
            root has no ray in the lens model, gets the network's own root pixel.
        Returns one entry per detection; None if no window can show the person, the depth is absurd, or the network's
        output is not finite.
        """
        roots: list[Root | None] = [None] * len(detections)
        boxes = np.reshape([d.box for d in detections], (-1, 4))
        windows, index, ideal = self._chooser.choose_turned(camera, boxes, self.config.camera_roll_deg)
        extents = [window.extents_of(ideal[window.camera]) for window in windows]
        for first in range(0, len(windows), self.config.windows_per_pass):
            last = min(first + self.config.windows_per_pass, len(windows))
            people = np.flatnonzero((index >= first) & (index < last))
            masks = self._masks(windows, extents, index, people)
            found = self._locate_in(image, windows[first:last], index[people] - first, masks,
                                    [detections[p] for p in people], [poses[p] for p in people])
            for person, root in zip(people, found, strict=True):
                roots[person] = root and self._with_border(root, camera, detections[person])
        return roots

    def _with_border(self, root: Root, camera: Camera, detection: Detection) -> Root:
        """Less sure of somebody whom the image border cuts off: the network sees a root in the part that is left."""
        beyond = root_covariance(camera, detection.box, root.position, self.config.camera_roll_deg)
        return replace(root, covariance=root.covariance + beyond)

    def _masks(self, windows: list[Window], extents: list[np.ndarray], index: np.ndarray, people: np.ndarray
               ) -> np.ndarray:
        """Where each of some people may have joints in the window that shows the person, as the network was trained."""
        net, masks = self._net.config, {}
        for number in np.unique(index[people]):
            shown = people[index[people] == number].tolist()
            masks.update(zip(shown, window_joint_masks(windows[number], extents[number], shown, net.joint_places,
                                                       net.cells, box_mask=net.box_mask), strict=True))
        return np.stack([masks[person] for person in people.tolist()])

    def _locate_in(self, image: np.ndarray, windows: list[Window], index: np.ndarray, masks: np.ndarray,
                   detections: list[Detection], poses: list[Pose | None]) -> list[Root | None]:
        net, cells = self._net, self._net.config.cells
        inputs = hdnet_input(np.stack([w.sample(image) for w in windows]), net.config, self.device)
        coords = torch.from_numpy(np.stack([windows[w].coordinate_map(cells) for w in index])).to(self.device)
        half = self.config.half and self.device.type == 'cuda'
        with torch.autocast('cuda', torch.float16) if half else nullcontext():
            out = self._look(inputs.to(memory_format=torch.channels_last), index, coords,
                             torch.from_numpy(masks).to(self.device))
        own = slice(self._root, self._root + 1)
        spread = position_covariance(out.heatmaps[:, own], coords)[:, 0]
        tensors = net.read_joints(out, coords), spread, out.bins, out.bin_index
        estimates = map(_Estimate, *(t.double().cpu().numpy() for t in tensors))
        return [self._root_of(windows[w], detection, pose, estimate)
                for w, detection, pose, estimate in zip(index, detections, poses, estimates, strict=True)]

    def _look(self, inputs: torch.Tensor, index: np.ndarray, coords: torch.Tensor, masks: torch.Tensor) -> HDNetOutput:
        if self.config.flip_test:
            return flip_test(self._net, inputs, index, coords, masks)
        return self._net.decode(self._net.encode(inputs), index, coords, masks)

    def _root_of(self, window: Window, detection: Detection, pose: Pose | None, estimate: _Estimate) -> Root | None:
        """One person's root; None if it is absurd."""
        camera, bins = window.camera, estimate.bins
        # Somewhere in its cell: the mask of a narrow box is one cell wide, in which nothing spreads.
        cell = window.size_px / self._net.config.cells / camera.focal_px
        ray, ray_covariance = estimate.joints[self._root], estimate.ray_covariance + np.eye(2) * cell ** 2 / 12
        if self.config.root_pixel == 'lifter' and pose is not None:
            told = camera.unproject(pose.joints_px[HUMAN36M_17.root])[:2]
            if np.isfinite(told).all():   # not so where hips outside the image have no ray in the lens model
                sigma = self.config.root_pixel_sigma * detection.size_px / camera.focal_px
                ray, ray_covariance = told, np.eye(2) * sigma ** 2
        depth_m = float(self._bins.depth_m(estimate.bin_index, window.equivalent_focal_px))
        log_sigma = float(self._bins.log_spread(bins)) * self._net.config.sigma_scale
        if not bins.size:
            log_sigma = self.config.size_sigma
        if not np.isfinite([depth_m, log_sigma, *ray, *ray_covariance.flat]).all():
            return None
        saturated = self._saturated(bins, estimate.bin_index)
        log_sigma = max(log_sigma, _SATURATED_LOG_SIGMA if saturated else _MIN_LOG_SIGMA)
        position, covariance = on_ray(ray, ray_covariance, depth_m, log_sigma)
        pixel = camera.project(position)
        if isinstance(camera, CameraView):
            position, covariance = camera.to_lens(position), camera.covariance_to_lens(covariance)
        if not self.config.reaches(position):
            return None
        return Root(position=position, covariance=covariance, pixel=pixel,
                    saturated=saturated, method=self.name,
                    joints_px=self._joints_px(camera, estimate.joints))

    def _joints_px(self, camera: Camera, joints: np.ndarray) -> np.ndarray:
        """(17, 2) pixels from normalised camera coordinates (J, 2)."""
        seen = camera.project(np.column_stack([joints, np.ones(len(joints))]))
        return convert(seen, self._joint_set, HUMAN36M_17)

    def _clip_range(self, focal_px: float) -> tuple[float, float]:
        near, far = self._bins.depth_range_m(focal_px)
        return max(near, self.config.min_depth_m), min(far, self.config.max_depth_m)

    def _saturated(self, bins: np.ndarray, bin_index: float) -> bool:
        """Whether the depth lies within half a bin of an end of the scale, or an end is more likely than all else."""
        at_end = not 0.5 < bin_index < self._bins.bins - 1.5
        return bool(at_end or (bins.size and max(bins[0], bins[-1]) > 0.5))
