"""``hdnet evaluate figure4`` and ``figure5`` as users call them."""
from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from hdnet_ros.cli.evaluate_output import write_picture
from hdnet_ros.cli.main import main
from hdnet_ros.evaluation.figures.data import open_data
from hdnet_ros.evaluation.people_file import PeopleWriter
from hdnet_ros.evaluation.people_record import EstimatedPerson


@pytest.fixture
def people(tmp_path):
    """Two images with a person 3 m and 5 m away, and predictions that are 0.3 m and 2 m too far."""
    folder = tmp_path / 'people'
    folder.mkdir()
    content = {'joint_set': 'human36m_17', 'images': [], 'annotations': []}
    with PeopleWriter(tmp_path / 'far.jsonl') as writer:
        for number, (depth_m, off_m) in enumerate([(3.0, 0.3), (5.0, 2.0)]):
            cv2.imwrite(str(folder / f'{number}.png'), np.full((96, 96, 3), 120, np.uint8))
            joints = np.random.default_rng(number).uniform([-300, -600, -9], [300, 600, 9], (17, 3))
            joints[0] = 0
            joints += [0, 0, 1000 * depth_m]
            content['images'].append({'id': number, 'file_name': f'{number}.png', 'f': [96, 96], 'c': [48, 48]})
            content['annotations'].append({
                'image_id': number, 'bbox': [30, 20, 36, 56], 'keypoints_cam': joints.tolist(),
                'keypoints_vis': [1] * 17, 'keypoints_img': (joints[:, :2] / joints[:, 2:] * 96 + 48).tolist()})
            writer.write(f'{number}.png', [EstimatedPerson(np.array([0, 0, depth_m + off_m]))])
    (folder / 'MuCo-3DHP.json').write_text(json.dumps(content))
    return folder


def test_figure4(people, tmp_path, capsys):
    picture = tmp_path / 'new' / 'figure4.png'
    assert main(['evaluate', 'figure4', '--data', str(people), '--predictions', str(tmp_path / 'far.jsonl'),
                 '--picture', str(picture), '--format', 'csv', '--count', '1']) == 0
    lines = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert lines[1][1].startswith('1 1.png') and [float(cell) for cell in lines[1][3:6]] == pytest.approx([2, 40, 5])
    assert next(line for line in lines if line[1] == 'everybody')[3:5] == ['2.0', '1.15']
    assert cv2.imread(str(picture)).shape[0] > 400


@pytest.mark.parametrize(('changes', 'code', 'message'), [
    ({'--data': 'nowhere'}, 1, 'nowhere does not exist; --data takes one of'),
    ({'--predictions': 'nothing.jsonl'}, 2, 'nothing.jsonl: cannot be read')])
def test_mistakes_with_figure4(people, tmp_path, monkeypatch, capsys, changes, code, message):
    monkeypatch.chdir(tmp_path)
    options = {'--data': 'people', '--predictions': 'far.jsonl', **changes}
    assert main(['evaluate', 'figure4', *(part for option in options.items() for part in option)]) == code
    assert message in capsys.readouterr().err


def test_figure4_of_nobody(people, tmp_path, capsys):
    with PeopleWriter(tmp_path / 'none.jsonl') as writer:
        writer.write('0.png', [])
    assert main(['evaluate', 'figure4', '--data', str(people), '--predictions', str(tmp_path / 'none.jsonl')]) == 1
    assert 'none of the 1 true people has an estimate' in capsys.readouterr().err


def test_figure5_of_predictions(people, tmp_path, capsys):
    output = tmp_path / 'scene.png'
    arguments = ['evaluate', 'figure5', '--data', str(people), '--predictions', str(tmp_path / 'far.jsonl'), '--output',
                 str(output)]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith('1    3.30 m')
    assert cv2.imread(str(output)).shape == (640, 4 * 640, 3)
    assert main([*arguments, '--image', '1.png', '--plain']) == 0
    assert capsys.readouterr().out.startswith('1    7.00 m')
    with PeopleWriter(tmp_path / 'one.jsonl') as writer:
        writer.write('0.png', [])
    arguments[5] = str(tmp_path / 'one.jsonl')
    assert main(arguments) == 0 and capsys.readouterr().out == 'nobody\n'
    assert main([*arguments, '--image', '1.png']) == 1
    assert "one.jsonl has no image '1.png'" in capsys.readouterr().err


def test_figure5_of_an_image_of_nobody(people, tmp_path, monkeypatch, capsys):
    """It is not the default, and asking for it is answered."""
    data = open_data(str(people))
    truth = replace(data.truth, image_ids=['empty', *data.truth.image_ids], image=data.truth.image + 1)
    monkeypatch.setattr('hdnet_ros.evaluation.figures.data.open_data', lambda _: replace(data, truth=truth))
    arguments = ['evaluate', 'figure5', '--data', str(people), '--predictions', str(tmp_path / 'far.jsonl'),
                 '--output', str(tmp_path / 'scene.png')]
    assert main(arguments) == 0 and capsys.readouterr().out.startswith('1    3.30 m')
    assert main([*arguments, '--image', 'empty']) == 1
    assert "image 'empty' cannot be shown" in capsys.readouterr().err


def test_figure5_of_a_photograph(photo, calibration, tmp_path, capsys):
    output = tmp_path / 'scene.png'
    assert main(['evaluate', 'figure5', str(photo), '--camera-info', str(calibration), '--output', str(output)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert cv2.imread(str(output)).shape[0] == 640


def test_figure5_of_the_footage(footage_folder, tmp_path, capsys):
    output = tmp_path / 'scene.png'
    assert main(['evaluate', 'figure5', '--boxes', 'truth', '--output', str(output)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    width = cv2.imread(str(output)).shape[1]
    assert width == 3 * 640 + round(1088 / 1920 * 640)


@pytest.mark.parametrize(('arguments', 'code', 'message'), [
    (['--data', 'nowhere'], 1, 'nowhere does not exist'),
    (['photo.png', '--image', '3'], 2, 'are for images of a data set'),
    (['people/0.png'], 2, 'the focal length of the camera is needed'),
    (['people/0.png', '--frame', '7', '--focal', '96'], 2, 'has no frame 7')])
def test_mistakes_with_figure5(people, tmp_path, monkeypatch, capsys, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    assert main(['evaluate', 'figure5', *arguments]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize('option', ['--output', '--picture'])
def test_files_that_are_no_pictures_are_refused_at_once(option, capsys):
    what = ['figure5'] if option == '--output' else ['figure4', '--data', 'x', '--predictions', 'y']
    with pytest.raises(SystemExit) as stopped:
        main(['evaluate', *what, option, 'scene.unknown'])
    assert stopped.value.code == 2 and 'use .png or .jpg' in capsys.readouterr().err


def test_a_picture_that_cannot_be_written(tmp_path):
    with pytest.raises(PermissionError, match='cannot write the picture'):
        (tmp_path / 'folder.png').mkdir()
        write_picture(tmp_path / 'folder.png', np.zeros((9, 9, 3), np.uint8))
