from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hdnet_ros.drawing import Palette, draw_people, strokes
from hdnet_ros.drawing.image import line_unit
from hdnet_ros.perception.people import TrackState

GREY = 90


def blank(width=640, height=480):
    return np.full((height, width, 3), GREY, np.uint8)


def changed(image):
    return (image != GREY).any(axis=2)


def near(image, pixel, color, radius=3):
    """Whether a pixel of about that colour is so close."""
    x, y = np.round(pixel).astype(int)
    part = image[max(0, y - radius):y + radius + 1, max(0, x - radius):x + radius + 1].astype(int)
    return part.size > 0 and (np.abs(part - color).max(axis=2) < 40).any()


@pytest.fixture
def draw_bare(monkeypatch):
    """``draw_people`` without the labels, which would hide what lies under them."""
    def draw(*arguments, **options):
        with monkeypatch.context() as patch:
            patch.setattr(strokes, 'tag', lambda *_: None)
            return draw_people(*arguments, **options)
    return draw


def test_the_image_itself_is_left_alone(make_person, camera):
    image = blank()
    draw_people(image, [make_person()], camera)
    assert (image == GREY).all()


def test_nobody_changes_nothing(camera):
    assert (draw_people(blank(), [], camera) == blank()).all()


def test_box_and_joints_are_where_they_belong_in_the_colour_of_the_person(make_person, draw_bare):
    person = make_person()
    palette = Palette()
    color = palette.colors([person])[person.id]
    drawn = draw_bare(blank(), [person], palette=palette)
    for index in (0, 7, 8):      # hip, spine, thorax: neither left nor right
        assert near(drawn, person.joints_px[index], color)
    x0, y0, x1, y1 = person.observation.detection.box
    for corner in ((x0, y0), (x1, y1), (x0, (y0 + y1) / 2)):
        assert near(drawn, corner, color)
    outside = changed(drawn)
    outside[int(y0) - 4:int(y1) + 5, int(x0) - 4:int(x1) + 5] = False
    assert not outside.any()


def test_left_limbs_are_lighter_than_right_ones(make_person, draw_bare):
    person = make_person()
    drawn = draw_bare(blank(), [person]).astype(int)

    def shin(knee, foot):
        x, y = np.round(person.joints_px[[knee, foot]].mean(axis=0)).astype(int)
        return drawn[y, x].sum()
    assert shin(5, 6) > shin(2, 3) + 150


def test_uncertain_joints_are_left_out(make_person, draw_bare):
    person = make_person()
    unsure = replace(person, confidence=np.where(np.arange(17) == 3, 0.1, 1.0))
    foot = person.joints_px[3]
    lower = foot - (0, 12)
    a, b = (changed(draw_bare(blank(), [p])) for p in (person, unsure))
    x, y = np.round(lower).astype(int)
    assert a[y, x] and not b[y, x]


@pytest.mark.parametrize('state', [TrackState.TENTATIVE, TrackState.CONFIRMED])
def test_the_box_is_dashed_until_the_person_is_sure(make_person, state, draw_bare):
    person = make_person(state=state)
    drawn = changed(draw_bare(blank(), [person]))
    x0, y0, x1, y1 = np.round(person.observation.detection.box).astype(int)
    share = drawn[y0:y1, x0].mean()
    assert share == 1 if state == TrackState.CONFIRMED else 0.3 < share < 0.75


def test_coasting_people_are_faint_and_only_drawn_if_it_is_known_where(make_person, camera, draw_bare):
    person = make_person(state=TrackState.COASTING)
    assert (draw_people(blank(), [person]) == blank()).all()
    faint = draw_bare(blank(), [person], camera)
    strong = draw_bare(blank(), [make_person()], camera)
    contrast = [np.abs(d.astype(int) - GREY).max() for d in (faint, strong)]
    assert 0 < contrast[0] < 0.6 * contrast[1]
    behind = make_person((0, 0, -4), state=TrackState.COASTING)
    beside = make_person((30, 0, 4), state=TrackState.COASTING)
    assert (draw_people(blank(), [behind, beside], camera) == blank()).all()


def test_labels_stay_inside_and_do_not_cover_each_other(make_person, draw_bare):
    at_the_top = make_person((0, -0.6, 3.0))
    assert at_the_top.observation.detection.box[1] < 40
    with_label = draw_people(blank(), [at_the_top])
    assert (with_label != draw_bare(blank(), [at_the_top])).any()
    people = [make_person((0, 0, 4), id='aaaaa'), make_person((0.02, 0, 4.01), id='bbbbb')]
    both = changed(draw_people(blank(), people)).sum()
    one = changed(draw_people(blank(), people[:1])).sum()
    bare = changed(draw_bare(blank(), people[:1])).sum()
    assert both - one > 0.8 * (one - bare), 'the second label needs a place of its own'


@pytest.mark.parametrize('size, low, high', [((3840, 2880), 0.8, 1.25), ((640, 480), 0.8, 2.0), ((320, 240), 0.8, 4.0)])
def test_lines_grow_with_the_image_but_never_vanish(make_person, size, low, high):
    share, usual = (changed(draw_people(blank(), [make_person()], size=s)).mean() for s in (size, (1920, 1440)))
    assert low < share / usual < high
    assert line_unit(blank(3840, 2160)) / line_unit(blank(1920, 1080)) == pytest.approx(2)


def test_resizing_keeps_people_in_place(make_person, draw_bare):
    person = make_person((0.5, 0.1, 4.0))
    large = changed(draw_bare(blank(), [person], size=(1280, 960)))
    plain = changed(draw_bare(blank(), [person]))
    for axis in (0, 1):
        extent = [np.flatnonzero(d.any(axis=axis))[[0, -1]] for d in (plain, large)]
        np.testing.assert_allclose(extent[1], 2 * extent[0], atol=6)


def test_images_that_are_views_or_read_only(make_person):
    image = blank()[:, ::-1]
    image.setflags(write=False)
    assert changed(draw_people(image, [make_person()])).any()


def test_boxes_far_outside_are_no_trouble(make_person):
    person = make_person()
    huge = replace(person.observation.detection, box=np.array([-1e5, -1e5, 1e5, 1e5]))
    seen = replace(person.observation, detection=huge)
    drawn = draw_people(blank(), [replace(person, observation=seen, joints_px=person.joints_px + 1e6)])
    assert drawn.shape == (480, 640, 3) and cv2.countNonZero(changed(drawn).astype(np.uint8)) > 0
