"""The whole pipeline with real networks on real footage, and what it makes of input that is odd or wrong."""
from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth, match_people
from hdnet_ros.models import ModelError
from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, save_hdnet
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.lifter.back_projection import back_project
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.people import Detection, Pose, Root, TrackState
from hdnet_ros.perception.pipeline import Pipeline, PipelineConfig
from hdnet_ros.perception.root import GeometricLocator, RootConfig
from hdnet_ros.perception.root.hdnet import HDNetLocator
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.skeleton import HUMAN36M_17

TRUTH = Pose2SimTruth()
CAMERA = TRUTH.cameras['cam01']
VGA, BLANK = Camera.pinhole(640, 480, 600), np.full((480, 640, 3), 127, np.uint8)


@pytest.fixture(scope='module')
def frames(read_frames):
    """The first frames of camera 1; both people are in them."""
    return read_frames('cam01', range(6))


@pytest.fixture(scope='module')
def built(fetched):
    return Pipeline.from_config(PipelineConfig())


@pytest.fixture
def pipeline(built):
    built.reset()
    built.configure(PipelineConfig())
    return built


@pytest.fixture
def small_hdnet():
    return HDNet(HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64)).eval()


def test_root_error_of_the_real_man(pipeline, read_frames):
    """At most 0.30 m in the median over all four cameras."""
    errors_m = []
    for name, camera in TRUTH.cameras.items():
        pipeline.reset()
        for number, image in read_frames(name, (0, 20)).items():
            people = pipeline.process(image, camera, number / TRUTH.fps).people
            truth = TRUTH.people(name, number)
            matches = match_people(np.array([p.observation.root.pixel for p in people]), truth, camera.focal_px)
            errors_m += [np.linalg.norm(people[m].root - true.root)
                         for true, m in zip(truth, matches, strict=True) if true.who == 'man' and m is not None]
    assert len(errors_m) >= 7
    assert np.median(errors_m) < 0.30


def test_a_real_sequence(pipeline, frames):
    for number, image in frames.items():
        result = pipeline.process(image, CAMERA, number / TRUTH.fps)
        assert list(result.stage_seconds) == ['detect', 'lift', 'root', 'track']
        assert all(0 < seconds < 60 for seconds in result.stage_seconds.values())
        assert result.depth_range == (0.2, 50.0)
        if number == 0:
            first = {person.id for person in result.people}
            assert len(first) >= 2 and all(person.state == TrackState.TENTATIVE for person in result.people)
    assert first <= {person.id for person in result.people}
    for person in (p for p in result.people if p.id in first):
        observation = person.observation
        assert person.state == TrackState.CONFIRMED and person.age_s == pytest.approx(5 / TRUTH.fps)
        # Filtered, so not quite where this image alone would put them.
        away_m = np.linalg.norm(person.root - observation.root.position)
        assert away_m < 0.05 * np.linalg.norm(person.root)
        off_m = np.linalg.norm(person.joints - person.root - observation.pose.joints_relative, axis=1)
        assert np.median(off_m) < 0.05
        np.testing.assert_array_equal(person.joints[HUMAN36M_17.root], person.root)
        np.testing.assert_array_equal(person.joints_px, observation.pose.joints_px)
        # The skeleton in space falls on the skeleton in the image.
        beside_px = np.linalg.norm(CAMERA.project(person.joints) - person.joints_px, axis=1)
        assert np.median(beside_px) < 0.05 * (observation.detection.box[3] - observation.detection.box[1])


def test_boxes_from_outside_take_the_place_of_the_detector(pipeline, frames):
    own = pipeline.process(frames[0], CAMERA, 0.0)
    boxes = [person.observation.detection for person in own.people]
    pipeline.reset()
    given = pipeline.process(frames[0], CAMERA, 0.0, boxes)
    assert list(given.stage_seconds) == ['lift', 'root', 'track']
    np.testing.assert_allclose([p.root for p in given.people], [p.root for p in own.people])


