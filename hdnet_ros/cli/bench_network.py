"""Time one forward pass of the depth network in several forms, all in one run, their repeats interleaved."""
from __future__ import annotations

import argparse
import copy
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hdnet_ros.cli.argument_types import positive
from hdnet_ros.perception.device import choose_device

if TYPE_CHECKING:
    import torch

    from hdnet_ros.network import HDNet, HDNetConfig

PUBLISHED = 'published pooling'
POOLED = 'pooling as a matrix product'
OURS = 'net as it comes'
BUSY = 1.5     # median over best time from which on other work must have disturbed
PRESETS = ('human36m_published', 'paper', 'lite')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``hdnet bench network``."""
    parser.add_argument('--preset', default=PRESETS[0], choices=PRESETS, help='network (default: %(default)s)')
    parser.add_argument('--device', default='auto', help='cpu, cuda, cuda:1 ... (default: %(default)s)')
    parser.add_argument('--batch', type=positive, default=1, help='windows per pass, one person each (default: 1)')
    parser.add_argument('--threads', type=positive, help='CPU threads (default: as torch chooses)')
    parser.add_argument('--repeats', type=positive, default=12, help='timed passes of each form (default: 12)')
    parser.add_argument('--json', action='store_true', help='print one JSON object instead of a table')


def run(args: argparse.Namespace) -> int:
    """Measure and print; ModelError if the device is not there."""
    import torch
    device = str(choose_device(args.device))
    threads = torch.get_num_threads()
    if args.threads:
        torch.set_num_threads(args.threads)
    try:
        result = measure(args.preset, device, args.batch, args.repeats)
    finally:
        torch.set_num_threads(threads)
    print(json.dumps(result, indent=2) if args.json else table(result))
    return 0


def measure(preset: str, device: str, batch: int, repeats: int) -> dict[str, Any]:
    """Median and best times in ms of every form, and by each how many times faster it is than the published form."""
    import torch

    from hdnet_ros.network import HDNetConfig
    forms = make_forms(HDNetConfig.preset(preset), device, batch)
    if preset != 'lite':
        lite = make_forms(HDNetConfig.preset('lite'), device, batch)
        forms.update({f'lite preset, {name}': form for name, form in lite.items() if name not in (PUBLISHED, POOLED)})
    seconds = time_interleaved(forms, repeats, device)
    medians = {name: statistics.median(times) * 1000 for name, times in seconds.items()}
    best = {name: min(times) * 1000 for name, times in seconds.items()}
    return {
        'preset': preset, 'batch': batch, 'repeats': repeats, 'device': device, 'threads': torch.get_num_threads(),
        'machine': _machine(device), 'torch': torch.__version__, 'ms': medians, 'best_ms': best,
        'speedup': {name: medians[PUBLISHED] / ms for name, ms in medians.items()},
        'best_speedup': {name: best[PUBLISHED] / ms for name, ms in best.items()},
    }


def make_forms(config: HDNetConfig, device: str, batch: int) -> dict[str, Callable[[], Any]]:
    """The same network with the same weights in each form, ready to be called without arguments.

    The first two differ in their pooling alone; ``net as it comes`` has its weights in the channels-last order.
    """
    import torch

    from hdnet_ros.network import HDNet, for_inference
    torch.manual_seed(0)
    net = HDNet(config).eval().requires_grad_(False).to(device)
    contiguous = copy.deepcopy(net).to(memory_format=torch.contiguous_format)
    fast = for_inference(net)
    inputs = random_inputs(config, batch, device)

    def autocast() -> Any:
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
            return fast(*inputs)

    return {
        PUBLISHED: lambda: published_forward(contiguous, *inputs),
        POOLED: lambda: contiguous(*inputs),
        OURS: lambda: net(*inputs),
        'for_inference': lambda: fast(*inputs),
        'for_inference, bf16 autocast': autocast,
    }


def random_inputs(config: HDNetConfig, batch: int, device: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images of noise, a coordinate map of a camera with a focal length of one window, masks of ones."""
    import torch
    size, cells = config.input_size, config.cells
    axis = torch.arange(cells) / cells - 0.5
    coords = torch.stack(torch.meshgrid(axis, axis, indexing='xy'))
    inputs = torch.randn(batch, 3, size, size), coords.expand(batch, -1, -1, -1), torch.ones(batch, cells, cells)
    return tuple(x.to(device) for x in inputs)


def published_forward(net: HDNet, images: torch.Tensor, coord_maps: torch.Tensor, masks: torch.Tensor) -> Any:
    """The forward pass as first published: the products of all joints, channels and cells stand in memory at once."""
    from hdnet_ros.network import HDNetOutput
    from hdnet_ros.network.heatmaps import masked_softmax, soft_argmax
    logits, depth = net.encode(images)
    heatmaps = masked_softmax(logits, masks)
    nodes = published_pooling(heatmaps, depth)
    return HDNetOutput(heatmaps, soft_argmax(heatmaps, coord_maps), *net.depth_from_nodes(nodes))


def published_pooling(heatmaps: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Heatmap-weighted sums through a B x (J*C) x H x W tensor: (B, J, H, W), (B, C, H, W) to (B, J, C)."""
    joints, channels = heatmaps.shape[1], features.shape[1]
    weights = heatmaps.repeat_interleave(channels, dim=1)
    products = weights * features.repeat(1, joints, 1, 1)
    return products.sum(dim=(2, 3)).unflatten(1, (joints, channels))


def time_interleaved(forms: dict[str, Callable[[], Any]], repeats: int, device: str) -> dict[str, list[float]]:
    """Seconds of each pass; the forms take turns, so that a busy spell of the machine meets them all."""
    import torch
    from tqdm import tqdm
    seconds: dict[str, list[float]] = {name: [] for name in forms}
    with torch.inference_mode(), tqdm(total=(repeats + 1) * len(forms), unit='pass', leave=False) as bar:
        for turn in range(repeats + 1):
            for name, form in forms.items():
                _wait(device)
                start = time.perf_counter()
                form()
                _wait(device)
                if turn:     # the first turn warms up
                    seconds[name].append(time.perf_counter() - start)
                bar.update()
    return seconds


def table(result: dict[str, Any]) -> str:
    """The result as text."""
    lines = ['{preset}, batch {batch}, {device}, {threads} threads, torch {torch}, {machine}; '
             '{repeats} passes each'.format(**result),
             f'{"":42}{"median ms":>10}{"speed":>8}{"best ms":>12}{"speed":>8}']
    lines += [f'{name:42}{ms:10.1f}{result["speedup"][name]:7.2f}x'
              f'{result["best_ms"][name]:12.1f}{result["best_speedup"][name]:7.2f}x'
              for name, ms in result['ms'].items()]
    if any(ms > BUSY * result['best_ms'][name] for name, ms in result['ms'].items()):
        lines.append('the machine was busy (medians far above the best times): trust the best times')
    return '\n'.join(lines)


def _wait(device: str) -> None:
    import torch
    if torch.device(device).type == 'cuda':
        torch.cuda.synchronize(device)


def _machine(device: str) -> str:
    import torch
    if torch.device(device).type == 'cuda':
        return torch.cuda.get_device_name(device)
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            names = [line.split(':', 1)[1].strip() for line in file if line.startswith('model name')]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
