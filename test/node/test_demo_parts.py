from __future__ import annotations

import signal
import sys
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from builtin_interfaces.msg import Time  # noqa: E402
from std_msgs.msg import Header  # noqa: E402

from hdnet_ros import msg  # noqa: E402
from hdnet_ros.camera import Camera  # noqa: E402
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth  # noqa: E402
from hdnet_ros.node.demo.child import Child  # noqa: E402
from hdnet_ros.node.demo.clips import Clip, own_clip  # noqa: E402
from hdnet_ros.node.demo.messages import frame_result, root_pixel  # noqa: E402
from hdnet_ros.node.demo.report import (  # noqa: E402
    picture_merit,
    result_lines,
    root_errors,
    tally,
    verdict,
    write_errors,
)
from hdnet_ros.node.demo.stage import Result, Stage  # noqa: E402
from hdnet_ros.node.person_messages import person_array  # noqa: E402
from hdnet_ros.perception.people import Detection, FrameResult, Observation, Person, Root, TrackState  # noqa: E402


def make_person(root, pixel, id='k3x7a', state=TrackState.CONFIRMED):
    random = np.random.default_rng(0)
    root, pixel = np.array(root, float), np.array(pixel, float)
    box = np.array([pixel[0] - 50, pixel[1] - 100, pixel[0] + 50, pixel[1] + 150])
    seen = state != TrackState.COASTING
    joints_px = pixel + np.vstack([np.zeros(2), random.normal(size=(16, 2)) * 30])
    return Person(
        id=id, state=state, age_s=1.25, unseen_s=0.0 if seen else 0.5,
        root=root, root_covariance=np.diag([1, 2, 3]) * 0.01,
        velocity=np.array([0.1, 0.2, 0.3]), velocity_covariance=np.eye(3) * 0.5,
        observation=Observation(Detection(box, 0.75), Root(root, np.eye(3), pixel, saturated=True)) if seen else None,
        joints=root + random.normal(size=(17, 3)) * 0.3, joints_px=joints_px if seen else np.full((17, 2), np.nan),
        confidence=np.full(17, 0.8 if seen else 0.0))


def message_of(*people):
    return person_array(FrameResult(tuple(people), (0.5, 30.0)), Header(stamp=Time(sec=7)), (1088, 1920), 'blazepose')


def result_of(camera, frame, *people):
    return Result(Clip(camera, 'film.mp4', Pose2SimTruth().cameras[camera], 5, 12.0), frame, b'', message_of(*people))


@pytest.mark.parametrize('state', list(TrackState))
def test_people_survive_the_journey_through_a_message(state):
    person = make_person((0.5, 0.2, 3), (500, 900), state=state)
    result = frame_result(message_of(person))
    copy, = result.people
    assert (copy.id, copy.state, copy.age_s) == (person.id, state, 1.25)
    assert result.depth_range == (0.5, 30.0)
    for name in ('root', 'root_covariance', 'velocity', 'velocity_covariance', 'joints', 'joints_px', 'confidence'):
        np.testing.assert_allclose(getattr(copy, name), getattr(person, name), rtol=1e-5, err_msg=name)
    if state == TrackState.COASTING:
        assert copy.observation is None and np.isnan(root_pixel(message_of(person).persons[0])).all()
    else:
        np.testing.assert_allclose(copy.observation.detection.box, person.observation.detection.box, atol=1)
        assert copy.observation.root.saturated and copy.observation.detection.score == pytest.approx(0.75)


def test_without_a_root_joint_the_box_tells_where_somebody_is():
    message = message_of(make_person((0, 0, 3), (500, 900))).persons[0]
    np.testing.assert_allclose(root_pixel(message), (500, 900))
    message.keypoints[0].pixel = np.full(2, np.nan, np.float32)
    np.testing.assert_allclose(root_pixel(message), (500, 925), atol=1)


def test_errors_are_those_of_the_people_at_the_same_place_in_the_image():
    truth = Pose2SimTruth()
    true = {p.who: p for p in truth.people('cam02', 20)}
    people = [make_person(true['woman'].root * 1.1, true['woman'].pixel + 5, 'wwwww'),
              make_person(true['man'].root + (0, 0, 0.2), true['man'].pixel - 5, 'mmmmm'),
              make_person((0, 0, 9), (20, 20), 'other')]
    result = result_of('cam02', 20, *people)
    errors = root_errors(result, truth)
    found = {e.who: e for e in errors}
    assert found['woman'].id == 'wwwww' and found['woman'].depth_percent == pytest.approx(10, abs=0.01)
    assert found['man'].id == 'mmmmm' and found['man'].distance_m == pytest.approx(0.2, abs=1e-4)
    lines = result_lines(result, errors)
    assert len(lines) == 3 and 'real man (1.72 m): error 0.20 m' in lines[1] and 'error' not in lines[2]
    assert '  9.00 m ' in lines[2] and lines[2].startswith('cam02     20  other')
    assert result_lines(result_of('cam02', 20), []) == ['cam02     20  nobody']


