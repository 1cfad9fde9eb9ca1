"""MuPoTS-3D, scored on a miniature of the release and checked by loops that go person by person and joint by joint."""
from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.io import savemat

from hdnet_ros.evaluation.people_table import PeopleTable
from hdnet_ros.evaluation.protocols.mupots import evaluate_mupots, match_poses
from hdnet_ros.evaluation.protocols.mupots_truth import read_mupots
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert
from hdnet_ros.training.errors import DataSetError

F, C = np.array([1500.0, 1480.0]), np.array([1024.0, 1010.0])
# Joint, parent; 1-based and in the order of the official code.
BONES = [(16, 15), (2, 16), (1, 2), (17, 2), (3, 2), (4, 3), (5, 4), (6, 2), (7, 6), (8, 7), (9, 15), (10, 9), (11, 10),
         (12, 15), (13, 12), (14, 13)]
GROUPS = [[1], [2], [3, 6], [4, 7], [5, 8], [9, 12], [10, 13], [11, 14]]
UNIVERSAL = 1.1


def body(random, center_mm):
    """(17, 3) mm around a place."""
    return np.array(center_mm) + random.uniform(-400, 400, (17, 3))


def pixels_of(points):
    return points[..., :2] / points[..., 2:] * F + C


def write_release(folder, sequences, occlusion=True):
    """sequences: by number, frames of people: (joints (17, 3) mm, valid)."""
    for number, frames in sequences.items():
        place = folder / 'MultiPersonTestSet' / f'TS{number}'
        place.mkdir(parents=True)
        cells = np.empty((len(frames), max(map(len, frames))), dtype=object)
        labels = np.empty_like(cells)
        for index in np.ndindex(cells.shape):
            frame = frames[index[0]]
            joints, valid = frame[index[1]] if index[1] < len(frame) else (np.zeros((17, 3)) + 1, False)
            cells[index] = {'annot2': pixels_of(joints).T, 'annot3': joints.T, 'univ_annot3': joints.T * UNIVERSAL,
                            'isValidFrame': np.array([[valid]], dtype=np.uint8)}
            labels[index] = (np.arange(17) % 2)[None]
        savemat(place / 'annot.mat', {'annotations': cells})
        if occlusion:
            savemat(place / 'occlusion.mat', {'occlusion_labels': labels})


def write_json(folder, sequences, intrinsic=None):
    images, annotations = [], []
    for number, frames in sequences.items():
        for frame, people in enumerate(frames):
            images.append({'id': 100 + len(images), 'file_name': f'TS{number}/img_{frame:06d}.jpg', 'width': 2048,
                           'height': 2048, **({'intrinsic': intrinsic} if intrinsic else {})})
            for joints, valid in people:
                pixels = pixels_of(joints)
                annotations.append({'id': len(annotations), 'image_id': images[-1]['id'], 'is_valid': int(valid),
                                    'bbox': [*pixels.min(axis=0), *np.ptp(pixels, axis=0)], 'keypoints_vis': [1] * 17,
                                    'keypoints_cam': joints.tolist(), 'keypoints_img': pixels.tolist()})
    (folder / 'MuPoTS-3D.json').write_text(json.dumps({'images': images, 'annotations': annotations}))


@pytest.fixture(scope='module')
def sequences():
    """Two sequences: a frame with two people, one with an invalid person in front, an empty one; a third without."""
    random = np.random.default_rng(5)
    return {1: [[(body(random, [-700, 0, 4000]), True), (body(random, [800, 100, 5000]), True)],
                [(body(random, [0, 0, 3500]), False), (body(random, [500, 0, 4500]), True)],
                [(body(random, [0, 0, 3000]), False)]],
            6: [[(body(random, [100 * i, 0, 4000 + 300 * i]), True)] for i in range(3)],
            20: [[(body(random, [0, 0, 4000]), False)]]}


@pytest.fixture
def folder(tmp_path, sequences):
    write_release(tmp_path, sequences)
    return tmp_path


