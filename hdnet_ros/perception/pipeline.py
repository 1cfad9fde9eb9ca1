"""From an image to people in metres: detect, lift, locate, track."""
from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from time import perf_counter
from typing import TypeVar

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.appearance import appearances
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.detector.boxes import check_image, clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import Detector, make_detector
from hdnet_ros.perception.detector.upright import detect_upright, upright
from hdnet_ros.perception.duplicates import drop_duplicates
from hdnet_ros.perception.lifter.back_projection import at_depth
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.lifter.lifter import Lifter, make_lifter
from hdnet_ros.perception.people import Detection, FrameResult, Observation, Pose, Root
from hdnet_ros.perception.root import RootConfig, RootLocator, make_root_locator
from hdnet_ros.perception.square_pixels import SquarePixels
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.requirement import require

# What may change between two images. ``node/parameters.py`` says the same to users; a test holds them together.
LIVE = {
    'detector': ('score_threshold', 'overlap_threshold', 'min_size_px', 'max_people'),
    'lifter': ('min_score', 'flip_test'),
    'root': ('min_depth_m', 'max_depth_m', 'child_share', 'method', 'size_sigma', 'pelvis_sigma_m', 'min_joints',
             'min_confidence', 'inlier_m', 'inlier_px', 'flip_test', 'root_pixel', 'root_pixel_sigma',
             'windows_per_pass', 'camera_roll_deg', 'camera_roll_from_tf'),
    # All but those of the ids, which are given out already.
    'tracker': tuple(f.name for f in fields(TrackerConfig)
                     if f.name not in ('id_pool_size', 'id_prefix', 'first_id', 'seed')),
}

_FOCUSING = 0.05    # share of the focal length by which a lens that focuses may move a picture

Part = TypeVar('Part')


@dataclass(frozen=True)
class PipelineConfig:
    """Settings of all stages; ValueError for stages that do not go together."""

    detector: DetectorConfig = field(default_factory=DetectorConfig)
    lifter: LifterConfig = field(default_factory=LifterConfig)
    root: RootConfig = field(default_factory=RootConfig)
    tracker: TrackerConfig = field(default_factory=TrackerConfig)

    def __post_init__(self) -> None:
        require(self.root.kind != 'geometric' or self.lifter.kind != 'posenet',
                "root: kind 'geometric' needs skeletons with a size, which the lifter 'posenet' does not know; kind "
                "must be 'hdnet' or 'combined'", self.root.kind)


