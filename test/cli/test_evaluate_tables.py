"""``hdnet evaluate table1`` to ``table6`` on miniatures of the data sets, against figures worked out by hand."""
from __future__ import annotations

import csv
import io
import json

import cv2
import numpy as np
import pytest
import torch
from scipy.io import savemat

from hdnet_ros.cli.main import main
from hdnet_ros.evaluation.people_file import PeopleWriter
from hdnet_ros.evaluation.people_record import EstimatedPerson
from hdnet_ros.network import PoseNet, save_posenet
from hdnet_ros.perception.detector.boxes import clean_detections

F, C = np.array([200.0, 200.0]), np.array([64.0, 48.0])
OFFSET_MM = np.array([10.0, -20.0, 120.0])
DEPTHS_MM = (3000.0, 4000.0, 5000.0)


def body_mm(depth_mm):
    """(17, 3) with the pelvis on the optical axis, in the joints of MuPoTS-3D."""
    joints = np.random.default_rng(int(depth_mm)).uniform(-300, 300, (17, 3)) + [0, 0, depth_mm]
    joints[14] = [0, 0, depth_mm]
    return joints


def pixels_of(joints):
    return joints[..., :2] / joints[..., 2:] * F + C


@pytest.fixture(scope='module')
def mupots(tmp_path_factory):
    """Three images of TS6 and of TS7, one person in each, 3, 4 and 5 m away."""
    folder = tmp_path_factory.mktemp('mupots')
    images, annotations = [], []
    for sequence in (6, 7):
        (folder / f'TS{sequence}').mkdir()
        for number, depth_mm in enumerate(DEPTHS_MM):
            name = f'TS{sequence}/img_{number:06d}.jpg'
            cv2.imwrite(str(folder / name), np.full((96, 128, 3), 90, np.uint8))
            joints = body_mm(depth_mm)
            annotations.append({'image_id': len(images), 'is_valid': 1, 'bbox': [54, 33, 20, 30],
                                'keypoints_vis': [1] * 17, 'keypoints_cam': joints.tolist(),
                                'keypoints_img': pixels_of(joints).tolist()})
            images.append({'id': len(images), 'file_name': name, 'intrinsic': [*F, *C]})
    (folder / 'MuPoTS-3D.json').write_text(json.dumps({'images': images, 'annotations': annotations}))
    return folder


@pytest.fixture(scope='module')
def poses(mupots):
    """Predictions in the .mat layout: everybody 120 mm too far, in TS7 160 mm more."""
    paths = mupots / '2d.mat', mupots / '3d.mat'
    flat, space = {}, {}
    for sequence, more in ((6, 0.0), (7, 160.0)):
        for number, depth_mm in enumerate(DEPTHS_MM):
            joints = body_mm(depth_mm)
            flat[f'TS{sequence}_img_{number:06d}'] = pixels_of(joints)[None]
            space[f'TS{sequence}_img_{number:06d}'] = (joints + OFFSET_MM + [0, 0, more])[None]
    for path, content in zip(paths, (flat, space)):
        savemat(path, content)
    return 'poses=' + ','.join(map(str, paths))


@pytest.fixture(scope='module')
def roots(mupots):
    """Predictions in the JSON layout: everybody ``OFFSET_MM`` off, 122 mm in all."""
    path = mupots / 'roots.json'
    path.write_text(json.dumps([
        {'image_id': number, 'bbox': [50, 30, 28, 28], 'score': 0.9 - 0.1 * number,
         'root_cam': ([0, 0, DEPTHS_MM[number % 3]] + OFFSET_MM).tolist()} for number in range(6)]))
    return f'roots={path}'