def test_the_camera_s_pose_tells_the_roll_of_the_next_image(pipeline, frames, monkeypatch):
    told, locate = [], pipeline.locator.locate
    monkeypatch.setattr(pipeline.locator, 'locate', lambda *arguments: (
        told.append(pipeline.locator.config.camera_roll_deg), locate(*arguments))[1])
    # Level, looking along x of the fixed frame, then turned about the optical axis so that upright appears clockwise.
    level = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    angle = np.radians(20)
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    pose, steep = CameraPose(level @ turn, np.zeros(3)), CameraPose(np.diag([1.0, -1, -1]), np.zeros(3))

    def process(stamp_s, given):
        return pipeline.process(frames[0], CAMERA, stamp_s, [], lambda: given).camera_roll_deg
    seen = [process(0.0, pose), process(0.1, pose), process(0.2, None), process(0.3, pose)]
    assert seen == told == pytest.approx([0, 20, 20, 20])
    fixed = PipelineConfig(root=RootConfig(camera_roll_from_tf=False, camera_roll_deg=-7.0))
    pipeline.configure(fixed)
    assert process(0.4, pose) == told[-1] == -7
    pipeline.configure(PipelineConfig())
    assert process(0.5, pose) == told[-1] == pytest.approx(20)
    pipeline.reset()
    assert process(0.6, steep) == told[-1] == 0
    assert process(0.7, pose) == told[-1] == 0
    assert process(0.8, steep) == told[-1] == pytest.approx(20)
    assert process(0.9, None) == told[-1] == 0      # where upright has no direction, it counts as it is set


@pytest.mark.parametrize('roll_deg', [90, 180, -90])
def test_a_camera_on_its_side_or_upside_down_sees_the_same_people(pipeline, frames, roll_deg):
    """The same image turned, with the camera that belongs to it."""
    straight = Camera(CAMERA.width, CAMERA.height, CAMERA.K)
    image = cv2.undistort(frames[0], CAMERA.K, CAMERA.D)
    upright = {person.root[2]: person for person in pipeline.process(image, straight, 0.0).people}
    corner = np.array([[straight.width - 1.0, straight.height - 1.0]]) / 2
    turn = cv2.Rodrigues(np.array([0, 0, np.radians(roll_deg)]))[0].round()
    image = np.ascontiguousarray(np.rot90(image, -roll_deg // 90))
    middle = np.array(image.shape[1::-1]) / 2 - 0.5
    cx, cy = (turn[:2, :2] @ (straight.K[:2, 2] - corner[0])) + middle
    fx, fy = (straight.fx, straight.fy) if roll_deg == 180 else (straight.fy, straight.fx)
    camera = Camera.pinhole(*image.shape[1::-1], fx, fy, cx, cy)
    pipeline.configure(PipelineConfig(root=RootConfig(camera_roll_deg=roll_deg)))
    pipeline.reset()
    people = pipeline.process(image, camera, 0.0).people
    assert len(people) == len(upright) >= 2
    for person in people:
        expected = min(upright.values(), key=lambda other: np.linalg.norm(turn @ other.root - person.root))
        assert np.linalg.norm(turn @ expected.root - person.root) < 0.05 * expected.root[2]
        spine, true = ((p.joints[HUMAN36M_17.index('thorax')] - p.root) for p in (person, expected))
        assert spine @ turn @ true > 0.9 * np.linalg.norm(spine) * np.linalg.norm(true)


def test_the_roll_that_tf_tells_turns_the_next_image_for_the_detector(pipeline, frames, monkeypatch):
    shapes = []
    monkeypatch.setattr(pipeline.detector, 'detect', lambda image: shapes.append(image.shape[:2]) or [])
    level = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    on_its_side = CameraPose(level @ np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]), np.zeros(3))
    for stamp_s in (0.0, 0.1):
        pipeline.process(frames[0], CAMERA, stamp_s, camera_pose=lambda: on_its_side)
    assert shapes == [(1920, 1088), (1088, 1920)]


def test_odd_boxes_from_outside(pipeline, frames):
    """NaN, empty and outside boxes are dropped, and one that sticks out is clipped."""
    whole = Detection(np.array([-500, -500, 5000, 5000.0]))
    odd = [Detection(np.array(box, dtype=float), score) for box, score in (
        ([np.nan] * 4, 0.9), ([10, 10, 10, 10], 0.9), ([9000, 9000, 9100, 9300], 0.9), ([50, 300, 10, 100], 0.9),
        ([0, 0, 500, 900], np.nan))]
    for person in pipeline.process(frames[0], CAMERA, 0.0, [*odd, whole]).people:
        np.testing.assert_allclose(person.observation.detection.box, [0, 0, 1087, 1919])
    assert pipeline.process(frames[0], CAMERA, 10.0, odd).people == ()
    assert pipeline.process(frames[0], CAMERA, 20.0, []).people == ()


