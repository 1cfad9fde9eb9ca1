from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.body_pool import build_pool
from hdnet_ros.training.synthetic.body_template import read_template


@pytest.fixture(scope='module')
def pool(folder):
    return store.load_pool(folder)


@pytest.mark.parametrize(('female', 'mean', 'deviation'), [(False, 1.76, 0.075), (True, 1.63, 0.075)])
def test_adult_heights_follow_their_distribution(pool, female, mean, deviation):
    heights = pool.heights_m[(pool.ages_years >= 18) & (pool.female == female)]
    assert len(heights) > 100
    assert stats.kstest(heights, stats.norm(mean, deviation).cdf).pvalue > 0.01


def test_a_share_are_children_of_the_size_of_their_age(pool):
    child = pool.ages_years < 15
    assert 0.07 < child.mean() < 0.18
    # A usual rule of thumb for 3 to 12 years: 77 cm and 6 cm a year.
    ages, heights = pool.ages_years[child], pool.heights_m[child]
    assert np.abs(heights / (0.77 + 0.06 * ages) - 1).max() < 0.22
    assert np.corrcoef(ages, heights)[0, 1] > 0.9


def test_the_mesh_has_the_height_that_is_said(folder, pool):
    body = store.load_template(folder / 'body.npz')
    assert np.allclose(np.ptp(pool.shapes[:, body.skin, 2], axis=1), pool.heights_m, atol=2e-3)


def test_a_small_pool_is_built_as_asked(anny_model, config):
    wanted = dataclasses.replace(config.bodies, count=6, child_share=0.5, seed=2)
    body = read_template(anny_model)
    pool = build_pool(anny_model, body, wanted)
    assert len(pool) == 6 and {True, False} == set(pool.ages_years < 15)
    assert np.allclose(np.ptp(pool.shapes[:, body.skin, 2], axis=1), pool.heights_m, atol=1e-4)
    again = build_pool(anny_model, body, wanted)
    assert np.array_equal(pool.shapes, again.shapes)
