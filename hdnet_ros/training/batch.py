"""Batches: what goes through the network in one step, and what it should give."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from hdnet_ros.camera_view import CameraView
from hdnet_ros.joint_masks import joint_masks
from hdnet_ros.network import DepthBins, HDNetConfig
from hdnet_ros.skeleton import joint_set
from hdnet_ros.window import Window

from .samples import PersonTruth
from .targets import Targets
from .windows import WindowExample


class Batch(NamedTuple):
    """W windows with P people in them.

    images: (W, S, S, 3) uint8 BGR.
    coord_maps: (W, 2, cells, cells) normalised camera coordinates of each cell.
    window_index: (P,) each person's window.
    masks: (P, cells, cells) or, for a network with ``joint_places``, (P, J, cells, cells), by ``joint_masks``.
    equivalent_focal_px: (P,); root_depth_m: (P,), NaN where unknown; root_ray: (P, 2) x/z and y/z of the root joint,
        NaN where unknown.
    sources: where each window comes from.
    """

    images: torch.Tensor
    coord_maps: torch.Tensor
    window_index: torch.Tensor
    masks: torch.Tensor
    targets: Targets
    equivalent_focal_px: torch.Tensor
    root_depth_m: torch.Tensor
    root_ray: torch.Tensor
    sources: list[str]

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        def move(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.to(device, non_blocking=True)
        values = self._asdict()
        moved = {name: move(value) for name, value in values.items() if isinstance(value, torch.Tensor)}
        return self._replace(**moved, targets=Targets(*map(move, self.targets)))


def make_batch(examples: Sequence[WindowExample], network: HDNetConfig,
               hidden_joints: bool = True) -> Batch:
    """A batch from windows.

    hidden_joints: learn also from joints that are known but not visible.
    A joint is learned from if it is known and lies in the window and in the person's box: outside, no heatmap can be.
    """
    cells, root = network.cells, joint_set(network.joint_set).root
    rows = [_person(example, i, network, hidden_joints) for example in examples
            for i in range(len(example.people))]
    masks, joint_cells, rays, supervised, focal, depth = (np.stack(values) for values in zip(*rows))
    with np.errstate(invalid='ignore'):
        index = DepthBins(network.alpha, network.beta, network.bins).index_of_depth(depth, focal)

    def tensor(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
    targets = Targets(tensor(np.nan_to_num(joint_cells)), tensor(np.nan_to_num(rays)),
                      torch.from_numpy(supervised), tensor(index))
    return Batch(
        images=torch.from_numpy(np.stack([example.picture for example in examples])),
        coord_maps=torch.from_numpy(np.stack([example.window.coordinate_map(cells) for example in examples])),
        window_index=torch.from_numpy(np.repeat(np.arange(len(examples)), [len(e.people) for e in examples])),
        masks=torch.from_numpy(masks), targets=targets, equivalent_focal_px=tensor(focal),
        root_depth_m=tensor(depth), root_ray=tensor(rays[:, root]), sources=[example.source for example in examples])


def _depth_m(window: Window, truth: PersonTruth, network: HDNetConfig) -> float:
    """Of the root joint, along the axis of what the window looks at."""
    if isinstance(window.camera, CameraView):
        return float(truth.joints_camera[joint_set(network.joint_set).root] @ window.camera.axes[:, 2])
    return truth.root_depth_m


def _person(example: WindowExample, i: int, network: HDNetConfig, hidden_joints: bool
            ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Mask, joints in cells, joints as rays, which to learn from, equivalent focal length, depth of the root."""
    window, cells = example.window, network.cells
    truth = example.view.people[example.people[i]]
    mask = joint_masks(window, example.boxes[i], example.others[i], network.joint_places, cells,
                       box_mask=network.box_mask)
    places = window.to_input(truth.joints_px) * cells / window.input_size
    rays = (window.camera.undistort(truth.joints_px) - window.camera.K[:2, 2]) / (window.camera.fx, window.camera.fy)
    known = np.isfinite(places).all(axis=1) & (truth.visible | hidden_joints)
    nearest = np.round(np.nan_to_num(places, nan=-1)).clip(-1, cells).astype(int)
    inside = ((nearest >= 0) & (nearest < cells)).all(axis=1)
    for_each = np.broadcast_to(mask, (len(places), cells, cells))
    column, row = nearest.clip(0, cells - 1).T
    in_box = for_each[np.arange(len(places)), row, column] > 0
    return mask, places, rays, known & inside & in_box, window.equivalent_focal_px, _depth_m(window, truth, network)