def test_unreliable_truth_and_coasting_people_do_not_count():
    truth = Pose2SimTruth()
    man = next(p for p in truth.people('cam01', 85) if p.who == 'man')
    assert root_errors(result_of('cam01', 85, make_person(man.root, man.pixel)), truth) == []
    man = next(p for p in truth.people('cam01', 80) if p.who == 'man')
    assert len(root_errors(result_of('cam01', 80, make_person(man.root, man.pixel)), truth)) == 1
    coasting = make_person(man.root, man.pixel, state=TrackState.COASTING)
    assert root_errors(result_of('cam01', 80, coasting), truth) == []
    assert 'coasting' in result_lines(result_of('cam01', 80, coasting), [])[0]


def test_the_verdict_is_the_median_of_the_real_man(tmp_path):
    truth = Pose2SimTruth()
    man = next(p for p in truth.people('cam01', 0) if p.who == 'man')
    errors = root_errors(result_of('cam01', 0, make_person(man.root + (0, 0.29, 0), man.pixel)), truth)
    assert '0.290 m over 1 frames' in verdict(errors)
    text = write_errors(errors, tmp_path)
    assert '0.290 m' in text and text in (tmp_path / 'errors.md').read_text()
    assert 'not found' in verdict([])


def test_the_picture_shows_many_people_who_are_sure():
    one = make_person((0, 0, 3), (500, 900))
    two = make_person((1, 0, 3), (800, 900), 'other')
    unsure = make_person((1, 0, 3), (800, 900), 'other', state=TrackState.TENTATIVE)
    merits = [picture_merit(result_of('cam01', 0, *people)) for people in ((), (one,), (one, unsure), (one, two))]
    assert merits[0] < merits[1] == merits[2] < merits[3]


def test_the_tally_says_where_images_went():
    timing = msg.Timing(images_received=18, images_dropped=5, images_failed=1)
    stage = SimpleNamespace(published=20, results=[None] * 12, timing=timing, latencies_s=[0.1, 0.2, 0.4])
    text = tally(stage)
    for part in ('20 images published', '12 results', '5 dropped', '2 lost', '1 failed', 'latency 200 ms'):
        assert part in text
    nothing = SimpleNamespace(published=3, results=[], timing=None, latencies_s=[])
    assert tally(nothing) == '3 images published, 0 results'


def test_images_that_the_node_has_dropped_are_let_go():
    """A film of half an hour would fill the memory with them."""
    stage = Stage.__new__(Stage)
    stage.results, stage._on_result = [], lambda result: None
    stage._under_way = {number * 10 ** 9: ('clip', number, b'') for number in range(1, 6)}
    stage._on_people(msg.PersonArray(header=Header(stamp=Time(sec=3))))
    assert [result.frame for result in stage.results] == [3] and list(stage._under_way) == [4 * 10 ** 9, 5 * 10 ** 9]


def test_only_a_camera_never_ends(tmp_path, monkeypatch):
    """A folder may be called by a number."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / '2024').mkdir()
    cv2.imwrite('2024/a.png', np.zeros((40, 60, 3), np.uint8))
    assert not own_clip('2024', 30.0, None).live


def test_own_clip_of_a_picture(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((24, 32, 3), np.uint8))
    clip = own_clip(str(tmp_path / 'a.png'), 30.0, None, 2)
    assert (clip.camera.width, clip.camera.height, clip.camera.fx, clip.fps) == (32, 24, 30, 15)
    Camera.pinhole(32, 24, 44).to_yaml(tmp_path / 'c.yaml')
    assert own_clip(str(tmp_path / 'a.png'), None, str(tmp_path / 'c.yaml'), 1).camera.fx == 44


def wait_for(child, words, seconds=10):
    deadline = time.monotonic() + seconds
    while words not in child.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert words in child.log.read_text()


def test_a_child_ends_when_asked(tmp_path):
    child = Child([sys.executable, '-u', '-c', 'import time\nprint("up")\n'
                   'try: time.sleep(60)\nexcept KeyboardInterrupt: print("bye")'], tmp_path / 'log')
    wait_for(child, 'up')
    assert child.exit_code is None
    assert child.stop() == 0 and child.last_words() == 'up\nbye' and child.last_words(1) == 'bye'
    assert child.stop() == 0


def test_a_stubborn_child_is_ended_all_the_same(tmp_path, monkeypatch):
    from hdnet_ros.node.demo import child as module
    monkeypatch.setattr(module, '_PATIENCE_S', 0.3)
    child = Child([sys.executable, '-u', '-c', 'import signal, time\nsignal.signal(2, signal.SIG_IGN)\n'
                   'signal.signal(15, signal.SIG_IGN)\nprint("up")\ntime.sleep(60)'], tmp_path / 'log')
    wait_for(child, 'up')
    assert child.stop() == -signal.SIGKILL
