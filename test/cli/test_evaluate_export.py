"""``hdnet evaluate export``: what the tables leave behind, in the layouts of others, read back as theirs."""
from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.cli.main import main
from hdnet_ros.evaluation.files.poses import read_poses
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.people_record import EstimatedPerson
from hdnet_ros.skeleton import MUPOTS_17

NAMES = ['TS1/img_000000', 'TS1/img_000001', 'TS2/img_000000']


def somebody(number, joints=True):
    random = np.random.default_rng(number)
    body = random.uniform(-0.4, 0.4, (17, 3)) + [0, 0, 3]
    with_joints = {'joints_px': random.uniform(0, 400, (17, 2)), 'joints': body} if joints else {}
    return EstimatedPerson(body[MUPOTS_17.root], box=np.array([10.0, 20, 60, 90]), score=0.5, **with_joints)


@pytest.fixture
def run(tmp_path):
    path = tmp_path / 'run.jsonl'
    with PeopleWriter(path, MUPOTS_17.name) as writer:
        for name, people in zip(NAMES, ([1, 2], [], [3])):
            writer.write(name, [somebody(number) for number in people])
    return path


@pytest.fixture
def mupots(tmp_path):
    images = [{'id': 7 + number, 'file_name': f'{name}.jpg'} for number, name in enumerate(NAMES)]
    (tmp_path / 'MuPoTS-3D.json').write_text(json.dumps({'images': images, 'annotations': []}))
    return tmp_path


def test_poses(run, tmp_path, capsys):
    paths = [tmp_path / '2d.mat', tmp_path / '3d.mat']
    assert main(['evaluate', 'export', str(run), '--poses', *map(str, paths)]) == 0
    said = capsys.readouterr().err
    assert all(f'wrote {path}' in said for path in paths)
    ours, theirs = read_people(run), read_poses(*paths)
    assert theirs.image_ids == NAMES and theirs.image.tolist() == [0, 0, 2]
    np.testing.assert_allclose(theirs.joints, ours.joints)
    np.testing.assert_allclose(theirs.joints_px, ours.joints_px)


def test_roots(run, mupots, tmp_path):
    path = tmp_path / 'roots.json'
    assert main(['evaluate', 'export', str(run), '--roots', str(path), '--mupots', str(mupots)]) == 0
    records = json.loads(path.read_text())
    assert [record['image_id'] for record in records] == [7, 7, 9]
    np.testing.assert_allclose([record['root_cam'] for record in records], read_people(run).root * 1000)
    assert records[0]['bbox'] == [10, 20, 50, 70] and records[0]['score'] == 0.5


def test_what_cannot_be_done(run, mupots, tmp_path, capsys):
    def refused(*arguments, code=2):
        assert main(['evaluate', 'export', *map(str, arguments)]) == code
        return capsys.readouterr().err
    poses = '--poses', tmp_path / 'a.mat', tmp_path / 'b.mat'
    assert '--poses, --roots or both' in refused(run)
    assert '--mupots or --human36m' in refused(run, '--roots', tmp_path / 'r.json')
    assert 'MuPoTS-3D.json' in refused(run, '--roots', tmp_path / 'r.json', '--mupots', tmp_path / 'no', code=1)
    assert 'nowhere.jsonl' in refused(tmp_path / 'nowhere.jsonl', *poses)
    roots_only = tmp_path / 'roots.jsonl'
    with PeopleWriter(roots_only) as writer:
        writer.write(NAMES[0], [somebody(1, joints=False)])
    assert 'no joints' in refused(roots_only, *poses)
    assert not (tmp_path / 'a.mat').exists()
