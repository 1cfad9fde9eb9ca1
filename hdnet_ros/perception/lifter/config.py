"""What lifting can be told."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.perception.limits import at_least, one_of, share
from hdnet_ros.skeleton import joint_set

KINDS = ('blazepose', 'posenet')
BLAZEPOSE_MODELS = ('full',)    # each is blazepose_<model> in the manifest


@dataclass(frozen=True)
class LifterConfig:
    """How skeletons are found; ValueError names a value that makes no sense.

    kind: ``'blazepose'`` or ``'posenet'``.
    model: which BlazePose (``'full'``), from the cache.
    path: a BlazePose .tflite file instead of it; the checkpoint for PoseNet.
    joint_set: of the PoseNet checkpoint (``'human36m_18'`` or ``'muco_21'``); empty reads it from the checkpoint.
    device: for PoseNet, as for ``perception.device.choose_device``; BlazePose runs on the CPU.
    min_score: BlazePose results below it (0..1) are no person.
    first_passes: passes of BlazePose over a person on first sight, each on the region that the one before found.
    flip_test: average PoseNet's results over the image and its mirror image, as its authors do; twice the time.
    """

    kind: str = 'blazepose'
    model: str = 'full'
    path: str = ''
    joint_set: str = ''
    device: str = 'auto'
    min_score: float = 0.5
    first_passes: int = 2
    flip_test: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f'unknown lifter {self.kind!r}; known: {", ".join(KINDS)}')
        one_of(self, model=BLAZEPOSE_MODELS)
        if self.joint_set:
            joint_set(self.joint_set)
        share(self, 'min_score')
        at_least(self, 1, 'first_passes')
