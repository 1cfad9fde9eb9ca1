from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.protocols.image_ids import (
    Human36mImage,
    human36m_image,
    mupots_image_id,
    mupots_sequence,
)


def test_names_of_human36m():
    name = 's_09_act_02_subact_01_ca_03_000129'
    assert human36m_image(Path('/data/images/test') / name[:-7] / f'{name}.jpg') == (9, 2, 1, 3, 128)
    assert human36m_image(name).image_id == name
    with pytest.raises(ValueError, match="'frame_1' is no image of Human3.6M"):
        human36m_image('frame_1.jpg')


@given(st.builds(Human36mImage, *[st.integers(1, 99)] * 4, st.integers(0, 999_998)))
def test_names_of_human36m_can_be_read_back(image):
    assert human36m_image(f'a/b/{image.image_id}.jpg') == image


def test_names_of_mupots():
    assert mupots_image_id('/data/MultiPersonTestSet/TS12/img_000345.jpg') == 'TS12/img_000345'
    assert mupots_image_id('TS1/img_000000') == 'TS1/img_000000'
    assert mupots_sequence('TS12/img_000345') == 12
    for wrong in ('img_000000.jpg', 'TS1/img_12.jpg', 'S1/img_000000.jpg'):
        with pytest.raises(ValueError, match='is no image of MuPoTS-3D'):
            mupots_image_id(wrong)
