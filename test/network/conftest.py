"""Golden weights and inputs, and networks that are expensive to make."""
from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from hdnet_ros.network import HDNet, HDNetConfig

GOLDEN = Path(__file__).parent / 'golden'


@pytest.fixture(scope='session')
def golden_folder():
    return GOLDEN


@pytest.fixture(scope='session')
def recipe():
    """The module golden/recipe.py."""
    spec = importlib.util.spec_from_file_location('golden_recipe', GOLDEN / 'recipe.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='session')
def layouts():
    """Name and shape of every tensor of the published checkpoints, by network."""
    return json.loads(gzip.decompress((GOLDEN / 'layouts.json.gz').read_bytes()))


@pytest.fixture(scope='session')
def golden_weights(recipe):
    """Function: layout (name to shape) and gains to a state dict."""
    def make(layout, gains=None):
        return {k: torch.from_numpy(np.asarray(v)) for k, v in recipe.make_weights(layout, gains).items()}
    return make


@pytest.fixture(scope='session')
def published_net(recipe, layouts, golden_weights):
    """The HDNet of the published Human3.6M checkpoint with golden weights. Do not change it."""
    net = HDNet(HDNetConfig.preset('human36m_published')).eval().requires_grad_(False)
    net.load_state_dict(golden_weights(layouts['hdnet'], recipe.HDNET_GAINS))
    return net


@pytest.fixture(scope='session')
def small_config():
    """A network that is quick to make and to run."""
    return HDNetConfig(joint_set='human36m_17', alpha=0.5, beta=20.0, bins=31, backbone='efficientnet_lite0', width=16,
                       input_size=64)


@pytest.fixture
def small_net(small_config):
    torch.manual_seed(0)
    return HDNet(small_config).eval()


@pytest.fixture
def small_inputs(small_config):
    """Three windows: images, coordinate maps, box masks."""
    return make_inputs(small_config, 3)


def make_inputs(config, number):
    random = torch.Generator().manual_seed(1)
    cells = config.cells
    images = torch.randn(number, 3, config.input_size, config.input_size, generator=random)
    coords = torch.rand(number, 2, cells, cells, generator=random) - 0.5
    masks = torch.zeros(number, cells, cells)
    masks[:, 2:12, 3:10] = 1
    return images, coords, masks
