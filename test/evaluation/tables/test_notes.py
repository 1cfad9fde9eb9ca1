"""Sentences about our rows."""
from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from hdnet_ros.evaluation.tables.notes import ap_note, human36m_note, mupots_note, poses_note, roots_note


def human36m(**changes):
    return SimpleNamespace(**{'protocol': 2, 'root_pixel': 'estimate', 'images': 30, 'missing': 0, 'surplus': 0,
                              **changes})


def test_what_was_scored_on_human36m():
    assert human36m_note('ours', human36m()) == (
        'ours: Human3.6M, protocol 2, 30 images, all placed; root pixel as the system gives it.')
    assert human36m_note('ours', human36m(protocol=1, missing=3, surplus=2, root_pixel='detections')) == (
        'ours: Human3.6M, protocol 1, 30 images, 3 without an estimate, which are in no error; root pixel from given '
        '2D detections. Estimates that do not count beside a more certain one in the same image: 2.')


@pytest.mark.parametrize(('skeleton', 'roots_skeleton', 'roots', 'poses'), [
    ('universal', 'metric', 'metric skeletons, true to scale', 'universal skeleton'),
    ('universal', 'universal', 'not true to scale', 'universal skeleton'),
    ('universal', 'unknown', 'neither skeleton of the release', 'universal skeleton'),
    ('metric', 'unknown', 'does not say whether', 'skeletons of MuPoTS-3D.json')])
def test_what_mupots_was_compared_with(skeleton, roots_skeleton, roots, poses):
    result = SimpleNamespace(skeleton=skeleton, roots_skeleton=roots_skeleton, annotated=6, images=5, estimates=7)
    assert mupots_note('ours', result) == 'ours: MuPoTS-3D, 6 people in 5 images, 7 estimates.'
    assert roots in roots_note(result) and poses in poses_note(result)


def test_why_there_is_no_ap():
    without, measured = (SimpleNamespace(roots=[SimpleNamespace(ap=ap, ar=0.5)]) for ap in (math.nan, 0.5))
    assert 'ours: no AP' in ap_note('ours', without) and ap_note('ours', measured) == ''
