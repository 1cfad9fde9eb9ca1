"""What the protocols find, as plain data; shares are 0..1, lengths metres, NaN where nothing could be measured."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..metrics import Mrpe
from ..root_ap import RootAp


@dataclass(frozen=True)
class ActionErrors:
    """Errors over some images of Human3.6M.

    name: of the action, 'all' for all of them.
    mrpe: of the root.
    poses: estimates with a complete skeleton, over which the errors of the joints are taken.
    mpjpe_m, pa_mpjpe_m: of the joints relative to the root, as they are and after a rigid alignment without scale;
        None if the system estimates no joints.
    """

    name: str
    mrpe: Mrpe
    poses: int
    mpjpe_m: float | None
    pa_mpjpe_m: float | None


@dataclass(frozen=True)
class Human36mResult:
    """Human3.6M.

    protocol: 1 (subject 11) or 2 (subjects 9 and 11).
    root_pixel: 'estimate', as the system gives it, or 'detections', the system's depth behind given 2D detections.
    images: images with a true person; missing: those of them without an estimate, which are in none of the errors;
        surplus: estimates beyond the most certain one of an image.
    overall: errors over all images; actions: the same for each action of the data set, in their usual order.
    pixel_error_px: mean distance in the image between the root as the system gives it and the true one; NaN if
        unknown. Never that of the given detections.
    relative_depth_error: mean of ``|Z - Z_true| / Z_true``.
    """

    protocol: int
    root_pixel: str
    images: int
    missing: int
    surplus: int
    overall: ActionErrors
    actions: tuple[ActionErrors, ...]
    pixel_error_px: float
    relative_depth_error: float


@dataclass(frozen=True)
class SequencePck:
    """3DPCK in one sequence.

    matched: share of the true people whom an estimate was matched to.
    pck, auc: over the 14 joints; groups: of each group of joints, in the order of ``JOINT_GROUPS``; joints: of each of
        ``COUNTED_JOINTS`` by name.
    """

    sequence: str
    matched: float
    pck: float
    auc: float
    groups: tuple[float, ...]
    joints: Mapping[str, float]


@dataclass(frozen=True)
class PckResult:
    """3DPCK of a whole data set: plain means over its sequences, leaving out those without anybody to measure."""

    sequences: tuple[SequencePck, ...]
    matched: float
    pck: float
    auc: float
    groups: tuple[float, ...]
    joints: Mapping[str, float]


@dataclass(frozen=True)
class MupotsResult:
    """MuPoTS-3D.

    images: annotated images; annotated: true people; estimates: those in the annotated images.
    skeleton: 'universal' or 'metric', which one the poses were compared with.
    roots_skeleton: 'universal', 'metric' or 'unknown', which one the roots were compared with.
    roots: AP and AR at each of ``THRESHOLDS_M`` (``root_ap.py``); AP is NaN if all estimates have the same score.
    absolute_matched, absolute_all, relative_matched, relative_all: None if the system estimates no joints. Absolute
        poses are compared as they stand, relative ones with their roots aligned; of matched people, or of all, those
        whom nothing was matched to with all joints wrong.
    """

    images: int
    annotated: int
    estimates: int
    skeleton: str
    roots_skeleton: str
    roots: tuple[RootAp, ...]
    absolute_matched: PckResult | None
    absolute_all: PckResult | None
    relative_matched: PckResult | None
    relative_all: PckResult | None
