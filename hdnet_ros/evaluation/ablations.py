"""Which part of the network contributes what: variants trained alike at a small budget (paper section 4.5, Table 6)."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from hdnet_ros.evaluation.benchmarks.result import run_benchmark
from hdnet_ros.evaluation.benchmarks.scores import THRESHOLDS_M
from hdnet_ros.evaluation.benchmarks.synthetic import open_synthetic
from hdnet_ros.evaluation.systems.system import ready_system
from hdnet_ros.evaluation.variants import CONFIG, SEEDS, VARIANTS, Variant
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.training.config import TrainingConfig, load_config
from hdnet_ros.training.distributed import Processes
from hdnet_ros.training.errors import ConfigError
from hdnet_ros.training.trainer import EXPORTED, Trainer


@dataclass(frozen=True, eq=False)
class Run:
    """One training: a variant, a seed, its whole configuration and the folder it is in."""

    variant: Variant
    seed: int
    config: TrainingConfig
    folder: Path

    @property
    def weights(self) -> Path:
        """What training leaves at its end."""
        return self.folder / EXPORTED

    @property
    def trained(self) -> bool:
        """Whether the training reached its end with this configuration; ConfigError if it was with another one."""
        written = self.folder / 'config.yaml'
        if not written.is_file():
            return False
        before = TrainingConfig.from_dict(yaml.safe_load(written.read_text(encoding='utf-8')))
        if replace(before, run=self.config.run) != self.config:
            raise ConfigError(f'{self.folder} holds a run with other settings (see its config.yaml); choose another '
                              'output folder, or remove that one')
        return self.weights.is_file()


def plan(train: str | Path, validation: str | Path, output: str | Path, only: Sequence[str] = (),
         seeds: Sequence[int] = SEEDS, config: str | Path = CONFIG, changes: Sequence[str] = ()) -> list[Run]:
    """All runs, one seed after the other so that every variant has a first figure soon.

    train, validation: folders of ``hdnet synthesize``; only: names of variants (default: all of ``VARIANTS``).
    Raises ConfigError for an unknown variant or a wrong configuration.
    """
    unknown = [name for name in only if name not in VARIANTS]
    if unknown:
        raise ConfigError(f'unknown variants: {", ".join(unknown)}; known: {", ".join(VARIANTS)}')
    folders = [f'data.train.0.folder={train}', f'data.validation.0.folder={validation}']
    chosen = [v for name, v in VARIANTS.items() if not only or name in only]
    return [Run(variant, seed, load_config(config, [*folders, *changes, *variant.changes, f'seed={seed}']),
                Path(output) / variant.name / f'seed_{seed}') for seed in dict.fromkeys(seeds) for variant in chosen]


def train_missing(runs: Sequence[Run], processes: Processes | None = None, progress: bool = True) -> Iterator[Run]:
    """Train what is not trained yet, going on where a training was interrupted; gives every run when it is ready.

    Ends early if a signal to stop came; the state is saved then. Raises what ``Trainer`` raises.
    """
    for run in runs:
        if not run.trained and not Trainer(run.config, run.folder, processes, resume=True, progress=progress).run():
            return
        yield run


@dataclass(frozen=True)
class Figures:
    """What is compared, over all held-out people: MRPE along the axis, AP of the root within 25 cm, median depth error.

    In millimetres and, twice, per cent.
    """

    mrpe_z_mm: float
    ap_25: float
    depth_percent: float


def measure_runs(runs: Sequence[Run], images: int | None = None, device: str = 'auto', progress: bool = True
                 ) -> dict[str, list[Figures]]:
    """The figures of all trained runs by variant, one per seed; runs that are not trained are left out.

    images: the first so many of the held-out ones; default: all. Predictions are kept beside the weights.
    """
    found: dict[str, list[Figures]] = {}
    ready = [run for run in runs if run.trained]
    if not ready:
        return found
    benchmark = open_synthetic(ready[0].config.data.validation[0].folder, images)
    for run in ready:
        system = ready_system('hdnet', RootConfig(checkpoint=str(run.weights), device=device))
        scores = run_benchmark(benchmark, [system], None,
                               run.folder / f'predictions_{len(benchmark.boxes)}', progress=progress).scores[-1]
        found.setdefault(run.variant.name, []).append(
            Figures(1000 * scores.mrpe.z, 100 * scores.ap[THRESHOLDS_M.index(0.25)], 100 * scores.depth_error))
    return found
