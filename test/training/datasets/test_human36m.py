"""Both layouts of Human3.6M: the same people must come out of both."""
from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.config_reading import read
from hdnet_ros.training.datasets.human36m import Human36M
from hdnet_ros.training.datasets.human36m_coco import open_human36m_coco
from hdnet_ros.training.datasets.human36m_splits import Human36MConfig
from hdnet_ros.training.errors import ConfigError, DataSetError

h5py = pytest.importorskip('h5py')

F, C = [1145.0, 1144.0], [512.5, 515.5]
FRAMES = 130
SEQUENCES = [(2, 1), (2, 2), (3, 1)]     # action, subaction
CAMERAS = (1, 2)
R = cv2.Rodrigues(np.array([0.1, 2.0, 0.3]))[0]
T = np.array([-346.0, 547.0, 5474.0])
KEPT = ((1, 3, 1), (5, 3, 1))


@pytest.mark.parametrize('split', ['train', 'validation'])
def test_the_subject_of_every_test_is_not_for_training(split):
    with pytest.raises(ConfigError, match='11 is for testing in every protocol'):
        read(Human36MConfig, {'kind': 'human36m', 'folder': 'x', 'split': split, 'subjects': [1, 11],
                              'validation_sequences': [[1, 2, 1]]}, 'data')


def test_only_the_subjects_of_what_is_kept_are_read_for_validation():
    config = Human36MConfig(kind='human36m', folder='x', split='validation', validation_sequences=KEPT)
    assert config.chosen_subjects == (1, 5)


def joints_of(subject, action, subaction, camera):
    """(F, 17, 3) mm, camera frame."""
    random = np.random.default_rng([subject, action, subaction, camera])
    return random.uniform([-500, -800, 3000], [500, 800, 5000], (FRAMES, 17, 3))


def pixels_of(joints):
    return joints[..., :2] / joints[..., 2:] * F + C


def write_h5(folder, subject):
    (folder / 'annotations').mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / 'annotations' / f'subject_{subject}.h5', 'w') as file:
        number = 0
        for action, subaction in SEQUENCES:
            for camera in CAMERAS:
                group = file.create_group(str(number))
                group.attrs.update(subject=subject, action=action, subaction=subaction, camera_id=camera,
                                   action_name='Walking')
                joints = joints_of(subject, action, subaction, camera)
                group['joints_3d'], group['joints_2d'] = joints, pixels_of(joints)
                group['f'], group['c'] = np.tile(F, (FRAMES, 1)), np.tile(C, (FRAMES, 1))
                number += 1


def write_json(folder, subject):
    (folder / 'annotations').mkdir(parents=True, exist_ok=True)
    stem = str(folder / 'annotations' / f'Human36M_subject{subject}_')
    images, annotations, world = [], [], {}
    for action, subaction in SEQUENCES:
        # One body in the world, whom the cameras see alike: they stand in the same place.
        joints = joints_of(subject, action, subaction, 1)
        world.setdefault(str(action), {})[str(subaction)] = {
            str(frame): ((joints[frame] - T) @ R).tolist() for frame in range(FRAMES)}
        for camera in CAMERAS:
            for frame in range(FRAMES):
                name = f's_{subject:02d}_act_{action:02d}_subact_{subaction:02d}_ca_{camera:02d}'
                images.append({'id': len(images), 'file_name': f'{name}/{name}_{frame + 1:06d}.jpg', 'width': 1000,
                               'height': 1002, 'subject': subject, 'action_name': 'Walking', 'action_idx': action,
                               'subaction_idx': subaction, 'cam_idx': camera, 'frame_idx': frame})
                annotations.append({'id': len(annotations), 'image_id': images[-1]['id'], 'bbox': [100, 110, 50, 60],
                                    'keypoints_vis': [True] * 17})
    camera = {'R': R.tolist(), 't': T.tolist(), 'f': F, 'c': C}
    for part, content in (('data', {'images': images, 'annotations': annotations}),
                          ('camera', {str(number): camera for number in CAMERAS}), ('joint_3d', world)):
        (folder / 'annotations' / f'{stem}{part}.json').write_text(json.dumps(content))


def config(folder, split='train', **changes):
    kept = KEPT if split in ('train', 'validation') else ()
    return Human36MConfig(**{'kind': 'human36m', 'folder': str(folder), 'split': split, 'subjects': (1,),
                             'validation_sequences': kept, **changes})


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('human36m')
    for subject in (1, 11):
        write_h5(folder, subject)
        write_json(folder, subject)
    return folder


def sequences_of(data):
    return {data.sample(i).image.parent.name for i in range(len(data))}


def test_units_frames_and_files(folder):
    data = Human36M(config(folder), HUMAN36M_17)
    assert len(data) == 2 * 2 * FRAMES / 5, 'every 5th frame of two sequences in two cameras'
    sample = data.sample(1)
    stem = 's_01_act_02_subact_01_ca_01'
    assert sample.image == folder / 'images' / 'train' / stem / f'{stem}_000006.jpg'
    np.testing.assert_allclose(sample.K, [[F[0], 0, C[0]], [0, F[1], C[1]], [0, 0, 1]])
    person, = sample.people
    truth = joints_of(1, 2, 1, 1)[5]
    np.testing.assert_allclose(person.joints_camera, truth / 1000, atol=1e-6)
    np.testing.assert_allclose(person.joints_px, pixels_of(truth), atol=1e-3)
    assert person.visible.all() and person.root_depth_m == pytest.approx(truth[0, 2] / 1000)
    assert (person.joints_px > person.box[:2]).all() and (person.joints_px < person.box[2:]).all()


def test_every_sample_is_another_frame(folder):
    data = Human36M(config(folder), HUMAN36M_17)
    assert len({data.sample(i).image for i in range(len(data))}) == len(data)
    assert data.sample(len(data) - 1).image.name.endswith('ca_02_000126.jpg')


