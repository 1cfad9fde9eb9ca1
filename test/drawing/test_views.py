from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.drawing import Memory, draw_top_view, draw_views, strokes
from hdnet_ros.drawing.level import Level
from hdnet_ros.drawing.palette import COLORS
from hdnet_ros.drawing.views import SIGHT, nice_step
from hdnet_ros.perception.people import TrackState

SIZE = (640, 960)
SPLIT = round(960 * 0.58)


def colored(picture, color=None):
    """(H, W) where something is drawn in a person's colour."""
    strong = picture.max(axis=2).astype(int) - picture.min(axis=2) > 60
    if color is not None:
        strong &= np.abs(picture.astype(int) - color).max(axis=2) < 12
    return strong


def root_px(picture, people, index, top=True):
    """Middle of the dot that marks a root."""
    memory = Memory()
    memory.update(people)
    color = memory.palette.colors(people)[people[index].id]
    part = picture[:SPLIT] if top else picture[SPLIT:]
    mask = colored(part, color).astype(np.uint8)
    filled = cv2.erode(mask, np.ones((5, 5), np.uint8))      # lines vanish, the dot stays
    y, x = np.nonzero(filled)
    assert len(x), 'no dot'
    return np.array([x.mean(), y.mean()])


@pytest.mark.parametrize('reach, most, step', [
    (4, 6, 1), (8, 6, 2), (10, 6, 2), (25, 6, 5), (60, 6, 10), (1, 6, 0.2), (9, 9, 1)])
def test_steps_are_nice(reach, most, step):
    assert nice_step(reach, most) == pytest.approx(step)


def test_top_view_is_to_scale(make_person, camera):
    people = [make_person((x, 0.5, z), id=i) for i, (x, z) in
              {'aaaaa': (0.0, 2.0), 'bbbbb': (0.0, 4.0), 'ccccc': (1.5, 4.0)}.items()]
    picture = draw_views(people, camera, SIZE)
    a, b, c = (root_px(picture, people, i) for i in range(3))
    px_per_m = (a[1] - b[1]) / 2
    assert px_per_m > 50
    assert a[0] == pytest.approx(SIZE[0] / 2, abs=2) and b[0] == pytest.approx(a[0], abs=2)
    assert (c[0] - b[0]) / px_per_m == pytest.approx(1.5, abs=0.05), 'the same scale both ways'
    assert c[1] == pytest.approx(b[1], abs=2)


def test_distances_are_named_for_a_camera_that_sees_sideways_too(make_person, monkeypatch):
    """The edges of its image have no ray."""
    fisheye = Camera(1280, 960, [[330.0, 0, 640], [0, 330.0, 480], [0, 0, 1]], [0.0] * 4, 'equidistant')
    assert np.isnan(fisheye.unproject(np.array([1279.0, 480]))).all()
    words, text = [], strokes.text
    monkeypatch.setattr(strokes, 'text', lambda image, what, *rest, **how: (words.append(what),
                                                                            text(image, what, *rest, **how)))
    draw_top_view([make_person((0.0, 0.5, 4.0))], fisheye, SIZE)
    assert {'1 m', '2 m', '3 m', '4 m'} <= set(words)


def test_a_camera_on_its_side_sees_as_far_sideways_as_its_shorter_side(camera):
    memory = Memory()
    memory.level, memory.reach_m = Level.from_up(np.array([1.0, 0, 0])), 5.0
    seen = (draw_top_view([], camera, SIZE, memory=memory) == SIGHT).all(axis=2)
    far, near = (np.flatnonzero(seen[y]) for y in (500, 700))
    widening = ((far[-1] - far[0]) - (near[-1] - near[0])) / 2 / 200
    assert widening == pytest.approx(239.5 / 500, abs=0.03)


def test_a_camera_that_sees_sideways_has_all_before_it_in_view(make_person):
    wide = Camera(1280, 960, [[330.0, 0, 640], [0, 330.0, 480], [0, 0, 1]], [0.0] * 4, 'equidistant')
    picture = draw_top_view([make_person((0.0, 0.5, 4.0))], wide, SIZE)
    assert (picture[100:600:50, [3, -4]] == SIGHT).all(axis=2).mean() > 0.8


