"""The truth out of a miniature release and a miniature MuPoTS-3D.json, and what is said about broken ones."""
from __future__ import annotations

import json
import re

import cv2
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from hdnet_ros.evaluation.protocols.mupots_release import find_release, read_sequence
from hdnet_ros.evaluation.protocols.mupots_truth import read_mupots
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.training.errors import DataSetError

F, C = np.array([1500.0, 1480.0]), np.array([1024.0, 1010.0])


def joints_of(sequence, frame, person):
    return np.random.default_rng([sequence, frame, person]).uniform([-600, -900, 3000], [600, 900, 5000], (17, 3))


def pixels_of(joints):
    return joints[:, :2] / joints[:, 2:] * F + C


def valid(frame, person):
    return (frame + person) % 2 == 0


def release(folder, sequences=(1, 20), frames=4, people=2):
    """All people of a sequence; every second one is not valid."""
    for sequence in sequences:
        place = folder / f'TS{sequence}'
        place.mkdir(parents=True)
        cells, labels = np.empty((frames, people), dtype=object), np.empty((frames, people), dtype=object)
        for frame, person in np.ndindex(frames, people):
            joints = joints_of(sequence, frame, person)
            cells[frame, person] = {'annot2': pixels_of(joints).T, 'annot3': joints.T, 'univ_annot3': joints.T * 1.2,
                                    'isValidFrame': np.array([[valid(frame, person)]]), 'other': 'ignored'}
            labels[frame, person] = np.arange(17)[None] < person
        savemat(place / 'annot.mat', {'annotations': cells})
        savemat(place / 'occlusion.mat', {'occlusion_labels': labels})
    return folder


def json_content(intrinsic=True):
    images = [{'id': 7 + frame, 'file_name': f'TS1/img_{frame:06d}.jpg'} for frame in range(4)]
    if intrinsic:
        for image in images:
            image['intrinsic'] = [*F, *C]
    people = [(frame, person) for frame in range(4) for person in range(2)]
    return {'images': images, 'annotations': [
        {'image_id': 7 + frame, 'is_valid': int(valid(frame, person)), 'bbox': [10, 20, 30, 40],
         'keypoints_cam': joints_of(1, frame, person).tolist(),
         'keypoints_img': pixels_of(joints_of(1, frame, person)).tolist(), 'keypoints_vis': [1] * 17}
        for frame, person in people]}


@pytest.mark.parametrize(('scale', 'told'), [(1.0, 'metric'), (1.2, 'universal'), (1.1, 'unknown')])
def test_the_skeleton_of_the_json_is_told_by_comparison(tmp_path, scale, told):
    release(tmp_path)
    content = json_content()
    for annotation in content['annotations']:
        annotation['keypoints_cam'] = (np.array(annotation['keypoints_cam']) * scale).tolist()
    write_json(tmp_path, content)
    truth = read_mupots(tmp_path)
    assert (truth.roots_skeleton, truth.skeleton) == (told, 'universal')
    np.testing.assert_allclose(truth.roots.root[0], joints_of(1, 0, 0)[14] * scale / 1000, rtol=1e-6)


def test_the_skeleton_of_a_json_about_other_people_is_unknown(tmp_path):
    release(tmp_path, sequences=(20,))
    write_json(tmp_path, json_content())
    assert read_mupots(tmp_path).roots_skeleton == 'unknown'


def write_json(folder, content):
    (folder / 'MuPoTS-3D.json').write_text(json.dumps(content))


@pytest.mark.parametrize('place', ['.', 'MultiPersonTestSet'])
def test_release_holds_both_skeletons_in_metres(tmp_path, place):
    release(tmp_path / place)
    truth = read_mupots(tmp_path)
    assert truth.images == tmp_path / place and truth.given == {}
    assert (truth.skeleton, truth.roots_skeleton) == ('universal', 'metric')
    assert truth.roots.image_ids == [f'TS{s}/img_{frame:06d}' for s in (1, 20) for frame in range(4)]
    assert len(truth.roots) == len(truth.poses) == 8
    rows = [(s, frame, person) for s in (1, 20) for frame in range(4) for person in range(2) if valid(frame, person)]
    for row, (sequence, frame, person) in enumerate(rows):
        joints = joints_of(sequence, frame, person) / 1000
        np.testing.assert_allclose(truth.roots.joints[row], joints)
        np.testing.assert_allclose(truth.roots.root[row], joints[14])
        np.testing.assert_allclose(truth.poses.joints[row], joints * 1.2)
        np.testing.assert_allclose(truth.poses.joints_px[row], pixels_of(joints))
        np.testing.assert_array_equal(truth.poses.visible[row], np.arange(17) >= person)
        box = truth.roots.box[row]
        assert (box[:2] < pixels_of(joints).min(axis=0)).all() and (box[2:] > pixels_of(joints).max(axis=0)).all()
    np.testing.assert_allclose(truth.K(20), [[F[0], 0, C[0]], [0, F[1], C[1]], [0, 0, 1]], rtol=1e-9)


def test_release_without_occlusion_labels(tmp_path):
    release(tmp_path)
    (tmp_path / 'TS20' / 'occlusion.mat').unlink()
    truth = read_mupots(tmp_path)
    assert truth.poses.visible is None and next(truth.samples())[1].people[0].visible.all()


def test_samples_are_what_systems_run_on(tmp_path):
    release(tmp_path, sequences=(1,))
    cv2.imwrite(str(tmp_path / 'TS1' / 'img_000001.jpg'), np.full((48, 64, 3), 128, np.uint8))
    samples = dict(read_mupots(tmp_path).samples())
    assert list(samples) == [f'TS1/img_{frame:06d}' for frame in range(4)]
    frame = Frame.of_sample('TS1/img_000001', samples['TS1/img_000001'])
    image = frame.image()
    assert image.shape == (48, 64, 3) and frame.camera(image).fx == pytest.approx(F[0])
    person, = samples['TS1/img_000001'].people
    assert person.root_depth_m == pytest.approx(joints_of(1, 1, 1)[14, 2] / 1000)
    with pytest.raises(DataSetError, match='img_000000.jpg does not exist'):
        samples['TS1/img_000000'].read_image()


