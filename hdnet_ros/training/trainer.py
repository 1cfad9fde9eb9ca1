"""A training run: steps, checkpoints, validation after each epoch, the best weights."""
from __future__ import annotations

import signal
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from tqdm import tqdm

from hdnet_ros.network import load_hdnet, save_hdnet

from .batch import Batch
from .calibrate import check_people, export, sigma_scale
from .config import TrainingConfig
from .config_reading import read_yaml
from .distributed import Processes
from .errors import TrainingError
from .feeding import TrainingBatches, ValidationBatches, batches, of_training_split
from .learner import Learner
from .losses import TERMS
from .pictures import prediction_picture
from .run_log import RunLog
from .state import check_config, checkpoint_files, load_state, save_state
from .tally import Tally
from .validation import figures, measure

CONFIG, BEST, EXPORTED = 'config.yaml', 'best.safetensors', 'hdnet.safetensors'
STOP_EVERY = 10     # steps between two talks of several processes about whether to stop


class Trainer:
    """Trains one network in one folder.

    output: gets ``config.yaml``, ``train.csv``, ``validation.csv``, ``pictures/``, ``tensorboard/``, ``checkpoints/``,
    ``best.safetensors`` (the best epoch so far, full precision) and, at the end, ``hdnet.safetensors``.
    resume: go on from the newest checkpoint in ``output``, if there is one.
    Raises TrainingError, ConfigError, DataSetError, ModelError or CheckpointError, each with the reason.
    """

    def __init__(self, config: TrainingConfig, output: Path, processes: Processes | None = None,
                 resume: bool = False, progress: bool = True) -> None:
        self.config, self.output = config, Path(output)
        self.processes = processes or Processes()
        if checkpoint_files(self.output) and not resume:
            raise TrainingError(f'{self.output} already holds a run; go on with it (--resume) or choose another folder')
        if config.run.threads:
            torch.set_num_threads(config.run.threads)
        for folder in dict.fromkeys(config.data.seen_before):
            warnings.warn(f'validation sees in {folder} what training learns from: the choice of the best weights and '
                          'their calibrated uncertainty say nothing about other people', stacklevel=2)
        self._data = TrainingBatches(config, self.processes.rank, self.processes.world)
        self._validation = ValidationBatches(config, self.processes.rank, self.processes.world)
        for name in of_training_split(self._data, self._validation):
            warnings.warn(f'{name}, for validation, is of the training split as well, so it has the same '
                          'bodies, poses and clothes; draw others: hdnet synthesize OUT --split validation',
                          stacklevel=2)
        self.learner = Learner(config, self.processes)
        self.step, self.best = 0, float('inf')
        state = load_state(self.output, config) if resume else None
        if state:
            self.learner.restore(state)
            self.step, self.best = state['step'], state['best']
        self._progress = progress and self.processes.is_main
        self._log: RunLog | None = None
        self._asked_to_stop = False

    def run(self) -> bool:
        """Train to the end; False if a signal to stop (SIGTERM, Ctrl-C) came first: the state is saved then."""
        config = self.config
        if self.processes.is_main:
            self._log = RunLog(self.output, self.step, config.run.tensorboard)
            text = yaml.safe_dump(config.to_dict(), sort_keys=False, width=120)
            (self.output / CONFIG).write_text(text, encoding='utf-8')
        pin = self.processes.device.type == 'cuda'
        source = batches(self._data, self.step, config.run.workers, pin)
        self.learner.set_mode()
        try:
            with self._signals(), tqdm(total=config.schedule.steps, initial=self.step, disable=not self._progress,
                                       unit='step', dynamic_ncols=True) as bar:
                done = self._loop(source, bar)
        finally:
            if self._log:
                self._log.close()
        if done and self.processes.is_main:
            export_run(config, self.output, self.processes.device)
        return done

    def _loop(self, source: Iterator, bar: tqdm) -> bool:
        """Whether all steps were done."""
        config, tally = self.config, Tally()
        for batch in source:
            tally.add(self.learner.step(batch, self.step))
            self.step += 1
            bar.update()
            if self.step % config.run.log_every_steps == 0:
                self._log_training(tally, bar)
                tally = Tally()
            ended = self.step % config.schedule.steps_per_epoch == 0
            if ended:
                with tally.paused():
                    self._end_epoch(config.schedule.epoch(self.step - 1))
            stop = self._should_stop()
            if ended or stop or self.step % config.run.checkpoint_every_steps == 0:
                self._save()
            if stop:
                return False
        return True

    def _should_stop(self) -> bool:
        """Whether to stop now; several processes stop at the same step."""
        if self.processes.world == 1:
            return self._asked_to_stop
        return self.step % STOP_EVERY == 0 and any(self.processes.gather(self._asked_to_stop))

    def _log_training(self, tally: Tally, bar: tqdm) -> None:
        sums = self.processes.total(tally.sums)
        if not self._log:
            return
        *terms, people = sums.tolist()
        means = dict(zip((*TERMS, 'total'), (term / people for term in terms)))
        done, schedule = self.step - 1, self.config.schedule
        self._log.training(self.step, {'epoch': schedule.epoch(done), 'learning_rate': schedule.rate(done), **means,
                                       'people_per_step': people / tally.steps,
                                       'seconds_per_step': tally.seconds / tally.steps})
        bar.set_postfix(loss=f'{means["total"]:.4f}', index=f'{means["index"]:.4f}')

    def _end_epoch(self, epoch: int) -> None:
        """Validate, log, keep the weights if they are the best."""
        net, device = self.learner.best_guess, self.processes.device
        self.processes.share_buffers(net)
        source = batches(self._validation, 0, self.config.run.workers, False)
        seen: list[Batch] = []
        mine = measure(net, self.config, _keeping_first(source, seen), device)
        self.learner.set_mode()
        rows = np.concatenate(self.processes.gather(mine))
        check_people(rows)      # now and not after the last step
        found = figures(rows)
        score = found[self.config.validation.select]
        if np.isnan(score):
            raise TrainingError(f'validation.select is {self.config.validation.select!r}, but nobody in the validation '
                                'data has the truth for it')
        if not self.processes.is_main:
            return
        self._log.validation(self.step, {'epoch': epoch, **found})
        if self.config.run.pictures and seen:
            self._log.picture(self.step, epoch, prediction_picture(net, self.config, seen[0], device))
        if score < self.best:
            self.best = score
            save_hdnet(net, self.output / BEST)
        self.learner.set_mode()
        if self._progress:
            tqdm.write(f'epoch {epoch}: ' + ', '.join(f'{name} {value:.4g}' for name, value in found.items()))

    def _save(self) -> None:
        if self.processes.is_main:
            state: dict[str, Any] = {**self.learner.state(), 'best': self.best, 'config': self.config.to_dict()}
            save_state(self.output, self.step, state, self.config.run.keep_checkpoints)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn SIGTERM and SIGINT into a request to stop after the step."""
        def request(*_: Any) -> None:
            self._asked_to_stop = True
        try:
            before = {number: signal.signal(number, request) for number in (signal.SIGTERM, signal.SIGINT)}
        except ValueError:      # only the main thread may do this
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _keeping_first(batches: Iterable[Batch | None], seen: list[Batch]) -> Iterator[Batch | None]:
    """The batches; ``seen`` gets the first with anybody in it.

    The picture needs one, and asking the data set for it here would open its stream in this process: the workers of
    the next epoch would inherit an OpenGL that a fork has broken.
    """
    for batch in batches:
        if batch is not None and not seen:
            seen.append(batch)
        yield batch


def export_run(config: TrainingConfig, output: Path, device: torch.device) -> dict[str, float]:
    """Calibrate the best weights of a run on its validation split and write ``hdnet.safetensors``, for use.

    Returns the figures of what was written. TrainingError if the run has no best weights yet, or was of another network
    or other windows.
    """
    best, written = Path(output) / BEST, Path(output) / CONFIG
    if not best.is_file():
        raise TrainingError(f'{best} is not there yet; it appears after the first epoch')
    if written.is_file():
        check_config(read_yaml(written), config, written, ('network', 'windows'))
    if config.run.threads:
        torch.set_num_threads(config.run.threads)
    net = load_hdnet(best, device=device)

    # As it is used: in float32, whatever it was trained in, and below with weights in half precision.
    config = replace(config, run=replace(config.run, precision='float32'))

    def rows(of: Any) -> np.ndarray:
        return measure(of, config, batches(ValidationBatches(config), 0, config.run.workers, False), device)
    scale = sigma_scale(rows(net))
    exported = export(net, scale, Path(output) / EXPORTED)
    return figures(rows(load_hdnet(Path(output) / EXPORTED).to(device)), exported.config.sigma_scale)
