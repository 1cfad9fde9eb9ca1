from __future__ import annotations

import inspect
import pickle
from dataclasses import dataclass, fields
from functools import partial
from typing import get_type_hints

import numpy as np
import pytest

from hdnet_ros.resources import share_folder
from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21, convert
from hdnet_ros.training.datasets.registry import open_data_set, read_data_set
from hdnet_ros.training.datasets.synthetic import SyntheticConfig, SyntheticSet
from hdnet_ros.training.synthetic import SyntheticPeople, SyntheticPerson

K = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Person:
    joints_camera: np.ndarray
    joints_px: np.ndarray
    joints_visible: np.ndarray
    box: np.ndarray


@dataclass(frozen=True, eq=False)
class Picture:
    image: np.ndarray
    K: np.ndarray
    people: tuple
    index: int


class Stream:
    """People whose place tells the index."""

    def __init__(self, seed):
        self.seed = seed

    def sample(self, index):
        joints = np.random.default_rng([self.seed, index]).uniform([-1, -1, 2], [1, 1, 5], (17, 3))
        pixels = joints[:, :2] / joints[:, 2:] * 500 + (320, 240)
        person = Person(joints, pixels, np.arange(17) > 3, np.array([1.0, 2, 30, 40]))
        return Picture(np.full((480, 640, 3), index % 255, np.uint8), K, (person,) * (1 + index % 2), index)


def test_samples_of_a_stream():
    data = SyntheticSet(partial(Stream, 4), 10, 'stream', HUMAN36M_17)
    assert len(data) == 10
    sample, original = data.sample(1), Stream(4).sample(1)
    assert (sample.image == 1).all() and len(sample.people) == 2 and sample.source == 'stream: image 1'
    np.testing.assert_allclose(sample.people[0].joints_camera, original.people[0].joints_camera)
    assert sample.people[0].root_depth_m == original.people[0].joints_camera[0, 2]
    assert sample.people[0].visible.tolist() == [False] * 4 + [True] * 13
    np.testing.assert_array_equal(data.sample(1).people[0].joints_px, sample.people[0].joints_px)


def test_joints_of_another_set():
    person = SyntheticSet(partial(Stream, 0), 10, 'stream', MUCO_21).sample(0).people[0]
    expected = convert(Stream(0).sample(0).people[0].joints_px, HUMAN36M_17, MUCO_21)
    np.testing.assert_allclose(person.joints_px, expected)
    assert np.isnan(person.joints_px[MUCO_21.index('left_toe')]).all()
    assert not person.visible[MUCO_21.index('left_toe')]


def test_each_worker_opens_its_own_stream():
    data = SyntheticSet(partial(Stream, 0), 10, 'stream', HUMAN36M_17)
    data.sample(0)
    copy = pickle.loads(pickle.dumps(data))
    assert copy._stream is None
    np.testing.assert_array_equal(copy.sample(3).people[0].joints_px, data.sample(3).people[0].joints_px)


def test_configuration():
    config = read_data_set({'kind': 'synthetic', 'seed': 3, 'split': 'validation', 'images': 50}, 'data.train.0')
    assert config == SyntheticConfig(kind='synthetic', seed=3, split='validation', images=50)
    assert len(open_data_set(config, HUMAN36M_17)) == 50, 'nothing is rendered or loaded yet'
    for key, value in (('images', 0), ('split', 'all')):
        with pytest.raises(ValueError, match=key):
            SyntheticConfig(kind='synthetic', **{key: value})


def test_the_real_stream_has_the_interface():
    """Read from what it declares: drawing takes assets, and is tested with them."""
    assert list(inspect.signature(SyntheticPeople.sample).parameters) == ['self', 'index']
    declared = get_type_hints(SyntheticPeople.sample)['return'].__dataclass_fields__
    assert {'image', 'K', 'people'} <= set(declared)
    assert {field.name for field in fields(Person)} <= set(SyntheticPerson.__dataclass_fields__)


def test_the_real_stream_is_opened_as_configured(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr('hdnet_ros.training.synthetic.SyntheticPeople',
                        lambda *arguments: asked.append(arguments) or Stream(arguments[1]))
    (tmp_path / 'mine.yaml').write_text((share_folder('config') / 'synthetic.yaml').read_text().replace(
        'count: 420', 'count: 42'))
    config = SyntheticConfig(kind='synthetic', folder=str(tmp_path), config='mine.yaml', seed=3, split='validation')
    sample = open_data_set(config, HUMAN36M_17).sample(1)
    np.testing.assert_allclose(sample.people[0].joints_camera, Stream(3).sample(1).people[0].joints_camera)
    ((stream_config, seed, split),) = asked
    assert (stream_config.bodies.count, seed, split) == (42, 3, 'validation')
