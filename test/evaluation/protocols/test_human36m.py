"""Human3.6M on miniatures in both published layouts; errors by hand and by a slow loop with scipy's rotations."""
from __future__ import annotations

import json
import math

import cv2
import h5py
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.evaluation.people_table import PeopleTable
from hdnet_ros.evaluation.protocols.human36m import back_project, evaluate_human36m
from hdnet_ros.evaluation.protocols.human36m_truth import read_detections, read_human36m
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert
from hdnet_ros.training.errors import DataSetError

F, C = np.array([1145.0, 1144.0]), np.array([512.5, 515.5])
FRAMES = 130     # frames 0, 64 and 128 are evaluated
SEQUENCES = [(2, 1), (2, 2), (16, 1)]     # action, subaction
CAMERAS = (1, 2)
R = cv2.Rodrigues(np.array([0.1, 2.0, 0.3]))[0]
T = np.array([-346.0, 547.0, 5474.0])


def joints_of(subject, action, subaction):
    """(F, 17, 3) mm, camera frame; all cameras stand in one place."""
    random = np.random.default_rng([subject, action, subaction])
    return random.uniform([-500, -800, 3000], [500, 800, 5000], (FRAMES, 17, 3))


def pixels_of(joints):
    return joints[..., :2] / joints[..., 2:] * F + C


def detected(subject, action, subaction, camera):
    """(F + 3, 17, 2) px: detections go on after the annotations end."""
    random = np.random.default_rng([subject, action, subaction, camera])
    joints = joints_of(subject, action, subaction)
    return pixels_of(np.concatenate([joints, joints[:3]])) + random.normal(0, 5, (FRAMES + 3, 17, 2))


def write_h5(folder, subjects=(9, 11)):
    annotations = folder / 'annotations'
    annotations.mkdir(parents=True, exist_ok=True)
    for subject in subjects:
        with h5py.File(annotations / f'subject_{subject}.h5', 'w') as truth, \
                h5py.File(annotations / f'subject_{subject}_cpn.h5', 'w') as detections:
            sequences = [(*sequence, camera) for sequence in SEQUENCES for camera in CAMERAS]
            for number, (action, subaction, camera) in enumerate(sequences):
                for file in (truth, detections):
                    file.create_group(str(number)).attrs.update(
                        subject=subject, action=action, subaction=subaction, camera_id=camera, action_name='Any')
                joints = joints_of(subject, action, subaction)
                group = truth[str(number)]
                group['joints_3d'], group['joints_2d'] = joints, pixels_of(joints)
                group['f'], group['c'] = np.tile(F, (FRAMES, 1)), np.tile(C, (FRAMES, 1))
                detections[str(number)]['joints_2d_cpn'] = detected(subject, action, subaction, camera)


def write_json(folder, subjects=(9, 11)):
    (folder / 'annotations').mkdir(parents=True, exist_ok=True)
    identity = 0
    for subject in subjects:
        images, annotations, world = [], [], {}
        for action, subaction in SEQUENCES:
            joints = joints_of(subject, action, subaction)
            world.setdefault(str(action), {})[str(subaction)] = {
                str(frame): ((joints[frame] - T) @ R).tolist() for frame in range(0, FRAMES, 64)}
            for camera in CAMERAS:
                for frame in range(0, FRAMES, 32):
                    name = f's_{subject:02d}_act_{action:02d}_subact_{subaction:02d}_ca_{camera:02d}'
                    images.append({'id': identity, 'file_name': f'{name}/{name}_{frame + 1:06d}.jpg', 'width': 1000,
                                   'height': 1002, 'subject': subject, 'action_name': 'Any', 'action_idx': action,
                                   'subaction_idx': subaction, 'cam_idx': camera, 'frame_idx': frame})
                    annotations.append({'image_id': identity, 'bbox': [100, 110, 50, 60]})
                    identity += 1
        camera = {'R': R.tolist(), 't': T.tolist(), 'f': F.tolist(), 'c': C.tolist()}
        for part, content in (('data', {'images': images, 'annotations': annotations}),
                              ('camera', {str(number): camera for number in CAMERAS}), ('joint_3d', world)):
            (folder / 'annotations' / f'Human36M_subject{subject}_{part}.json').write_text(json.dumps(content))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp('human36m')
    write_h5(path)
    return path


