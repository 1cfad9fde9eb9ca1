"""People to test with; tests that need the optional packages or the prepared assets are skipped with the reason."""
from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from hdnet_ros.models import find_model, problem
from hdnet_ros.training.synthetic import SyntheticConfig, SyntheticError, SyntheticPeople, assets, store
from hdnet_ros.training.synthetic.figure import FigureMaker
from hdnet_ros.training.synthetic.lighting import Light
from hdnet_ros.training.synthetic.placement import Placer
from hdnet_ros.training.synthetic.renderer import Renderer
from hdnet_ros.training.synthetic.textures import TextureBank
from hdnet_ros.training.synthetic.view import View


@pytest.fixture(scope='session')
def config() -> SyntheticConfig:
    return SyntheticConfig.load()


@pytest.fixture(scope='session')
def anny_model():
    if importlib.util.find_spec('anny') is None:
        pytest.skip('anny is not installed: pip install anny==0.6.2 moderngl')
    from hdnet_ros.training.synthetic.body_template import load_anny
    return load_anny()


@pytest.fixture(scope='session')
def folder(config):
    missing = [name for name in assets.MODELS if problem(find_model(name))]
    if missing:
        pytest.skip(f'assets are not here: hdnet models fetch {" ".join(missing)}')
    if not assets.is_prepared(config):
        pytest.skip('assets are not prepared (takes minutes): hdnet synthesize FOLDER --count 1')
    return assets.prepared_folder(config)


@pytest.fixture(scope='session')
def opengl():
    try:
        renderer = Renderer(TextureBank(None, []))
    except SyntheticError as error:
        pytest.skip(str(error))
    renderer.close()


@pytest.fixture(scope='session')
def people(config, folder, opengl) -> SyntheticPeople:
    return SyntheticPeople(config, seed=5, split='train')


@pytest.fixture(scope='session')
def studio(folder, opengl):
    """A level camera 1 m above the floor, bodies, and what places and draws them."""
    body, pool = store.load_template(folder / 'body.npz'), store.load_pool(folder)
    view = View(320, 480, np.array([[500.0, 0, 159.5], [0, 500, 239.5], [0, 0, 1]]), 1.0, np.eye(3))
    light = Light(np.full((6, 3), 0.6), np.array([0, -0.6, -0.8]), np.full(3, 0.5), 0.0)
    with Renderer(TextureBank(folder, sorted((folder / 'photographs').iterdir()))) as renderer:
        yield SimpleNamespace(body=body, pool=pool, view=view, light=light, renderer=renderer,
                              placer=Placer(body, pool), figures=FigureMaker(folder, body))