@pytest.fixture(scope='module')
def human36m(tmp_path_factory):
    """Two frames of each test subject in the JSON layout; the world is the camera."""
    folder = tmp_path_factory.mktemp('human36m')
    (folder / 'annotations').mkdir()
    camera = {'1': {'R': np.eye(3).tolist(), 't': [0, 0, 0], 'f': F.tolist(), 'c': C.tolist()}}
    for subject in (9, 11):
        name = f's_{subject:02d}_act_02_subact_01_ca_01'
        (folder / 'images' / name).mkdir(parents=True)
        images, annotations, world = [], [], {}
        for frame in (0, 64):
            file = f'{name}/{name}_{frame + 1:06d}.jpg'
            cv2.imwrite(str(folder / 'images' / file), np.full((96, 128, 3), 90, np.uint8))
            joints = np.random.default_rng(frame).uniform(-300, 300, (17, 3)) + [0, 0, 4000]
            joints[0] = [100, 200, 4000]
            world[str(frame)] = joints.tolist()
            number = 100 * subject + frame
            images.append({'id': number, 'file_name': file, 'width': 128, 'height': 96, 'subject': subject,
                           'action_name': 'Any', 'action_idx': 2, 'subaction_idx': 1, 'cam_idx': 1, 'frame_idx': frame})
            annotations.append({'image_id': number, 'bbox': [40, 30, 40, 50]})
        for part, content in (('data', {'images': images, 'annotations': annotations}), ('camera', camera),
                              ('joint_3d', {'2': {'1': world}})):
            (folder / 'annotations' / f'Human36M_subject{subject}_{part}.json').write_text(json.dumps(content))
    return folder


@pytest.fixture(scope='module')
def run_of_ours(human36m):
    """A file of ours: the root of everybody is off by (10, -20, 120) mm."""
    path = human36m / 'ours.jsonl'
    with PeopleWriter(path) as writer:
        for subject in (9, 11):
            for frame in (1, 65):
                writer.write(f's_{subject:02d}_act_02_subact_01_ca_01_{frame:06d}',
                             [EstimatedPerson((np.array([100, 200, 4000]) + OFFSET_MM) / 1000)])
    return f'ours={path}'


def printed_tables(capsys, *arguments):
    """What ``hdnet evaluate`` computes: by table, values by label, None where there are none."""
    assert main(['evaluate', *map(str, arguments), '--format', 'csv']) == 0
    tables = {}
    for row in csv.reader(io.StringIO(capsys.readouterr().out)):
        if 'origin' in row:
            start = row.index('origin')     # with several tables, a column tells which one a row is of
        else:
            here = tables.setdefault(row[0] if start == 2 else '', {})
            if row[start] == 'here':
                here[row[start - 1]] = [float(cell) if cell else None for cell in row[start + 1:]]
    return tables


def ours(capsys, *arguments):
    """The same of the first table: what is added to the paper's rows."""
    return next(iter(printed_tables(capsys, *arguments).values()))


def test_table1(human36m, run_of_ours, capsys):
    found = ours(capsys, 'table1', '--data', human36m, '--predictions', run_of_ours)
    assert found == {'ours': pytest.approx([np.linalg.norm(OFFSET_MM), 10, 20, 120])}


def test_table1_tells_more_below_it(human36m, run_of_ours, capsys):
    _, more, actions = printed_tables(capsys, 'table1', '--data', human36m, '--predictions', run_of_ours).values()
    assert more == {'ours': [None, None, 0, None, pytest.approx(3)]}
    assert actions == {'ours: MRPE': pytest.approx([np.linalg.norm(OFFSET_MM)])}


def test_table1_names_images_without_an_estimate(human36m, capsys):
    path = human36m / 'sparse.jsonl'
    with PeopleWriter(path) as writer:
        writer.write('s_11_act_02_subact_01_ca_01_000001', [EstimatedPerson(np.array([0.1, 0.2, 4.5]))])
        writer.write('s_11_act_02_subact_01_ca_01_000065', [])
    assert main(['evaluate', 'table1', '--data', str(human36m), '--protocol', '1', '--predictions', f'a={path}']) == 0
    text = capsys.readouterr().out
    assert 'protocol 1, 2 images, 1 without an estimate' in text and '500.0' in text


def test_table1_with_missing_detections_says_where_they_belong(human36m, run_of_ours, capsys):
    assert main(['evaluate', 'table1', '--data', str(human36m), '--predictions', run_of_ours, '--detections']) == 1
    assert 'subject_9_cpn.h5' in capsys.readouterr().err


