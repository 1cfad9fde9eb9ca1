"""BlazePose on real frames, against joints that were triangulated from four cameras."""
from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.models import ModelError, model_path
from hdnet_ros.perception.lifter.blazepose import BlazePoseLifter
from hdnet_ros.perception.lifter.blazepose_network import Landmarks
from hdnet_ros.perception.lifter.blazepose_region import Region
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.lifter.lifter import make_lifter
from hdnet_ros.perception.people import Detection
from hdnet_ros.skeleton import HUMAN36M_17

from .conftest import box_around


@pytest.fixture(scope='module')
def shared_lifter(fetched):
    return make_lifter(LifterConfig())


@pytest.fixture
def lifter(shared_lifter):
    shared_lifter.reset()
    return shared_lifter


@pytest.fixture
def passes(lifter, monkeypatch):
    """The regions that the network has looked at so far."""
    network, regions = lifter._network, []
    monkeypatch.setattr(lifter, '_network', lambda image, region: regions.append(region) or network(image, region))
    return regions


def joint_error_m(pose, person) -> float:
    """Mean distance of the joints from the truth, both relative to the middle of the hips."""
    hips = [person.joints.index(4), person.joints.index(1)]
    true = person.camera_m - person.camera_m[hips].mean(axis=0)
    return float(np.linalg.norm(pose.joints_relative[person.joints] - true, axis=1).mean())


def test_a_mirror_image_gives_the_mirrored_skeleton(lifter, views):
    """What is read half a pixel of the input to one side shows twice here."""
    shifts = []
    for view in views.values():
        width = view.image.shape[1]
        mirrored = [Detection(detection.box[[2, 1, 0, 3]] * [-1, 1, -1, 1] + [width - 1, 0, width - 1, 0])
                    for detection in view.detections]
        found = []
        for image, detections in ((view.image, view.detections), (view.image[:, ::-1].copy(), mirrored)):
            lifter.reset()
            found.append(lifter.lift(image, detections, Camera.pinhole(width, view.image.shape[0], 1500.0)))
        for pose, mirror, detection in zip(*found, view.detections):
            back_px = mirror.joints_px[list(HUMAN36M_17.flip_order)] * [-1, 1] + [width - 1, 0]
            apart = (pose.joints_px - back_px) / (1.25 * detection.size_px / 256)
            same = np.linalg.norm(apart, axis=1) < 10      # found in both
            shifts.append(np.median(apart[same, 0]) / 2)
    assert abs(np.median(shifts)) < 0.3 and len(shifts) > 5


def test_skeletons_against_the_truth(lifter, views):
    errors_m, errors_px = [], []
    for view in views.values():
        lifter.reset()
        poses = lifter.lift(view.image, view.detections, view.camera)
        for pose, person in zip(poses, view.people.values(), strict=True):
            assert pose.score > 0.5 and (pose.joints_relative[0] == 0).all()
            assert pose.joints_px.shape == (17, 2) and ((pose.confidence >= 0) & (pose.confidence <= 1)).all()
            errors_m.append(joint_error_m(pose, person))
            beside_px = pose.joints_px[person.joints] - view.camera.project(person.camera_m)
            metres_per_px = person.camera_m[:, 2].mean() / view.camera.focal_px
            errors_px.append(np.linalg.norm(beside_px, axis=1).mean() * metres_per_px)
    assert len(errors_m) == 16
    assert np.median(errors_m) < 0.12, 'metres in space; it was 0.102 when this was written'
    assert np.median(errors_px) < 0.06, 'metres in the image plane; it was 0.042'


@pytest.mark.parametrize('name', ['cam02', 'cam04'])
def test_feet_below_the_image_border_are_not_sure(lifter, views, name):
    """Mostly: the network may invent some."""
    view = views[name, 0]
    man = view.people['man']
    hips, knees, feet, shoulders = ([HUMAN36M_17.index(f'{side}_{joint}') for side in ('left', 'right')]
                                    for joint in ('hip', 'knee', 'foot', 'shoulder'))
    hips_y, knees_y = (view.camera.project(man.camera_m[[man.joints.index(joint) for joint in pair]])[:, 1].min()
                       for pair in (hips, knees))
    (whole,) = lifter.lift(view.image, [man.detection], view.camera)
    upper = []
    for height in np.linspace(hips_y, knees_y, 5).astype(int).tolist():
        cut = Camera(view.camera.width, height, view.camera.K, view.camera.D)
        lifter.reset()
        box = np.minimum(man.detection.box, [cut.width - 1, cut.height - 1] * 2)
        upper += [pose for pose in lifter.lift(view.image[:height], [Detection(box)], cut) if pose]
    assert len(upper) >= 3 and whole.confidence[feet].min() > 0.5
    assert np.median([pose.confidence[feet] for pose in upper]) < 0.35
    assert np.median([pose.confidence[shoulders] for pose in upper]) > 0.9


