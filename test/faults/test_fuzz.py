"""Damaged messages over DDS: a short run of the fuzzer, and what the long ones have found."""
from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.node.reliability import fuzz as fuzzing
from hdnet_ros.node.reliability.station import TrialFailed


def test_a_short_run(fetched):
    """As the command does it; the node must take a good image after each burst and end well."""
    reports = fuzzing.fuzz(600, seed=11, burst=100, progress=False)
    assert [report.mode for report in reports] == ['raw', 'compressed', 'own detector']
    assert sum(report.sent for report in reports) == 600
    assert [report.surprises for report in reports] == [[], [], []]
    assert sum(report.good for report in reports) >= 6
    assert all(report.received > 0.4 * report.sent / 3 and report.failed > 0 for report in reports)
    assert '600 damaged messages' in fuzzing.summary(reports, 1.0)


def test_a_small_file_that_promises_a_gigapixel(start):
    """OpenCV took 5 GB and 20 s for these 663 bytes."""
    trial = start(compressed=True, detections=True)
    trial.show(1000.0)
    data = bytearray(cv2.imencode('.jpg', np.zeros((48, 48, 3), np.uint8))[1].tobytes())
    frame = data.find(b'\xff\xc0')
    data[frame + 5:frame + 9] = (30_000).to_bytes(2, 'big') * 2
    stamps_s = iter(range(1001, 2000))

    def refused() -> bool:
        image, *others = trial.messages(float(next(stamps_s)))
        image.data = data
        trial.station.send(image, *others)
        trial.station.spin(0.1)
        return 'claims to be larger' in trial.station.message
    trial.station.until(refused, 10.0, 'the image is not refused')
    assert trial.child.usage().peak_mb < 1000
    assert len(trial.show(float(next(stamps_s))).persons) == 2


@pytest.fixture(scope='module')
def trial(module_trial):
    return module_trial(detections=True)


def test_stamps_that_are_no_time(trial):
    """The synchroniser raised an exception, which ended the node."""
    now_s = 1000.0
    for stamp in ((-1, 0), (-2 ** 31, 0), (5, 1_000_000_000), (2 ** 31 - 1, 2 ** 32 - 1)):
        for wrong in range(3):
            now_s += 1.0
            messages = trial.messages(now_s)
            messages[wrong].header.stamp.sec, messages[wrong].header.stamp.nanosec = stamp
            trial.station.send(*messages)
            trial.station.spin(0.1)
        now_s += 1.0
        assert len(trial.show(now_s).persons) == 2


def test_a_node_that_dies_is_told(trial):
    trial.child.close()
    with pytest.raises(TrialFailed, match='ended with exit code 0'):
        trial.show(1000.0)


def test_a_node_that_cannot_be_configured_is_told_at_once(start):
    trial = start({'lifter.path': '/nowhere/model.tflite'}, wait=False)
    with pytest.raises(TrialFailed, match='model.tflite'):
        trial.station.wait_active()