def test_table2(mupots, roots, poses, capsys):
    found = ours(capsys, 'table2', '--data', mupots, '--predictions', roots, '--predictions', poses)
    # Six right ones, the first of which does not count: 5/6. 'poses' has no scores; TS7 is too far off for 25 cm there.
    assert found['roots'] == pytest.approx([500 / 6] * 3 + [0] + [100] * 3 + [0])
    assert found['poses'] == pytest.approx([None] * 4 + [50] * 3 + [0])
    assert main(['evaluate', 'table2', '--data', str(mupots), '--predictions', roots, '--predictions', poses]) == 0
    told = capsys.readouterr().out
    assert 'poses: MuPoTS-3D, 6 people in 6 images, 6 estimates.' in told
    assert 'poses: no AP' in told and 'roots: no AP' not in told
    assert told.count('does not say whether its true roots') == 1 and 'poses are compared' not in told


def test_where_the_cameras_of_mupots_come_from_is_told(mupots, roots, capsys):
    assert main(['evaluate', 'table2', '--data', str(mupots), '--predictions', roots]) == 0
    assert 'MuPoTS-3D: cameras of 2 sequences as given; cameras fitted to' in capsys.readouterr().err


def test_tables_3_to_5(mupots, poses, roots, capsys):
    data = ('--data', mupots, '--predictions', poses)
    by_sequence = ours(capsys, 'table3', *data)['poses']
    assert by_sequence[5:7] == [100, 0] and by_sequence[-1] == 50 and set(by_sequence[:5] + by_sequence[7:20]) == {None}
    assert ours(capsys, 'table4', *data)['poses'] == pytest.approx([50] * 9)
    assert ours(capsys, 'table5', *data)['poses'][5:7] == [100, 100]
    assert main(['evaluate', 'table5', '--data', str(mupots), '--predictions', roots]) == 0
    told = capsys.readouterr().out
    assert 'roots: left out, since these predictions have no joints' in told
    assert 'poses are compared' not in told and 'More of ours' not in told


def test_tables_3_to_5_tell_more_below_them(mupots, poses, capsys):
    data = ('--data', mupots, '--predictions', poses)
    _, more = printed_tables(capsys, 'table3', *data).values()
    # 122 mm off, everybody in TS6 is near from 12.5 cm on: at 6 of 31 thresholds.
    assert more['poses: AUC'][5:7] == more['poses: AUC, all people'][5:7] == pytest.approx([600 / 31, 0])
    assert more['poses: people matched'][5:7] == [100, 100] and more['poses: all people'][-1] == 50
    _, more = printed_tables(capsys, 'table4', *data).values()
    assert more['poses: left'] == more['poses: right'] == pytest.approx([None, None, *[50] * 6, None])
    assert more['poses: relative'] == more['poses: relative, all people'] == pytest.approx([100] * 9)
    _, more = printed_tables(capsys, 'table5', *data).values()
    assert more['poses: all people'][-1] == pytest.approx(100) and more['poses: AUC'][-1] == pytest.approx(3000 / 31)


def test_table6_puts_both_data_sets_beside_each_other(human36m, mupots, run_of_ours, roots, capsys):
    both = ('--human36m', human36m, '--mupots', mupots, '--human36m-predictions', run_of_ours)
    found = ours(capsys, 'table6', *both, '--mupots-predictions', roots.replace('roots=', 'ours='))
    assert found == {'ours': pytest.approx([120, 500 / 6])}
    found = ours(capsys, 'table6', *both, '--mupots-predictions', roots)
    assert found == {'ours': pytest.approx([120, None]), 'roots': pytest.approx([None, 500 / 6])}


def test_predictions_without_their_data_set_are_not_passed_over(mupots, run_of_ours, roots, capsys):
    assert main(['evaluate', 'table6', '--mupots', str(mupots), '--mupots-predictions', roots,
                 '--human36m-predictions', run_of_ours]) == 1
    said = capsys.readouterr().err
    assert 'give the folder of the data set with --human36m:' in said and 'MuPoTS' not in said


