import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hdnet_ros.network.config import BACKBONES, DEPTH_HEADS, JOINT_DECODINGS, PRESETS, HDNetConfig
from hdnet_ros.skeleton import JOINT_SETS


def test_published_preset():
    config = HDNetConfig.preset('human36m_published')
    assert (config.alpha, config.beta, config.bins, config.joints, config.backbone) == (2, 8, 61, 17, 'resnet50')
    assert config == HDNetConfig(box_mask=False)


def test_paper_preset():
    config = HDNetConfig.preset('paper')
    assert (config.alpha, config.beta, config.bins, config.joints, config.gnn_layers) == (1, 8, 71, 21, 2)


def test_lite_preset_reads_in_metres():
    config = HDNetConfig.preset('lite')
    assert (config.window_policy, config.window_size, config.backbone) == ('packed', 'canonical', 'efficientnet_lite0')
    # Z_mm = q * f_eq, and the equivalent focal length of a canonical window is that of training.
    assert config.alpha * config.train_focal_px / 1000 == 0.5
    assert config.beta * config.train_focal_px / 1000 == 20
    assert math.exp(math.log(config.beta / config.alpha) / (config.bins - 1)) == pytest.approx(1.031, abs=5e-4)


def test_unknown_preset_lists_the_known():
    with pytest.raises(ValueError, match='human36m_published, paper, lite'):
        HDNetConfig.preset('big')


@pytest.mark.parametrize('name', PRESETS)
def test_presets_survive_json(name):
    config = HDNetConfig.preset(name)
    assert HDNetConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@given(st.builds(
    HDNetConfig, joint_set=st.sampled_from(sorted(JOINT_SETS)), alpha=st.floats(0.1, 2), beta=st.floats(2.5, 50),
    bins=st.integers(2, 200), backbone=st.sampled_from(BACKBONES), depth_head=st.sampled_from(DEPTH_HEADS),
    joint_decoding=st.sampled_from(JOINT_DECODINGS),
    shared_features=st.booleans(), gnn=st.booleans(), heatmap_pooling=st.booleans(), gnn_layers=st.integers(1, 5),
    window_policy=st.sampled_from(['box', 'principal', 'packed']), train_focal_px=st.none() | st.floats(100, 3000),
    mean=st.tuples(*[st.floats(-1, 1)] * 3), std=st.tuples(*[st.floats(0.01, 1)] * 3), sigma_scale=st.floats(0.1, 9)))
@example(HDNetConfig.preset('lite'))
def test_every_configuration_survives_json(config):
    assert HDNetConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize('changes, text', [
    ({'joint_set': 'coco'}, 'unknown joint set'),
    ({'alpha': 0}, 'alpha'), ({'alpha': '2'}, 'alpha'), ({'alpha': math.nan}, 'alpha'), ({'alpha': True}, 'alpha'),
    ({'beta': 1.0}, 'exceed alpha'), ({'beta': math.inf}, 'beta'),
    ({'bins': 1}, 'bins'), ({'bins': 61.0}, 'bins'), ({'bins': True}, 'bins'),
    ({'backbone': 'vgg'}, 'resnet50, efficientnet_lite0'), ({'backbone': ['resnet50']}, 'backbone'),
    ({'depth_head': 'both'}, 'bins, regression'), ({'gnn': 1}, 'gnn'), ({'gnn_layers': 0}, 'gnn_layers'),
    ({'joint_decoding': 'argmax'}, 'soft_argmax, peak'),
    ({'joint_places': ((0.5, 0.5, 0.1, 0.1),)}, '17 rows'), ({'joint_places': [[0.5] * 4] * 17}, '17 rows'),
    ({'joint_places': ((0.5, 0.5, 0.1, 0.0),) * 17}, 'positive deviations'), ({'joint_places': None}, '17 rows'),
    ({'joint_places': ((0.5, math.nan, 0.1, 0.1),) * 17}, '17 rows'), ({'joint_places': (0.5,) * 17}, '17 rows'),
    ({'window_policy': 'grid'}, 'box, principal, packed'), ({'window_size': 640}, 'native, canonical'),
    ({'window_size': 'canonical'}, 'train_focal_px'), ({'train_focal_px': -1.0}, 'train_focal_px'),
    ({'max_zoom': 0.9}, 'max_zoom'), ({'max_zoom': float('inf')}, 'max_zoom'),
    ({'mean': (0.5, 0.5)}, 'mean'), ({'mean': 0.5}, 'mean'), ({'std': (0.2, 0.2, 0.0)}, 'std'),
    ({'input_size': 250}, 'multiple of 32'), ({'width': 30}, 'multiple of 4'), ({'sigma_scale': 0}, 'sigma_scale'),
])
def test_nonsense_is_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        HDNetConfig().with_changes(**changes)


def test_unknown_fields_are_refused():
    with pytest.raises(ValueError, match='colour.*newer version'):
        HDNetConfig.from_dict({'alpha': 1.0, 'colour': 'red'})
    with pytest.raises(ValueError, match='mapping'):
        HDNetConfig.from_dict([1])


def test_absent_fields_take_defaults():
    assert HDNetConfig.from_dict({'bins': 11}) == HDNetConfig(bins=11)
