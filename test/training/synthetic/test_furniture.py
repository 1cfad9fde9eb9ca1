from __future__ import annotations

import zipfile

import numpy as np
import pytest

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.furniture import read_catalogue

CORNERS = [(x, y, z) for x in (0, 2) for y in (0, 1) for z in (0, 5)]
QUADS = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]


def obj(steps: int = 3) -> str:
    """A block whose faces are repeated a little shifted, so that it has enough triangles to be furniture."""
    lines = ['mtllib block.mtl', 'usemtl red']
    for step in range(steps):
        lines += [f'v {x + 0.3 * step} {y} {z}' for x, y, z in CORNERS]
        lines += ['f ' + ' '.join(f'{c + 8 * step}/1/1' for c in quad) for quad in QUADS]
    return '\n'.join(lines)


@pytest.fixture
def catalogue(tmp_path):
    entries = [('Table', 'block.obj', {}), ('Door', 'block.obj', {'doorOrWindow': 'true'}),
               ('Spoon', 'block.obj', {'height': 2}), ('Lost', 'absent.obj', {}), ('Male', 'block.obj', {})]
    text = ''
    for number, (name, model, more) in enumerate(entries, start=1):
        values = {'name': name, 'model': f'/models/{model}', 'width': 120.0, 'depth': 60, 'height': 75, **more}
        text += ''.join(f'{key}#{number}={value}\n' for key, value in values.items())
    path = tmp_path / 'test.sh3f'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('PluginFurnitureCatalog.properties', text)
        archive.writestr('PluginFurnitureCatalog_de.properties', 'name#1=Tisch\n')
        archive.writestr('models/block.obj', obj())
        archive.writestr('models/block.mtl', 'newmtl red\nKd 0.9 0.1 0.05\n')
    return path


def test_only_furniture_is_read_at_its_size_and_colour(catalogue):
    (table,) = read_catalogue(catalogue)
    assert np.allclose(table.size_m, [1.2, 0.75, 0.6])
    assert np.allclose(np.ptp(table.vertices, axis=0), table.size_m, atol=0.03)
    assert table.vertices[:, 1].min() == pytest.approx(0, abs=0.03)
    assert np.allclose(table.colours, [0.9, 0.1, 0.05])
    assert table.triangles.max() < len(table.vertices)


def test_furniture_survives_storage(catalogue, tmp_path):
    (table,) = read_catalogue(catalogue)
    store.save_furniture(tmp_path / 'f.npz', [table, table])
    again = store.load_furniture(tmp_path / 'f.npz')
    assert len(again) == 2
    for piece in again:
        assert np.array_equal(piece.vertices, table.vertices) and np.array_equal(piece.triangles, table.triangles)
        assert np.array_equal(piece.colours, table.colours) and np.array_equal(piece.size_m, table.size_m)