@pytest.mark.parametrize('other', [('--predictions', 'again=roots.json'), ('--system', 'again:constant=4')])
def test_two_of_one_name_in_a_table_are_refused(other, mupots, roots, tmp_path, capsys):
    assert main(['evaluate', 'table2', '--data', str(mupots), '--predictions', roots.replace('roots=', 'again='),
                 *other, '--runs', str(tmp_path)]) == 2
    assert "two of the predictions and systems are called 'again'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())     # told before anything is run


@pytest.mark.parametrize('boxes', ['truth', 'file'])
def test_systems_run_now_and_are_only_scored_the_second_time(mupots, tmp_path, capsys, boxes):
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps([{'image_id': number, 'bbox': [54, 33, 20, 30], 'score': 0.5} for number in range(6)]))
    arguments = ('table2', '--data', mupots, '--system', 'four:constant=4.05', '--system', 'constant=9', '--runs',
                 tmp_path, '--boxes', path if boxes == 'file' else 'truth')
    found = ours(capsys, *arguments)
    # Those 4 m away, two of six, are found.
    assert found['four'][4:] == pytest.approx([100 / 3] * 4) and found['constant'][4:] == [0] * 4
    written = (tmp_path / 'mupots_roots_four.jsonl').read_bytes()
    for image in mupots.glob('TS*/*.jpg'):
        image.rename(image.with_suffix('.gone'))
    try:
        assert ours(capsys, *arguments) == found
    finally:
        for image in mupots.glob('TS*/*.gone'):
            image.rename(image.with_suffix('.jpg'))
    assert (tmp_path / 'mupots_roots_four.jsonl').read_bytes() == written


def test_a_run_with_other_settings_is_not_taken_for_this_one(mupots, tmp_path, capsys):
    arguments = ['evaluate', 'table2', '--data', str(mupots), '--runs', str(tmp_path), '--boxes', 'truth', '--system']
    assert main([*arguments, 'constant=4']) == 0
    assert main([*arguments, 'constant=5']) == 2
    assert 'holds another run' in capsys.readouterr().err


def test_a_run_with_other_boxes_of_that_name_is_not_taken_for_this_one(mupots, tmp_path, capsys):
    path = tmp_path / 'boxes.json'
    arguments = ['evaluate', 'table2', '--data', str(mupots), '--runs', str(tmp_path), '--boxes', str(path), '--system',
                 'constant=4']
    for width, code in ((20, 0), (20, 0), (21, 2)):
        path.write_text(json.dumps([{'image_id': number, 'bbox': [54, 33, width, 30]} for number in range(6)]))
        assert main(arguments) == code
    assert 'holds another run, which differs in images' in capsys.readouterr().err


def test_table1_runs_systems_on_the_true_boxes(human36m, tmp_path, capsys):
    found = ours(capsys, 'table1', '--data', human36m, '--system', 'constant=4.5', '--runs', tmp_path)
    assert found['constant'][3] == pytest.approx(500)


def test_table1_tells_the_errors_of_joints_of_systems_with_posenet(human36m, tmp_path, capsys):
    torch.manual_seed(0)
    save_posenet(PoseNet('human36m_18'), tmp_path / 'posenet', half=True)
    arguments = ('table1', '--data', human36m, '--system', 'constant=4', '--runs', tmp_path)
    _, without, _ = printed_tables(capsys, *arguments).values()
    assert without['constant'][:3] == [None, None, 0]
    _, more, actions = printed_tables(capsys, *arguments, '--posenet', tmp_path / 'posenet').values()
    assert more['constant'][2] == 4 and min(more['constant'][:2]) > 0 and 'constant: MPJPE' in actions


def test_posenet_is_refused_where_a_table_needs_no_skeletons(mupots, tmp_path, capsys):
    assert main(['evaluate', 'table2', '--data', str(mupots), '--boxes', 'truth', '--system', 'constant=4',
                 '--runs', str(tmp_path), '--posenet', 'posenet.pth']) == 2
    assert '--posenet: no skeletons are needed here' in capsys.readouterr().err


def test_an_incomplete_file_is_refused(mupots, tmp_path, capsys):
    path = tmp_path / 'some.jsonl'
    with PeopleWriter(path) as writer:
        writer.write('TS6/img_000001', [])
    assert main(['evaluate', 'table2', '--data', str(mupots), '--predictions', f'a={path}']) == 2
    assert "has 1 of the 6 images with people; one that is missing is 'TS6/img_000000'" in capsys.readouterr().err


