"""Windows of training against those of the node, and what variation may and may not do."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.root_windows import WindowChooser
from hdnet_ros.skeleton import HUMAN36M_17, joint_set
from hdnet_ros.training.augmentation_config import AugmentationConfig
from hdnet_ros.training.batch import make_batch
from hdnet_ros.training.config import WindowsConfig
from hdnet_ros.training.samples import Sample, person
from hdnet_ros.training.windows import WindowMaker

NONE = AugmentationConfig()


def maker(network, training=True, augmentation=NONE, **windows):
    """A function that makes all windows of a sample."""
    made = WindowMaker(network, WindowsConfig(min_height_px=4.0, **windows), augmentation)
    return (lambda *given: [each for each in [made.varied(*given)] if each]) if training else made.usual


def make(maker_, sample, seed=0):
    return maker_(sample, np.random.default_rng(seed))


@pytest.mark.parametrize('policy', ['box', 'packed', 'principal'])
@pytest.mark.parametrize('size', ['native', 'canonical'])
def test_windows_are_those_of_the_node(tiny_network, sample, policy, size):
    network = tiny_network.with_changes(window_policy=policy, window_size=size, train_focal_px=800.0)
    camera = Camera(160, 120, sample.K)
    boxes = [np.clip(each.box, 0, [159, 119, 159, 119]) for each in sample.people]
    windows, index = WindowChooser(network, RootConfig()).choose(camera, np.array(boxes))
    examples = make(maker(network, training=False), sample)
    assert len(examples) == len(windows) == len(set(index))
    for window, example in zip(windows, examples):
        np.testing.assert_allclose(example.window.box_px, window.box_px)
        np.testing.assert_array_equal(example.picture, window.sample(sample.image))
    for number, example in enumerate(examples):
        assert list(example.people) == np.flatnonzero(index == number).tolist()
        np.testing.assert_allclose(example.boxes, np.array(boxes)[index == number])


def test_beside_the_axis_validation_sees_what_the_node_sees(tiny_network, sample):
    """Turned windows, with the truth along their own axes."""
    network = tiny_network.with_changes(window_policy='box', turn_from_deg=5.0, train_focal_px=800.0)
    examples = make(maker(network, training=False), sample)
    turned = [example for example in examples if isinstance(example.window.camera, CameraView)]
    assert len(turned) > 0
    camera = Camera(160, 120, sample.K)
    windows, _, _ = WindowChooser(network, RootConfig()).choose_turned(
        camera, np.array([np.clip(each.box, 0, [159, 119, 159, 119]) for each in sample.people]))
    for window, example in zip(windows, examples, strict=True):
        np.testing.assert_array_equal(example.picture, window.sample(sample.image))
    for example in turned:
        batch, axes = make_batch([example], network), example.window.camera.axes
        truth = example.view.people[example.people[0]]
        seen = truth.joints_camera @ axes
        root = joint_set(network.joint_set).root
        assert batch.root_depth_m[0] == pytest.approx(seen[root, 2], rel=1e-6)
        np.testing.assert_allclose(batch.root_ray[0], seen[root, :2] / seen[root, 2], atol=1e-5)
        # The camera's own depth and distance from the axis say the same of the joint.
        there = axes @ (np.append(batch.root_ray[0], 1.0) * float(batch.root_depth_m[0]))
        np.testing.assert_allclose(there, truth.joints_camera[root], atol=1e-4)


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_beside_the_axis_training_sees_what_the_node_sees(tiny_network, sample, policy):
    network = tiny_network.with_changes(window_policy=policy, turn_from_deg=5.0, train_focal_px=800.0)
    camera = Camera(160, 120, sample.K)
    boxes = np.array([np.clip(each.box, 0, [159, 119, 159, 119]) for each in sample.people])
    windows, index, _ = WindowChooser(network, RootConfig()).choose_turned(camera, boxes)
    varied = maker(network, policies={policy: 1.0}, room=(0.2, 0.2), people='one')
    turned = 0
    for seed in range(12):
        example, = make(varied, sample, seed)
        window = windows[index[example.people[0]]]
        assert (example.window.size_px, example.window.center_px.tolist()) == (window.size_px,
                                                                               window.center_px.tolist())
        assert isinstance(example.window.camera, CameraView) == isinstance(window.camera, CameraView)
        # Not the same arithmetic: a homography here, OpenCV's model of the lens there.
        difference = np.abs(example.picture.astype(float) - window.sample(sample.image))
        assert np.mean(difference) < 0.5
        if isinstance(window.camera, CameraView):
            turned += 1
            np.testing.assert_allclose(example.window.camera.axes, window.camera.axes)
    assert turned > 0


def test_turned_windows_of_changed_cameras_show_joints_where_the_truth_says(tiny_network):
    """A dot at a joint beside the axis is found there, whatever flips, rolls, zooms and moves the window."""
    network = tiny_network.with_changes(turn_from_deg=20.0, train_focal_px=150.0, input_size=128)
    K, joints = np.array([[150.0, 0, 160], [0, 160, 120], [0, 0, 1]]), np.tile([2.2, 0.2, 3.0], (17, 1))
    joints += np.linspace(-0.4, 0.4, 17)[:, None] * [0.3, 1, 0.2]
    pixels = joints[:, :2] / joints[:, 2:] * [150, 160] + [160, 120]
    rows, columns = np.mgrid[:240, :320]
    dot = 255 * np.exp(-((columns - pixels[8, 0]) ** 2 + (rows - pixels[8, 1]) ** 2) / 8)
    box = np.concatenate([pixels.min(axis=0) - 8, pixels.max(axis=0) + 8])
    truth = person(box, pixels, np.ones(17, bool), joints, HUMAN36M_17, HUMAN36M_17)
    seen = Sample(np.repeat(dot[..., None], 3, axis=2).astype(np.uint8), K, (truth,), 'a test')
    changing = AugmentationConfig(flip=0.5, roll=0.7, roll_deg=15.0, zoom=0.7, zoom_range=(0.8, 1.3))
    varied = maker(network, augmentation=changing, policies={'box': 1.0, 'packed': 1.0}, off_centre=0.5)
    for seed in range(30):
        example, = make(varied, seen, seed)
        assert isinstance(example.window.camera, CameraView)
        brightness = example.picture[..., 0].astype(float)
        found = [(brightness * grid).sum() / brightness.sum() for grid in np.mgrid[:128, :128][::-1]]
        np.testing.assert_allclose(found, example.window.to_input(example.view.people[0].joints_px[8]), atol=0.6)


def test_a_turned_window_learns_from_people_by_their_boxes_in_it(tiny_network, sample):
    """Somebody behind a view that looks far aside is in no window of it."""
    wide = np.array([[60.0, 0, 160], [0, 60, 60], [0, 0, 1]])
    boxes = np.array([[2.0, 30, 22, 90], [296, 30, 316, 90]])
    people = tuple(replace(each, box=box) for each, box in zip(sample.people, boxes))
    seen = replace(sample, image=np.zeros((120, 320, 3), np.uint8), K=wide, people=people)
    network = tiny_network.with_changes(turn_from_deg=20.0, train_focal_px=300.0)
    for seed in range(10):
        example, = make(maker(network, policies={'packed': 1.0}, people='all'), seen, seed)
        assert len(example.people) == 1
        np.testing.assert_allclose(example.boxes[0], boxes[example.people[0]])
        np.testing.assert_allclose(example.others[0], [boxes[1 - example.people[0]]])
        assert make_batch([example], network).masks.isfinite().all()


def test_one_pass_for_everybody_in_the_window(tiny_network, sample):
    example, = make(maker(tiny_network, policies={'packed': 1.0}, people='all'), sample)
    assert example.people == (0, 1, 2)
    seen = Counter()
    for seed in range(30):
        example, = make(maker(tiny_network, policies={'box': 1.0}, people='one'), sample, seed)
        seen[example.people] += 1
        center = (example.boxes[0, :2] + example.boxes[0, 2:]) / 2
        np.testing.assert_allclose(example.window.center_px, center)
    assert set(seen) == {(0,), (1,), (2,)}


@pytest.mark.parametrize(('apart_px', 'together'), [(600, False), (30, False), (23, True)])
def test_only_people_in_the_window_are_learned_from(tiny_network, sample, apart_px, together):
    """The window goes 20 px beyond a box of 100 px: 0, 90 and 97 % of the other one lie in it."""
    boxes = np.array([[200.0, 100, 300, 200], [200 + apart_px, 100, 300 + apart_px, 200]])
    people = tuple(replace(person, box=box) for person, box in zip(sample.people, boxes))
    wide = replace(sample, image=np.zeros((300, 1200, 3), np.uint8), people=people)
    close = maker(tiny_network.with_changes(max_zoom=50.0), policies={'box': 1.0}, room=(0.2, 0.2), people='all')
    seen = set()
    for seed in range(10):
        example, = make(close, wide, seed)
        assert example.window.size_px == pytest.approx(140)
        seen.add(example.people)
        if not together:
            np.testing.assert_allclose(example.window.center_px, boxes[example.people[0]].reshape(2, 2).mean(axis=0))
    assert seen == ({(0, 1)} if together else {(0,), (1,)})


@pytest.mark.parametrize('people', ['one', 'all'])
def test_everybody_else_is_known_to_each(tiny_network, sample, people):
    """Also those who are in the picture, but not among the people of the window."""
    for seed in range(5):
        example, = make(maker(tiny_network, people=people, box_jitter=0.04), sample, seed)
        assert len(example.others) == len(example.people) == len(example.boxes)
        for number, others in zip(example.people, example.others):
            assert others.shape == (2, 4)
            expected = [each.box for i, each in enumerate(sample.people) if i != number]
            np.testing.assert_allclose(others, np.clip(expected, 0, [159, 119, 159, 119]), atol=20)
        if people == 'all':
            np.testing.assert_array_equal(example.others[0], example.boxes[1:])


def test_policies_come_by_their_shares(tiny_network, sample):
    both = maker(tiny_network, policies={'principal': 1.0, 'box': 3.0})
    principal = sum(np.allclose(make(both, sample, seed)[0].window.center_px, sample.K[:2, 2]) for seed in range(200))
    assert 30 < principal < 70


def test_moved_windows_still_hold_their_people(tiny_network, sample):
    moving = maker(tiny_network.with_changes(train_focal_px=500.0), policies={'packed': 1.0}, off_centre=1.0)
    centers = []
    for seed in range(50):
        example, = make(moving, sample, seed)
        low, high = example.window.box_px[:2], example.window.box_px[2:]
        assert len(example.people) == 3
        assert (example.boxes[:, :2] >= low - 1e-6).all() and (example.boxes[:, 2:] <= high + 1e-6).all()
        assert example.window.size_px == pytest.approx(1000 / 500 * np.sqrt(sample.K[0, 0] * sample.K[1, 1]))
        centers.append(example.window.center_px)
    assert np.std(centers, axis=0).min() > 20


def test_boxes_err_as_a_detector_does(tiny_network, sample):
    sample = replace(sample, people=(replace(sample.people[0], box=np.array([50.0, 20, 100, 110])),))
    boxes = np.array([make(maker(tiny_network, box_jitter=0.04), sample, seed)[0].boxes[0] for seed in range(400)])
    np.testing.assert_allclose(boxes.mean(axis=0), [50, 20, 100, 110], atol=1)
    np.testing.assert_allclose(boxes.std(axis=0), [2, 3.6, 2, 3.6], rtol=0.15)


def test_boxes_end_at_the_border_of_the_image(tiny_network, sample):
    sample = replace(sample, people=(replace(sample.people[0], box=np.array([-30.0, 20, 60, 300])),))
    example, = make(maker(tiny_network), sample)
    np.testing.assert_allclose(example.boxes, [[0, 20, 60, 119]])


def test_people_outside_or_too_small_are_left_out(tiny_network, sample):
    outside = replace(sample.people[0], box=np.array([300.0, 20, 350, 100]))
    small = replace(sample.people[1], box=np.array([20.0, 20, 22, 23]))
    good = sample.people[2]
    for training in (True, False):
        example, = make(maker(tiny_network, training), replace(sample, people=(outside, small, good)))
        assert len(example.people) == 1 and example.view.people[example.people[0]].root_depth_m == good.root_depth_m
        assert make(maker(tiny_network, training), replace(sample, people=(outside, small))) == []


def test_zoom_changes_what_a_window_spans(tiny_network, sample):
    """The equivalent focal length follows, so that depth keeps its meaning."""
    zoom = AugmentationConfig(zoom=1.0, zoom_range=(1.25, 1.25))
    for size, focal in (('canonical', 1000.0 * 1.25), ('native', 1.25 * np.sqrt(sample.K[0, 0] * sample.K[1, 1]))):
        network = tiny_network.with_changes(window_size=size)
        example, = make(maker(network, augmentation=zoom, policies={'principal': 1.0}), sample)
        assert example.window.equivalent_focal_px == pytest.approx(focal)


def test_windows_leave_varied_room_in_training_only(tiny_network, sample):
    sample = replace(sample, people=sample.people[:1])
    network = tiny_network.with_changes(max_zoom=50.0, window_policy='box')

    def room(training, seed):
        example, = make(maker(network, training, policies={'box': 1.0}, room=(0.05, 0.3)), sample, seed)
        return (example.window.size_px / (example.boxes[0, 2:] - example.boxes[0, :2]).max() - 1) / 2
    varied = [room(True, seed) for seed in range(40)]
    assert 0.05 <= min(varied) < 0.1 and 0.25 < max(varied) <= 0.3
    assert room(False, 0) == pytest.approx(0.2)


def test_the_same_random_state_gives_the_same_window(tiny_network, sample):
    varied = maker(tiny_network, augmentation=AugmentationConfig(flip=0.5, roll=0.5, zoom=0.5, colour=0.5, noise=0.5),
                   policies={'box': 1.0, 'packed': 1.0}, off_centre=0.5, box_jitter=0.05)
    for seed in range(10):
        (a,), (b,) = make(varied, sample, seed), make(varied, sample, seed)
        np.testing.assert_array_equal(a.picture, b.picture)
        np.testing.assert_array_equal(a.boxes, b.boxes)
        assert a.people == b.people