def test_twenty_people(pipeline, frames):
    """Twenty copies of the man in one image: each is found, at the same distance, under an id of his own."""
    person = next(p for p in TRUTH.people('cam01', 0) if p.who == 'man')
    x, y = person.pixel.astype(int)
    tile = cv2.resize(frames[0][max(y - 620, 0):y + 620, max(x - 310, 0):x + 310], (190, 380))
    image = np.tile(tile, (2, 10, 1))
    camera = Camera.pinhole(1900, 760, CAMERA.focal_px * 380 / 1240)
    boxes = [Detection(np.array([190 * column + 20, 380 * row + 30, 190 * column + 170, 380 * row + 350.0]))
             for row in range(2) for column in range(10)]
    result = pipeline.process(image, camera, 0.0, boxes)
    assert len(result.people) >= 18 and len({p.id for p in result.people}) == len(result.people)
    depths_m = np.array([p.root[2] for p in result.people])
    assert np.median(np.abs(depths_m / np.median(depths_m) - 1)) < 0.15
    again = pipeline.process(image, camera, 0.1, boxes)
    assert {p.id for p in again.people if p.observation} == {p.id for p in result.people}


def test_nobody(pipeline, frames):
    result = pipeline.process(np.full((480, 640, 3), 127, np.uint8), Camera.pinhole(640, 480, 600), 0.0)
    assert result.people == () and result.depth_range == (0.2, 50.0)


@pytest.mark.parametrize(('image', 'reason'), [
    (None, 'NoneType'), ([[1, 2]], 'list'), (np.zeros((0, 0, 3), np.uint8), '0, 0'),
    (np.zeros((480, 640), np.uint8), '480, 640'), (np.zeros((480, 640, 4), np.uint8), '480, 640, 4'),
    (np.zeros((480, 640, 3), np.float32), 'float32'), (np.zeros((640, 480, 3), np.uint8), '480 x 640 px')])
def test_bad_images_are_refused_with_the_reason(pipeline, frames, image, reason):
    before = pipeline.process(frames[0], CAMERA, 0.0).people
    with pytest.raises(ValueError, match=reason):
        pipeline.process(image, Camera.pinhole(640, 480, 600), 0.1)
    after = pipeline.process(frames[1], CAMERA, 0.1).people      # nothing was forgotten
    assert {p.id for p in before} <= {p.id for p in after}


@pytest.mark.parametrize('stamp_s', [float('nan'), float('inf')])
def test_bad_stamps(pipeline, frames, stamp_s):
    with pytest.raises(ValueError, match='stamp'):
        pipeline.process(frames[0], CAMERA, stamp_s)


def test_strided_images(pipeline, frames):
    mirrored = np.ascontiguousarray(frames[0][:, ::-1])
    camera = Camera.pinhole(1088, 1920, CAMERA.focal_px)
    a = pipeline.process(frames[0][:, ::-1], camera, 0.0).people
    pipeline.reset()
    b = pipeline.process(mirrored, camera, 0.0).people
    np.testing.assert_array_equal([p.root for p in a], [p.root for p in b])


def test_a_change_of_resolution_in_the_middle(pipeline, frames):
    """Half the resolution with half the intrinsics: the same people at about the same places."""
    for number in range(3):
        before = {p.id: p for p in pipeline.process(frames[number], CAMERA, number / 10).people}
    half = cv2.resize(frames[3], (544, 960), interpolation=cv2.INTER_AREA)
    after = {p.id: p for p in pipeline.process(half, CAMERA.resized(544, 960), 0.3).people if p.observation}
    assert len(after) >= 2 and set(after) <= set(before)
    for name, person in after.items():
        assert np.linalg.norm(person.root - before[name].root) < 0.15 * before[name].root[2]


def test_time_that_jumps_back(pipeline, frames):
    first = {p.id for p in pipeline.process(frames[0], CAMERA, 100.0).people}
    again = pipeline.process(frames[1], CAMERA, 1.0).people
    assert again and not first & {p.id for p in again}