def test_a_malformed_record_is_named(mupots, tmp_path, capsys):
    path = tmp_path / 'bad.json'
    path.write_text(json.dumps([{'image_id': 0, 'bbox': [1, 2, 3, 4], 'root_cam': [0, 0]}]))
    assert main(['evaluate', 'table2', '--data', str(mupots), '--predictions', f'a={path}']) == 2
    assert f"{path}: record 0: 'root_cam' must be 3 finite numbers" in capsys.readouterr().err


def test_data_without_a_wish_give_the_papers_rows_and_a_hint(mupots, capsys):
    assert main(['evaluate', 'table2', '--data', str(mupots)]) == 0
    printed = capsys.readouterr()
    assert 'say what to evaluate with --system or --predictions' in printed.err and 'here' not in printed.out


def test_our_detector_finds_nobody_in_empty_images(mupots, tmp_path, fetched, capsys):
    found = ours(capsys, 'table2', '--data', mupots, '--system', 'constant=4', '--runs', tmp_path)
    assert found['constant'] == pytest.approx([0] * 8)


def test_tables_of_poses_ask_the_lifter(mupots, tmp_path, fetched, capsys):
    found = ours(capsys, 'table3', '--data', mupots, '--system', 'constant=4', '--boxes', 'truth', '--runs', tmp_path)
    header = json.loads((tmp_path / 'mupots_poses_constant.jsonl').read_text().splitlines()[0])
    assert header['joint_set'] == 'mupots_17'
    # Nobody is to be seen in these images, so no pose is matched to anybody.
    assert found['constant'] == [None] * 21


class Unsure:
    """A detector that finds everybody, but hardly believes it."""

    name = 'torchvision'

    def __init__(self, config):
        self.config = config

    def detect(self, image):
        return clean_detections(np.array([[54.0, 33, 74, 63]]), np.array([0.1]), 128, 96, self.config)


def test_what_a_detector_hardly_believes_counts_too(mupots, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr('hdnet_ros.perception.detector.detector.make_detector',
                        lambda config: asked.append(config) or Unsure(config))
    arguments = ('table2', '--data', mupots, '--system', 'constant=4.05', '--runs', tmp_path, '--boxes', 'torchvision')
    assert ours(capsys, *arguments)['constant'][4:] == pytest.approx([100 / 3] * 4)
    assert (asked[0].device, asked[0].download) == ('auto', False)
    header = json.loads((tmp_path / 'mupots_roots_constant.jsonl').read_text().splitlines()[0])
    assert (header['about']['score_threshold'], header['about']['max_people']) == (0.05, 100)
    ours(capsys, *arguments, '--device', 'cuda:1', '--download')
    assert (asked[1].device, asked[1].download) == ('cuda:1', True)


def test_table6_looks_for_people_in_each_data_set_as_it_is_told(human36m, mupots, tmp_path, capsys):
    """The paper takes a file of Mask R-CNN's boxes for MuPoTS-3D and the truth for Human3.6M."""
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps([{'image_id': number, 'bbox': [54, 33, 20, 30], 'score': 0.9 - 0.1 * number}
                                for number in range(6)]))
    found = ours(capsys, 'table6', '--human36m', human36m, '--mupots', mupots, '--mupots-boxes', path, '--system',
                 'constant=4.05', '--runs', tmp_path)
    assert found == {'constant': pytest.approx([50, 15])}     # our detector would find nobody here


@pytest.mark.parametrize(('table', 'there', 'absent'), [
    ('table6', ['--human36m-boxes', 'from files (--human36m-predictions, --mupots-predictions)',
                'data set; --human36m or --mupots on'], ['--data', ' --boxes']),
    ('table2', ['--boxes', 'from files (--predictions)', 'data set; --data on an empty'], ['--mupots'])])
def test_the_help_names_the_options_that_there_are(table, there, absent, capsys):
    with pytest.raises(SystemExit):
        main(['evaluate', table, '--help'])
    said = capsys.readouterr().out
    assert all(text in said for text in there) and not any(text in said for text in absent)
