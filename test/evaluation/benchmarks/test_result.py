from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.evaluation.benchmarks.result import COLUMNS, run_benchmark, score_files
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.people_table import PredictionError
from hdnet_ros.evaluation.systems.constant import ConstantLocator
from hdnet_ros.evaluation.systems.system import System
from hdnet_ros.evaluation.tables.formats import as_text
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.people import Pose, Root


class Seer:
    """Knows how far away the people of each box are, and where their joints are to be seen."""

    name = 'seer'

    def __init__(self, benchmark):
        truth = benchmark.truth
        self.calls = 0
        self._known = {tuple(d.box): (truth.root[o], truth.joints_px[o]) for given in benchmark.boxes
                       for d, o in zip(given.detections, given.owner) if o >= 0}

    def locate(self, image, camera, detections, poses):
        self.calls += 1
        found = [self._known.get(tuple(d.box)) for d in detections]
        return [f and Root(f[0], np.diag([0, 0, 0.01]), camera.project(f[0]), joints_px=f[1]) for f in found]


class Lifter:
    """Everybody's joints are at the left edge of the image."""

    def __init__(self, config=None):
        self.config = config or LifterConfig()

    def reset(self):
        pass

    def lift(self, image, detections, camera, camera_roll_deg=0.0):
        return [Pose(np.zeros((17, 2)), np.zeros((17, 3)), np.ones(17)) for _ in detections]


def test_systems_are_run_and_scored(benchmark, tmp_path):
    seer = Seer(benchmark)
    systems = [System(seer, joints='own'), System(ConstantLocator(4.0, 0.5), joints='lifter')]
    result = run_benchmark(benchmark, systems, Lifter(), tmp_path, progress=False)
    assert seer.calls == 2
    mine, constant = (each for each in result.scores if each.group == 'all')
    assert (mine.system, constant.system) == ('seer', 'constant')
    assert mine.depth_error == 0 and mine.joints_close == 1
    assert constant.depth_error == pytest.approx(0.2) and constant.joints_close < 0.2
    assert (mine.placed, constant.placed) == (3, 3)


def test_what_is_there_is_not_computed_again(benchmark, tmp_path):
    seer = Seer(benchmark)
    first = run_benchmark(benchmark, [System(seer)], None, tmp_path, progress=False)
    second = run_benchmark(benchmark, [System(seer)], None, tmp_path, progress=False)
    assert seer.calls == 2 and repr(first) == repr(second)
    assert all(math.isnan(each.joints_close) for each in first.scores)
    assert read_people(tmp_path / 'seer.jsonl').joints_px is None


def test_another_version_of_a_system_is_refused(benchmark, tmp_path):
    run_benchmark(benchmark, [System(Seer(benchmark), {'sha256': 'one'})], None, tmp_path, progress=False)
    with pytest.raises(PredictionError, match='another run'):
        run_benchmark(benchmark, [System(Seer(benchmark), {'sha256': 'two'})], None, tmp_path, progress=False)


def test_skeletons_of_another_lifter_are_refused_where_they_matter(benchmark, tmp_path):
    (tmp_path / 'posenet').write_bytes(b'weights')
    posenet = Lifter(LifterConfig(kind='posenet', path=str(tmp_path / 'posenet')))
    for number, facts in enumerate(({'joints': 'lifter'}, {'about': {'root_pixel': 'lifter'}})):
        systems = [System(ConstantLocator(4.0), **facts)]
        run_benchmark(benchmark, systems, Lifter(), tmp_path / str(number), progress=False)
        run_benchmark(benchmark, systems, Lifter(LifterConfig(device='cpu')), tmp_path / str(number), progress=False)
        with pytest.raises(PredictionError, match='another run'):
            run_benchmark(benchmark, systems, posenet, tmp_path / str(number), progress=False)
    for lifter in (Lifter(), posenet, None):    # this one does not look at skeletons
        run_benchmark(benchmark, [System(Seer(benchmark), joints='own')], lifter, tmp_path, progress=False)


def test_incomplete_files_are_refused(benchmark, tmp_path):
    with PeopleWriter(tmp_path / 'part.jsonl') as writer:
        writer.write('a', [])
    with pytest.raises(PredictionError, match='1 of 2 images'):
        score_files(benchmark, {'part': tmp_path / 'part.jsonl'})


def test_one_table_per_group(benchmark, tmp_path):
    systems = [System(Seer(benchmark)), System(ConstantLocator(4.0))]
    tables = run_benchmark(benchmark, systems, None, tmp_path, progress=False).tables()
    assert [t.title for t in tables] == [f'Four people: {group}' for group in ('adults', 'children', 'all')]
    adults = tables[0]
    assert [row.label for row in adults.rows] == ['seer', 'Constant depth']
    cells = dict(zip(COLUMNS, adults.cells(adults.rows[1])))
    # At 4 m instead of 2 m and 5 m: 100 % and 20 % off; z errors of 2 m and 1 m.
    assert (cells['people'], cells['placed'], cells['depth %'], cells['z mm']) == ('3', '2', '60.0', '1500')
    assert cells['in 95 %'] == cells['joints %'] == '-'
    assert max(map(len, as_text(adults).splitlines())) <= 120
