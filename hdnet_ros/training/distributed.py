"""Several processes that train one network: set up by ``torchrun``, absent otherwise.

Every process works on its part of the same batch, and gradients are those of the whole batch: losses are divided by the
number of people in all parts. Batch normalisation is shared (SyncBatchNorm) on CUDA; torch has none for CPUs, where
each process normalises with its own part and the first process' running statistics count.
"""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from hdnet_ros.perception.device import best_device

from .errors import TrainingError


@dataclass(frozen=True)
class Processes:
    """This process among its fellows."""

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device('cpu')

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    def total(self, values: torch.Tensor) -> torch.Tensor:
        """The sum over all processes."""
        if self.world > 1:
            values = values.clone()
            dist.all_reduce(values)
        return values

    def gather(self, value: Any) -> list[Any]:
        """What each process has, in every process."""
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        dist.all_gather_object(values, value)
        return values

    def share_buffers(self, net: nn.Module) -> None:
        """Give every process the first one's buffers: statistics of batch normalisation, where each keeps its own."""
        if self.world > 1:
            for buffer in net.buffers():
                dist.broadcast(buffer, 0)

    def wrap(self, net: nn.Module) -> nn.Module:
        """The network with gradients averaged over the processes; ``net`` itself if there is only one."""
        if self.world == 1:
            return net
        if self.device.type == 'cuda':
            return DistributedDataParallel(nn.SyncBatchNorm.convert_sync_batchnorm(net), device_ids=[self.device.index])
        return DistributedDataParallel(net)

    def close(self) -> None:
        """Part from the others."""
        if self.world > 1:
            dist.destroy_process_group()


def start(device: str = 'auto') -> Processes:
    """Join the processes that ``torchrun`` has started, if any.

    device: 'auto' (CUDA if there is one), 'cpu', 'cuda', 'cuda:1'; several processes have a CUDA device each.
    TrainingError if the device cannot be used.
    """
    rank, world, local = (int(os.environ.get(name, default)) for name, default in
                          (('RANK', '0'), ('WORLD_SIZE', '1'), ('LOCAL_RANK', '0')))
    place = _device(best_device() if device == 'auto' else device, rank_here=local, alone=world == 1)
    if world > 1:
        dist.init_process_group('nccl' if place.type == 'cuda' else 'gloo')
    return Processes(rank, world, place)


def _device(name: str, rank_here: int, alone: bool) -> torch.device:
    """The device of this process, number ``rank_here`` of those on this machine."""
    try:
        device = torch.device(name)
        if device.type == 'cuda' and device.index is None:
            device = torch.device('cuda', rank_here)
        elif device.type == 'cuda' and not alone:
            raise RuntimeError('several processes cannot share a GPU')
        torch.empty(0, device=device)
        if device.type == 'cuda':
            torch.cuda.set_device(device)
    except (RuntimeError, AssertionError) as error:
        more = 0 < torch.cuda.device_count() <= rank_here
        raise TrainingError(f'device {name!r} cannot be used ({str(error).splitlines()[0]}); '
                            + (f'start no more than {torch.cuda.device_count()} processes here (--nproc-per-node), or '
                               if more else '') + "choose 'auto' or 'cpu'") from error
    return device
