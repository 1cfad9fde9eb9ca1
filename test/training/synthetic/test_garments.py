from __future__ import annotations

import io
import json
import tarfile

import cv2
import numpy as np
import pytest
from scipy import sparse

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.garments import ITEMS, Collection, _faces
from hdnet_ros.training.synthetic.mesh import body_surface, coarser


@pytest.fixture
def body() -> BodyTemplate:
    """A square of four vertices on two bones."""
    vertices = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1.0]], np.float32)
    weights = sparse.csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0.5, 0.5]], np.float32))
    faces = {'body': np.array([[0, 1, 2], [0, 2, 3]])}
    return BodyTemplate(vertices, ('root', 'tip'), np.array([-1, 0]), np.array([[0, 0, 0], [0, 0, 1.0]]), weights,
                        np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32), faces, faces)


@pytest.fixture
def archive(tmp_path):
    item = ITEMS[0]
    garment = {'metadata': {'ref_vIdxs': [[0, 1, 2]] * 3, 'weights': [[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]],
                            'offsets': [[0, 0, 0.2]] * 3, 'deleteVerts': [True, False, False, False]},
               'uvs': [[0, 0, 1, 0, 1, 1]], 'faces': [10, 0, 1, 2, 0, 0, 1, 2],
               'materials': [{'mapDiffuse': 'textures/a_diffuse.png'}]}
    folder = f'package/public/data/proxies/{item.kind}/{item.name}'
    png = cv2.imencode('.png', np.full((4, 4, 3), (10, 20, 200), np.uint8))[1].tobytes()
    grey = cv2.imencode('.png', np.full((4, 4), 0, np.uint8))[1].tobytes()
    files = {f'{folder}/{item.name}.json': json.dumps(garment).encode(), f'{folder}/textures/a_diffuse.png': png,
             'package/src/json/poses/poses.json': json.dumps(dict.fromkeys(
                 ('stand', 'Harvey_Super1'), {'root': [0, 0, 0, 1]})).encode(), 'package/other': b'x'}
    path = tmp_path / 'collection.tgz'
    with tarfile.open(path, 'w:gz') as tar:
        for name, data in {**files, f'{folder}/textures/a_ao.png': grey}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return str(path)


def test_a_garment_hangs_where_it_should(archive, body):
    surface, texture = Collection(archive).garment(ITEMS[0], body)
    # 0.2 dm towards the viewer is 2 cm against y; the third vertex lies half way between the first and the third.
    order = np.argsort(surface.uv @ [1, 2])
    assert np.allclose(surface.rest[order], [[0, -0.02, 0], [1, -0.02, 0], [0.5, -0.02, 0.5]], atol=1e-6)
    assert np.allclose(surface.weights.toarray()[order], [[1, 0], [1, 0], [0.5, 0.5]])
    assert surface.hides.tolist() == [True, False, False, False]
    assert texture.shape == (4, 4, 4) and (texture[..., 3] == 255).all()
    assert (texture[..., :3] == 0).all()    # shaded black
    bigger = surface.fit(body.vertices * 2, body.vertices)
    assert np.allclose(bigger[order][2], [1, 0, 1], atol=1e-6)    # a flat body has no thickness to scale by


def test_poses_without_those_under_the_agpl_and_missing_files(archive, body):
    collection = Collection(archive)
    assert collection.poses() == {'stand': {'root': [0, 0, 0, 1]}}
    with pytest.raises(SyntheticError, match='synthetic_makehuman'):
        collection.garment(ITEMS[1], body)


def test_face_lists():
    triangles, texels = _faces([11, 0, 1, 2, 3, 7, 4, 5, 6, 7, 8, 3, 4, 5, 0, 1, 2])
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3], [3, 4, 5]]
    assert texels.tolist() == [[4, 5, 6], [4, 6, 7], [0, 1, 2]]
    with pytest.raises(SyntheticError, match='flags'):
        _faces([32, 0, 1, 2])


def test_surfaces_thicken_thin_out_and_survive_storage(body, tmp_path):
    surface = body_surface(body, 'body')
    assert np.allclose(np.abs(surface.normals[:, 1]), 1)
    lifted = surface.rest + surface.thickened(0.01, 0.02, 0.4)
    assert np.allclose(np.abs(lifted[:, 1]), np.where(surface.rest[:, 2] == 0, 0.03, 0.01), atol=1e-6)
    assert len(coarser(surface, 10.0).triangles) <= len(surface.triangles)
    store.save_surface(tmp_path / 's.npz', surface)
    again = store.load_surface(tmp_path / 's.npz')
    assert np.array_equal(again.triangles, surface.triangles)
    assert (again.weights != surface.weights).nnz == 0


def test_the_template_survives_storage(body, tmp_path):
    store.save_template(tmp_path / 'b.npz', body)
    again = store.load_template(tmp_path / 'b.npz')
    assert again.bones == body.bones and np.array_equal(again.triangles['body'], body.triangles['body'])
    assert (again.weights != body.weights).nnz == 0
