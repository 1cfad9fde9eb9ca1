"""Loading and saving networks: our own files with their configuration inside, and the published checkpoints."""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import torch

from .checkpoint_file import CheckpointError, config_of, fill, read_checkpoint, weights_of, write_safetensors
from .config import PRESETS, HDNetConfig
from .hdnet import HDNet
from .posenet import DEPTH_CELLS, JOINT_SETS, PoseNet

# What may be changed about a trained network without making its numbers mean something else.
USAGE = ('joint_places', 'joint_decoding', 'window_policy', 'window_size', 'max_zoom', 'sigma_scale')


def load_hdnet(path: str | os.PathLike[str], config: HDNetConfig | None = None,
               device: str | torch.device = 'cpu') -> HDNet:
    """An HDNet in evaluation mode, float32, from our .safetensors or a published ckpt.pth.tar.

    config: needed for published files of another kind than the Human3.6M one, since they do not say what they are;
        for our files, which do, it may only differ in how the network is used (joint_places, joint_decoding,
        window_policy, window_size, max_zoom, sigma_scale).
    CheckpointError for any file that cannot be used, with the reason.
    """
    content, metadata = read_checkpoint(path)
    if metadata is None:
        weights = weights_of(content, 'model', path)
        config = config or HDNetConfig.preset('human36m_published')
        _check_size(weights, config, path)
    else:
        weights = content
        stored = _stored_config(config_of(metadata, 'HDNet', path), path)
        config = config or stored
        _check_usage(stored, config, path)
    net = HDNet(config)
    fill(net, weights, path)
    return net.eval().to(device)


def save_hdnet(net: HDNet, path: str | os.PathLike[str], half: bool = False) -> None:
    """Write .safetensors with the whole configuration inside; half stores the weights as float16."""
    write_safetensors(net, path, 'HDNet', net.config.to_dict(), half)


def load_posenet(path: str | os.PathLike[str], joint_set: str | None = None,
                 device: str | torch.device = 'cpu') -> PoseNet:
    """A PoseNet in evaluation mode, float32, from our .safetensors or a published snapshot_N.pth.tar.

    joint_set: by default what the file says or, for published ones, what the number of joints tells.
    CheckpointError for any file that cannot be used, with the reason.
    """
    content, metadata = read_checkpoint(path)
    if metadata is None:
        weights = weights_of(content, 'network', path)
        stored = _posenet_joint_set(weights, path)
    else:
        weights = content
        stored = config_of(metadata, 'PoseNet', path).get('joint_set')
    if joint_set is not None and joint_set != stored:
        raise CheckpointError(f'{path} has the joints of {stored}, not of {joint_set}')
    try:
        net = PoseNet(stored)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f'the configuration in {path} cannot be used: {error}') from error
    fill(net, weights, path)
    return net.eval().to(device)


def save_posenet(net: PoseNet, path: str | os.PathLike[str], half: bool = False) -> None:
    """Write .safetensors with the joint set inside; half stores the weights as float16."""
    write_safetensors(net, path, 'PoseNet', {'joint_set': net.joint_set}, half)


def _stored_config(values: Mapping[str, Any], path: str | os.PathLike[str]) -> HDNetConfig:
    try:
        return HDNetConfig.from_dict(values)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f'the configuration in {path} cannot be used: {error}') from error


def _check_usage(stored: HDNetConfig, wanted: HDNetConfig, path: str | os.PathLike[str]) -> None:
    differing = [f'{name} is {value!r}, not {getattr(wanted, name)!r}' for name, value in vars(stored).items()
                 if name not in USAGE and value != getattr(wanted, name)]
    if differing:
        raise CheckpointError(f'{path} was trained with another configuration: {"; ".join(differing)}')


def _check_size(weights: Mapping[str, torch.Tensor], config: HDNetConfig, path: str | os.PathLike[str]) -> None:
    """A clear word where the likely mistake is a wrong preset."""
    if 'out_heatmap.weight' not in weights or 'out_bins.weight' not in weights or config.depth_head != 'bins':
        return
    joints, bins = len(weights['out_heatmap.weight']), len(weights['out_bins.weight'])
    if (joints, bins) == (config.joints, config.bins):
        return
    fitting = [name for name, preset in PRESETS.items() if (preset.joints, preset.bins) == (joints, bins)]
    advice = (f'preset {" or ".join(fitting)!r} fits' if fitting
              else 'no preset fits: give the configuration it was trained with')
    raise CheckpointError(f'{path} has {joints} joints and {bins} bins, the configuration {config.joints} and '
                          f'{config.bins}; {advice}')


def _posenet_joint_set(weights: Mapping[str, torch.Tensor], path: str | os.PathLike[str]) -> str:
    last = weights.get('head.final_layer.weight')
    joints = None if last is None or last.ndim == 0 else len(last) / DEPTH_CELLS
    for name, number in JOINT_SETS.items():
        if joints == number:
            return name
    raise CheckpointError(f'{path} is not a PoseNet of {" or ".join(map(str, JOINT_SETS.values()))} joints')
