"""kill -9 and a new start: people again within the time that a start takes, and no ghosts of the old ones."""
from __future__ import annotations

import itertools
import signal
import time

from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker, MarkerArray


def test_killed_and_started_again(start):
    begin = time.monotonic()
    # So many ids that beginning in the same place by chance is out of the question.
    trial = start({'tracker.id_pool_size': 100_000}, wait=False, detections=True)
    station = trial.station
    markers, frames = [], []
    station.node.create_subscription(MarkerArray, '/hdnet/markers', lambda m: markers.extend(m.markers), 50)
    station.node.create_subscription(
        TFMessage, '/tf', lambda m: frames.extend(t.child_frame_id for t in m.transforms), 50)
    station.wait_active()
    stamps_s = (1000 + index / 10 for index in itertools.count())
    trial.show(next(stamps_s))
    start_s = time.monotonic() - begin
    for _ in range(4):
        people = trial.show(next(stamps_s))
    old = {person.id for person in people.persons}
    station.until(lambda: len(markers) > 4 and frames, 10.0, 'neither markers nor frames')

    trial.child.send(signal.SIGKILL)
    assert trial.child.wait(10.0) == -signal.SIGKILL
    station.spin(0.5)   # what is still under way
    trial.restart()
    heard = len(trial.people), len(markers), len(frames)
    begin = time.monotonic()
    station.values.clear()
    station.until(lambda: station.values.get('state') == 'active', 90.0, 'it does not come back')
    assert (len(trial.people), len(markers), len(frames)) == heard   # nothing without images
    shown = [marker for marker in markers if marker.action == Marker.ADD]
    assert shown and all(0 < m.lifetime.sec + m.lifetime.nanosec * 1e-9 <= 0.5 for m in shown)

    # DDS may still know the old process, so a publisher that is matched says little: the camera simply goes on.
    def camera_goes_on() -> bool:
        station.send(*trial.messages(next(stamps_s)))
        station.spin(0.1)
        return len(trial.people) > heard[0]
    station.until(camera_goes_on, 60.0, 'no people after the restart')
    assert time.monotonic() - begin < 2 * start_s + 5
    station.until(lambda: camera_goes_on() and len(frames) > heard[2] + 4, 30.0, 'no frames')
    new = trial.people[heard[0]:]
    assert max(len(people.persons) for people in new) == len(old) == 2   # those in the image and nobody else
    assert not old & {person.id for people in new for person in people.persons}   # nobody is taken for somebody else
    assert set(frames[heard[2]:]) <= {f'body_{person.id}' for people in new for person in people.persons}