@pytest.mark.parametrize(('pan', 'tilt', 'roll'), [(0.35, 0, 0), (0, 0.25, 0), (0, 0, 0.4)])
def test_turning_the_camera_turns_the_skeleton(lifter, views, pan, tilt, roll):
    view = views['cam04', 0]
    straight = Camera(view.camera.width, view.camera.height, view.camera.K)
    person = view.people['man']
    turn = cv2.Rodrigues(np.array([tilt, pan, roll]))[0]
    wide = straight.K * [[0.5], [0.5], [1]]          # enough field of view to keep the person in it
    turned = Camera(view.camera.width, view.camera.height, wide)
    image = cv2.warpPerspective(view.image, wide @ turn @ np.linalg.inv(straight.K),
                                (view.camera.width, view.camera.height))
    corners = person.detection.box[[[0, 1], [2, 1], [2, 3], [0, 3]]]
    moved = turned.project(straight.unproject(corners) @ turn.T)
    box = np.concatenate([moved.min(axis=0), moved.max(axis=0)])
    (before,) = lifter.lift(view.image, [person.detection], straight)
    lifter.reset()
    (after,) = lifter.lift(image, [Detection(box)], turned)
    apart_m = np.linalg.norm(after.joints_relative - before.joints_relative @ turn.T, axis=1).mean()
    unturned_m = np.linalg.norm(after.joints_relative - before.joints_relative, axis=1).mean()
    assert apart_m < 0.07 < unturned_m


def beside_the_axis(view, who, angle_deg, wide):
    """A view's picture as another camera at the same place sees it, the box of a person in it, and (3, 3) the turn.

    That camera is panned so far that the person stands ``angle_deg`` to the right of its optical axis. The rest of the
    picture is black.
    """
    hips = view.people[who].camera_m[[view.people[who].joints.index(joint) for joint in (4, 1)]].mean(axis=0)
    pan = np.radians(angle_deg) - np.arctan2(hips[0], hips[2])
    turn = cv2.Rodrigues(np.array([0, pan, 0]))[0]
    box = box_around(wide.project(view.people[who].camera_m @ turn.T), wide)
    (left, top), (right, bottom) = (box.reshape(2, 2) + [[-60], [60]]).clip(0, [wide.width, wide.height]).astype(int)
    pixels = np.stack(np.meshgrid(np.arange(left, right), np.arange(top, bottom)), axis=-1)
    places = view.camera.project(wide.unproject(pixels) @ turn).astype(np.float32)
    image = np.zeros((wide.height, wide.width, 3), np.uint8)
    image[top:bottom, left:right] = cv2.remap(cv2.GaussianBlur(view.image, (0, 0), 1.0), places[..., 0], places[..., 1],
                                              cv2.INTER_LINEAR)
    return image, Detection(box), turn


WIDE = {'pinhole': Camera.pinhole(1600, 1200, 450.0),
        'fisheye': Camera(1400, 1400, np.array([[450.0, 0, 699.5], [0, 450, 699.5], [0, 0, 1]]), np.zeros(4),
                          'equidistant')}


@pytest.mark.parametrize(('lens', 'angle_deg'), [('pinhole', 50), ('fisheye', 60)])
@pytest.mark.parametrize('name', ['cam01', 'cam04'])
def test_far_beside_the_optical_axis_people_are_seen_as_in_the_middle(lifter, views, name, lens, angle_deg):
    view, wide = views[name, 0], WIDE[lens]
    man = view.people['man']
    (straight,) = lifter.lift(view.image, [man.detection], view.camera)
    lifter.reset()
    image, box, turn = beside_the_axis(view, 'man', angle_deg, wide)
    (pose,) = lifter.lift(image, [box], wide)
    apart_m = np.linalg.norm(pose.joints_relative - straight.joints_relative @ turn.T, axis=1)
    assert apart_m.mean() < 0.08
    rays = wide.unproject(pose.joints_px) @ turn
    beside_px = np.linalg.norm(view.camera.project(rays) - straight.joints_px, axis=1)
    assert beside_px.mean() < 0.03 * np.ptp(straight.joints_px[:, 1])
    assert (pose.confidence > 0.5).sum() >= 12


