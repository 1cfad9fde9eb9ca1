"""Every change of the camera must leave truth and picture consistent."""
from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.samples import Sample, person
from hdnet_ros.training.view import View, mirrored, rolled, zoomed
from hdnet_ros.window import Window

CHANGES = {
    'mirrored': lambda view: mirrored(view, HUMAN36M_17),
    'rolled': lambda view: rolled(view, 0.4),
    'zoomed': lambda view: zoomed(view, 1.3),
    'all': lambda view: zoomed(rolled(mirrored(rolled(view, -0.2), HUMAN36M_17), 0.5), 0.7),
}


def view_of(K, joints, image=None):
    pixels = joints[:, :2] / joints[:, 2:] * K[[0, 1], [0, 1]] + K[:2, 2]
    box = np.concatenate([pixels.min(axis=0) - 5, pixels.max(axis=0) + 5])
    truth = person(box, pixels, np.arange(17) % 3 > 0, joints, HUMAN36M_17, HUMAN36M_17)
    return View.of(Sample(np.zeros((120, 160, 3), np.uint8) if image is None else image, K, (truth,), 'test'))


def in_box(truth):
    return ((truth.joints_px >= truth.box[:2] - 1e-6) & (truth.joints_px <= truth.box[2:] + 1e-6)).all(axis=1)


def test_people_end_at_the_border_or_are_left_out():
    K = np.array([[150, 0, 80.0], [0, 140, 58], [0, 0, 1]])
    spread = np.linspace(-0.1, 0.1, 17)[:, None] * [2, 5, 0]
    cut = view_of(K, [-1.6, 0, 3] + spread).people[0]
    assert cut.box[0] == 0 < cut.box[2] < 20 and cut.joints_px[0, 0] < 0
    assert view_of(K, [-3.0, 0, 3] + spread).people == ()


@pytest.mark.parametrize('change', CHANGES)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10 ** 6), st.floats(80, 400), st.floats(0.8, 1.2))
def test_truth_stays_true(change, seed, focal, ratio):
    random = np.random.default_rng(seed)
    K = np.array([[focal, 0, random.uniform(60, 100)], [0, focal * ratio, random.uniform(40, 80)], [0, 0, 1]])
    joints = random.uniform([-1, -1, 2], [1, 1, 6], (17, 3))
    before = view_of(K, joints)
    after = CHANGES[change](before)
    truth = after.people[0]
    np.testing.assert_allclose(after.camera.project(truth.joints_camera), truth.joints_px, atol=1e-6)
    # The root stays as deep as it was, since no camera moves.
    assert truth.root_depth_m == truth.joints_camera[0, 2] == joints[0, 2]
    # Joints that were in the box still are.
    order = list(HUMAN36M_17.flip_order if change in ('mirrored', 'all') else range(17))
    held = in_box(before.people[0])[order]
    assert in_box(truth)[held].all()
    # The size of the body is that of the same body.
    for a, b in HUMAN36M_17.edges:
        length = np.linalg.norm(truth.joints_camera[a] - truth.joints_camera[b])
        assert length == pytest.approx(np.linalg.norm(joints[order[a]] - joints[order[b]]))
    assert (truth.visible == before.people[0].visible[order]).all()


@pytest.mark.parametrize('change', CHANGES)
def test_pixels_move_with_the_truth(change):
    """Single bright dots at joints are found where the changed truth says."""
    K = np.array([[150, 0, 80.0], [0, 140, 58], [0, 0, 1]])
    joints = np.tile([0.0, 0, 3], (17, 1))
    joints[1] = [-0.7, 0.35, 3]
    joints[4] = [0.6, -0.3, 3]
    view = view_of(K, joints)
    for index, channel in ((1, 0), (4, 1)):
        x, y = view.people[0].joints_px[index]
        yy, xx = np.mgrid[:120, :160]
        view.image[..., channel] = 255 * np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / 18)
    after = CHANGES[change](view)
    window = Window(after.camera, np.array([82.0, 61.0]), 200.0, input_size=256)
    picture = after.sample(window).astype(float)
    for index, channel in ((1, 0), (4, 1)):
        where = index if change not in ('mirrored', 'all') else HUMAN36M_17.flip_order[index]
        weight = picture[..., channel]
        found = [(weight * grid).sum() / weight.sum() for grid in np.mgrid[:256, :256][::-1]]
        np.testing.assert_allclose(found, window.to_input(after.people[0].joints_px[where]), atol=0.3)


def test_unchanged_view_has_the_very_pixels_of_the_node(sample):
    view = View.of(sample)
    window = Window(view.camera, np.array([70.3, 55.1]), 133.7, input_size=64)
    np.testing.assert_array_equal(view.sample(window), window.sample(sample.image))
    assert view.has_borders and view.zoom == 1