def estimates(truth, root_noise_m=0.1, joints_noise_m=0.05, joint_set=HUMAN36M_17, rows=slice(None)):
    random = np.random.default_rng(8)
    table = truth.people
    root = table.root + random.normal(0, root_noise_m, table.root.shape)
    turned = [Rotation.from_rotvec(vector).apply(joints - joints[0])
              for vector, joints in zip(random.normal(0, 0.2, (len(root), 3)), table.joints)]
    joints = np.stack(turned) + root[:, None] + random.normal(0, joints_noise_m, table.joints.shape)
    joints[:, 0] = root
    root_px = table.root_px + [3, 4]
    return PeopleTable(table.image_ids, table.image[rows], root[rows], root_px=root_px[rows],
                       joints=convert(joints, HUMAN36M_17, joint_set)[rows], joint_set=joint_set.name)


@pytest.mark.parametrize(('protocol', 'subjects'), [(1, {11}), (2, {9, 11})])
def test_frames_and_subjects_of_the_protocols(folder, protocol, subjects):
    truth = read_human36m(folder, protocol)
    images = truth.images
    assert {image.subject for image in images} == subjects and {image.frame for image in images} == {0, 64, 128}
    # The broken sequence of subject 11 is missing for both cameras, that of subject 9 is not.
    assert len(images) == 3 * 2 * (2 + 3 * (protocol == 2))
    assert not any(image[:3] == (11, 2, 2) for image in images)
    for image, root, K in zip(images, truth.people.root, truth.K):
        np.testing.assert_allclose(root, joints_of(*image[:3])[image.frame, 0] / 1000, rtol=1e-6)
        np.testing.assert_allclose(K, [[F[0], 0, C[0]], [0, F[1], C[1]], [0, 0, 1]])


def test_samples_point_to_the_frames_of_the_truth(folder):
    truth = read_human36m(folder)
    for name, sample in truth.samples():
        assert sample.image == folder / 'images' / 'test' / name[:-7] / f'{name}.jpg'


def test_both_layouts_give_the_same_people(folder, tmp_path):
    write_json(tmp_path)
    first, second = read_human36m(folder), read_human36m(tmp_path)
    # The JSON layout leaves out one camera only of the broken sequence.
    kept = [name for name in second.people.image_ids if not name.startswith('s_11_act_02_subact_02_ca_02')]
    assert sorted(kept) == sorted(first.people.image_ids) and len(second.people) == len(first.people) + 3
    same = second.people.of_images(first.people.image_ids)
    np.testing.assert_allclose(same.joints, first.people.joints, atol=1e-5)
    np.testing.assert_allclose(same.joints_px, first.people.joints_px, atol=1e-2)
    result = evaluate_human36m(estimates(first), second)
    assert result.images == len(first.people) + 3 and result.missing == 3


def test_a_known_offset_by_hand(folder):
    truth = read_human36m(folder)
    people = PeopleTable(truth.people.image_ids, truth.people.image, truth.people.root + [0.03, -0.04, 0.12],
                         root_px=truth.people.root_px + [3, 4])
    result = evaluate_human36m(people, truth)
    mrpe = result.overall.mrpe
    np.testing.assert_allclose([mrpe.total, mrpe.x, mrpe.y, mrpe.z], [0.13, 0.03, 0.04, 0.12], rtol=1e-9)
    assert result.pixel_error_px == pytest.approx(5) and result.root_pixel == 'estimate'
    assert result.relative_depth_error == pytest.approx(np.mean(0.12 / truth.people.root[:, 2]))
    assert (result.images, result.missing, result.surplus) == (30, 0, 0)
    assert result.overall.mpjpe_m is None and result.overall.pa_mpjpe_m is None and result.overall.poses == 0
    assert [(action.name, action.mrpe.total) for action in result.actions] == [
        ('Directions', pytest.approx(0.13)), ('WalkTogether', pytest.approx(0.13))]