def test_a_person_is_followed_from_the_picture_into_a_turned_view_and_back(lifter, passes, views):
    view = views['cam04', 0]
    for angle_deg in (17, 21, 18):
        image, box, _ = beside_the_axis(view, 'man', angle_deg, WIDE['pinhole'])
        (pose,) = lifter.lift(image, [box], WIDE['pinhole'])
        assert pose.score > 0.9
    assert len(passes) == 4, 'two at first sight, one for each image after it'
    assert [region.view is None for region in passes] == [True, True, False, True]


def test_hips_beyond_the_end_of_the_lens_model_turn_the_skeleton_too(lifter, monkeypatch):
    """Somebody so near that the hips lie 51 degrees below the axis, where this lens model folds back at 50.5."""
    K = np.array([[320.0, 0, 319.5], [0, 320, 239.5], [0, 0, 1]])
    hips = np.array([319.5, 639.5])
    pixels, world = np.random.default_rng(0).uniform([250, 80], [400, 450], (33, 2)), np.zeros((33, 3))
    world[:, 1] = np.linspace(-0.8, 0.9, 33)
    region = Region(hips, 900.0)
    monkeypatch.setattr(lifter, '_network', lambda image, _: Landmarks(pixels, world, np.ones(33), 1.0, region, region))
    box = Detection(np.concatenate([pixels.min(axis=0), pixels.max(axis=0)]))
    skeletons = []
    for camera in (Camera(640, 480, K, np.array([-0.3, 0.03, 0, 0])), Camera(640, 480, K)):
        lifter.reset()
        skeletons += lifter.lift(np.zeros((480, 640, 3), np.uint8), [box], camera)
    folding, straight = (pose.joints_relative for pose in skeletons)
    np.testing.assert_allclose(folding, straight, atol=0.03)
    assert np.abs(folding[:, 2]).max() > 0.3


def test_a_person_seen_before_takes_one_pass(lifter, passes, views):
    view = views['cam04', 0]
    first = lifter.lift(view.image, view.detections, view.camera)
    assert len(passes) == 2 * len(first)
    again = lifter.lift(view.image, view.detections[::-1], view.camera)
    assert len(passes) == 3 * len(first)
    for one, other in zip(first, again[::-1], strict=True):
        apart_px = np.linalg.norm(one.joints_px - other.joints_px, axis=1).mean()
        assert apart_px < 15, 'the order of the boxes does not matter'
    lifter.reset()
    lifter.lift(view.image, view.detections, view.camera)
    assert len(passes) == 5 * len(first)


def test_a_person_who_left_is_forgotten(lifter, passes, views):
    view = views['cam03', 0]
    man = view.people['man'].detection
    lifter.lift(view.image, [man], view.camera)
    assert lifter.lift(view.image, [], view.camera) == []
    before = len(passes)
    lifter.lift(view.image, [man], view.camera)
    assert len(passes) == before + 2


def test_a_lost_person_is_looked_for_again(lifter, passes, views):
    near, far = views['cam01', 0], views['cam04', 0]
    box = near.people['man'].detection
    lifter.lift(near.image, [box], near.camera)
    before = len(passes)
    blank = np.full_like(far.image, 120)
    assert lifter.lift(blank, [box], far.camera) == [None]
    assert len(passes) > before + 1
    (pose,) = lifter.lift(near.image, [box], near.camera)
    assert joint_error_m(pose, near.people['man']) < 0.2


@pytest.mark.parametrize(('quarter_turns', 'up'), [(1, (-1, 0)), (2, (0, 1)), (3, (1, 0))])
def test_people_who_lie_or_stand_on_their_head(lifter, views, quarter_turns, up):
    view = views['cam03', 0]
    x0, y0, x1, y1 = view.people['man'].detection.box.astype(int)
    crop = np.ascontiguousarray(np.rot90(view.image[y0 - 60:y1 + 60, x0 - 60:x1 + 60], quarter_turns))
    height, width = crop.shape[:2]
    box = Detection(np.array([60.0, 60, width - 61, height - 61]))
    (pose,) = lifter.lift(crop, [box], Camera.pinhole(width, height, view.camera.focal_px))
    spine = pose.joints_relative[8, :2]
    assert spine @ up > 0.9 * np.linalg.norm(spine) > 0.25


