from __future__ import annotations

import math
from dataclasses import astuple

from diagnostic_msgs.msg import DiagnosticStatus

from hdnet_ros.node.diagnosis import NodeFacts
from hdnet_ros.node.diagnostics import RateMeter, diagnostic_status
from hdnet_ros.node.frame_statistics import FrameFacts, FrameStatistics
from hdnet_ros.node.input_facts import InputFacts


def test_rates():
    meter = RateMeter()
    assert math.isnan(meter.rate(10, now_s=100.0))
    assert meter.rate(40, now_s=102.0) == 15.0
    assert meter.rate(40, now_s=103.0) == 0.0
    assert math.isnan(meter.rate(5, now_s=104.0))   # counted anew
    assert meter.rate(6, now_s=104.5) == 2.0
    assert math.isnan(meter.rate(7, now_s=104.5))
    assert math.isnan(RateMeter().rate(0))


def test_status_of_a_node_at_work():
    frames = FrameFacts(received=50, processed=37, dropped=8, skipped=3, failed=2, people=2,
                        depth_range=(0.5, math.inf), stage_seconds={'detect': 0.0524}, latency_s=0.12,
                        calibration='640x480 px', camera_roll_deg=-3.2, success_age_s=1.5)
    facts = NodeFacts('active', node_name='/front/hdnet', models='detector x', devices='root cpu', active_s=9.0,
                      set_age_s=0.1, unmatched=2, frames=frames,
                      inputs=(InputFacts('image', '/i', 50, 0.1, lost=4, publishers=('/cam', '/other')),
                              InputFacts('camera_info', '/c', 50, 0.1)))
    status = diagnostic_status(facts, 29.97, 24.0)
    assert status.level == DiagnosticStatus.WARN and status.name == 'front/hdnet: people'
    values = {pair.key: pair.value for pair in status.values}
    assert values['state'] == 'active' and values['models'] == 'detector x'
    assert values['image topic'] == '/i' and values['camera_info received'] == '50'
    assert values['rate in [Hz]'] == '30.0' and values['rate out [Hz]'] == '24.0'
    assert values['images dropped'] == '8' and values['images failed'] == '2'
    assert (values['dropped for a newer one'], values['dropped for max_rate_hz']) == ('5', '3')
    assert (values['images unmatched'], values['image lost on the way']) == ('2', '4')
    assert (values['image publishers'], values['camera_info publishers']) == ('/cam, /other', 'none')
    assert values['devices'] == 'root cpu'
    assert values['farthest depth [m]'] == 'inf' and values['calibration'] == '640x480 px'
    assert values['camera roll [deg]'] == '-3'
    assert values['detect [ms]'] == '52.4' and values['latency from stamp [s]'] == '0.120'
    assert values['since last output [s]'] == '1.5'


def test_status_before_anything_has_happened():
    status = diagnostic_status(NodeFacts('unconfigured'), math.nan, math.nan)
    values = {pair.key: pair.value for pair in status.values}
    assert status.level == DiagnosticStatus.WARN
    assert values['rate in [Hz]'] == values['people'] == values['since last output [s]'] == 'unknown'
    assert values['tracked in'] == values['camera roll [deg]'] == 'unknown'
    assert values['calibration'] == 'none yet' and values['images processed'] == '0'


def test_statistics():
    statistics = FrameStatistics()
    for _ in range(5):
        statistics.received()
    statistics.dropped()
    statistics.skipped()
    statistics.failed('bad', calibration='unusable')
    # As tuples: dataclasses that hold NaN differ from themselves since Python 3.13.
    assert astuple(statistics.facts()) == astuple(
        FrameFacts(received=5, dropped=2, skipped=1, failed=1, failure='bad', calibration='unusable'))
    statistics.succeeded(people=3, warning='careful')
    facts = statistics.facts()
    assert (facts.processed, facts.people, facts.failure, facts.warning) == (1, 3, '', 'careful')
    assert 0 <= facts.success_age_s < 5
    statistics.clear()
    assert astuple(statistics.facts()) == astuple(FrameFacts())
