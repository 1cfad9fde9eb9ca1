"""What the demonstration plays."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.models import model_path
from hdnet_ros.sources import open_source

# The truth tells where people are in so many-th frames.
_TRUTH_EVERY = 5


@dataclass(frozen=True, eq=False)
class Clip:
    """One video from one camera.

    name: of the camera; also names the frame of its images.
    video: as ``sources.open_source`` takes it.
    every: only every so manieth frame is played.
    fps: of the frames that are played, as they were filmed.
    as_stored: as in ``sources.open_source``.
    live: it comes from a camera and never ends.
    """

    name: str
    video: str
    camera: Camera
    every: int
    fps: float
    as_stored: bool = False
    live: bool = False

    @property
    def frame_id(self) -> str:
        return f'{self.name}_optical_frame'


def footage_clips(truth: Pose2SimTruth, names: Sequence[str] | None = None, every: int | None = None) -> list[Clip]:
    """The videos of those cameras (default: all four) of the calibrated footage.

    every: None plays the frames of which the truth tells.
    Raises ValueError for an unknown camera, ModelError if the footage has not been fetched.
    """
    unknown = set(names or ()) - set(truth.cameras)
    if unknown:
        raise ValueError(f'no camera {", ".join(sorted(unknown))}; there are {", ".join(truth.cameras)}')
    folder = model_path('pose2sim_footage')
    every = every or _TRUTH_EVERY
    return [Clip(name, str(folder / f'{name}.mp4'), truth.cameras[name], every, truth.fps / every)
            for name in names or truth.cameras]


def own_clip(video: str, focal_px: float | None, camera_info: str | None, every: int | None = None) -> Clip:
    """All of a video of the user's, or every so manieth frame.

    Raises SourceError, FileNotFoundError or CalibrationError if it cannot be played.
    """
    source = open_source(video, as_stored=bool(camera_info), camera_given=True)
    if camera_info:
        camera = Camera.from_yaml(camera_info)
    else:
        height, width = next(source.frames()).image.shape[:2]
        camera = Camera.pinhole(width, height, focal_px)
    every = every or 1
    return Clip('camera', video, camera, every, source.fps / every, as_stored=bool(camera_info), live=source.live)