def test_warm_up_leaves_nothing(pipeline, frames):
    pipeline.process(frames[0], CAMERA, 5.0)
    pipeline.warm_up()
    result = pipeline.process(frames[0], CAMERA, 0.0)
    assert result.people and all(p.age_s == 0 and p.state == TrackState.TENTATIVE for p in result.people)


def test_settings_that_change_while_running(pipeline, frames):
    names = {p.id for p in pipeline.process(frames[0], CAMERA, 0.0).people}
    pipeline.configure(PipelineConfig(detector=DetectorConfig(max_people=1, device='cuda'),
                                      tracker=TrackerConfig(min_hits=1, id_pool_size=7, max_people=5)))
    people = pipeline.process(frames[1], CAMERA, 0.1).people
    assert len([p for p in people if p.observation]) == 1
    assert people[0].state == TrackState.CONFIRMED and people[0].id in names
    assert pipeline.config.tracker.id_pool_size == 1000 and pipeline.config.detector.device == 'auto'
    pipeline.configure(PipelineConfig(detector=DetectorConfig(score_threshold=1.0)))
    assert pipeline.process(frames[2], CAMERA, 10.0).people == ()


def test_a_closed_pipeline_says_so(fetched, frames):
    pipeline = Pipeline.from_config(PipelineConfig(detector=DetectorConfig(kind='given')))
    pipeline.warm_up()     # 'given' has no detector to warm up
    with pytest.raises(DetectorError, match='given'):
        pipeline.process(frames[0], CAMERA, 0.0)
    pipeline.close()
    pipeline.close()
    for use in (lambda: pipeline.process(frames[0], CAMERA, 0.0), pipeline.reset, pipeline.warm_up,
                lambda: pipeline.configure(PipelineConfig())):
        with pytest.raises(RuntimeError, match='closed'):
            use()


def test_people_without_a_skeleton_stay_with_hdnet(pipeline, frames, small_hdnet):
    """HDNet needs no skeleton; without one, joints are unknown. The geometric method cannot place such people."""
    boxes = [Detection(np.array([300, 500, 700, 1500.0])), Detection(np.array([800, 100, 1000, 500.0]))]
    lifter = _Lifter([None, None])
    geometric = Pipeline(pipeline.config, detector=pipeline.detector, lifter=lifter,
                         locator=GeometricLocator(RootConfig(kind='geometric')), tracker=pipeline.tracker)
    assert geometric.process(frames[0], CAMERA, 0.0, boxes).people == ()
    locator = HDNetLocator(small_hdnet, RootConfig(device='cpu'))
    hdnet = Pipeline(pipeline.config, detector=pipeline.detector, lifter=lifter, locator=locator,
                     tracker=pipeline.tracker)
    result = hdnet.process(frames[0], CAMERA, 0.0, boxes)
    assert len(result.people) == 2
    for person in result.people:
        assert np.isfinite(person.root).all() and person.observation.root.method == 'hdnet'
        assert np.isnan(person.joints).all() and np.isnan(person.joints_px).all() and not person.confidence.any()
    focal_px = CAMERA.focal_px / 1000
    assert result.depth_range == pytest.approx((2 * focal_px, 8 * focal_px))


def test_depths_of_a_lifter_that_knows_no_distance(pipeline, frames, small_hdnet):
    """A skeleton in pixels and relative depths becomes metres at the root depth that HDNet tells."""
    rng = np.random.default_rng(0)
    joints_px, depth_m = rng.uniform([300, 500], [700, 1500], size=(17, 2)), rng.normal(scale=0.2, size=17)
    depth_m -= depth_m[0]
    pose = Pose(joints_px, np.full((17, 3), 9.0), np.ones(17), relative_depth_m=depth_m)
    locator = HDNetLocator(small_hdnet, RootConfig(device='cpu', root_pixel='lifter'))
    whole = Pipeline(pipeline.config, detector=pipeline.detector, lifter=_Lifter([pose]), locator=locator,
                     tracker=pipeline.tracker)
    person, = whole.process(frames[0], CAMERA, 0.0, [Detection(np.array([300, 500, 700, 1500.0]))]).people
    np.testing.assert_allclose(person.joints, back_project(joints_px, depth_m, person.root[2], CAMERA), atol=1e-9)
    np.testing.assert_allclose(CAMERA.project(person.joints), joints_px, atol=1e-6)


