"""The networks, in pure torch: HDNet and PoseNet, their parts and their checkpoints."""
from .checkpoint import load_hdnet, load_posenet, save_hdnet, save_posenet
from .checkpoint_file import CheckpointError
from .config import HDNetConfig
from .depth_bins import DepthBins
from .hdnet import HDNet, HDNetFeatures, HDNetOutput
from .inference import for_inference, hdnet_input
from .mirroring import flip_test
from .posenet import PoseNet, posenet_input
from .pretrained import load_imagenet

__all__ = [
    'CheckpointError', 'DepthBins', 'HDNet', 'HDNetConfig', 'HDNetFeatures', 'HDNetOutput', 'PoseNet',
    'flip_test', 'for_inference', 'hdnet_input', 'load_hdnet', 'load_imagenet', 'load_posenet', 'posenet_input',
    'save_hdnet', 'save_posenet',
]