def test_images_without_a_valid_person_give_no_sample(tmp_path):
    release(tmp_path, sequences=(1,), people=1)
    truth = read_mupots(tmp_path)
    assert [name for name, _ in truth.samples()] == ['TS1/img_000000', 'TS1/img_000002']


def test_json_has_boxes_and_perhaps_cameras(tmp_path):
    write_json(tmp_path, json_content())
    truth = read_mupots(tmp_path)
    assert truth.images == tmp_path and truth.roots is truth.poses
    assert (truth.skeleton, truth.roots_skeleton) == ('metric', 'unknown')
    np.testing.assert_allclose(truth.roots.box, np.tile([10, 20, 40, 60], (4, 1)))
    np.testing.assert_allclose(truth.given[1], truth.K(1))
    np.testing.assert_allclose(truth.roots.root[0], joints_of(1, 0, 0)[14] / 1000, rtol=1e-6)
    write_json(tmp_path, json_content(intrinsic=False))
    truth = read_mupots(tmp_path)
    assert truth.given == {}
    np.testing.assert_allclose(truth.K(1)[[0, 1], [0, 1]], F, rtol=1e-4)


def test_images_beside_the_json_may_lie_as_unpacked(tmp_path):
    write_json(tmp_path, json_content())
    (tmp_path / 'MultiPersonTestSet').mkdir()
    name, sample = next(read_mupots(tmp_path).samples())
    assert sample.image == tmp_path / 'MultiPersonTestSet' / 'TS1' / 'img_000000.jpg'


def test_a_sequence_has_one_camera(tmp_path):
    content = json_content()
    content['images'][2]['intrinsic'] = [1, 2, 3, 4]
    write_json(tmp_path, content)
    with pytest.raises(DataSetError, match='TS1 has images with different intrinsics'):
        read_mupots(tmp_path)


@pytest.mark.parametrize('intrinsic', [True, False])
def test_images_with_other_names_are_named(tmp_path, intrinsic):
    content = json_content(intrinsic)
    content['images'][0]['file_name'] = 'TS1/first.jpg'
    write_json(tmp_path, content)
    with pytest.raises(DataSetError, match=re.escape("MuPoTS-3D.json: 'TS1/first' is no image of MuPoTS-3D")):
        read_mupots(tmp_path)


def test_release_without_valid_people(tmp_path):
    release(tmp_path, sequences=(1,), frames=1, people=1)
    cells = loadmat(tmp_path / 'TS1' / 'annot.mat')['annotations']
    cells[0, 0]['isValidFrame'][0, 0] = np.array([[0]])
    savemat(tmp_path / 'TS1' / 'annot.mat', {'annotations': cells})
    with pytest.raises(DataSetError, match='no annotation is valid'):
        read_mupots(tmp_path)


def test_missing_and_damaged_files_of_the_release(tmp_path):
    assert find_release(tmp_path) is None
    with pytest.raises(DataSetError, match='annot.mat is missing'):
        read_sequence(tmp_path, 1)
    release(tmp_path, sequences=(1,))
    assert find_release(tmp_path) == tmp_path
    path = tmp_path / 'TS1' / 'annot.mat'
    cells = loadmat(path)['annotations']
    for content, message in [
            ({'other': 1}, "annot.mat must hold 'annotations', cells of frames x people"),
            ({'annotations': np.eye(3)}, "annot.mat must hold 'annotations', cells of frames x people"),
            ({'annotations': cells[:2]}, r'occlusion.mat has \(4, 2\) labels \(frames, people\), but .* has \(2, 2\)')]:
        savemat(path, content)
        with pytest.raises(DataSetError, match=message):
            read_sequence(tmp_path, 1)
    path.write_bytes(b'no MATLAB file' * 30)
    with pytest.raises(DataSetError, match='annot.mat is not a readable MATLAB file'):
        read_sequence(tmp_path, 1)


@pytest.mark.parametrize(('change', 'message'), [
    ({'annot3': np.zeros((3, 14))}, 'frame 2, person 0: annot3 must be 3 x 17 numbers'),
    ({'annot2': 'text'}, 'frame 2, person 0: annot2 must be 2 x 17 numbers'),
    (None, 'frame 2, person 0 must be one annotation with annot2, annot3, univ_annot3, isValidFrame')])
def test_malformed_annotations_are_named(tmp_path, change, message):
    release(tmp_path, sequences=(1,))
    path = tmp_path / 'TS1' / 'annot.mat'
    cells = loadmat(path)['annotations']
    names = cells[2, 0].dtype.names
    values = {name: cells[2, 0][name][0, 0] for name in names}
    cells[2, 0] = {**values, **change} if change else {'annot2': values['annot2']}
    savemat(path, {'annotations': cells})
    with pytest.raises(DataSetError, match=message):
        read_sequence(tmp_path, 1)


def test_malformed_occlusion_labels_are_named(tmp_path):
    release(tmp_path, sequences=(1,))
    path = tmp_path / 'TS1' / 'occlusion.mat'
    cells = loadmat(path)['occlusion_labels']
    cells[2, 0] = np.zeros((1, 5))
    savemat(path, {'occlusion_labels': cells})
    with pytest.raises(DataSetError, match=r'occlusion.mat: frame 2, person 0 must be 17 numbers'):
        read_sequence(tmp_path, 1)