class _Lifter:
    """Says what it is told."""

    name = 'told'

    def __init__(self, poses):
        self._poses, self.resets = poses, 0

    def lift(self, image, detections, camera, camera_roll_deg=0.0):
        assert len(detections) == len(self._poses)
        self.camera = camera
        return self._poses

    def reset(self):
        self.resets += 1


class _Locator:
    """Says what it is told."""

    name = 'told'

    def __init__(self, roots):
        self._roots, self.config = roots, RootConfig()

    def depth_range(self, camera):
        self.asked_about = camera
        return 0.2, 50.0

    def locate(self, image, camera, detections, poses):
        assert len(detections) == len(self._roots)
        self.camera = camera
        return self._roots


def told(depths_m=(), poses=None, **detector):
    """A pipeline that puts people straight ahead at these depths, whatever it sees; keywords are the detector's."""
    roots = [Root(np.array([0, 0, depth_m]), 0.01 * np.eye(3), np.array([320.0, 240])) for depth_m in depths_m]
    config = PipelineConfig(detector=DetectorConfig(kind='given', **detector))
    return Pipeline(config, detector=make_detector(config.detector), lifter=_Lifter(poses or [None] * len(roots)),
                    locator=_Locator(roots), tracker=Tracker())


def test_one_person_in_two_boxes_comes_out_once():
    joints_px = np.random.default_rng(0).uniform([100, 50], [200, 350], size=(17, 2))
    poses = [Pose(joints_px + shift_px, np.zeros((17, 3)), np.ones(17)) for shift_px in (0, 3)]
    upper_half, whole = Detection(np.array([100, 50, 200, 190]), 0.7), Detection(np.array([100, 50, 200, 350]), 0.9)
    person, = told([3.0, 3.1], poses).process(BLANK, VGA, 0.0, [upper_half, whole]).people
    np.testing.assert_array_equal(person.observation.detection.box, whole.box)


def test_joints_without_a_position_have_no_confidence():
    relative_depth_m = np.zeros(17)
    relative_depth_m[13] = -3.5
    pose = Pose(np.full((17, 2), 200.0), np.zeros((17, 3)), np.ones(17), relative_depth_m=relative_depth_m)
    person, = told([3.0], [pose]).process(BLANK, VGA, 0.0, [Detection(np.array([100.0, 50, 200, 350]))]).people
    unknown = np.isnan(person.joints).any(axis=1)
    assert list(np.flatnonzero(unknown)) == [13]
    np.testing.assert_array_equal(person.confidence, ~unknown)


def test_pixels_that_are_not_square_are_those_of_the_image_as_received():
    """The stages see an image that is twice as high, and its camera; what they find in it is taken back."""
    oblong = Camera.pinhole(640, 480, 600, 300)
    pixels = np.random.default_rng(0).uniform([200, 200], [400, 700], (17, 2))
    pose = Pose(pixels, np.zeros((17, 3)), np.ones(17), relative_depth_m=np.zeros(17))
    pipeline = told([3.0], [pose])
    person, = pipeline.process(BLANK, oblong, 0.0, [Detection(np.array([200.0, 100, 400, 350]))]).people
    for camera in (pipeline.lifter.camera, pipeline.locator.camera, pipeline.locator.asked_about):
        assert (camera.width, camera.height) == (640, 960) and camera.fx == pytest.approx(camera.fy)
    expected = np.column_stack([pixels[:, 0], (pixels[:, 1] + 0.5) / 2 - 0.5])
    np.testing.assert_allclose(person.joints_px, expected)
    seen = 3.0 * oblong.unproject(expected)
    np.testing.assert_allclose(person.joints - person.joints[0], seen - seen[0], atol=1e-6)


def test_looks_are_those_of_people_upright():
    """The same picture from a camera on its side, turned clockwise by a quarter."""
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    image, (x_min, y_min, x_max, y_max) = cv2.resize(image, (640, 480)), (200.0, 60, 330, 440)
    looks = []
    for turned in (False, True):
        pipeline = told([3.0])
        seen, box = image, (x_min, y_min, x_max, y_max)
        if turned:
            seen, box = np.ascontiguousarray(np.rot90(image, -1)), (479 - y_max, x_min, 479 - y_min, x_max)
            pipeline.config = replace(pipeline.config, root=RootConfig(camera_roll_deg=90.0))
        camera = Camera.pinhole(seen.shape[1], seen.shape[0], 600)
        person, = pipeline.process(seen, camera, 0.0, [Detection(np.array(box))]).people
        looks.append(person.observation.appearance)
    np.testing.assert_allclose(looks[1], looks[0], atol=1e-6)


