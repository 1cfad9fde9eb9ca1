"""One step of learning: network, losses, optimiser, precision."""
from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from hdnet_ros.models import file_or_model
from hdnet_ros.network import HDNet, HDNetOutput, hdnet_input, load_hdnet, load_imagenet

from .average import WeightAverage
from .batch import Batch
from .config import TrainingConfig
from .distributed import Processes
from .errors import TrainingError
from .losses import TERMS, Losses, hdnet_losses

LOW_PRECISION = {'float16': torch.float16, 'bfloat16': torch.bfloat16}


class WindowNet(nn.Module):
    """HDNet on whole batches: one pass per window, then one estimate per person."""

    def __init__(self, net: HDNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: torch.Tensor, coord_maps: torch.Tensor, window_index: torch.Tensor,
                masks: torch.Tensor) -> HDNetOutput:
        return self.net.decode(self.net.encode(images), window_index, coord_maps.index_select(0, window_index),
                               masks)


def estimate(net: nn.Module, config: TrainingConfig, batch: Batch) -> HDNetOutput:
    """What a ``WindowNet`` (or its distributed wrapper) says about a batch, in the precision of the configuration."""
    device = batch.images.device
    images = hdnet_input(batch.images, config.network, device).to(memory_format=torch.channels_last)
    low = LOW_PRECISION.get(config.run.precision)
    with torch.autocast(device.type, low) if low else nullcontext():
        return net(images, batch.coord_maps, batch.window_index, batch.masks)


class Learner:
    """The network and all that changes with it."""

    def __init__(self, config: TrainingConfig, processes: Processes) -> None:
        """Initial weights as configured; ModelError or CheckpointError if they cannot be had."""
        self.config, self._processes = config, processes
        self.net = make_net(config).to(processes.device)
        self._frozen_layers().requires_grad_(False)     # before wrapping, which looks for what learns
        self.wrapped = processes.wrap(WindowNet(self.net))
        self.optimiser = torch.optim.AdamW(self._learning(), lr=config.schedule.learning_rate,
                                           weight_decay=config.optimiser.weight_decay)
        self.scaler = torch.amp.GradScaler(processes.device.type, enabled=config.run.precision == 'float16'
                                           and processes.device.type == 'cuda')
        decay = config.optimiser.average
        self.average = WeightAverage(self.net, decay) if decay else None

    @property
    def best_guess(self) -> HDNet:
        """The network to validate and to keep: the average if there is one."""
        return self.average.net if self.average else self.net

    def _frozen_layers(self) -> nn.ModuleList:
        """The layers that stay as they were loaded, as they are now: wrapping replaces some."""
        stride = self.config.optimiser.frozen_stride
        return nn.ModuleList(self.net.fpn.trunk.layers_up_to(stride) if stride else [])

    def _learning(self) -> list[nn.Parameter]:
        return [parameter for parameter in self.net.parameters() if parameter.requires_grad]

    def set_mode(self) -> None:
        """Training mode, apart from what is frozen."""
        self.net.train()
        self._frozen_layers().eval()
        if self.config.optimiser.freeze_batchnorm:
            for module in self.net.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()

    def step(self, batch: Batch, step: int) -> torch.Tensor:
        """Learn from this process' part of the batch of step number ``step``.

        Returns the sums of the unweighted terms (in the order of ``TERMS``), of the total, and the number of people,
        (6,) of this process.
        TrainingError if the loss is not finite; it names where the batch comes from.
        """
        config, batch = self.config, batch.to(self._processes.device)
        epoch = config.schedule.epoch(step)
        for group in self.optimiser.param_groups:
            group['lr'] = config.schedule.rate(step)
        losses = hdnet_losses(estimate(self.wrapped, config, batch), batch.targets, self.net.depth_bins, config.losses)
        total = losses.total(config.losses, epoch)
        _check_finite(total, losses, batch, step)
        people = self._processes.total(torch.tensor(float(len(total)), device=total.device))
        self.optimiser.zero_grad(set_to_none=True)
        # Gradients are averaged over the processes, but the loss is the mean over all people.
        self.scaler.scale(total.sum() * self._processes.world / people).backward()
        if config.optimiser.clip_norm:
            self.scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(self._learning(), config.optimiser.clip_norm)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        if self.average:
            self.average.update(self.net, step)
        sums = [term.detach().sum() for term in (*losses, total)]
        return torch.stack([*sums, torch.tensor(float(len(total)), device=total.device)])

    def state(self) -> dict[str, Any]:
        """All of it, for ``restore``."""
        return {'network': self.net.state_dict(), 'optimiser': self.optimiser.state_dict(),
                'scaler': self.scaler.state_dict(),
                'average': self.average.net.state_dict() if self.average else None}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.net.load_state_dict(state['network'])
        self.optimiser.load_state_dict(state['optimiser'])
        if state['scaler']:     # empty if the run was not in float16 until now
            self.scaler.load_state_dict(state['scaler'])
        if self.average:
            self.average.net.load_state_dict(state['average'])


def make_net(config: TrainingConfig) -> HDNet:
    """A network with its initial weights, which the seed decides where no file does."""
    torch.manual_seed(config.seed)
    initial = config.initial
    if initial.checkpoint:
        return load_hdnet(file_or_model(initial.checkpoint), config.network)
    net = HDNet(config.network)
    if initial.imagenet:
        load_imagenet(net, file_or_model(initial.imagenet))
    return net


def _check_finite(total: torch.Tensor, losses: Losses, batch: Batch, step: int) -> None:
    broken = (~total.isfinite()).nonzero()[:, 0].tolist()
    if not broken:
        return
    terms = [name for name, term in zip(TERMS, losses) if not term.isfinite().all()]
    sources = dict.fromkeys(batch.sources[int(batch.window_index[person])] for person in broken)
    raise TrainingError(f'the loss is not finite at step {step} ({", ".join(terms) or "total"}); it comes from: '
                        + '; '.join(sources) + '. A lower schedule.learning_rate, optimiser.clip_norm, or precision '
                        'bfloat16 or float32 may help, if these samples are good')
