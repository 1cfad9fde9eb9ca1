from __future__ import annotations

import dataclasses
import functools
import pickle

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.training.synthetic import SyntheticPeople
from hdnet_ros.training.synthetic.muco_writer import write_image
from hdnet_ros.training.synthetic.workers import map_samples

COUNT = 12


@pytest.fixture(scope='module')
def samples(people):
    return [people.sample(index) for index in range(COUNT)]


def same(a, b) -> bool:
    return (np.array_equal(a.image, b.image) and np.array_equal(a.K, b.K) and len(a.people) == len(b.people)
            and all(np.array_equal(p.joints_camera, q.joints_camera) and np.array_equal(p.box, q.box)
                    for p, q in zip(a.people, b.people)))


def test_samples_depend_on_seed_and_index_only(people, samples, config):
    twin = pickle.loads(pickle.dumps(people))
    for index in (7, 2):
        assert same(twin.sample(index), samples[index])
    assert not same(samples[2], samples[7])
    assert not same(SyntheticPeople(config, seed=6, split='train').sample(2), samples[2])


def test_streams_in_one_process_leave_each_other_alone(people, samples, config):
    """As a run with rendered training and validation people has them."""
    other = SyntheticPeople(config, seed=6, split='validation')
    first = other.sample(0)
    assert same(people.sample(7), samples[7]) and same(other.sample(0), first) and same(people.sample(2), samples[2])


@pytest.mark.parametrize(('part', 'share'), [('poses', 'mixed_share'), ('scene', 'collage_share')])
def test_poses_and_backgrounds_are_mixed_where_asked_for(config, folder, opengl, part, share):
    outside = dataclasses.replace(config, scene=dataclasses.replace(config.scene, room_share=0.0, panorama_share=0.0))

    def images(value):
        changed = dataclasses.replace(getattr(outside, part), **{share: value})
        made = SyntheticPeople(dataclasses.replace(outside, **{part: changed}), seed=5, split='train')
        return [made.sample(index) for index in range(3)]
    assert not any(map(same, images(0.0), images(1.0)))


def test_workers_change_nothing(people, samples, tmp_path):
    work = functools.partial(write_image, tmp_path)
    drawn = list(map_samples(people, work, range(3), workers=1))
    assert drawn == [write_image(tmp_path / 'here', sample) for sample in samples[:3]]
    for image, _ in drawn:
        assert (tmp_path / image['file_name']).read_bytes() == (tmp_path / 'here' / image['file_name']).read_bytes()


def test_truth_agrees_with_itself(samples):
    for sample in samples:
        height, width = sample.image.shape[:2]
        assert sample.image.dtype == np.uint8 and sample.image.shape[2] == 3
        camera = Camera(width, height, sample.K, np.zeros(0))
        for person in sample.people:
            assert person.joints_camera.shape == (17, 3) and person.joints_visible.shape == (17,)
            assert np.allclose(camera.project(person.joints_camera), person.joints_px, atol=1e-6)
            x0, y0, x1, y1 = person.box
            assert -0.5 <= x0 < x1 <= width + 0.5 and -0.5 <= y0 < y1 <= height + 0.5
            inside = person.joints_px[person.joints_visible]
            assert ((inside >= [x0 - 3, y0 - 3]) & (inside <= [x1 + 3, y1 + 3])).all()
            assert (person.body_box[:2] <= person.box[:2] + 2).all()
            assert (person.body_box[2:] >= person.box[2:] - 2).all()
            assert np.ptp(person.joints_camera, axis=0).max() < 1.35 * person.height_m


def test_targets_are_visible_enough(samples, config):
    visible = [person.visibility for sample in samples for person in sample.people]
    assert all(config.scene.target_visibility <= v <= 1 for v in visible)
    assert all(1 <= len(sample.people) <= len(config.scene.people) for sample in samples)
    assert len({len(sample.people) for sample in samples}) > 1


def test_cameras_are_as_configured(samples, config):
    fovs = [2 * np.degrees(np.arctan(max(s.image.shape[:2]) / 2 / s.K[0, 0])) for s in samples]
    low, high = config.view.horizontal_fov_deg
    assert low <= min(fovs) < max(fovs) <= high and max(fovs) - min(fovs) > 20
    assert {s.image.shape[1::-1] for s in samples} <= set(config.view.image_sizes)


def shares(people) -> list[set]:
    """What one split has of everything that is shared out."""
    return [set(people._bodies), set(people._poses._allowed.tolist()), set(people._wardrobe._skins),
            set(people._wardrobe._patterns), set(people._textures._photographs), set(people._surroundings._walls),
            {piece.vertices.tobytes() for piece in people._surroundings._pieces},
            {panorama.radiance.tobytes() for panorama in people._panoramas}]


def test_splits_share_nothing(config, folder, people):
    parts = [shares(people), *(shares(SyntheticPeople(config, 5, split)) for split in ('validation', 'test'))]
    for sets in zip(*parts):
        assert all(sets) and len(set.union(*sets)) == sum(map(len, sets))


def test_other_bodies_change_no_split(config, folder, people, monkeypatch):
    """Or a set with other bodies would be trained with what the default's test set shows."""
    monkeypatch.setattr('hdnet_ros.training.synthetic.dataset.prepared_folder', lambda _: folder)    # takes minutes
    other = dataclasses.replace(config, bodies=dataclasses.replace(config.bodies, seed=20202))
    assert shares(SyntheticPeople(other, 5, 'train')) == shares(people)


def test_pictures_are_pictures(samples):
    """Neither black nor white nor empty."""
    for sample in samples:
        assert 8 < sample.image.mean() < 248
        assert sample.image.std() > 8