@pytest.mark.parametrize('roll_deg', [90, 180, -90])
def test_with_a_camera_that_is_mounted_so_people_are_upright_at_first_sight(lifter, passes, views, roll_deg):
    view = views['cam03', 0]
    x0, y0, x1, y1 = view.people['man'].detection.box.astype(int)
    crop = np.ascontiguousarray(view.image[y0 - 60:y1 + 60, x0 - 60:x1 + 60])
    skeletons = []
    for told_deg in (0, roll_deg):
        image = np.rot90(crop, -told_deg // 90)
        height, width = image.shape[:2]
        lifter.reset()
        box = Detection(np.array([60.0, 60, width - 61, height - 61]))
        (pose,) = lifter.lift(image, [box], Camera.pinhole(width, height, view.camera.focal_px), told_deg)
        skeletons.append(pose.joints_relative)
    assert [region.angle_rad for region in passes[::2]] == pytest.approx([0, np.radians(roll_deg)])
    assert len(passes) == 4, 'the first way to start was right'
    turn = cv2.Rodrigues(np.array([0, 0, np.radians(roll_deg)]))[0]
    apart_m = np.linalg.norm(skeletons[1] - skeletons[0] @ turn.T, axis=1)
    assert apart_m.mean() < 0.03


def test_nobody_in_the_box(lifter, views):
    view = views['cam03', 0]
    wall = Detection(np.array([850.0, 20, 1050, 420]))
    assert lifter.lift(view.image, [wall], view.camera) == [None]


def test_a_box_that_holds_somebody_else_yields_nobody(lifter, views):
    view = views['cam03', 0]
    x0, y0, x1, y1 = view.people['woman'].detection.box
    beside = Detection(np.array([x0 - 40, y0 - 380, x1 + 60, y0 + 160]))     # mostly wall, with the woman's head
    assert lifter.lift(view.image, [beside], view.camera) == [None]


@pytest.mark.parametrize('box', [(0, 0, 0, 0), (-50, -50, -10, -10), (3, 3, 4, 4), (-1e6, -1e6, 1e6, 1e6),
                                 (5000, 5000, 6000, 7000), (300, 300, 200, 200)])
def test_odd_boxes_do_no_harm(lifter, views, box):
    view = views['cam03', 0]
    assert len(lifter.lift(view.image, [Detection(np.array(box, float))], view.camera)) == 1


def test_one_pixel(lifter):
    camera = Camera.pinhole(1, 1, 500)
    assert lifter.lift(np.zeros((1, 1, 3), np.uint8), [Detection(np.array([0.0, 0, 0, 0]))], camera) == [None]


def test_views_that_are_not_contiguous(lifter, views):
    view = views['cam03', 0]
    image = view.image[::2, ::2]
    camera = Camera.pinhole(image.shape[1], image.shape[0], view.camera.focal_px / 2)
    (pose,) = lifter.lift(image, [Detection(view.people['man'].detection.box / 2)], camera)
    assert joint_error_m(pose, view.people['man']) < 0.2


@pytest.mark.parametrize(('change', 'reason'), [
    (lambda data: b'', 'cannot be read'), (lambda data: data[:3_000_000], 'cannot be read'),
    (lambda data: b'junk' * 1000, 'cannot be read'),
    (lambda data: data.replace(b'Identity_4', b'Something4'), 'not a landmark network')])
def test_damaged_model(fetched, tmp_path, change, reason):
    path = tmp_path / 'model.tflite'
    path.write_bytes(change(model_path('blazepose_full').read_bytes()))
    with pytest.raises(ModelError, match=reason):
        make_lifter(LifterConfig(path=str(path)))


def test_missing_model(tmp_path, monkeypatch):
    with pytest.raises(ModelError, match='no such file'):
        make_lifter(LifterConfig(path=str(tmp_path / 'model.tflite')))
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    with pytest.raises(ModelError, match='run: hdnet models fetch blazepose_full'):
        make_lifter(LifterConfig())


def test_missing_library(fetched, monkeypatch):
    monkeypatch.setitem(sys.modules, 'ai_edge_litert.interpreter', None)
    with pytest.raises(ModelError, match='pip install ai-edge-litert'):
        BlazePoseLifter(LifterConfig())
