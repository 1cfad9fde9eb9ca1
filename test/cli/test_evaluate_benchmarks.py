"""``hdnet evaluate synthetic`` and ``pose2sim``."""
from __future__ import annotations

import csv
import io
import json

import cv2
import numpy as np
import pytest

from hdnet_ros.cli.main import main


@pytest.fixture
def people(tmp_path):
    """Four images in the layout of ``hdnet synthesize``: a grown-up 4 m away, and in the last a child 3 m away too."""
    folder = tmp_path / 'people'
    folder.mkdir()
    content = {'joint_set': 'human36m_17', 'images': [], 'annotations': []}
    for number in range(4):
        cv2.imwrite(str(folder / f'{number}.jpg'), np.full((96, 96, 3), 120, np.uint8))
        content['images'].append({'id': number, 'file_name': f'{number}.jpg', 'f': [96, 96], 'c': [48, 48]})
        for depth_mm, age in ((4000, 40.0), (3000, 8.0))[:1 if number < 3 else 2]:
            joints = np.random.default_rng(number).uniform([-300, -600, depth_mm], [300, 600, depth_mm], (17, 3))
            joints[0] = [0, 0, depth_mm]
            content['annotations'].append({
                'image_id': number, 'bbox': [30, 20, 36, 56], 'keypoints_cam': joints.tolist(),
                'keypoints_vis': [1] * 17, 'keypoints_img': (joints[:, :2] / joints[:, 2:] * 96 + 48).tolist(),
                'age_years': age})
    (folder / 'MuCo-3DHP.json').write_text(json.dumps(content))
    return folder


def rows(text):
    """By table and system: values by column."""
    header, *lines = csv.reader(io.StringIO(text))
    return {(line[0].rpartition(': ')[2], line[1]): dict(zip(header[3:], line[3:])) for line in lines}


def test_synthetic_people_by_age(people, tmp_path, capsys):
    arguments = ['evaluate', 'synthetic', '--data', str(people), '--runs', str(tmp_path), '--format', 'csv']
    assert main([*arguments, '--system', 'three:constant=3', '--system', 'constant=4']) == 0
    found = rows(capsys.readouterr().out)
    assert float(found['adults', 'Constant depth']['depth %']) == pytest.approx(0, abs=1e-9)
    assert float(found['adults', 'three']['signed %']) == pytest.approx(-25)
    assert float(found['children under 14', 'Constant depth']['signed %']) == pytest.approx(100 / 3)
    assert float(found['children under 14', 'three']['z mm']) == pytest.approx(0, abs=1e-9)
    assert found['all', 'three']['people'] == '5.0'
    assert main([*arguments, '--images', '2', '--system', 'constant=4']) == 0
    assert list(rows(capsys.readouterr().out)) == [('adults', 'Constant depth')]


@pytest.mark.parametrize(('split', 'warned'), [('test', False), ('validation', True)])
def test_people_who_are_not_for_tests_are_pointed_out(people, split, warned, tmp_path, capsys):
    file = people / 'MuCo-3DHP.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), 'info': {'split': split}}))
    options = ['--data', str(people), '--runs', str(tmp_path), '--system', 'constant=4']
    assert main(['evaluate', 'synthetic', *options]) == 0
    said = capsys.readouterr()
    assert f'Synthetic people, {split} split: adults' in said.out
    assert ('figures on these people may flatter' in said.err) == warned


def test_fitted_to_people(people, tmp_path, capsys):
    assert main(['evaluate', 'synthetic', '--data', str(people), '--runs', str(tmp_path), '--format', 'csv',
                 '--training', str(people), '--system', 'constant']) == 0
    assert float(rows(capsys.readouterr().out)['adults', 'Constant depth']['depth %']) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize('data', [[], ['--data', 'nowhere']])
def test_missing_people_and_how_to_get_them(data, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(['evaluate', 'synthetic', *data]) == 1
    assert 'hdnet synthesize people_test --count 1500 --split test' in capsys.readouterr().err


def test_real_footage(footage_folder, tmp_path, capsys):
    assert main(['evaluate', 'pose2sim', '--cameras', 'cam03', '--runs', str(tmp_path), '--format', 'csv',
                 '--system', 'constant=4']) == 0
    found = rows(capsys.readouterr().out)
    man = found['real man (1.72 m)', 'Constant depth']
    assert 15 <= int(float(man['people'])) <= 20 and 5 < float(man['depth %']) < 60


def test_the_default_systems_and_a_checkpoint(people, tmp_path, fetched, capsys):
    from hdnet_ros.network import HDNetConfig
    from hdnet_ros.network.checkpoint import save_hdnet
    from hdnet_ros.network.hdnet import HDNet
    save_hdnet(HDNet(HDNetConfig.preset('lite')), tmp_path / 'random.safetensors')
    assert main(['evaluate', 'synthetic', '--data', str(people), '--images', '1', '--runs', str(tmp_path), '--format',
                 'csv', '--checkpoint', str(tmp_path / 'random.safetensors'), '--device', 'cpu']) == 0
    assert {label for _, label in rows(capsys.readouterr().out)} == {
        'HDNet', 'HDNet, a window each', 'HDNet and geometric', 'Geometric, RANSAC', 'Geometric, all joints',
        'Geometric, no limbs', 'Box size', 'Constant depth'}
