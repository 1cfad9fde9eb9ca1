"""Settings that make no sense are refused by name."""
from __future__ import annotations

import pytest

from hdnet_ros.perception.root import GeometricLocator, RootConfig, make_root_locator


@pytest.mark.parametrize('name, value', [
    ('kind', 'magic'), ('method', 'some'), ('window_policy', 'none'), ('window_size', 'big'), ('root_pixel', 'nose'),
    ('min_depth_m', 0), ('max_depth_m', 0.1), ('max_depth_m', float('inf')), ('min_joints', 2), ('subsets', 0),
    ('windows_per_pass', 0), ('inlier_m', 0), ('size_sigma', float('nan')), ('pelvis_sigma_m', -1),
    ('root_pixel_sigma', 0), ('inlier_px', -1), ('train_focal_px', float('nan')),
    ('max_zoom', 0.5), ('max_zoom', float('nan')), ('min_confidence', 1.0)])
def test_refused(name, value):
    with pytest.raises(ValueError, match=name):
        RootConfig(**{name: value})


@pytest.mark.parametrize('kind', ['hdnet', 'combined'])
def test_networks_need_a_checkpoint(kind):
    with pytest.raises(ValueError, match='hdnet_lite'):
        RootConfig(kind=kind, checkpoint='')


def test_the_locator_is_of_the_configured_kind():
    assert make_root_locator(RootConfig()).name == 'combined'
    assert make_root_locator(RootConfig(kind='hdnet')).name == 'hdnet'
    assert isinstance(make_root_locator(RootConfig(kind='geometric', checkpoint='')), GeometricLocator)
