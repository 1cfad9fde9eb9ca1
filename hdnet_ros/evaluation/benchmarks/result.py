"""Running systems over a benchmark, and the tables that come out."""
from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hdnet_ros.evaluation.benchmarks.benchmark import Benchmark
from hdnet_ros.evaluation.benchmarks.scores import THRESHOLDS_M, Scores, score
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.runner import SystemRun, run_systems
from hdnet_ros.evaluation.systems.system import System, about_lifter
from hdnet_ros.evaluation.tables.table import Row, Table
from hdnet_ros.perception.lifter.lifter import Lifter

# What tables call the systems; others appear under their own names.
LABELS = {
    'hdnet': 'HDNet', 'hdnet_box': 'HDNet, a window each', 'combined': 'HDNet and geometric', 'rootnet': 'RootNet',
    'geometric_ransac': 'Geometric, RANSAC', 'geometric_all': 'Geometric, all joints',
    'geometric_trunk': 'Geometric, no limbs', 'box_size': 'Box size', 'constant': 'Constant depth',
}
_PLACE = ('people', 'placed', 'depth %', 'signed %', 'in 95 %', 'joints %', 'root m', 'MRPE mm', 'x mm', 'y mm', 'z mm')
COLUMNS = (*_PLACE, *(f'AP{100 * t:.0f}' for t in THRESHOLDS_M), *(f'AR{100 * t:.0f}' for t in THRESHOLDS_M))
DECIMALS = (0, 0, 1, 1, 1, 1, 3, 0, 0, 0, 0, *[1] * (2 * len(THRESHOLDS_M)))
NOTES = ('depth: median of |estimated / true depth - 1|; signed: median, positive is too far; in 95 %: people whose '
         'true depth lies in the interval that should hold 95 %; root: median distance; MRPE and x, y, z: means.',
         'joints: known joints seen within a fifth of the torso of their place in the image, those of the heatmaps for '
         'HDNet, of the skeleton for the geometric method. AP and AR: of the root, within so many centimetres.',
         'AP and AR are over all people, those not placed lower both; all other figures are over the people placed. '
         'Estimates for others do not count.')


@dataclass(frozen=True)
class BenchmarkResult:
    """The figures of all systems for all groups of people of a benchmark."""

    title: str
    scores: tuple[Scores, ...]

    def tables(self) -> list[Table]:
        """One table per group of people, a row per system."""
        groups = dict.fromkeys(each.group for each in self.scores)
        return [Table(f'{self.title}: {group}', COLUMNS,
                      tuple(Row(LABELS.get(s.system, s.system), _values(s)) for s in self.scores if s.group == group),
                      DECIMALS, columns_per_block=len(_PLACE), notes=NOTES) for group in groups]


def run_benchmark(benchmark: Benchmark, systems: Sequence[System], lifter: Lifter | None, output: str | Path,
                  *, camera_roll_deg: float = 0.0, progress: bool = True) -> BenchmarkResult:
    """Let the systems place everybody, and score them.

    lifter: None if no system needs one.
    output: gets one file of predictions per system; what is there already is not computed again.
    camera_roll_deg: how far upright people appear turned clockwise, as the lifter is told.
    Raises RunError if a system fails, PredictionError for files of another run.
    """
    output = Path(output)
    with ExitStack() as files:
        runs = []
        for system in systems:
            joints = None if system.joints == 'none' else benchmark.truth.joint_set
            about = {'benchmark': benchmark.title, 'system': system.name, **system.about}
            if lifter is not None and system.needs_lifter:
                about['lifter'] = about_lifter(lifter.config)
            writer = PeopleWriter(output / f'{system.name}.jsonl', joints, about)
            runs.append(SystemRun(system.locator, files.enter_context(writer), own_joints=system.joints == 'own'))
        run_systems(runs, lifter, benchmark.frames(), camera_roll_deg=camera_roll_deg, progress=progress)
    return score_files(benchmark, {s.name: output / f'{s.name}.jsonl' for s in systems})


def score_files(benchmark: Benchmark, files: dict[str, Path]) -> BenchmarkResult:
    """Score files of predictions, by the name of the system; PredictionError if one is incomplete or of other boxes."""
    found: list[Scores] = []
    for name, path in files.items():
        found += score(name, read_people(path, benchmark.truth.image_ids), benchmark)
    return BenchmarkResult(benchmark.title, tuple(found))


def _values(scores: Scores) -> tuple[float, ...]:
    m = scores.mrpe
    return (scores.people, scores.placed, 100 * scores.depth_error, 100 * scores.depth_bias, 100 * scores.coverage_95,
            100 * scores.joints_close, scores.root_error_m, *(1000 * v for v in (m.total, m.x, m.y, m.z)),
            *(100 * v for v in (*scores.ap, *scores.ar)))
