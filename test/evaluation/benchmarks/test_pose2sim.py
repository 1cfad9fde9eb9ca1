from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.evaluation.benchmarks.pose2sim import open_pose2sim
from hdnet_ros.evaluation.benchmarks.result import run_benchmark
from hdnet_ros.evaluation.pose2sim_truth import WHO, Pose2SimTruth
from hdnet_ros.evaluation.systems.constant import DEFAULT_DEPTH_M
from hdnet_ros.evaluation.systems.system import ready_system
from hdnet_ros.perception.people import Detection

CAMERA = 'cam03'


class TrueBoxes:
    """Finds everybody in the frames of one camera in their order, and somebody in the corner."""

    def __init__(self):
        self.truth = Pose2SimTruth()
        self.frames = iter(self.truth.frames)

    def detect(self, image):
        people = self.truth.people(CAMERA, next(self.frames))
        around = [[*np.nanmin(p.joints_px, axis=0) - 30, *np.nanmax(p.joints_px, axis=0) + 30] for p in people]
        return [Detection(np.array(box)) for box in [[0, 0, 50, 90], *around]]


@pytest.fixture(scope='module')
def benchmark(footage_folder):
    return open_pose2sim(TrueBoxes(), [CAMERA], progress=False)


def test_everybody_reliable_counts(benchmark):
    man, woman = (benchmark.groups[label] for label in WHO.values())
    assert len(benchmark.truth.image_ids) == 20 and benchmark.truth.image_ids[1] == 'cam03/005'
    assert (man.sum(), woman.sum()) == (18, 20) and not (man & woman).any()


def test_boxes_belong_to_whom_they_were_drawn_around(benchmark):
    truth = Pose2SimTruth()
    for name, given in zip(benchmark.truth.image_ids, benchmark.boxes):
        people = truth.people(CAMERA, int(name[-3:]))
        assert given.owner[0] == -1
        for person, owner in zip(people, given.owner[1:]):
            assert (owner >= 0) == person.reliable
            if person.reliable:
                np.testing.assert_allclose(benchmark.truth.root[owner], person.root)
                assert benchmark.truth.who[owner] == person.who


def test_torsos_are_those_of_people_a_few_metres_away(benchmark):
    man = benchmark.groups[WHO['man']]
    focal_px = Pose2SimTruth().cameras[CAMERA].focal_px
    length_m = benchmark.torso_px[man] * benchmark.truth.root[man, 2] / focal_px
    assert 0.3 < np.median(length_m) < 0.6


def test_simple_systems_run_over_the_footage(benchmark, tmp_path):
    systems = [ready_system(name) for name in ('box_size', 'constant')]
    result = run_benchmark(benchmark, systems, None, tmp_path, progress=False)
    by_size, constant = (each for each in result.scores if each.group == WHO['man'])
    assert (by_size.system, constant.system) == ('box_size', 'constant')
    depth = benchmark.truth.root[benchmark.groups[WHO['man']], 2]
    assert constant.placed == 18 and constant.depth_error == pytest.approx(np.median(abs(DEFAULT_DEPTH_M / depth - 1)))
    assert math.isnan(constant.coverage_95) and by_size.depth_error < 0.5
