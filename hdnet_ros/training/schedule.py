"""How long to train, and how fast at each step."""
from __future__ import annotations

import math
from dataclasses import dataclass

from hdnet_ros.requirement import require

KINDS = ('steps', 'cosine', 'constant')


@dataclass(frozen=True)
class ScheduleConfig:
    """Length and learning rate.

    batch_size: windows per step, over all processes.
    kind: 'steps' multiplies the rate by ``factor`` every ``every_epochs`` (published: 0.8 every 10 epochs); 'cosine'
        goes down to ``final`` of the rate at the end; 'constant'.
    warmup_steps: the rate rises over the first so many steps.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float = 1e-4
    kind: str = 'steps'
    every_epochs: int = 10
    factor: float = 0.8
    final: float = 0.01
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        for name in ('epochs', 'steps_per_epoch', 'batch_size', 'every_epochs'):
            require(getattr(self, name) >= 1, f'{name} must be at least 1', getattr(self, name))
        require(self.learning_rate > 0, 'learning_rate must be positive', self.learning_rate)
        require(self.kind in KINDS, f'kind must be one of {", ".join(KINDS)}', self.kind)
        require(0 < self.factor <= 1, 'factor must lie in 0..1', self.factor)
        require(0 <= self.final <= 1, 'final must lie in 0..1', self.final)
        require(self.warmup_steps >= 0, 'warmup_steps must not be negative', self.warmup_steps)

    @property
    def steps(self) -> int:
        """Number of steps in all."""
        return self.epochs * self.steps_per_epoch

    def epoch(self, step: int) -> int:
        """The epoch that a step belongs to, both counted from 0."""
        return step // self.steps_per_epoch

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        rate = self.learning_rate
        if self.kind == 'steps':
            rate *= self.factor ** (self.epoch(step) // self.every_epochs)
        elif self.kind == 'cosine':
            progress = min(1.0, step / self.steps)
            rate *= self.final + (1 - self.final) * (1 + math.cos(math.pi * progress)) / 2
        if step < self.warmup_steps:
            rate *= (step + 1) / self.warmup_steps
        return rate