@pytest.mark.parametrize('change', ['none', *CHANGES])
def test_a_turned_window_shows_what_its_camera_sees(change):
    """Against the node's own resampling, of an image that is the changed view; nothing of what is behind the camera."""
    K = np.array([[60.0, 0, 80], [0, 55, 58], [0, 0, 1]])
    rows, columns = np.mgrid[:120, :160]
    image = np.stack([columns * 1.5, rows * 2.0, 255 - columns], axis=-1).astype(np.uint8)
    view = CHANGES.get(change, lambda same: same)(view_of(K, np.tile([0.1, 0, 3.0], (17, 1)), image))
    camera = view.camera
    whole = Window(camera, np.array([80.0, 80]), 160.0, input_size=160)
    drawn, white = (replace(view, image=image).sample(whole)[:120] for image in (image, np.full_like(image, 255)))
    for degrees, size_px in ((35, 60.0), (80, 160.0)):
        turned = CameraView.of(camera, cv2.Rodrigues(np.array([0.0, np.radians(degrees), 0]))[0])
        window = Window(turned, turned.K[:2, 2] + [5, -8], size_px, input_size=96)
        seen, expected = view.sample(window).astype(float), window.sample(drawn).astype(float)
        # Beyond the border of the changed view the image may go on, or have ended before.
        known = cv2.erode(window.sample(white), np.ones((5, 5))).min(axis=2) == 255
        assert known.any() or degrees == 80
        assert np.abs(seen - expected)[known].max(initial=0) < 6
        picture = np.stack([*np.meshgrid(np.arange(96), np.arange(96)), np.ones((96, 96))])
        ideal = np.tensordot(window.ideal_from_picture, picture, axes=1)
        rays = np.tensordot(np.linalg.inv(turned.K), [*ideal, picture[2]], axes=1)
        behind = np.tensordot(turned.axes[2], rays, axes=1) <= 0
        assert not seen[behind].any() and behind.any() == (degrees == 80)


def test_twice_mirrored_is_the_same(sample):
    view = View.of(sample)
    twice = mirrored(mirrored(view, HUMAN36M_17), HUMAN36M_17)
    np.testing.assert_allclose(twice.camera.K, view.camera.K)
    np.testing.assert_allclose(twice.image_from_view, np.eye(2, 3), atol=1e-12)
    for a, b in zip(twice.people, view.people):
        np.testing.assert_allclose(a.joints_px, b.joints_px)
        np.testing.assert_allclose(a.box, b.box)
    assert mirrored(view, HUMAN36M_17).camera.cx == 159 - view.camera.cx


def test_mirrored_pixels_are_mirrored(sample):
    view = mirrored(View.of(sample), HUMAN36M_17)
    whole = Window(Camera(160, 120, view.camera.K), np.array([80.0, 80.0]), 160.0, input_size=160)
    np.testing.assert_array_equal(view.sample(whole)[:120], sample.image[:, ::-1])


def test_rolling_keeps_boxes_tight():
    """A quarter turn swaps width and height; a small turn hardly grows the box."""
    K = np.array([[100, 0, 80.0], [0, 100, 60], [0, 0, 1]])
    view = view_of(K, np.tile([0.0, 0, 3], (17, 1)) + np.linspace(-0.1, 0.1, 17)[:, None] * [0, 5, 0])
    before = view.people[0].box
    quarter = rolled(view, np.pi / 2).people[0].box
    np.testing.assert_allclose((quarter[2:] - quarter[:2])[::-1], before[2:] - before[:2])
    assert not rolled(view, 0.1).has_borders


def test_zoom_changes_the_focal_length_only(sample):
    view = View.of(sample)
    near = zoomed(view, 2.0)
    assert near.camera.focal_px == pytest.approx(2 * view.camera.focal_px)
    assert (near.camera.cx, near.camera.cy, near.zoom) == (view.camera.cx, view.camera.cy, 2)
    np.testing.assert_array_equal(near.people[0].joints_camera, view.people[0].joints_camera)


def test_what_is_visible_changes_sides_in_the_mirror():
    joints = np.random.default_rng(0).uniform([-1, -1, 3], [1, 1, 5], (17, 3))
    K, names = np.array([[100.0, 0, 80], [0, 100, 60], [0, 0, 1]]), HUMAN36M_17
    pixels, seen = joints[:, :2] / joints[:, 2:] * 100 + [80, 60], np.arange(17) == names.index('left_wrist')
    one = person(np.array([10.0, 10, 150, 110]), pixels, seen, joints, names, names)
    view = View.of(Sample(np.zeros((120, 160, 3), np.uint8), K, (one,), 'a test'))
    assert np.flatnonzero(mirrored(view, names).people[0].visible).tolist() == [names.index('right_wrist')]
    assert zoomed(zoomed(view, 1.5), 2.0).zoom == 3.0
