from __future__ import annotations

import cv2
import numpy as np

from hdnet_ros.sources import open_source
from hdnet_ros.sources.image_files import ImageFiles


def test_an_image_and_a_folder_of_images(tmp_path, levels):
    for name, level in (('b10.png', 100), ('b2.png', 50), ('B1.jpg', 20)):
        cv2.imwrite(str(tmp_path / name), np.full((20, 30, 3), level, np.uint8))
    (tmp_path / 'notes.txt').write_text('no image')
    one = open_source(str(tmp_path / 'b2.png'))
    assert isinstance(one, ImageFiles) and one.still and one.count == 1 and levels(one.frames()) == [50]
    folder = open_source(str(tmp_path))
    assert folder.still and [f.name for f in folder.frames()] == ['B1.jpg', 'b2.png', 'b10.png']
    moving = open_source(str(tmp_path), fps=4)
    assert not moving.still and [f.stamp_s for f in moving.frames(every=2)] == [0, 0.5]


def test_pictures_are_turned_as_exif_says_unless_the_camera_is_calibrated(upright_photo):
    for where in (upright_photo.parent, upright_photo):
        assert next(open_source(str(where)).frames()).image.shape == (24, 16, 3)
        assert next(open_source(str(where), as_stored=True).frames()).image.shape == (16, 24, 3)


def test_grey_images_become_colour_ones(tmp_path):
    cv2.imwrite(str(tmp_path / 'grey.png'), np.full((20, 30), 70, np.uint8))
    assert next(open_source(str(tmp_path / 'grey.png')).frames()).image.shape == (20, 30, 3)