def test_nothing_of_the_warm_up_stays():
    pipeline = told([3.0])
    pipeline.warm_up()
    assert pipeline.lifter.resets == 1


def test_whoever_is_hidden_at_the_lower_border_does_not_get_the_looks_of_the_nearer_one():
    far, near = Detection(np.array([100.0, 50, 180, 479]), 0.9), Detection(np.array([105.0, 90, 200, 479]), 0.8)
    people = told([3.5, 2.0], overlap_threshold=1.0).process(BLANK, VGA, 0.0, [far, near]).people
    looks = {person.observation.root.position[2]: person.observation.appearance for person in people}
    assert looks[3.5] is None and looks[2.0] is not None


def test_the_lifter_forgets_its_regions_when_the_camera_changes_and_only_then():
    pipeline = told()
    longer = Camera.pinhole(VGA.width, VGA.height, 2 * VGA.focal_px)
    seen = []
    for camera in (VGA, VGA, Camera.pinhole(640, 480, 600), longer, longer):
        pipeline.process(BLANK, camera, len(seen) / 10, [])
        seen.append(pipeline.lifter.resets)
    assert seen == [1, 1, 1, 2, 2]


def test_the_lifter_keeps_its_regions_while_a_lens_focuses_or_a_stabiliser_shifts_the_picture_a_little():
    pipeline = told()
    for k, (focal_px, shift_px) in enumerate([(600, 0), (612, 0), (625, 3), (630, -8), (630, 40)]):
        camera = Camera.pinhole(640, 480, focal_px)
        camera = Camera(640, 480, camera.K + [[0, 0, shift_px], [0, 0, 0], [0, 0, 0]])
        pipeline.process(BLANK, camera, k / 10, [])
    assert pipeline.lifter.resets == 2, 'once for the first camera, once for the picture that moved by 48 px'


def test_parts_that_cannot_be_built(fetched, tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match='nowhere'):
        Pipeline.from_config(PipelineConfig(root=RootConfig(checkpoint=str(tmp_path / 'nowhere.pth'), device='cpu')))
    with pytest.raises(DetectorError, match='none.onnx'):
        Pipeline.from_config(PipelineConfig(detector=DetectorConfig(kind='onnx', path=str(tmp_path / 'none.onnx'))))
    with pytest.raises(ModelError, match='none.tflite'):
        Pipeline.from_config(PipelineConfig(lifter=LifterConfig(path=str(tmp_path / 'none.tflite'))))
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    with pytest.raises(ModelError, match='hdnet models fetch'):
        Pipeline.from_config(PipelineConfig())


def test_with_a_checkpoint(fetched, frames, small_hdnet, tmp_path):
    """A checkpoint is all it takes to get depth from HDNet."""
    save_hdnet(small_hdnet, tmp_path / 'net.safetensors')
    root = RootConfig(kind='hdnet', checkpoint=str(tmp_path / 'net.safetensors'), device='cpu')
    config = replace(PipelineConfig(), root=root)
    pipeline = Pipeline.from_config(config)
    pipeline.warm_up(320, 240)
    people = pipeline.process(frames[0], CAMERA, 0.0).people
    assert people and all(p.observation.root.method == 'hdnet' for p in people)
    pipeline.close()


def test_looks_are_asked_for_only_if_wanted(pipeline, frames):
    """The two people of the footage are dressed differently."""
    image = next(iter(frames.values()))
    people = pipeline.process(image, CAMERA, 0.0).people
    tallest = sorted(people, key=lambda p: p.observation.detection.box[1] - p.observation.detection.box[3])
    one, other = (person.observation.appearance for person in tallest[:2])
    assert one @ other < 0.7
    pipeline.configure(PipelineConfig(tracker=TrackerConfig(appearance=False)))
    assert all(p.observation.appearance is None for p in pipeline.process(image, CAMERA, 0.1).people)
