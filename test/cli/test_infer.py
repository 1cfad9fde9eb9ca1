from __future__ import annotations

import json
import re
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from hdnet_ros.cli.main import main
from hdnet_ros.drawing.film import Film
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.sources import webcam


def test_people_of_a_photograph(photo, calibration, tmp_path, capsys):
    code = main(['infer', str(photo), '--camera-info', str(calibration), '--output', str(tmp_path / 'out'),
                 '--json', str(tmp_path / 'people.jsonl')])
    text = capsys.readouterr().out
    assert code == 0
    record, = [json.loads(line) for line in (tmp_path / 'people.jsonl').read_text().splitlines()]
    assert record['source'] == 'two people.png' and record['size_px'] == [1088, 1920]
    people = {p['id']: p for p in record['people']}
    assert len(people) >= 2 and all(p['state'] == 'confirmed' for p in people.values())
    for id, person in people.items():
        line = next(line for line in text.splitlines() if f'  {id}  ' in line)
        x, y, z = (float(v) for v in re.search(r'x\s+(\S+)\s+y\s+(\S+)\s+z\s+(\S+) m', line).groups())
        np.testing.assert_allclose((x, y, z), person['root_m'], atol=0.006)
        assert re.search(rf'\s{person["distance_m"]:.2f} m ', line) and '±' in line
    man = next(p for p in Pose2SimTruth().people('cam03', 20) if p.who == 'man')
    nearest = min(people.values(), key=lambda p: np.linalg.norm(np.subtract(p['joints_px'][0], man.pixel)))
    assert np.linalg.norm(np.subtract(nearest['root_m'], man.root)) < 0.6
    figure = cv2.imread(str(tmp_path / 'out' / 'two people_people.png'))
    assert figure.shape[0] == 1080 and figure.shape[1] > 1080


def test_a_film_is_tracked_and_drawn(footage_folder, calibration, tmp_path, capsys):
    code = main(['infer', str(footage_folder / 'cam03.mp4'), '--camera-info', str(calibration), '--every', '2',
                 '--max-frames', '4', '--output', str(tmp_path), '--json', '-', '--quiet'])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0 and [r['frame'] for r in records] == [0, 2, 4, 6]
    np.testing.assert_allclose([r['stamp_s'] for r in records], np.array([0, 2, 4, 6]) / 60, atol=1e-6)
    assert len({frozenset(p['id'] for p in r['people']) for r in records}) == 1, 'everybody keeps the id'
    assert records[0]['people'][0]['state'] == 'tentative' and records[-1]['people'][0]['state'] == 'confirmed'
    film = cv2.VideoCapture(str(tmp_path / 'cam03_people.mp4'))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 4 and film.get(cv2.CAP_PROP_FPS) == pytest.approx(30)


def test_the_film_of_a_webcam_keeps_time(tmp_path, write_film, footage_folder, monkeypatch):
    """A film answers in place of a webcam of 25 images per second, of which the network takes 2.5."""
    grey, stamps_s = write_film(tmp_path / 'grey.avi', [100] * 4, 25), iter([100.0, 100.4, 100.8])
    monkeypatch.setattr(webcam, 'open_capture', lambda number: cv2.VideoCapture(str(grey)))
    monkeypatch.setattr(webcam, 'time', SimpleNamespace(time=lambda: next(stamps_s)))
    assert main(['infer', '0', '--focal', '60', '--max-frames', '3', '--output', str(tmp_path), '--quiet']) == 0
    film = cv2.VideoCapture(str(tmp_path / 'webcam0_people.mp4'))
    assert (film.get(cv2.CAP_PROP_FPS), film.get(cv2.CAP_PROP_FRAME_COUNT)) == (25, 21)


