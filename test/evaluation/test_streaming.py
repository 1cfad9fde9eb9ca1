import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.evaluation.bones import rescale_bones
from hdnet_ros.evaluation.metrics import mrpe
from hdnet_ros.evaluation.pck3d import joint_errors, pck3d
from hdnet_ros.evaluation.people_file import iterate_people
from hdnet_ros.evaluation.people_record import EstimatedPerson, Header, encode
from hdnet_ros.evaluation.people_table import PeopleTable, TruthTable
from hdnet_ros.evaluation.root_ap import THRESHOLDS_M, root_ap
from hdnet_ros.evaluation.streaming import Stream
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert


def scene(seed, images=6, noise=0.05, joints_of=MUPOTS_17):
    """Twelve people far apart in the image; estimates come in the order of the truth, the last person has none."""
    random = np.random.default_rng(seed)
    image = np.sort(random.integers(0, images, 12))
    root = np.column_stack([random.uniform(-2, 2, (12, 2)), random.uniform(3, 6, 12)])
    joints = root[:, None] + random.normal(0, 0.3, (12, 17, 3))
    joints[:, MUPOTS_17.root] = root
    joints_px = random.uniform(0, 30, (12, 17, 2)) + 1 + 100 * np.arange(12)[:, None, None]
    ids = [str(i) for i in range(images)]
    truth = TruthTable(ids, image, root, joints=joints, joints_px=joints_px, joint_set='mupots_17')
    found = joints + random.normal(0, noise, joints.shape)
    people = PeopleTable(ids, image[:-1], found[:-1, MUPOTS_17.root], score=random.uniform(size=11),
                         joints=convert(found[:-1], MUPOTS_17, joints_of),
                         joints_px=convert(joints_px[:-1], MUPOTS_17, joints_of), joint_set=joints_of.name)
    return people, truth


def streamed(people, truth, cuts):
    stream = Stream()
    edges = sorted({0, len(truth.image_ids), *cuts})
    for start, end in zip(edges[:-1], edges[1:]):
        names = truth.image_ids[start:end]
        stream.add(people.of_images(names), truth.of_images(names))
    return stream.scores()


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(1, 5)))
def test_pieces_give_the_scores_of_the_whole(seed, cuts):
    people, truth = scene(seed)
    scores = streamed(people, truth, cuts)
    for threshold, ap, ar in zip(THRESHOLDS_M, scores.ap, scores.ar):
        whole = root_ap(people.root, people.score, people.image, truth.root, truth.image, threshold)
        assert (ap, ar) == pytest.approx((whole.ap, whole.ar))
    errors = mrpe(people.root, truth.root[:-1])
    assert (scores.mrpe.total, scores.mrpe.z) == pytest.approx((errors.total, errors.z))
    estimated = np.concatenate([people.joints, np.full((1, 17, 3), np.nan)])
    scaled = rescale_bones(estimated, truth.joints)
    for count, root in ((scores.absolute, None), (scores.relative, MUPOTS_17.root)):
        np.testing.assert_array_equal(count.near, pck3d(joint_errors(scaled, truth.joints, root)).near)
        assert count.total.tolist() == [12] * 14
    assert (scores.images, scores.people, scores.truths) == (6, 11, 12)


def test_perfect_estimates_of_all_but_one():
    scores = streamed(*scene(0, noise=0), cuts=[3])
    assert scores.absolute.pck == scores.relative.pck == pytest.approx(11 / 12)
    assert scores.mrpe.total == 0
    assert scores.ar == pytest.approx([11 / 12] * 4)


def test_joints_of_another_set_are_read_as_those_of_mupots():
    people, truth = scene(0, noise=0, joints_of=HUMAN36M_17)
    assert streamed(people, truth, cuts=[]).absolute.pck == pytest.approx(11 / 12)


def test_scores_that_are_all_the_same_make_no_precision():
    people, truth = scene(0)
    scores = streamed(replace(people, score=np.ones(len(people))), truth, cuts=[3])
    assert np.isnan(scores.ap).all() and np.isfinite(scores.ar).all()


def test_nothing_came():
    scores = Stream().scores()
    assert scores.images == 0
    assert np.isnan([*scores.ap, *scores.ar, scores.mrpe.total, scores.absolute.pck]).all()


def test_memory_does_not_grow_with_the_number_of_images(tmp_path):
    random = np.random.default_rng(0)
    ids = [str(i) for i in range(100)]
    joints, joints_px = random.normal(4, 0.3, (100, 17, 3)), random.uniform(0, 1000, (100, 17, 2))
    truth = TruthTable(ids, range(100), joints[:, 14], joints=joints, joints_px=joints_px, joint_set='mupots_17')
    header = Header('mupots_17')
    lines = [encode('IMAGE', [EstimatedPerson(root=j[14], joints=j, joints_px=px)], header)
             for j, px in zip(joints, joints_px)]

    def most_memory(images):
        path = tmp_path / f'{images}.jsonl'
        path.write_text(header.encode() + ''.join(lines[i % 100].replace('IMAGE', str(i)) for i in range(images)))
        stream = Stream()
        tracemalloc.start()
        for people in iterate_people(path, images=100):
            stream.add(people, replace(truth, image_ids=people.image_ids))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert stream.scores().images == images
        return peak
    most_memory(100)
    few, many = most_memory(300), most_memory(3000)
    # The name of the image and a score remain of every further person; its skeleton alone would be 680 bytes.
    assert many - few < 2700 * 250


def test_tables_of_different_images_are_refused():
    people, truth = scene(0)
    with pytest.raises(ValueError, match='same images'):
        Stream().add(people.of_images(['0']), truth)
