"""Clocks that jump: the next image is used, whatever the stamps of those before it."""
from __future__ import annotations

import pytest
from rosgraph_msgs.msg import Clock

_START_S = 1e6


@pytest.fixture(scope='module')
def trial(module_trial):
    trial = module_trial({'tracker.max_people': 4, 'tracker.id_pool_size': 8}, detections=True)
    trial.now_s = _START_S
    return trial


@pytest.fixture
def step(trial):
    """Shows the next image, a tenth of a second later plus a jump."""
    def step(jump_s: float = 0.0, **options):
        trial.now_s += 0.1 + jump_s
        return trial.show(trial.now_s, **options)
    return step


def test_stamps_that_jump_both_ways(step):
    """More often than there are ids: none may get lost."""
    ids: set[str] = set()
    for jump_s in [3600.0, -7200.0, 0.5, -0.2, 86_400.0, -86_400.0, 1e8, -1e8] * 2:
        step(jump_s)
        people = step()
        assert len(people.persons) == 2
        ids |= {person.id for person in people.persons}
    assert len(ids) <= 8


@pytest.mark.parametrize('wrong', ['image', 'info', 'both'])
@pytest.mark.parametrize('ahead_s', [3600.0, 2e9])
def test_one_image_from_the_future(trial, step, wrong, ahead_s):
    """And the very next one with a right stamp comes out, whichever of the two was wrong."""
    assert step().persons
    trial.now_s += 0.1
    image_s = trial.now_s + (ahead_s if wrong != 'info' else 0.0)
    info_s = trial.now_s + (ahead_s if wrong != 'image' else 0.0)
    trial.station.send(*trial.messages(image_s, info_stamp_s=info_s))
    trial.station.spin(0.3)
    assert len(step().persons) == 2


def test_the_calibration_may_come_before_or_after_the_image(trial, step):
    """After a single image from the future, the rewind must not throw away the calibration that is there already."""
    for first, second in ((0, 1), (1, 0)):
        assert step().persons
        trial.station.send(*trial.messages(trial.now_s + 500.0, info_stamp_s=trial.now_s))
        trial.station.spin(0.3)
        trial.now_s += 0.1
        messages = trial.messages(trial.now_s)
        for index in (first, second, 2):
            trial.station.publishers[index].publish(messages[index])
            trial.station.spin(0.2)
        assert len(trial.heard(trial.now_s).persons) == 2


def test_stamps_ahead_of_the_clock_are_told(trial):
    def show() -> bool:
        now_s = trial.station.node.get_clock().now().nanoseconds * 1e-9
        return bool(trial.show(now_s + 30.0)) and 'ahead of the clock' in trial.station.message
    trial.station.until(show, 20.0, 'no word of stamps of the future')
    assert trial.station.values['latency from stamp [s]'] == 'unknown'
    trial.now_s = _START_S


def test_simulated_time_that_jumps_both_ways(start):
    """As when a simulation is reset: neither diagnostics nor people stop, and latencies are never nonsense."""
    trial = start({'use_sim_time': True}, detections=True)
    publisher = trial.station.node.create_publisher(Clock, '/clock', 1)
    trial.station.until(lambda: publisher.get_subscription_count() > 0, 20.0, 'nobody wants the time')
    for now_s in (5000, 90_000, 40):
        for tick in range(3):
            message = Clock()
            message.clock.sec = now_s + tick
            publisher.publish(message)
            trial.station.spin(0.1)
        assert len(trial.show(now_s + 1.5).persons) == 2
        count = trial.station.count('images processed')
        trial.station.until(lambda count=count: trial.station.count('images processed') > count, 5.0, 'no diagnostics')
        assert float(trial.station.values['latency from stamp [s]']) == pytest.approx(0.5, abs=0.01)