def noisy_people(truth, seed=1, noise_m=0.08, joint_set=MUPOTS_17):
    """An estimate of almost everybody in the universal skeleton, some ghosts, in the order of other image ids."""
    random = np.random.default_rng(seed)
    poses = truth.poses
    ids = ['TS9/img_000000', *reversed(poses.image_ids)]
    image, joints, joints_px = [], [], []
    for row in range(len(poses)):
        if row == 2:
            continue
        image.append(ids.index(poses.image_ids[poses.image[row]]))
        joints.append(poses.joints[row] * random.uniform(0.9, 1.1) + random.normal(0, noise_m, (17, 3)))
        joints_px.append(poses.joints_px[row] + random.normal(0, 15, (17, 2)))
    for number in (0, 1, len(ids) - 1):
        image.append(number)
        joints.append(random.uniform(-1, 1, (17, 3)) + [0, 0, 6])
        joints_px.append(random.uniform(0, 2000, (17, 2)))
    joints, joints_px = np.stack(joints), np.stack(joints_px)
    return PeopleTable(ids, image, joints[:, MUPOTS_17.root], joints=convert(joints, MUPOTS_17, joint_set),
                       joints_px=convert(joints_px, MUPOTS_17, joint_set), joint_set=joint_set.name,
                       score=random.uniform(0, 1, len(image)))


def by_image(table):
    return {name: np.flatnonzero(table.image == number) for number, name in enumerate(table.image_ids)}


def score_slowly(people, truth, relative, matched_only, threshold=0.15):
    """Per sequence: the share of right joints, the area, and the shares of the groups and of single joints."""
    poses = truth.poses
    estimates = by_image(people)
    errors = {}
    for name, true_rows in by_image(poses).items():
        taken = set()
        for true_row in true_rows:
            best, most = None, 0
            for row in estimates.get(name, ()):
                near = [all(abs(people.joints_px[row, j, a] - poses.joints_px[true_row, j, a]) < 40 for a in (0, 1))
                        for j in range(1, 14)]
                if row not in taken and sum(near) > most:
                    best, most = row, sum(near)
            distances = [math.inf] * 17
            if best is not None:
                taken.add(best)
                estimate, true = people.joints[best], poses.joints[true_row]
                scaled = {15: estimate[14]}
                for joint, parent in BONES:
                    direction = estimate[joint - 1] - estimate[parent - 1]
                    length = math.dist(true[joint - 1], true[parent - 1])
                    scaled[joint] = scaled[parent] + direction / math.sqrt((direction ** 2).sum()) * length
                shift = scaled[15] - true[14] if relative else 0
                distances = [math.dist(scaled[j + 1] - shift, true[j]) for j in range(17)]
            if best is not None or not matched_only:
                errors.setdefault(name.split('/')[0], []).append(distances)
    result = {}
    for sequence, rows in errors.items():
        def share(joints, limit, rows=rows):
            return np.mean([[row[j - 1] < limit for j in joints] for row in rows])
        counted = range(1, 15)
        result[sequence] = (share(counted, threshold), np.mean([share(counted, t / 1000) for t in range(0, 151, 5)]),
                            [share(group, threshold) for group in GROUPS],
                            [share([joint], threshold) for joint in counted])
    return result


