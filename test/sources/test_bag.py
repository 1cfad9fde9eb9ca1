from __future__ import annotations

import sys

import numpy as np
import pytest

from hdnet_ros.camera import CalibrationError
from hdnet_ros.sources import SourceError, open_source

STAMPS = [10 ** 9 + i * 10 ** 8 for i in range(5)]


def test_images_come_with_the_calibration_of_their_stamp(write_bag):
    # Every calibration is recorded after its image, and every one is different.
    path = write_bag({
        '/cam/image_raw': [(s, write_bag.image(s, 10 * i)) for i, s in enumerate(STAMPS)],
        '/cam/camera_info': [(s + 5, write_bag.info(s, 100 + i)) for i, s in enumerate(STAMPS)]})
    source = open_source(str(path))
    assert source.count == 5 and source.calibrated and not source.still
    frames = list(source.frames())
    assert [f.image[0, 0, 0] for f in frames] == [0, 10, 20, 30, 40]
    assert [f.camera.fx for f in frames] == [100, 101, 102, 103, 104]
    np.testing.assert_allclose([f.stamp_s for f in frames], np.array(STAMPS) / 1e9)
    assert [f.index for f in source.frames(every=2, start=1)] == [1, 3]
    assert next(open_source(str(path), rectified=True).frames()).camera.fx == 200


def test_a_single_calibration_serves_all_images(write_bag):
    path = write_bag({
        '/cam/camera_info': [(1, write_bag.info(1, 100))],
        '/cam/image_raw': [(s, write_bag.image(s, 10)) for s in STAMPS]})
    assert [f.camera.fx for f in open_source(str(path)).frames()] == [100] * 5


def test_images_that_are_recorded_late_still_get_the_calibration_of_their_stamp(write_bag):
    path = write_bag({
        '/cam/image_raw': [(s + 110_000_000, write_bag.image(s, 10)) for s in STAMPS],
        '/cam/camera_info': [(s, write_bag.info(s, 100 + i)) for i, s in enumerate(STAMPS)]})
    assert [f.camera.fx for f in open_source(str(path)).frames()] == [100, 101, 102, 103, 104]


def test_images_before_the_first_calibration_get_that_one(write_bag):
    """The recorder found the topic of the images first."""
    path = write_bag({
        '/cam/image_raw': [(s, write_bag.image(s, 10 * i)) for i, s in enumerate(STAMPS)],
        '/cam/camera_info': [(s + 5, write_bag.info(s, 100 + i)) for i, s in enumerate(STAMPS) if i >= 2]})
    frames = list(open_source(str(path)).frames())
    assert [f.image[0, 0, 0] for f in frames] == [0, 10, 20, 30, 40]
    assert [f.camera.fx for f in frames] == [102, 102, 102, 103, 104]


def test_topics_can_be_chosen_and_must_be_if_there_are_several(write_bag):
    path = write_bag({'/a/image': [(5, write_bag.image(5, 10))], '/b/image': [(5, write_bag.image(5, 20))],
                      '/b/camera_info': [(5, write_bag.info(5, 100))], '/c/camera_info': [(5, write_bag.info(5, 300))]})
    with pytest.raises(SourceError, match='2 image topics.*--image-topic'):
        open_source(str(path))
    frame = next(open_source(str(path), image_topic='/b/image').frames())
    assert frame.image[0, 0, 0] == 20 and frame.camera.fx == 100
    assert next(open_source(str(path), image_topic='/a/image', info_topic='/c/camera_info').frames()).camera.fx == 300
    with pytest.raises(SourceError, match='no image topic /nope; it has /a/image, /b/image'):
        open_source(str(path), image_topic='/nope')


def test_the_only_calibration_serves_images_elsewhere_but_not_if_it_is_that_of_others(write_bag):
    front, info = [(5, write_bag.image(5, 10))], [(5, write_bag.info(5, 100))]
    alone = write_bag({'/front/image_raw': front, '/calibration': info}, 'alone')
    assert next(open_source(str(alone)).frames()).camera.fx == 100
    path = str(write_bag({'/front/image_raw': front, '/rear/image_raw': front, '/rear/camera_info': info}))
    with pytest.raises(SourceError, match='/rear/camera_info, is that of /rear/image_raw: .*--info-topic'):
        open_source(path, image_topic='/front/image_raw')
    chosen = open_source(path, image_topic='/front/image_raw', info_topic='/rear/camera_info')
    assert next(chosen.frames()).camera.fx == 100
    assert not open_source(path, image_topic='/front/image_raw', camera_given=True).calibrated


def test_a_damaged_message_is_told(write_bag, monkeypatch):
    path = write_bag({'/cam/image_raw': [(s, write_bag.image(s, 10)) for s in STAMPS],
                      '/cam/camera_info': [(1, write_bag.info(1, 100))]})
    from rosbags.highlevel import AnyReader
    whole = AnyReader.deserialize
    monkeypatch.setattr(AnyReader, 'deserialize', lambda self, raw, kind: whole(
        self, raw[:40] if kind.endswith('/Image') else raw, kind))
    with pytest.raises(SourceError, match='cannot read on in the bag'):
        list(open_source(str(path)).frames())


def test_without_calibration_and_without_images(write_bag):
    bare = open_source(str(write_bag({'/a/image': [(5, write_bag.image(5, 10))]}, 'bare')))
    assert not bare.calibrated and next(bare.frames()).camera is None
    with pytest.raises(SourceError, match='no image topic'):
        open_source(str(write_bag({'/a/camera_info': [(5, write_bag.info(5, 100))]}, 'blind')))


@pytest.mark.parametrize(('focal', 'width', 'what'), [(0, 64, 'uncalibrated'), (100, 128, '128 x 48')])
def test_a_calibration_that_cannot_be_used_is_left_alone_by_who_has_another(write_bag, focal, width, what):
    path = str(write_bag({'/cam/image_raw': [(5, write_bag.image(5, 10))],
                          '/cam/camera_info': [(5, write_bag.info(5, focal, width))]}))
    with pytest.raises(CalibrationError, match=f'/cam/camera_info in bag: .*{what}.*--focal'):
        list(open_source(path).frames())
    source = open_source(path, camera_given=True)
    assert not source.calibrated and next(source.frames()).camera is None


def test_an_image_that_cannot_be_read_is_named(write_bag):
    broken = write_bag.image(5, 10)
    broken = write_bag.types['sensor_msgs/msg/Image'](**{**{k: getattr(broken, k) for k in (
        'header', 'height', 'width', 'encoding', 'is_bigendian', 'step')}, 'data': np.zeros(10, np.uint8)})
    with pytest.raises(SourceError, match='image 0 of /a/image'):
        list(open_source(str(write_bag({'/a/image': [(5, broken)]}))).frames())


def test_a_damaged_bag_is_refused(tmp_path):
    pytest.importorskip('rosbags', reason='reading bags needs the optional package rosbags')
    (tmp_path / 'x.db3').write_bytes(b'nothing')
    with pytest.raises(SourceError, match='cannot read the bag'):
        open_source(str(tmp_path / 'x.db3'))


def test_without_the_package_the_error_names_it(tmp_path, monkeypatch):
    (tmp_path / 'x.mcap').write_bytes(b'')
    monkeypatch.setitem(sys.modules, 'rosbags', None)
    with pytest.raises(SourceError, match='pip install rosbags'):
        open_source(str(tmp_path / 'x.mcap'))