def test_side_view_shows_heights_and_distances(make_person, camera):
    people = [make_person((0, 0.5, 2), id='aaaaa'), make_person((0, 0.5, 4), id='bbbbb')]
    picture = draw_views(people, camera, SIZE)
    a, b = (root_px(picture, people, i, top=False) for i in range(2))
    px_per_m = (b[0] - a[0]) / 2
    assert a[1] == pytest.approx(b[1], abs=2)
    grey = (picture[SPLIT:] < 170).all(axis=2) & ~colored(picture[SPLIT:])
    floor = np.flatnonzero(grey.mean(axis=1) > 0.5)
    assert len(floor) and (floor.mean() - a[1]) / px_per_m == pytest.approx(0.9, abs=0.05), 'hips 0.9 m above the floor'


def test_uncertainty_is_drawn_to_scale(make_person):
    def extent(sigma):
        person = make_person((0, 0.5, 3), sigma=sigma)
        memory = Memory()
        memory.update([person])
        memory.reach_m = 6.0
        top = draw_views([person], None, SIZE, memory=memory)[:SPLIT]
        rows = np.flatnonzero(colored(top)[:, SIZE[0] // 2 - 3:SIZE[0] // 2 + 4].any(axis=1))
        return rows[-1] - rows[0]
    assert (extent(0.5) - extent(0.25)) / extent(0.25) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize('size', [(200, 300), (388, 540), (1560, 2160), (900, 400)])
def test_any_size_with_and_without_people(make_person, camera, size):
    crowd = [make_person((0.4 * i - 4, 0.5, 2 + i), id=f'p{i:04d}', state=TrackState(i % 3)) for i in range(20)]
    for people in ([], crowd):
        for lens in (camera, None):
            picture = draw_views(people, lens, size)
            assert picture.shape == (size[1], size[0], 3) and picture.dtype == np.uint8
            assert colored(picture).any() == bool(people)


def test_people_without_a_skeleton_still_have_their_place(make_person, camera):
    person = replace(make_person(), joints=np.full((17, 3), np.nan))
    picture = draw_views([person], camera, SIZE)
    assert any(colored(picture[:SPLIT], c).any() for c in COLORS)


def test_coasting_people_are_pale(make_person):
    strong, pale = (draw_views([make_person(state=s)], None, SIZE) for s in (TrackState.CONFIRMED, TrackState.COASTING))
    saturation = [(p.max(axis=2).astype(int) - p.min(axis=2)).max() for p in (strong, pale)]
    assert saturation[1] < 0.75 * saturation[0]


def test_names_do_not_cover_each_other(make_person):
    together = [make_person((0.001 * i, 0.5, 4), id=f'name{i}') for i in range(3)]
    apart = [make_person((0, 0.5, 4), id='name0')]
    beside = slice(SIZE[0] // 2 + 50, None)     # names stand to the right of the skeletons
    few, many = (colored(draw_views(p, None, SIZE)[:SPLIT, beside]).any(axis=1).sum() for p in (apart, together))
    assert few > 5 and many > 2.5 * few


def test_the_top_view_by_itself_is_to_scale_too(make_person, camera):
    people = [make_person((x, 0.5, z), id=i) for i, (x, z) in {'aaaaa': (0.0, 2.0), 'bbbbb': (1.0, 4.0)}.items()]
    picture = draw_top_view(people, camera, (900, 700))
    assert picture.shape == (700, 900, 3)
    memory = Memory()
    memory.update(people)
    dots = []
    for color in memory.palette.colors(people).values():
        y, x = np.nonzero(cv2.erode(colored(picture, color).astype(np.uint8), np.ones((5, 5), np.uint8)))
        dots.append(np.array([x.mean(), y.mean()]))
    right, up = dots[1] - dots[0]
    assert right == pytest.approx(-up / 2, abs=2) and up < -50
