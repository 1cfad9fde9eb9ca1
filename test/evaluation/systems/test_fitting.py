from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.systems.fitting import fit_positive, people_with_depth
from hdnet_ros.training.samples import PersonTruth, Sample


def test_middle_and_spread_of_a_known_distribution():
    heights = 1.7 * np.exp(np.random.default_rng(0).normal(0, 0.08, 20_000))
    assert fit_positive(heights, 'height') == pytest.approx((1.7, 0.08), rel=0.03)


def test_people_cut_by_the_image_border_do_not_move_it():
    upright = 1.7 * np.exp(np.random.default_rng(0).normal(0, 0.03, 6000))
    cut = np.random.default_rng(1).uniform(0.2, 1.5, 4000)
    assert fit_positive([*upright, *cut], 'height').value == pytest.approx(1.7, rel=0.02)
    assert np.median([*upright, *cut]) < 1.66


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30))
def test_no_other_number_has_a_smaller_median_error(values):
    def median_error(number):
        return np.sort(np.abs(number / np.array(values) - 1))[len(values) // 2]     # as in the tables
    least = min(median_error(number) for number in np.geomspace(0.1, 10, 500))
    assert median_error(fit_positive(values, 'it').value) <= least + 1e-9


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=50), st.floats(0.1, 10))
def test_interval_holds_95_percent_at_any_scale(values, factor):
    fitted = fit_positive(values, 'it')
    off = np.abs(np.log(np.array(values) / fitted.value))
    assert (off <= 1.959964 * fitted.log_sigma + 1e-9).mean() >= 0.95
    scaled = fit_positive([factor * value for value in values], 'it')
    off = np.abs(np.log(np.array(values) * factor / scaled.value))
    assert (off <= 1.959964 * scaled.log_sigma + 1e-9).mean() >= 0.95


def test_nobody_to_fit_to():
    with pytest.raises(ValueError, match='the height cannot be fitted: nobody'):
        fit_positive([], 'the height')


def test_only_people_with_known_depth_and_box_count():
    def person(depth_m, box=(0, 0, 5, 9)):
        return PersonTruth(np.array(box, float), np.zeros((17, 2)), np.ones(17, bool), np.zeros((17, 3)), depth_m)
    sample = Sample(np.zeros((9, 9, 3), np.uint8), np.eye(3), (
        person(3.0), person(np.nan), person(2.0, (0, 0, np.nan, 1)), person(-1.0), person(4.0)), 'here')
    found = list(people_with_depth([sample]))
    assert [(s is sample, p.root_depth_m) for s, p in found] == [(True, 3.0), (True, 4.0)]
