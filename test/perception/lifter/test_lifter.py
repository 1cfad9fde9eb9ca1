from __future__ import annotations

import math

import pytest

from hdnet_ros.models import manifest
from hdnet_ros.perception.lifter.config import BLAZEPOSE_MODELS, LifterConfig


@pytest.mark.parametrize('wrong', [{'kind': 'openpose'}, {'model': 'gigantic'}, {'joint_set': 'coco'},
                                   {'min_score': 1.1}, {'min_score': math.nan}, {'first_passes': 0}])
def test_config_refuses_nonsense(wrong):
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        LifterConfig(**wrong)


def test_every_blazepose_is_in_the_manifest_and_the_reverse():
    known = {name.removeprefix('blazepose_') for name in manifest() if name.startswith('blazepose_')}
    assert known == set(BLAZEPOSE_MODELS)