@pytest.mark.parametrize('joint_set', [HUMAN36M_17, MUPOTS_17])
def test_errors_equal_a_slow_loop(folder, joint_set):
    truth = read_human36m(folder)
    people = estimates(truth, joint_set=joint_set)
    result = evaluate_human36m(people, truth)
    by_action = {}
    for row, image in enumerate(truth.images):
        estimate = convert(people.joints[row], joint_set, HUMAN36M_17)
        true = truth.people.joints[row]
        relative, true_relative = estimate - estimate[0], true - true[0]
        centered, true_centered = estimate - estimate.mean(axis=0), true - true.mean(axis=0)
        turned = Rotation.align_vectors(true_centered, centered)[0].apply(centered)
        values = (math.dist(people.root[row], truth.people.root[row]),
                  np.mean([math.dist(a, b) for a, b in zip(relative, true_relative)]),
                  np.mean([math.dist(a, b) for a, b in zip(turned, true_centered)]))
        for name in ('all', {2: 'Directions', 16: 'WalkTogether'}[image.action]):
            by_action.setdefault(name, []).append(values)
    for errors in (result.overall, *result.actions):
        found = errors.mrpe.total, errors.mpjpe_m, errors.pa_mpjpe_m
        np.testing.assert_allclose(found, np.mean(by_action[errors.name], axis=0), rtol=1e-6)
        assert errors.poses == len(by_action[errors.name])
    assert result.overall.pa_mpjpe_m < result.overall.mpjpe_m


def test_given_detections_take_over_the_pixel_but_not_the_depth(folder):
    truth = read_human36m(folder)
    people = estimates(truth)
    detections = read_detections(folder, truth)
    for row, image in enumerate(truth.images):
        np.testing.assert_array_equal(detections[row], detected(*image[:4])[image.frame])
    result = evaluate_human36m(people, truth, detections)
    expected = []
    for row in range(len(people)):
        u, v = detections[row, 0]
        z = people.root[row, 2]
        expected.append(np.array([(u - C[0]) / F[0] * z, (v - C[1]) / F[1] * z, z]) - truth.people.root[row])
    mrpe = result.overall.mrpe
    np.testing.assert_allclose([mrpe.x, mrpe.y, mrpe.z], np.abs(expected).mean(axis=0))
    assert mrpe.total == pytest.approx(np.linalg.norm(expected, axis=1).mean())
    own = evaluate_human36m(people, truth)
    assert result.root_pixel == 'detections' and mrpe.z == own.overall.mrpe.z and mrpe.x < own.overall.mrpe.x
    # What the system itself says about the pixel and the skeleton stays.
    assert result.pixel_error_px == own.pixel_error_px and result.overall.mpjpe_m == own.overall.mpjpe_m


def test_back_projection_inverts_projection():
    random = np.random.default_rng(0)
    points = random.uniform([-1, -1, 2], [1, 1, 6], (20, 3))
    K = np.array([[[900 + 10 * i, 0, 500 + i], [0, 950, 400], [0, 0, 1]] for i in range(20)])
    pixels = np.einsum('nij,nj->ni', K, points)
    np.testing.assert_allclose(back_project(pixels[:, :2] / pixels[:, 2:], points[:, 2], K), points)


def test_the_most_certain_estimate_counts_and_missing_ones_are_told(folder):
    truth = read_human36m(folder)
    table = truth.people
    image = [0, 0, 0, 1, 3]
    offset = np.array([0.5, 0.1, 0.9, 0.3, 0.2])[:, None] * [0, 0, 1]
    people = PeopleTable(table.image_ids, image, table.root[image] + offset, score=[0.3, 0.8, 0.8, 0.1, 0.2])
    result = evaluate_human36m(people, truth)
    assert (result.images, result.missing, result.surplus) == (30, 27, 2)
    assert result.overall.mrpe.total == pytest.approx((0.1 + 0.3 + 0.2) / 3)
    assert math.isnan(result.pixel_error_px)


