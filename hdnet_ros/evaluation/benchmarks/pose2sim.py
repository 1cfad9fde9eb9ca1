"""The benchmark on real footage: four calibrated cameras, a real man and a composited woman 2 to 5 m away."""
from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hdnet_ros.evaluation.benchmarks.benchmark import NOBODY, Benchmark, GivenBoxes
from hdnet_ros.evaluation.benchmarks.boxes import owners_of
from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.pose2sim_truth import WHO, Pose2SimTruth, TruePerson
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import Detector, make_detector
from hdnet_ros.perception.detector.upright import detect_upright
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.sources import open_source

FOOTAGE = 'pose2sim_footage'


def open_pose2sim(detector: Detector | None = None, cameras: Sequence[str] = (), *, camera_roll_deg: float = 0.0,
                  progress: bool = True) -> Benchmark:
    """Find the boxes in every fifth frame of each camera, and whose they are.

    detector: default: the pipeline's own. cameras: 'cam01' to 'cam04' (default: all).
    camera_roll_deg: how far upright people appear turned clockwise, as the detector is told.
    People whose truth is unreliable (the man in frames 85 and 90) and strangers in the background do not count, but
    systems are asked about their boxes too.
    Raises ModelError if the footage or the detector is not there; it names the command that fetches it.
    """
    folder = model_path(FOOTAGE)
    truth = Pose2SimTruth()
    detector = detector or make_detector(DetectorConfig())
    cameras = tuple(cameras) or tuple(truth.cameras)
    image_ids: list[str] = []
    given: list[GivenBoxes] = []
    image: list[int] = []
    people: list[TruePerson] = []
    found = _images(folder, truth, cameras)
    total = len(cameras) * len(truth.frames)
    for name, camera, frame, picture in tqdm(found, 'boxes', total, disable=not (progress and sys.stderr.isatty())):
        detections = tuple(detect_upright(detector, picture, camera_roll_deg))
        here = [person for person in truth.people(camera, frame) if person.reliable]
        owner = owners_of(np.array([d.box for d in detections]).reshape(-1, 4), [p.joints_px for p in here])
        given.append(GivenBoxes(detections, np.where(owner == NOBODY, NOBODY, owner + len(people))))
        people += here
        image += [len(image_ids)] * len(here)
        image_ids.append(name)
    table = TruthTable(image_ids, np.array(image), np.array([p.root for p in people]),
                       root_px=np.array([p.pixel for p in people]), joints_px=np.array([p.joints_px for p in people]),
                       joints=np.array([p.joints for p in people]), joint_set=HUMAN36M_17.name,
                       who=np.array([p.who for p in people]))
    return Benchmark('Real footage (Pose2Sim)', table, tuple(given),
                     {label: table.who == who for who, label in WHO.items()},
                     lambda: _frames(folder, truth, cameras, given), _torso_px(table.joints_px))


def _images(folder: Path, truth: Pose2SimTruth, cameras: Sequence[str]
            ) -> Iterator[tuple[str, str, int, np.ndarray]]:
    """Name, camera, frame number and picture of every image with a truth."""
    for camera in cameras:
        for frame in open_source(str(folder / f'{camera}.mp4')).frames():
            if frame.index in truth.frames:
                yield f'{camera}/{frame.index:03d}', camera, frame.index, frame.image


def _frames(folder: Path, truth: Pose2SimTruth, cameras: Sequence[str], given: Sequence[GivenBoxes]) -> Iterator[Frame]:
    for (name, camera, _, picture), boxes in zip(_images(folder, truth, cameras), given, strict=True):
        yield Frame(name, picture, truth.cameras[camera], boxes.detections)


def _torso_px(joints_px: np.ndarray) -> np.ndarray:
    """(T,) from the middle of the hips to the middle of the shoulders."""
    def middle(part: str) -> np.ndarray:
        return joints_px[:, [HUMAN36M_17.index(f'{side}_{part}') for side in ('left', 'right')]].mean(axis=1)
    return np.linalg.norm(middle('hip') - middle('shoulder'), axis=1)
