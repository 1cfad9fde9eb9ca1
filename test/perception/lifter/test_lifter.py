from __future__ import annotations

import math

import pytest

from hdnet_ros.perception.lifter.config import LifterConfig


@pytest.mark.parametrize('wrong', [{'kind': 'openpose'}, {'joint_set': 'coco'}, {'min_score': 1.1},
                                   {'min_score': math.nan}, {'first_passes': 0}])
def test_config_refuses_nonsense(wrong):
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        LifterConfig(**wrong)