def test_half_the_resolution_with_half_the_focal_length(photo, tmp_path, capsys):
    image = cv2.imread(str(photo))
    cv2.imwrite(str(tmp_path / 'half.png'), cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    depths = []
    for name, focal in ((photo, 1680), (tmp_path / 'half.png', 840)):
        assert main(['infer', str(name), '--focal', str(focal), '--json', '-']) == 0
        people = json.loads(capsys.readouterr().out)['people']
        depths.append(min(p['root_m'][2] for p in people))
    assert depths[1] == pytest.approx(depths[0], rel=0.1)


def test_an_empty_room(tmp_path, footage_folder, capsys):
    cv2.imwrite(str(tmp_path / 'wall.png'), np.full((240, 320, 3), 128, np.uint8))
    assert main(['infer', str(tmp_path / 'wall.png'), '--hfov', '60', '--output', str(tmp_path)]) == 0
    assert 'nobody' in capsys.readouterr().out
    assert (tmp_path / 'wall_people.png').is_file()


def test_files_of_equal_names_do_not_overwrite_each_other(tmp_path, fetched, capsys):
    wall = np.full((240, 320, 3), 128, np.uint8)
    for name in ('a', 'b'):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / 'wall.png'), wall)
        film = Film(tmp_path / name / 'wall.mp4', 10)
        film.add(wall)
        film.close()
    cv2.imwrite(str(tmp_path / 'a' / 'wall.jpg'), wall)     # and one name twice in a folder
    sources = [tmp_path / 'a', tmp_path / 'b', tmp_path / 'a' / 'wall.mp4', tmp_path / 'b' / 'wall.mp4']
    assert main(['infer', *map(str, sources), '--hfov', '60', '--output', str(tmp_path / 'out'), '--quiet']) == 0
    names = {f'wall_people{number}.{suffix}' for suffix, numbers in (('png', ('', '_2', '_3')), ('mp4', ('', '_2')))
             for number in numbers}
    assert {path.name for path in (tmp_path / 'out').iterdir()} == names
    told = capsys.readouterr().err
    assert all(f'wrote {tmp_path / "out" / name}\n' in told for name in names)


def test_without_a_focal_length_it_says_which_one_is_meant(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / 'wall.png'), np.zeros((24, 32, 3), np.uint8))
    assert main(['infer', str(tmp_path / 'wall.png')]) == 2
    message = capsys.readouterr().err
    assert '--focal' in message and 'pixels' in message and '--hfov' in message and 'Traceback' not in message


@pytest.mark.parametrize('words', [['missing.png'], ['missing.mp4', '--focal', '500'], ['99', '--focal', '500']])
def test_missing_sources(words, capsys):
    assert main(['infer', *words]) == 2
    assert 'hdnet infer: ' in capsys.readouterr().err


def test_damaged_sources(tmp_path, capsys):
    (tmp_path / 'film.mp4').write_bytes(b'no film')
    assert main(['infer', str(tmp_path / 'film.mp4'), '--focal', '500']) == 2
    assert 'film.mp4' in capsys.readouterr().err


def test_a_focal_length_counts_instead_of_an_uncalibrated_bag(write_bag, footage_folder, capsys):
    bag = str(write_bag({'/cam/image_raw': [(5, write_bag.image(5, 10))],
                         '/cam/camera_info': [(5, write_bag.info(5, 0.0))]}))
    assert main(['infer', bag, '--root', 'geometric']) == 2
    assert 'uncalibrated' in capsys.readouterr().err
    assert main(['infer', bag, '--root', 'geometric', '--focal', '100']) == 0
    assert 'nobody' in capsys.readouterr().out


def test_wrong_settings(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / 'wall.png'), np.zeros((24, 32, 3), np.uint8))
    assert main(['infer', str(tmp_path / 'wall.png'), '--focal', '20', '--score', '7']) == 2
    assert 'score' in capsys.readouterr().err
    (tmp_path / 'weights.pth').write_bytes(b'no weights')
    assert main(['infer', str(tmp_path / 'wall.png'), '--focal', '20', '--max-people', '0']) == 2
    assert 'max_people' in capsys.readouterr().err
    checkpoint = ['--checkpoint', str(tmp_path / 'weights.pth')]
    assert main(['infer', str(tmp_path / 'wall.png'), '--focal', '20', *checkpoint]) == 2
    assert 'weights.pth' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(['infer', 'x.png', '--every', '0'])


def test_a_camera_for_another_resolution(tmp_path, calibration, footage_folder, capsys):
    cv2.imwrite(str(tmp_path / 'wall.png'), np.zeros((240, 320, 3), np.uint8))
    assert main(['infer', str(tmp_path / 'wall.png'), '--camera-info', str(calibration)]) == 2
    assert '1088 x 1920' in capsys.readouterr().err


def test_show_needs_windows(tmp_path, capsys):
    try:
        cv2.namedWindow('probe')
    except cv2.error:
        cv2.imwrite(str(tmp_path / 'wall.png'), np.zeros((24, 32, 3), np.uint8))
        assert main(['infer', str(tmp_path / 'wall.png'), '--focal', '20', '--show']) == 2
        assert 'cannot open windows' in capsys.readouterr().err
    else:
        cv2.destroyWindow('probe')
        pytest.skip('this OpenCV can open windows')