@pytest.mark.parametrize('relative', [True, False])
@pytest.mark.parametrize('matched', [True, False])
def test_pck_equals_the_slow_loop(folder, relative, matched):
    truth = read_mupots(folder)
    people = noisy_people(truth)
    result = evaluate_mupots(people, truth)
    found = getattr(result, f'{"relative" if relative else "absolute"}_{"matched" if matched else "all"}')
    expected = score_slowly(people, truth, relative, matched)
    assert [score.sequence for score in found.sequences] == ['TS1', 'TS6'] == list(expected)
    for score in found.sequences:
        pck, auc, groups, joints = expected[score.sequence]
        np.testing.assert_allclose([score.pck, score.auc, *score.groups], [pck, auc, *groups], atol=1e-12)
        np.testing.assert_allclose([score.joints[name] for name in MUPOTS_17.joints[:14]], joints, atol=1e-12)
    assert found.pck == pytest.approx(np.mean([values[0] for values in expected.values()]))
    assert found.auc == pytest.approx(np.mean([values[1] for values in expected.values()]))
    np.testing.assert_allclose(found.groups, np.mean([values[2] for values in expected.values()], axis=0))
    joints = [found.joints[name] for name in MUPOTS_17.joints[:14]]
    np.testing.assert_allclose(joints, np.mean([values[3] for values in expected.values()], axis=0))
    assert 0 < found.pck < 1


def test_counts_matches_and_the_person_nobody_estimated(folder):
    truth = read_mupots(folder)
    people = noisy_people(truth)
    result = evaluate_mupots(people, truth)
    assert (result.images, result.annotated, result.skeleton) == (5, 6, 'universal')
    assert result.estimates == 6     # five people and a ghost; those in TS9 and TS20 do not count
    for score in (result.absolute_matched, result.relative_all):
        assert [sequence.matched for sequence in score.sequences] == pytest.approx([2 / 3, 1])
        assert score.matched == pytest.approx(5 / 6)
    row_of_truth = match_poses(people, truth.poses)
    assert row_of_truth[2] == -1 and (np.delete(row_of_truth, 2) >= 0).all()
    for row, match in enumerate(row_of_truth):
        if match >= 0:
            assert people.image_ids[people.image[match]] == truth.poses.image_ids[truth.poses.image[row]]


def test_skeletons_of_human36m_are_read_in_the_joints_of_the_data_set(folder):
    truth = read_mupots(folder)
    result, other = (evaluate_mupots(noisy_people(truth, joint_set=joints), truth)
                     for joints in (MUPOTS_17, HUMAN36M_17))
    assert result.relative_all == other.relative_all and result.absolute_matched == other.absolute_matched


def test_the_truth_itself_scores_full_marks(folder):
    truth = read_mupots(folder)
    poses = truth.poses
    people = PeopleTable(poses.image_ids, poses.image, truth.roots.root, score=np.linspace(0.1, 0.9, len(poses)),
                         joints_px=poses.joints_px, joints=poses.joints, joint_set=poses.joint_set)
    result = evaluate_mupots(people, truth)
    for score in (result.absolute_matched, result.absolute_all, result.relative_matched, result.relative_all):
        # No error is below the first of the 31 thresholds, which is zero.
        assert score.pck == 1 and score.groups == (1.0,) * 8 and score.auc == pytest.approx(30 / 31)
    # The step of the first estimate is left out.
    assert [(root.ap, root.ar) for root in result.roots] == [(pytest.approx(5 / 6), 1.0)] * 4


def test_without_scores_there_is_no_ap(folder):
    truth = read_mupots(folder)
    poses = truth.poses
    found = evaluate_mupots(PeopleTable(poses.image_ids, poses.image, truth.roots.root), truth).roots
    assert [root.ar for root in found] == [1.0] * 4 and all(math.isnan(root.ap) for root in found)


def test_a_root_20_cm_off_fails_absolutely_but_not_relatively(folder):
    truth = read_mupots(folder)
    poses = truth.poses
    people = PeopleTable(poses.image_ids, poses.image, truth.roots.root + [0, 0, 0.17], joints_px=poses.joints_px,
                         joints=poses.joints * 1.5 + [0, 0, 0.2] - 0.5 * poses.joints[:, 14:15],
                         joint_set=poses.joint_set)
    result = evaluate_mupots(people, truth)
    assert result.relative_matched.pck == 1 and result.absolute_matched.pck == 0
    assert [root.ar for root in result.roots] == [1.0, 1.0, 0.0, 0.0]


