"""Running systems over many images, several on the same boxes and skeletons, into files that can be resumed."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.people_file import PeopleWriter
from hdnet_ros.evaluation.people_record import EstimatedPerson
from hdnet_ros.evaluation.systems.skeleton import joints_in_camera
from hdnet_ros.perception.detector.boxes import check_image
from hdnet_ros.perception.detector.detector import Detector
from hdnet_ros.perception.detector.upright import detect_upright
from hdnet_ros.perception.lifter.lifter import Lifter
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root import RootLocator
from hdnet_ros.perception.root.on_ray import log_sigma_of
from hdnet_ros.skeleton import HUMAN36M_17, convert, joint_set
from hdnet_ros.training.samples import Sample


class RunError(RuntimeError):
    """A system, or what it builds on, failed on an image; the message names both and the reason."""


class Frame(NamedTuple):
    """One image to look at; any tuple of these four will do.

    image: (H, W, 3) uint8 BGR, or a function that reads it when it is needed.
    camera: of the image, or a function that tells it from the image.
    detections: the people to place; None to ask the detector.
    """

    image_id: str
    image: np.ndarray | Callable[[], np.ndarray]
    camera: Camera | Callable[[np.ndarray], Camera]
    detections: Sequence[Detection] | None = None

    @classmethod
    def of_sample(cls, image_id: str, sample: Sample) -> Frame:
        """A sample of a data set with the true boxes."""
        return cls(image_id, sample.read_image, sample.camera, [Detection(person.box) for person in sample.people])


class SystemRun(NamedTuple):
    """A system and the file that its estimates go to; skeletons are kept if the file has a joint set.

    own_joints: keep the joints that the system itself sees in the image instead of the lifter's skeleton, if it does.
    """

    locator: RootLocator
    writer: PeopleWriter
    own_joints: bool = False


def run_systems(runs: Sequence[SystemRun], lifter: Lifter | None, frames: Iterable[Frame], *,
                detector: Detector | None = None, camera_roll_deg: float = 0.0, progress: bool = True) -> None:
    """Let systems place the people in images, one image at a time; detector and lifter see each image once.

    lifter: gives the skeletons; None for none, which only systems can do with that look at the image or the box.
        It is reset before every image, so that a run that was interrupted gives the same as one that was not.
    frames: taken one by one; the images of those that all writers have already are not read.
    detector: for frames without detections.
    camera_roll_deg: how far upright people appear turned clockwise, as detector and lifter are told; systems know it
        from their own configuration.
    progress: show a progress bar if standard error is a terminal.
    People whom a system does not place are not in its file.
    Raises RunError at the first failure, and ValueError if two frames have the same id.
    """
    seen: set[str] = set()
    bar = tqdm(frames, unit='image', disable=not (progress and sys.stderr.isatty()))
    for frame in (Frame(*each) for each in bar):
        if frame.image_id in seen:
            raise ValueError(f'two frames have the id {frame.image_id!r}; every image needs one of its own')
        seen.add(frame.image_id)
        todo = [run for run in runs if frame.image_id not in run.writer.done]
        if not todo:
            continue
        view = _look(frame, detector, lifter, camera_roll_deg)
        for run in todo:
            run.writer.write(frame.image_id, _placed(run, frame.image_id, view))


class _View(NamedTuple):
    """What all systems share about an image."""

    image: np.ndarray
    camera: Camera
    detections: Sequence[Detection]
    poses: Sequence[Pose | None]


def _look(frame: Frame, detector: Detector | None, lifter: Lifter | None, camera_roll_deg: float) -> _View:
    stage = 'the image'
    try:
        image = check_image(frame.image() if callable(frame.image) else frame.image)
        stage = 'the camera'
        camera = frame.camera(image) if callable(frame.camera) else frame.camera
        if image.shape[:2] != (camera.height, camera.width):
            raise ValueError(f'the image is {image.shape[1]} x {image.shape[0]} px, its camera '
                             f'{camera.width} x {camera.height} px')
        stage = 'the detections'
        detections = _detections(frame, detector, image, camera_roll_deg)
        stage = 'the lifter'
        poses: Sequence[Pose | None] = [None] * len(detections)
        if lifter is not None:
            lifter.reset()
            poses = lifter.lift(image, detections, camera, camera_roll_deg)
    except Exception as error:   # whatever it is, it is about this image
        raise RunError(_message(stage, frame.image_id, error)) from error
    return _View(image, camera, detections, poses)


def _detections(frame: Frame, detector: Detector | None, image: np.ndarray, camera_roll_deg: float
                ) -> Sequence[Detection]:
    if frame.detections is None:
        if detector is None:
            raise ValueError('there are neither boxes nor a detector to find them')
        return detect_upright(detector, image, camera_roll_deg)
    for number, detection in enumerate(frame.detections):
        if np.shape(detection.box) != (4,) or not np.isfinite(detection.box).all():
            raise ValueError(f'box {number} is {detection.box}, not four finite numbers')
    return frame.detections


def _placed(run: SystemRun, image_id: str, view: _View) -> list[EstimatedPerson]:
    """The people whom one system has placed, as its file has them."""
    try:
        roots = run.locator.locate(view.image, view.camera, view.detections, view.poses)
        return [_person(detection, root, pose, view.camera, run)
                for detection, root, pose in zip(view.detections, roots, view.poses, strict=True) if root is not None]
    except Exception as error:   # whatever it is, it is about this image
        stage = f'the system {run.locator.name!r} (for {run.writer.path})'
        raise RunError(_message(stage, image_id, error)) from error


def _person(detection: Detection, root: Root, pose: Pose | None, camera: Camera, run: SystemRun) -> EstimatedPerson:
    joints, skeleton = run.writer.header.joint_set, {}
    if joints is not None and run.own_joints and root.joints_px is not None:
        skeleton = {'joints_px': convert(root.joints_px, HUMAN36M_17, joint_set(joints))}
    elif joints is not None and pose is not None:
        skeleton = {name: convert(values, HUMAN36M_17, joint_set(joints)) for name, values in (
            ('joints_px', pose.joints_px), ('joints', joints_in_camera(pose, root, camera)))}
    return EstimatedPerson(root=root.position, score=detection.score, box=detection.box, root_px=root.pixel,
                           log_sigma=log_sigma_of(root), **skeleton)


def _message(stage: str, image_id: str, error: Exception) -> str:
    return f'image {image_id!r}: {stage}: {type(error).__name__}: {error}'