@pytest.mark.parametrize('layout', ['h5', 'json'])
def test_splits(folder, layout):
    def opened(split, **changes):
        wanted = config(folder, split, **changes)
        return Human36M(wanted, HUMAN36M_17) if layout == 'h5' else open_human36m_coco(wanted, HUMAN36M_17)
    train, kept, test = opened('train'), opened('validation'), opened('test', subjects=(11,))
    assert sequences_of(train) == {f's_01_act_02_subact_{s:02d}_ca_{c:02d}' for s in (1, 2) for c in CAMERAS}
    assert sequences_of(kept) == {f's_01_act_03_subact_01_ca_{c:02d}' for c in CAMERAS}
    broken = {f's_11_act_02_subact_02_ca_{c:02d}' for c in CAMERAS}
    left = broken & sequences_of(test)
    # The published code drops the broken sequence of all cameras, the protocol of the JSON that of camera 1.
    assert left == (set() if layout == 'h5' else {'s_11_act_02_subact_02_ca_02'})
    frames = [int(test.sample(i).image.stem[-6:]) for i in range(len(test))]
    assert sorted(set(frames)) == [1, 65, 129]
    assert opened('train', every=10).sample(1).image.stem.endswith('000011')


def test_layouts_agree(folder):
    """X_cam = R X + t."""
    h5, coco = Human36M(config(folder), HUMAN36M_17), open_human36m_coco(config(folder), HUMAN36M_17)
    for index in (0, 3, 25):
        ours, theirs = h5.sample(index), coco.sample(index)
        assert ours.image.name == theirs.image.name and theirs.image.parent.parent == folder / 'images'
        np.testing.assert_allclose(ours.K, theirs.K)
        np.testing.assert_allclose(ours.people[0].joints_camera, theirs.people[0].joints_camera, atol=1e-5)
        np.testing.assert_allclose(ours.people[0].joints_px, theirs.people[0].joints_px, atol=1e-2)
    np.testing.assert_allclose(theirs.people[0].box, [100, 110, 150, 170])


def test_published_subjects():
    assert config('.', 'train', subjects=()).chosen_subjects == (1, 5, 6, 7, 8)
    assert config('.', 'test', subjects=()).chosen_subjects == (9, 11)
    assert config('.', 'test').chosen_every == 64


def test_validation_must_be_told():
    with pytest.raises(ConfigError, match='data.validation.0.validation_sequences must name'):
        read(Human36MConfig, {'kind': 'human36m', 'folder': '.', 'split': 'validation'}, 'data.validation.0')
    for key, value in (('every', -1), ('split', 'all')):
        with pytest.raises(ValueError, match=key):
            config('.', **{key: value})


@pytest.mark.parametrize(('damage', 'message'), [
    (lambda group: group.attrs.pop('camera_id'), "0 has no attribute 'camera_id'"),
    (lambda group: group.pop('joints_3d'), "0 has no data set 'joints_3d'"),
    (lambda group: (group.pop('joints_2d'), group.create_dataset('joints_2d', data=np.zeros((3, 16, 2)))),
     r'joints_2d must be n x 17 x 2 numbers'),
])
def test_malformed_hdf5_is_refused(tmp_path, damage, message):
    write_h5(tmp_path, 1)
    with h5py.File(tmp_path / 'annotations' / 'subject_1.h5', 'a') as file:
        damage(file['0'])
    with pytest.raises(DataSetError, match=message):
        Human36M(config(tmp_path), HUMAN36M_17)


def test_missing_hdf5(tmp_path):
    with pytest.raises(DataSetError, match='subject_1.h5 is missing: annotations of Human3.6M in HDF5'):
        Human36M(config(tmp_path), HUMAN36M_17)
    (tmp_path / 'annotations').mkdir()
    (tmp_path / 'annotations' / 'subject_1.h5').write_bytes(b'not HDF5')
    with pytest.raises(DataSetError, match='is not a readable HDF5 file'):
        Human36M(config(tmp_path), HUMAN36M_17)
    with h5py.File(tmp_path / 'annotations' / 'subject_1.h5', 'w') as file:
        file.create_group('remarks').attrs.update(subject=11, action=2, subaction=2, camera_id=1)
    with pytest.raises(DataSetError, match="remarks has no data set 'f'"):
        Human36M(config(tmp_path), HUMAN36M_17)
    with h5py.File(tmp_path / 'annotations' / 'subject_1.h5', 'w'):
        pass
    with pytest.raises(DataSetError, match='has no sequence'):
        Human36M(config(tmp_path), HUMAN36M_17)


@pytest.mark.parametrize(('part', 'damage', 'message'), [
    ('camera', lambda v: v['1'].pop('R'), "camera 1 has no 'R'"),
    ('camera', lambda v: v.pop('2'), "has no entry '2' where the images refer to one"),
    ('joint_3d', lambda v: v['2']['1'].pop('5'), "has no entry '5'"),
    ('joint_3d', lambda v: v['2']['1'].update({'5': [1, 2]}), 'must be 17 x 3 numbers'),
    ('data', lambda v: v['images'][0].pop('cam_idx'), "entry 0 of 'images' has no 'cam_idx'"),
])
def test_malformed_json_is_refused(tmp_path, part, damage, message):
    write_json(tmp_path, 1)
    path = tmp_path / 'annotations' / f'Human36M_subject1_{part}.json'
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(DataSetError, match=message):
        open_human36m_coco(config(tmp_path), HUMAN36M_17)
    path.unlink()
    with pytest.raises(DataSetError, match=f'{path.name} is missing'):
        open_human36m_coco(config(tmp_path), HUMAN36M_17)
