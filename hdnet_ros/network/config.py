"""What a depth network is and what its numbers mean: everything that decoding needs travels in this."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral, Real
from typing import Any

from hdnet_ros.requirement import require
from hdnet_ros.skeleton import joint_set

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# EfficientNet-lite's ImageNet weights were trained on (v - 127) / 128 for values of 0..255.
LITE_MEAN = (127 / 255,) * 3
LITE_STD = (128 / 255,) * 3

BACKBONES = ('resnet50', 'efficientnet_lite0')
DEPTH_HEADS = ('bins', 'regression')
JOINT_DECODINGS = ('soft_argmax', 'peak')
WINDOW_POLICIES = ('box', 'principal', 'packed')
WINDOW_SIZES = ('native', 'canonical')


@dataclass(frozen=True)
class HDNetConfig:
    """An HDNet: its shape, the units of its output and the windows it expects (paper sections 3.2 and 4.2).

    joint_set: name of a set in ``hdnet_ros.skeleton``.
    alpha, beta: ends of the depth range, mm per px of equivalent focal length (``DepthBins``).
    bins: number of depth bins.
    backbone: ``'resnet50'`` (the paper's) or ``'efficientnet_lite0'``.
    depth_head: ``'bins'``, or ``'regression'`` for one number instead of a distribution (Table 6).
    shared_features: heatmaps and depth read the same features (Table 6).
    gnn: False puts fully connected layers in place of the graph layers (Table 6).
    heatmap_pooling: False averages over the whole window (Table 6); there are no joints to connect then, so the
        layers are fully connected whatever ``gnn`` says.
    gnn_layers: number of graph layers, or of the fully connected layers that replace them.
    box_mask: joints lie in the person's box (the paper); False: those of somebody alone may lie anywhere in the window
        (the published code, see ``joint_masks``).
    joint_places: (J, 4) where joints usually lie in people's boxes, which tells whose they are where boxes overlap
        (``joint_masks``); empty: a joint may lie anywhere in the box, whoever else is there (the paper).
    joint_decoding: what is told as the joints of a heatmap: ``'soft_argmax'`` (eq. 1), or ``'peak'``, for which see
        ``HDNet.read_joints``.
    window_policy: ``'box'`` (one window per person, the paper), ``'principal'`` or ``'packed'``.
    window_size: ``'native'`` (1000 px of the original image) or ``'canonical'`` (the field of view of training).
    train_focal_px: focal length at which a 1000 px window has the field of view of training; canonical needs it.
    max_zoom: windows may be so many times smaller than that where people in them stay whole; 1: never.
    turn_from_deg: a window whose middle is farther from the optical axis is turned to look straight there; 90: none
        is (the paper).
    antialias: average whole blocks of pixels where the image is finer than the input; the published network did not.
    mean, std: normalisation of RGB values in 0..1.
    input_size: side of the network's input, px; heatmaps have a quarter of it.
    sigma_scale: factor from the spread of the depth bins to the standard deviation of the error of ln(depth).
    width: channels of the pyramid, the pooled features and the graph; 256 in the paper.
    """

    joint_set: str = 'human36m_17'
    alpha: float = 2.0
    beta: float = 8.0
    bins: int = 61
    backbone: str = 'resnet50'
    depth_head: str = 'bins'
    shared_features: bool = False
    gnn: bool = True
    heatmap_pooling: bool = True
    gnn_layers: int = 2
    box_mask: bool = True
    joint_places: tuple[tuple[float, ...], ...] = ()
    joint_decoding: str = 'soft_argmax'
    window_policy: str = 'box'
    window_size: str = 'native'
    train_focal_px: float | None = None
    max_zoom: float = 1.0
    turn_from_deg: float = 90.0
    antialias: bool = False
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    input_size: int = 256
    sigma_scale: float = 1.0
    width: int = 256

    def __post_init__(self) -> None:
        joint_set(self.joint_set)
        for name in ('alpha', 'beta', 'sigma_scale'):
            require(_is_positive(getattr(self, name)), f'{name} must be a positive number', getattr(self, name))
        require(self.beta > self.alpha, f'beta must exceed alpha ({self.alpha})', self.beta)
        for name, least in (('bins', 2), ('gnn_layers', 1), ('input_size', 32), ('width', 4)):
            value = getattr(self, name)
            require(_is_integer(value) and value >= least, f'{name} must be an integer of at least {least}', value)
        require(self.input_size % 32 == 0, 'input_size must be a multiple of 32', self.input_size)
        require(self.width % 4 == 0, 'width must be a multiple of 4', self.width)
        for name, known in (('backbone', BACKBONES), ('depth_head', DEPTH_HEADS),
                            ('joint_decoding', JOINT_DECODINGS), ('window_policy', WINDOW_POLICIES),
                            ('window_size', WINDOW_SIZES)):
            require(getattr(self, name) in known, f'{name} must be one of {", ".join(known)}', getattr(self, name))
        for name in ('shared_features', 'gnn', 'heatmap_pooling', 'box_mask', 'antialias'):
            require(isinstance(getattr(self, name), bool), f'{name} must be true or false', getattr(self, name))
        if self.train_focal_px is not None or self.window_size == 'canonical':
            require(_is_positive(self.train_focal_px),
                     'train_focal_px must be a positive number (canonical windows need it)', self.train_focal_px)
        require(_is_finite(self.max_zoom) and self.max_zoom >= 1, 'max_zoom must be at least 1', self.max_zoom)
        require(_is_finite(self.turn_from_deg) and 0 <= self.turn_from_deg <= 90, 'turn_from_deg must be 0 to 90',
                 self.turn_from_deg)
        for name in ('mean', 'std'):
            value = getattr(self, name)
            require(isinstance(value, tuple) and len(value) == 3 and all(map(_is_finite, value)),
                     f'{name} must be three numbers', value)
        require(all(map(_is_positive, self.std)), 'std must be positive', self.std)
        self._check_places()

    def _check_places(self) -> None:
        places = self.joint_places
        text = f'joint_places must be empty or {self.joints} rows of x, y and their positive deviations'
        require(isinstance(places, tuple) and len(places) in (0, self.joints), text, places)
        for row in places:
            require(isinstance(row, tuple) and len(row) == 4 and all(map(_is_finite, row)) and min(row[2:]) > 0, text,
                     row)

    @property
    def joints(self) -> int:
        """Number of joints."""
        return len(joint_set(self.joint_set))

    @property
    def cells(self) -> int:
        """Side of the heatmaps, cells."""
        return self.input_size // 4

    @classmethod
    def preset(cls, name: str) -> HDNetConfig:
        """A configuration by name; ValueError lists the known ones.

        human36m_published: the published Human3.6M checkpoint (its evaluation used windows around the principal point).
        paper: the paper's values for MuCo-3DHP and MuPoTS-3D.
        lite: small and fast. Its canonical window spans 1 m at 1 m (53 degrees), and since the equivalent focal
            length is then always 1000 px, alpha and beta read as metres: 0.5 to 20 m in steps of 3.1 %. Small people
            are shown up to 4 times larger, and their depths count so many times more.
        """
        if name not in PRESETS:
            raise ValueError(f'unknown preset {name!r}; known: {", ".join(PRESETS)}')
        return PRESETS[name]

    def with_changes(self, **changes: Any) -> HDNetConfig:
        """A copy with some fields replaced, validated again."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain data (numbers, strings, lists), as JSON and YAML hold it."""
        return {k: _lists(v) for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HDNetConfig:
        """The inverse of ``to_dict``; absent fields take their defaults, unknown ones are a ValueError."""
        if not isinstance(values, Mapping):
            raise ValueError(f'a network configuration must be a mapping, not {type(values).__name__}')
        unknown = sorted(set(values) - {f.name for f in fields(cls)}, key=str)
        if unknown:
            raise ValueError(f'unknown fields in the network configuration: {", ".join(map(str, unknown))}; '
                             'it may come from a newer version of hdnet_ros')
        return cls(**{k: _tuples(v) for k, v in values.items()})


def _lists(value: Any) -> Any:
    return [_lists(each) for each in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_positive(value: Any) -> bool:
    return _is_finite(value) and value > 0


# Where the joints of Human3.6M lie in the boxes of 2,500 images of synthetic training people, left and right made alike
# (``python -m hdnet_ros.training.joint_places``).
PLACES_17 = (
    (0.50, 0.51, 0.16, 0.14),  # hip
    (0.50, 0.51, 0.20, 0.14),  # right hip
    (0.50, 0.67, 0.20, 0.12),  # right knee
    (0.50, 0.86, 0.28, 0.14),  # right foot
    (0.50, 0.51, 0.20, 0.14),  # left hip
    (0.50, 0.67, 0.20, 0.12),  # left knee
    (0.50, 0.86, 0.28, 0.14),  # left foot
    (0.50, 0.35, 0.17, 0.12),  # spine
    (0.50, 0.20, 0.19, 0.09),  # thorax
    (0.50, 0.14, 0.20, 0.09),  # neck
    (0.50, 0.05, 0.24, 0.10),  # head
    (0.50, 0.25, 0.23, 0.10),  # left shoulder
    (0.50, 0.37, 0.27, 0.14),  # left elbow
    (0.50, 0.41, 0.31, 0.18),  # left wrist
    (0.50, 0.25, 0.23, 0.10),  # right shoulder
    (0.50, 0.37, 0.27, 0.14),  # right elbow
    (0.50, 0.41, 0.31, 0.18),  # right wrist
)

PRESETS = {
    'human36m_published': HDNetConfig(box_mask=False),
    'paper': HDNetConfig(joint_set='muco_21', alpha=1.0, beta=8.0, bins=71),
    'lite': HDNetConfig(alpha=0.5, beta=20.0, bins=121, backbone='efficientnet_lite0', width=128,
                        joint_places=PLACES_17, joint_decoding='peak', mean=LITE_MEAN, std=LITE_STD,
                        window_policy='packed', window_size='canonical', train_focal_px=1000.0, max_zoom=4.0,
                        turn_from_deg=30.0, antialias=True),
}
