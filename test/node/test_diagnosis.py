from __future__ import annotations

from dataclasses import replace

import pytest

from hdnet_ros.node.diagnosis import ERROR, OK, WARN, NodeFacts, diagnose
from hdnet_ros.node.frame_statistics import FrameFacts
from hdnet_ros.node.input_facts import InputFacts, StampGap

_IMAGE = InputFacts('image', '/cam/image_raw', received=90, age_s=0.03, publishers=('/cam',))
_INFO = InputFacts('camera_info', '/cam/camera_info', received=90, age_s=0.03, publishers=('/cam',))
_DETECTIONS = InputFacts('detections', '/detections', received=9, age_s=0.03, publishers=('/yolo',))
_WELL = NodeFacts('active', active_s=30.0, inputs=(_IMAGE, _INFO), set_age_s=0.03, slop_s=0.01,
                  frames=FrameFacts(processed=80, people=2, stage_seconds={'detect': 0.05}))
_DEAF = {'received': 0, 'age_s': None}


def _inputs(image: dict | None = None, info: dict | None = None) -> tuple[InputFacts, InputFacts]:
    return replace(_IMAGE, **image or {}), replace(_INFO, **info or {})


@pytest.mark.parametrize(('changes', 'level', 'message'), [
    ({}, OK, '2 people in view'),
    ({'frames': FrameFacts(processed=1, people=1)}, OK, '1 person in view'),
    ({'frames': FrameFacts(processed=1)}, OK, '0 people in view'),
    ({'state': 'unconfigured', 'node_name': '/a/hdnet'}, WARN,
     'unconfigured: processes nothing until "ros2 lifecycle set /a/hdnet configure"'),
    ({'state': 'inactive'}, WARN, 'inactive: processes nothing until "ros2 lifecycle set /hdnet activate"'),
    ({'state': 'unconfigured', 'fault': 'configuring failed: no file'}, ERROR,
     'unconfigured: configuring failed: no file'),
    ({'state': 'finalized'}, OK, 'finalized'),
    ({'active_s': 0.2, 'inputs': _inputs(_DEAF, _DEAF), 'set_age_s': None, 'frames': FrameFacts()}, OK,
     'waiting for the first image'),
    ({'inputs': _inputs({**_DEAF, 'publishers': ()})}, WARN, 'no image: nobody publishes /cam/image_raw'),
    ({'inputs': _inputs({**_DEAF, 'publishers': (), 'hint': 'look there'})}, WARN,
     'no image: nobody publishes /cam/image_raw, look there'),
    ({'inputs': _inputs(_DEAF)}, WARN,
     'no image yet: /cam publishes /cam/image_raw, but no message arrives'),
    ({'inputs': _inputs({**_DEAF, 'lost': 10})}, WARN,
     'no image yet: /cam publishes /cam/image_raw, but no message arrives and 10 were lost on the way: if they are '
     'large, set FASTRTPS_DEFAULT_PROFILES_FILE to config/fastdds_large_images.xml on both sides, publish compressed '
     'images, or set qos_overrides./cam/image_raw.subscription.reliability to reliable'),
    ({'inputs': _inputs({'age_s': 5.0, 'received': 100000, 'lost': 3, 'lost_share': 0.0})}, WARN,
     'no image for 5.0 s: /cam publishes /cam/image_raw, but no message arrives'),
    ({'inputs': _inputs({'lost': 60, 'lost_share': 2 / 3})}, WARN,
     '67% of the messages on /cam/image_raw get lost on the way: if they are large, set FASTRTPS_DEFAULT_PROFILES_FILE '
     'to config/fastdds_large_images.xml on both sides, publish compressed images, or set '
     'qos_overrides./cam/image_raw.subscription.reliability to reliable'),
    ({'inputs': _inputs({'lost': 60, 'lost_share': 0.1})}, OK, '2 people in view'),
    ({'inputs': _inputs({'age_s': 4.26})}, WARN,
     'no image for 4.3 s: /cam publishes /cam/image_raw, but no message arrives'),
    ({'inputs': _inputs(info={**_DEAF, 'publishers': ()})}, WARN,
     'no camera_info: nobody publishes /cam/camera_info'),
    ({'inputs': _inputs({**_DEAF, 'problems': ('the QoS of /cam is incompatible: reliability',)})}, ERROR,
     'nothing can be received on /cam/image_raw: the QoS of /cam is incompatible: reliability'),
    ({'inputs': _inputs({'age_s': 4.0, 'period_s': 2.0}), 'set_age_s': 4.0}, OK, '2 people in view'),
    ({'inputs': _inputs({'age_s': 6.0, 'period_s': 2.0}), 'set_age_s': 6.0}, WARN,
     'no image for 6.0 s: /cam publishes /cam/image_raw, but no message arrives'),
    ({'inputs': _inputs({'problems': ('an odd one',)})}, OK, '2 people in view'),   # another publisher is heard
    ({'set_age_s': None, 'stamp_gap': StampGap('image', 'camera_info', 0.25)}, ERROR,
     'the stamps of image and camera_info differ by 0.25 s or more, so they never match (sync.slop_s is 0.01 s)'),
    ({'set_age_s': 3.0, 'stamp_gap': None}, WARN, 'image and camera_info arrive, but have not matched'),
    ({'set_age_s': 3.0, 'stamp_gap': StampGap('image', 'detections', 0.005)}, WARN,
     'image and camera_info arrive, and their stamps agree, but have not matched for 0.9 s; if one of them comes much '
     'later than the others, raise sync.queue_size'),
    ({'images_per_set': 2.0}, OK, '2 people in view'),
    ({'images_per_set': 10.0}, WARN,
     'only one in 10 images on /cam/image_raw has a message on /cam/camera_info with its stamp, and the others cannot '
     'be used: the camera driver must publish one with every image'),
    ({'images_per_set': 10.0, 'inputs': (*_inputs(), _DETECTIONS)}, OK, '2 people in view'),
    ({'inputs': _inputs({'topic': '/cam/image_rect_color'}), 'frames': FrameFacts(processed=3, distorted=True)}, WARN,
     '/cam/image_rect_color seems to be rectified already, but distortion is taken out of it once more: set the '
     'parameter rectified to true'),
    ({'inputs': _inputs({'topic': '/cam/image_rect'}), 'frames': FrameFacts(processed=3)}, OK, '0 people in view'),
    ({'inputs': _inputs({'topic': '/direct/image'}), 'frames': FrameFacts(processed=3, distorted=True)}, OK,
     '0 people in view'),
    ({'frames': FrameFacts(failed=3, failure='uncalibrated')}, ERROR, 'uncalibrated'),
    ({'frames': FrameFacts(processed=3, warning='no frame_id')}, WARN, 'no frame_id'),
    ({'inputs': _inputs(info={'refused': 'the stamp is no time'}), 'set_age_s': None}, ERROR,
     'messages on /cam/camera_info cannot be used: the stamp is no time'),
    ({'inputs': _inputs({'publishers': ('/a', '/b')})}, WARN,
     '/cam/image_raw has 2 publishers (/a, /b), so the images of several cameras may be mixed: start one node per '
     'camera'),
    ({'inputs': _inputs({'publishers': ('/a', '/b')}), 'frames': FrameFacts(failed=3, failure='bad')}, ERROR, 'bad'),
    ({'inputs': _inputs({'age_s': 4.26, 'publishers': tuple('/' + c for c in 'abcd')})}, WARN,
     'no image for 4.3 s: /a, /b, /c, ... publish /cam/image_raw, but no message arrives'),
    ({'inputs': _inputs({'most_alike': 2})}, OK, '2 people in view'),
    ({'inputs': _inputs(info={'most_alike': 9})}, OK, '2 people in view'),
    ({'inputs': _inputs({'most_alike': 3}), 'frames': FrameFacts(processed=3, warning='tf is ahead')}, WARN,
     'the stamps of the images do not advance (several in a row have the same one), so nobody can be followed: the '
     'camera driver must stamp each image with its own time'),
    ({'inputs': _inputs({'most_alike': 3, 'publishers': ('/a', '/b', '/c')})}, WARN,
     '/cam/image_raw has 3 publishers (/a, /b, /c), so the images of several cameras may be mixed: start one node per '
     'camera'),
    ({'busy_s': 30.0}, ERROR, 'the current image has been worked on for 30 s'),
    ({'busy_s': 1.0}, OK, '2 people in view'),
    ({'busy_s': 30.0, 'frames': FrameFacts(processed=1, stage_seconds={'lift': 4.0})}, OK, '0 people in view'),
])
def test_reasons(changes, level, message):
    assert diagnose(replace(_WELL, **changes)) == (level, message)


def test_the_input_comes_before_what_happens_to_it():
    """A silent camera is told even if the last image that it sent was bad."""
    facts = replace(_WELL, inputs=_inputs({'age_s': 5.0, 'publishers': ()}), frames=FrameFacts(failed=1, failure='bad'))
    assert 'nobody publishes' in diagnose(facts)[1]