def test_roots_alone_are_scored_without_joints(folder):
    """By hand: three true people in TS1. The better score takes the only true person near; AP leaves out step one."""
    truth = read_mupots(folder)
    root = truth.roots.root[:3]
    people = PeopleTable(['TS1/img_000000', 'TS1/img_000001', 'TS1/img_000002'], [0, 0, 0, 1, 2],
                         [root[0] + [0, 0, 0.05], root[0] + [0, 0, 0.24], root[1] + [0.3, 0, 0], root[2], [0, 0, 9]],
                         score=[0.9, 0.8, 0.7, 0.6, 1.0])
    result = evaluate_mupots(people, truth)
    assert result.absolute_all is None and result.estimates == 4
    # Order: right, wrong (taken), wrong (too far), right at precision 2/4; six true people in all.
    for found in result.roots:
        assert found.ap == pytest.approx(2 / 4 / 6) and found.ar == pytest.approx(2 / 6)


def test_nobody_at_all(folder):
    truth = read_mupots(folder)
    people = PeopleTable([], [], np.empty((0, 3)), joints=np.empty((0, 17, 3)), joints_px=np.empty((0, 17, 2)),
                         joint_set='mupots_17')
    result = evaluate_mupots(people, truth)
    assert (result.images, result.estimates) == (5, 0)
    assert result.absolute_all.pck == 0 and math.isnan(result.absolute_matched.pck)
    assert math.isnan(result.absolute_matched.sequences[0].auc)
    assert [(root.ap, root.ar) for root in result.roots] == [(0, 0)] * 4


def test_a_sequence_without_a_match_is_left_out_of_the_matched_mean(folder):
    truth = read_mupots(folder)
    poses = truth.poses
    there = poses.image < 3
    people = PeopleTable(poses.image_ids, poses.image[there], poses.root[there], joints_px=poses.joints_px[there],
                         joints=poses.joints[there], joint_set=poses.joint_set)
    result = evaluate_mupots(people, truth)
    assert result.absolute_matched.pck == 1 and result.absolute_all.pck == 0.5
    assert math.isnan(result.absolute_matched.sequences[1].pck)


def test_json_alone_compares_with_the_skeleton_true_to_scale(tmp_path, sequences):
    write_json(tmp_path, sequences)
    truth = read_mupots(tmp_path)
    assert truth.skeleton == 'metric' and len(truth.poses) == 6
    poses = truth.poses
    people = PeopleTable(poses.image_ids, poses.image, poses.root, joints_px=poses.joints_px, joints=poses.joints,
                         joint_set=poses.joint_set)
    result = evaluate_mupots(people, truth)
    assert result.skeleton == 'metric' and result.absolute_all.pck == 1


def test_release_and_json_together(tmp_path, sequences):
    write_release(tmp_path, sequences)
    write_json(tmp_path, sequences, intrinsic=[*F, *C])
    truth = read_mupots(tmp_path)
    assert truth.skeleton == 'universal' and truth.given.keys() == {1, 6, 20}
    np.testing.assert_allclose(truth.poses.joints, truth.roots.joints * UNIVERSAL, rtol=1e-5)
    assert len(truth.poses.image_ids) == 7 and len(truth.roots.image_ids) == 5
    people = noisy_people(truth)
    result = evaluate_mupots(people, truth)
    expected = score_slowly(people, truth, relative=False, matched_only=False)
    assert result.absolute_all.pck == pytest.approx(np.mean([values[0] for values in expected.values()]))


def test_neither_release_nor_json_says_what_to_put_where(tmp_path):
    with pytest.raises(DataSetError) as error:
        read_mupots(tmp_path / 'nowhere')
    for text in ('MuPoTS-3D not found', 'nowhere does not exist', 'MultiPersonTestSet/TS1/annot.mat',
                 'MuPoTS-3D.json', 'https://'):
        assert text in str(error.value)
    with pytest.raises(DataSetError, match='has none of it'):
        read_mupots(tmp_path)