class Pipeline:
    """Turns the images of one camera into tracked people; not safe to call from two threads at once.

    detector, lifter, locator, tracker: the stages; the first three are None once the pipeline is closed.
    """

    def __init__(self, config: PipelineConfig, *, detector: Detector, lifter: Lifter, locator: RootLocator,
                 tracker: Tracker):
        self.config = config
        self.detector: Detector | None = detector
        self.lifter: Lifter | None = lifter
        self.locator: RootLocator | None = locator
        self.tracker = tracker
        self._camera: Camera | None = None
        self._square: SquarePixels | None = None
        self._roll_deg: float | None = None     # as the camera's last known pose has it

    @classmethod
    def from_config(cls, config: PipelineConfig) -> Pipeline:
        """Builds all stages; ModelError, CheckpointError or DetectorError says which one cannot be built and why."""
        return cls(config, detector=make_detector(config.detector), lifter=make_lifter(config.lifter),
                   locator=make_root_locator(config.root), tracker=Tracker(config.tracker))

    def configure(self, config: PipelineConfig) -> None:
        """Takes over what can change between two images: limits and thresholds, and the tracker's settings.

        Everything else stays as it was built, whatever ``config`` says about it.
        """
        self._check_open()
        self.config = PipelineConfig(**{stage: _with(getattr(self.config, stage), getattr(config, stage), names)
                                        for stage, names in LIVE.items()})
        self.detector.config, self.lifter.config = self.config.detector, self.config.lifter
        self.locator.config, self.tracker.config = self.config.root, self.config.tracker

    def process(self, image: np.ndarray, camera: Camera, stamp_s: float,
                detections: Sequence[Detection] | None = None,
                camera_pose: Callable[[], CameraPose | None] | None = None) -> FrameResult:
        """The people in one image.

        image: (H, W, 3) uint8 BGR, of the camera's size. stamp_s: the image's time in seconds.
        detections: people found by a detector outside; the own one is then not asked.
            They are clipped to the image and limited as the detector's configuration says.
        camera_pose: gives the camera's pose in a fixed frame at that time, None if unknown; asked after the networks
            have run, when it is most likely to be known. People are tracked in that frame, and velocities are in it.
            The next image is taken to have the roll that this pose tells.
        ValueError with the reason if the image, the camera or the stamp cannot be used; nothing is changed then.
        """
        self._check_open()
        image = _check_frame(image, camera, stamp_s)
        seconds: dict[str, float] = {}
        if self._camera is None or not camera.same_as(self._camera):
            self._square = SquarePixels.of(camera)
            if self._camera is None or not _nearly_same(camera, self._camera):
                # Regions are remembered in pixels, people in metres first of all: the former lose their meaning.
                self.lifter.reset()
            self._camera = camera
        square = self._square
        seen, roll_deg = square.image(image), self._take_roll()
        if detections is None:
            with _timed(seconds, 'detect'):
                detections = detect_upright(self.detector, seen, roll_deg)
        else:
            detections = square.detections(detections)
            boxes, scores = np.array([d.box for d in detections]), np.array([d.score for d in detections])
            detections = clean_detections(boxes, scores, seen.shape[1], seen.shape[0], self.config.detector)
        with _timed(seconds, 'lift'):
            poses = self.lifter.lift(seen, detections, square.camera, roll_deg)
        with _timed(seconds, 'root'):
            roots = self.locator.locate(seen, square.camera, detections, poses)
        detections, poses, roots = square.as_received(detections, poses, roots)
        camera_at = None
        if camera_pose is not None:
            with _timed(seconds, 'tf'):
                camera_at = camera_pose()
        if camera_at is not None:
            self._roll_deg = camera_at.camera_roll_deg
        with _timed(seconds, 'track'):
            observations = self._observe(image, camera, detections, poses, roots, roll_deg)
            people = self.tracker.update(drop_duplicates(observations), stamp_s, camera_at)
        return FrameResult(people, self.locator.depth_range(square.camera), seconds, roll_deg)

    def _take_roll(self) -> float:
        """Tells the locator the camera's roll, degrees, and returns it."""
        roll_deg = self.config.root.camera_roll_deg
        if self.config.root.camera_roll_from_tf and self._roll_deg is not None:
            roll_deg = self._roll_deg
        self.locator.config = replace(self.locator.config, camera_roll_deg=roll_deg)
        return roll_deg

    def _observe(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
                 poses: Sequence[Pose | None], roots: Sequence[Root | None], roll_deg: float) -> list[Observation]:
        """What the image shows of everybody who could be placed."""
        looks: Sequence[np.ndarray | None] = [None] * len(detections)
        if self.config.tracker.appearance:
            looks = appearances(*upright(image, detections, roll_deg),
                                [np.nan if root is None else root.position[2] for root in roots])
        return [Observation(detection, root, pose and at_depth(pose, root.position[2], camera), look)
                for detection, root, pose, look in zip(detections, roots, poses, looks, strict=True)
                if root is not None]

    def warm_up(self, width: int = 640, height: int = 480) -> None:
        """Runs every network once, so that the first real image is not slow; forgets everything afterwards."""
        self._check_open()
        image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        camera = Camera.pinhole(width, height, float(max(width, height)))
        somebody = [Detection(np.array([0.3 * width, 0.1 * height, 0.7 * width, 0.9 * height]))]
        if self.config.detector.kind != 'given':
            self.detector.detect(image)
        poses = self.lifter.lift(image, somebody, camera)
        self.locator.locate(image, camera, somebody, poses)
        self.reset()

    def reset(self) -> None:
        """Forgets everybody and everything seen so far; the models stay loaded."""
        self._check_open()
        self.lifter.reset()
        self.tracker.reset()
        self._camera = self._roll_deg = None

    def close(self) -> None:
        """Lets go of the models and their memory; the pipeline cannot be used any more. May be called twice."""
        self.detector = self.lifter = self.locator = None
        if 'torch' in sys.modules and sys.modules['torch'].cuda.is_initialized():
            sys.modules['torch'].cuda.empty_cache()

    def _check_open(self) -> None:
        if self.detector is None:
            raise RuntimeError('the pipeline is closed; build a new one')


def _with(config: Part, other: Part, names: Sequence[str]) -> Part:
    """The first configuration with the named settings of the other."""
    return replace(config, **{name: getattr(other, name) for name in names})


def _nearly_same(camera: Camera, other: Camera) -> bool:
    """Whether people lie nearly where they lay: lenses that focus change their focal length a little all the time."""
    same_lens = (camera.width, camera.height, camera.model) == (other.width, other.height, other.model)
    return same_lens and bool(np.abs(camera.K - other.K).max() <= _FOCUSING * other.focal_px)


def _check_frame(image: np.ndarray, camera: Camera, stamp_s: float) -> np.ndarray:
    """The image, contiguous; ValueError says what is wrong with image, camera or stamp."""
    image = check_image(image)
    height, width = image.shape[:2]
    if (width, height) != (camera.width, camera.height):
        raise ValueError(f'the image is {width} x {height} px, but its camera {camera.width} x {camera.height} px')
    if not math.isfinite(stamp_s):
        raise ValueError(f'an image needs a finite stamp in seconds, not {stamp_s}')
    return image


@contextmanager
def _timed(seconds: dict[str, float], stage: str):
    start = perf_counter()
    yield
    seconds[stage] = perf_counter() - start