def test_incomplete_skeletons_are_counted_out(folder):
    truth = read_human36m(folder)
    people = estimates(truth)
    people.joints[[0, 5], 3] = np.nan
    result = evaluate_human36m(people, truth)
    whole = np.setdiff1d(np.arange(30), [0, 5])
    assert (result.missing, result.overall.poses) == (0, 28)
    assert result.overall.mpjpe_m == evaluate_human36m(people.take(whole), truth).overall.mpjpe_m


def test_nobody_at_all(folder):
    result = evaluate_human36m(PeopleTable([], [], np.empty((0, 3))), read_human36m(folder))
    assert result.missing == 30 and math.isnan(result.overall.mrpe.total)
    assert [action.name for action in result.actions] == ['Directions', 'WalkTogether']
    assert all(math.isnan(action.mrpe.total) for action in result.actions)
    assert math.isnan(result.relative_depth_error)


def test_what_is_missing_is_told(folder, tmp_path):
    with pytest.raises(ValueError, match='protocol must be 1 or 2, not 3'):
        read_human36m(folder, protocol=3)
    with pytest.raises(DataSetError) as error:
        read_human36m(tmp_path)
    for text in ('The annotations of Human3.6M not found', 'subject_9.h5', 'Human36M_subject9_data.json',
                 'images/test/s_09', 'http://vision.imar.ro/human3.6m'):
        assert text in str(error.value)
    write_h5(tmp_path, subjects=(9,))
    with pytest.raises(DataSetError, match='subject_11.h5 is missing'):
        read_human36m(tmp_path)


def test_two_people_in_an_image_are_refused(tmp_path):
    write_json(tmp_path)
    path = tmp_path / 'annotations' / 'Human36M_subject9_data.json'
    content = json.loads(path.read_text())
    content['annotations'].append(content['annotations'][0])
    path.write_text(json.dumps(content))
    with pytest.raises(DataSetError, match='s_09_act_02_subact_01_ca_01_000001 is annotated more than once'):
        read_human36m(tmp_path)


def test_images_with_other_names_are_refused(tmp_path):
    write_json(tmp_path)
    path = tmp_path / 'annotations' / 'Human36M_subject11_data.json'
    path.write_text(path.read_text().replace('ca_01_000065.jpg', 'ca_01_frame65.jpg'))
    with pytest.raises(DataSetError, match='_frame65.* is no image of Human3.6M'):
        read_human36m(tmp_path)


def test_faults_of_the_detections(tmp_path):
    write_h5(tmp_path)
    truth = read_human36m(tmp_path, protocol=1)
    path = tmp_path / 'annotations' / 'subject_11_cpn.h5'
    with h5py.File(path, 'a') as file:
        joints = file['4/joints_2d_cpn'][:70]
        del file['4/joints_2d_cpn']
        file['4/joints_2d_cpn'] = joints
    with pytest.raises(DataSetError, match='no detection for s_11_act_16_subact_01_ca_01_000129'):
        read_detections(tmp_path, truth)
    with h5py.File(path, 'a') as file:
        del file['5/joints_2d_cpn']
    with pytest.raises(DataSetError, match="5 has no data set 'joints_2d_cpn'"):
        read_detections(tmp_path, truth)
    with h5py.File(path, 'a') as file:
        del file['5'].attrs['action']
    with pytest.raises(DataSetError, match="5 has no attribute 'action'"):
        read_detections(tmp_path, truth)
    path.write_bytes(b'no HDF5')
    with pytest.raises(DataSetError, match='subject_11_cpn.h5 is not a readable HDF5 file'):
        read_detections(tmp_path, truth)
    path.unlink()
    with pytest.raises(DataSetError) as error:
        read_detections(tmp_path, truth)
    assert 'subject_11_cpn.h5 not found' in str(error.value) and 'the root pixel that the system' in str(error.value)
