"""What a run leaves to read: CSV files, TensorBoard where it is installed, a picture per epoch."""
from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np


class RunLog:
    """Writes ``train.csv``, ``validation.csv``, ``pictures/`` and ``tensorboard/`` in a folder.

    step: where the run goes on; what an interrupted run has logged after it is dropped, since it comes again.
    """

    def __init__(self, folder: Path, step: int, tensorboard: bool = True) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ('train', 'validation'):
            _cut(folder / f'{name}.csv', step)
        self._board = _tensorboard(folder / 'tensorboard', step) if tensorboard else None

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Means over the steps since the last call; ``step`` is the number of steps done."""
        self._add('train', step, values)

    def validation(self, step: int, values: Mapping[str, float]) -> None:
        """Figures after an epoch."""
        self._add('validation', step, values)

    def picture(self, step: int, epoch: int, picture: np.ndarray) -> None:
        """A picture (H, W, 3) BGR of predictions after an epoch, which ended with that many steps done."""
        folder = self._folder / 'pictures'
        folder.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / f'epoch_{epoch:03d}.jpg'), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        if self._board:
            self._board.add_image('predictions', picture[..., ::-1], step, dataformats='HWC')

    def close(self) -> None:
        """Write out what is pending."""
        if self._board:
            self._board.close()

    def _add(self, name: str, step: int, values: Mapping[str, float]) -> None:
        row = {'step': str(step), **{key: f'{value:.6g}' for key, value in values.items()}}
        path = self._folder / f'{name}.csv'
        new = not path.exists()
        with path.open('a', newline='', encoding='utf-8') as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        if self._board:
            for key, value in values.items():
                self._board.add_scalar(f'{name}/{key}', value, step)


def _cut(path: Path, step: int) -> None:
    """Drop rows after a step, and a half-written last one."""
    if not path.exists():
        return
    lines = path.read_text(encoding='utf-8').splitlines(keepends=True)
    kept = lines[:1] + [line for line in lines[1:] if line.endswith('\n') and int(line.partition(',')[0]) <= step]
    temporary = path.with_suffix('.tmp')
    temporary.write_text(''.join(kept), encoding='utf-8')
    os.replace(temporary, path)


def _tensorboard(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:     # not installed: the CSV files hold the same
        return None
    return SummaryWriter(str(folder), purge_step=step + 1 if step else None)     # the first step to forget
