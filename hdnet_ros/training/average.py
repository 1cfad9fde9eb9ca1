"""A moving average of weights: it generalises better than the last step's weights."""
from __future__ import annotations

import copy

import torch
from torch import nn


class WeightAverage:
    """Keeps a copy of a network whose weights trail behind.

    decay: per step; less at first, so that the initial weights are soon forgotten. Statistics of batch normalisation
    are averages already and are copied.
    """

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        """Move towards a network's weights after step number ``step``, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for mine, theirs in zip(self.net.parameters(), net.parameters()):
            mine.lerp_(theirs, 1 - decay)
        for mine, theirs in zip(self.net.buffers(), net.buffers()):
            mine.copy_(theirs)
