"""Preparing assets, for real but with few of them: everything takes minutes."""
from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

from hdnet_ros.models import cache_folder, find_model, problem
from hdnet_ros.training.synthetic import SyntheticError, assets, store
from hdnet_ros.training.synthetic.joints import JointRegressor


@pytest.fixture
def few(config, anny_model, tmp_path, monkeypatch):
    """A cache of its own with links to the fetched packages, of which only a part is prepared."""
    if any(problem(find_model(name)) for name in assets.MODELS):
        pytest.skip('assets are not fetched: hdnet models fetch --all')
    cache = tmp_path / 'cache'
    cache.mkdir()
    for name in assets.MODELS:
        os.symlink(cache_folder() / name, cache / name)
    monkeypatch.setenv('HDNET_CACHE', str(cache))
    read_catalogue = assets.read_catalogue
    monkeypatch.setattr(assets, 'ITEMS', assets.ITEMS[:2])
    monkeypatch.setattr(assets, 'SKINS', assets.SKINS[:1])
    monkeypatch.setattr(assets, 'PHOTOGRAPHS', ('synthetic_photographs_skimage',))
    monkeypatch.setattr(assets, 'DETAIL_CELLS_M', (0.0, 0.016))
    monkeypatch.setattr(assets, 'read_catalogue',
                        lambda path: read_catalogue(path) if path.stem == 'KatorLegaz' else [])
    return dataclasses.replace(config, bodies=dataclasses.replace(config.bodies, count=3))


def test_assets_are_prepared_once(few, capsys):
    assert not assets.is_prepared(few)
    folder = assets.prepared_folder(few)
    assert assets.is_prepared(few) and 'once' in capsys.readouterr().err
    assert assets.prepared_folder(few) == folder and not capsys.readouterr().err
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]

    pool, body = store.load_pool(folder), store.load_template(folder / 'body.npz')
    assert len(pool) == 3 and np.isfinite(JointRegressor(body).rest(pool.shapes[0], pool.heads[0])).all()
    assert len({path.stem[:-2] for path in (folder / 'surfaces').iterdir()}) == 2 + 3
    fine, coarse = (store.load_surface(folder / 'surfaces' / f'skin_{level}.npz') for level in (0, 1))
    assert len(coarse.triangles) < 0.7 * len(fine.triangles)
    assert store.load_texture(folder / 'textures' / f'{assets.ITEMS[0].name}.png').shape[2] == 4
    names = store.load_poses(folder / 'poses.npz').names
    assert 'pose:standing01' in names and len({name.partition(':')[0] for name in names}) == 1 + 15
    assert len(store.load_panoramas(folder / 'panoramas.npz')) == 18
    assert len(store.load_furniture(folder / 'furniture.npz')) > 20
    assert len(list((folder / 'photographs').glob('*.jpg'))) == 7


def test_a_failure_leaves_nothing_behind(few, monkeypatch):
    def broken(*_):
        raise SyntheticError('no room')
    monkeypatch.setattr(assets, 'build_pool', broken)
    with pytest.raises(SyntheticError, match='no room'):
        assets.prepared_folder(few)
    assert not assets.is_prepared(few)
    assert not [path for path in (cache_folder() / 'synthetic_prepared').iterdir() if path.is_dir()]
