"""What root localisation can be told."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.limits import at_least, one_of, positive, share

KINDS = ('combined', 'hdnet', 'geometric')
DEFAULT_CHECKPOINT = 'hdnet_lite'
METHODS = ('ransac', 'all', 'trunk')
WINDOW_POLICIES = ('checkpoint', 'box', 'principal', 'packed')
WINDOW_SIZES = ('checkpoint', 'canonical', 'native')
ROOT_PIXELS = ('hdnet', 'lifter')


@dataclass(frozen=True)
class RootConfig:
    """Settings of root localisation; ValueError names the setting that makes no sense.

    kind: 'hdnet', 'geometric' (from the skeleton's size), or 'combined': both, weighed by their variances.

    All kinds:
    min_depth_m, max_depth_m: nobody is placed outside. Beside the camera, where depth says nothing about how near
        somebody is, the former is a distance.

    Combined:
    child_share: how likely anybody is a child whose size the skeleton does not know; 0: adults only.

    Geometric:
    method: joints to rely on: 'ransac' (those that agree), 'all', or 'trunk' (no limbs); the three baselines of the
        paper's Table 1.
    size_sigma: relative standard deviation of a person's size around what the lifter assumes. Adult heights vary by
        5.5 %; the rest is the lifter's own error.
    pelvis_sigma_m: standard deviation, in each direction, of where the lifter takes the root joint to be inside the
        body; all joints share this error, so their agreement says nothing about it.
    min_joints: a person with fewer usable joints is not placed.
    min_confidence: joints below are not used.
    inlier_m, inlier_px: RANSAC keeps joints that lie so close to their viewing rays; the two add in quadrature.
    subsets, seed: number of subsets that RANSAC tries, and which.

    HDNet:
    checkpoint: file, or the name of a model in the manifest.
    preset: how to read a published checkpoint, which says nothing about itself (a name of ``HDNetConfig.preset``);
        empty for our own checkpoints and the published one of Human3.6M.
    device: 'auto' (CUDA if there is one), 'cpu', 'cuda', 'cuda:1', ...
    half: half precision; only on CUDA.
    window_policy: 'box' (one window per person, as in the paper), 'principal' (one around the principal point),
        'packed' (the fewest that hold everybody), or 'checkpoint': as trained.
    window_size: 'native' (1000 px, as in the paper), 'canonical' (the field of view of training; needs to know the
        focal length of training), or 'checkpoint'.
    train_focal_px: focal length of training for 'canonical', pixels, instead of the checkpoint's; 0: the checkpoint's.
    max_zoom: windows are up to so many times smaller where that still shows people whole, so that these are larger in
        them; 1: never, 0: as trained.
    camera_roll_deg: how far people who stand upright appear turned clockwise in the image, degrees, because the camera
        is mounted so; HDNet, which learned from level cameras, looks at the image turned back. ``Pipeline`` tells
        the detector and the lifter, too.
    camera_roll_from_tf: take that from the camera's pose instead where it is known, in a frame whose z points up.
    flip_test: average HDNet's estimates over windows and their mirror images; twice the time.
    root_pixel: whose root joint gives the viewing ray, 'hdnet' or 'lifter'.
    root_pixel_sigma: standard deviation of the lifter's root joint, relative to the height of the person's box.
    windows_per_pass: most windows looked at in one go, which bounds memory.
    """

    kind: str = 'combined'
    min_depth_m: float = 0.2
    max_depth_m: float = 50.0
    child_share: float = 0.12
    method: str = 'ransac'
    size_sigma: float = 0.07
    pelvis_sigma_m: float = 0.05
    min_joints: int = 4
    min_confidence: float = 0.1
    inlier_m: float = 0.10
    inlier_px: float = 3.0
    subsets: int = 256
    seed: int = 0
    checkpoint: str = DEFAULT_CHECKPOINT
    preset: str = ''
    device: str = 'auto'
    half: bool = False
    window_policy: str = 'checkpoint'
    window_size: str = 'checkpoint'
    train_focal_px: float = 0.0
    max_zoom: float = 0.0
    camera_roll_deg: float = 0.0
    camera_roll_from_tf: bool = True
    flip_test: bool = False
    root_pixel: str = 'hdnet'
    root_pixel_sigma: float = 0.02
    windows_per_pass: int = 8

    def reaches(self, position: np.ndarray) -> bool:
        """Whether somebody at (3,) metres, camera frame, is placed: not nearer in any direction, nor deeper."""
        return bool(position[2] > 0 and np.linalg.norm(position) >= self.min_depth_m
                    and position[2] <= self.max_depth_m)

    def __post_init__(self) -> None:
        one_of(self, kind=KINDS, method=METHODS, window_policy=WINDOW_POLICIES, window_size=WINDOW_SIZES,
               root_pixel=ROOT_PIXELS)
        if not 0 < self.min_depth_m < self.max_depth_m < float('inf'):
            raise ValueError('depths must satisfy 0 < min_depth_m < max_depth_m, '
                             f'not {self.min_depth_m} and {self.max_depth_m}')
        at_least(self, 3, 'min_joints')
        at_least(self, 1, 'subsets', 'windows_per_pass')
        at_least(self, 0, 'inlier_px', 'train_focal_px')
        share(self, 'child_share')
        positive(self, 'inlier_m', 'size_sigma', 'pelvis_sigma_m', 'root_pixel_sigma')
        if self.max_zoom != 0 and not 1 <= self.max_zoom < float('inf'):
            raise ValueError(f'max_zoom must be at least 1, or 0 for what the checkpoint was trained with, '
                             f'not {self.max_zoom}')
        if not -180 <= self.camera_roll_deg <= 180:
            raise ValueError(f'camera_roll_deg must lie in -180..180, not {self.camera_roll_deg}')
        if not 0 <= self.min_confidence < 1:
            raise ValueError(f'min_confidence must be at least 0 and below 1, not {self.min_confidence}')
        if self.kind != 'geometric' and not self.checkpoint:
            raise ValueError(f"kind {self.kind!r} needs a checkpoint; give its file, or {DEFAULT_CHECKPOINT!r} for "
                             "ours, or use kind 'geometric'")
