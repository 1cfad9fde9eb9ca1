"""Synchronisers against brute force."""
from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

message_filters = pytest.importorskip('message_filters')
Time = pytest.importorskip('rclpy.time').Time

MS = 1_000_000


def message(stamp_ns: int) -> SimpleNamespace:
    return SimpleNamespace(header=SimpleNamespace(stamp=Time(nanoseconds=stamp_ns).to_msg()), ns=stamp_ns)


def joined(make, count: int) -> tuple[list, list]:
    """`count` inputs that feed a synchroniser, and the list of what it gives out."""
    inputs, sets = [message_filters.SimpleFilter() for _ in range(count)], []
    make(inputs).registerCallback(lambda *messages: sets.append(tuple(m.ns for m in messages)))
    return inputs, sets


def exact(queue_size):
    return lambda inputs: message_filters.TimeSynchronizer(inputs, queue_size)


def approximate(queue_size, slop_s):
    return lambda inputs: message_filters.ApproximateTimeSynchronizer(inputs, queue_size, slop_s)


def brute_force(arrivals, count, queue_size, slop_ns):
    """The sets that are due, by looking at every combination after every arrival."""
    waiting, due = [[] for _ in range(count)], []
    for index, stamp in arrivals:
        waiting[index] = sorted({*waiting[index], stamp})[-queue_size:]
        combinations = [combination for combination in itertools.product(*waiting)
                        if combination[index] == stamp and max(combination) - min(combination) < slop_ns]
        if combinations:
            best = min(combinations, key=lambda combination: [abs(other - stamp) for other in combination])
            due.append(best)
            for queue, used in zip(waiting, best, strict=True):
                queue.remove(used)
    return due


def no_ties(arrivals) -> bool:
    """Whether no two stamps are equally far from a third: nearest is then one only."""
    stamps = [stamp for _, stamp in arrivals]
    return all(2 * b != a + c for a, b, c in itertools.permutations(set(stamps), 3))


STAMPS = st.sampled_from([1, 2, 4, 8, 13, 21, 31, 45, 66, 81])
ARRIVALS = st.integers(2, 3).flatmap(lambda count: st.tuples(
    st.just(count), st.lists(st.tuples(st.integers(0, count - 1), STAMPS), max_size=24)))


def test_simple_filter_passes_messages_then_extra_arguments_in_order_of_registration():
    source, calls = message_filters.SimpleFilter(), []
    assert source.registerCallback(lambda *got: calls.append(('first', got)), 'extra', 7) == 0
    assert source.registerCallback(lambda *got: calls.append(('second', got))) == 1
    source.signalMessage('a', 'b')
    assert calls == [('first', ('a', 'b', 'extra', 7)), ('second', ('a', 'b'))]


@given(ARRIVALS, st.integers(1, 6))
def test_exact_synchroniser_equals_brute_force(case, queue_size):
    count, arrivals = case
    inputs, sets = joined(exact(queue_size), count)
    for index, stamp in arrivals:
        inputs[index].signalMessage(message(stamp))
    assert sets == brute_force(arrivals, count, queue_size, slop_ns=1)


@given(ARRIVALS.filter(lambda case: no_ties(case[1])), st.integers(1, 6), st.integers(1, 40))
def test_approximate_synchroniser_equals_brute_force(case, queue_size, slop_ms):
    count, arrivals = case
    inputs, sets = joined(approximate(queue_size, slop_ms / 1000), count)
    for index, stamp in arrivals:
        inputs[index].signalMessage(message(stamp * MS))
    expected = brute_force([(index, stamp * MS) for index, stamp in arrivals], count, queue_size, slop_ms * MS)
    assert sets == expected


@pytest.mark.parametrize(('queue_size', 'pairs'), [(2, 2), (3, 300), (5, 300)])
def test_a_late_input_needs_a_queue_as_long_as_its_delay(queue_size, pairs):
    inputs, sets = joined(exact(queue_size), 2)
    for frame in range(302):
        if frame < 300:
            inputs[0].signalMessage(message(frame * 33 * MS))
        if frame >= 2:
            inputs[1].signalMessage(message((frame - 2) * 33 * MS))
    assert len(sets) == pairs


def test_old_stamps_starve_behind_a_full_queue_of_newer_ones():
    inputs, sets = joined(approximate(2, 0.01), 2)
    for stamp in (100, 200):
        inputs[0].signalMessage(message(stamp * MS))
    for stamp in (1, 2, 3):
        for source in inputs:
            source.signalMessage(message(stamp * MS))
    assert sets == []


@pytest.mark.parametrize(('gap_ns', 'pairs'), [(10 * MS - 1, 1), (10 * MS, 0), (10 * MS + 1, 0)])
def test_stamps_must_differ_by_less_than_slop(gap_ns, pairs):
    inputs, sets = joined(approximate(5, 0.01), 2)
    inputs[0].signalMessage(message(500 * MS))
    inputs[1].signalMessage(message(500 * MS + gap_ns))
    assert len(sets) == pairs


def test_order_of_the_arguments_is_that_of_the_inputs():
    inputs, sets = joined(approximate(5, 0.01), 3)
    for index, stamp in ((2, 102), (0, 100), (1, 101)):
        inputs[index].signalMessage(message(stamp * MS))
    assert sets == [(100 * MS, 101 * MS, 102 * MS)]


def test_the_callback_runs_under_the_lock_and_an_error_releases_it():
    inputs = [message_filters.SimpleFilter(), message_filters.SimpleFilter()]
    synchroniser = message_filters.TimeSynchronizer(inputs, 5)
    locked = []

    def fail(*_):
        locked.append(synchroniser.lock.locked())
        raise RuntimeError('broken callback')

    synchroniser.registerCallback(fail)
    inputs[0].signalMessage(message(1))
    with pytest.raises(RuntimeError, match='broken callback'):
        inputs[1].signalMessage(message(1))
    assert locked == [True]
    assert not synchroniser.lock.locked()


def test_messages_without_a_header_are_refused():
    for make in (exact(5), approximate(5, 0.5)):
        inputs, _ = joined(make, 2)
        with pytest.raises(AttributeError, match='header'):
            inputs[0].signalMessage(SimpleNamespace(ns='plain'))


def test_images_and_camera_infos_over_dds(node, spin_until):
    from sensor_msgs.msg import CameraInfo, Image
    from std_msgs.msg import Header
    image, info = message_filters.SimpleFilter(), message_filters.SimpleFilter()
    # Not the methods themselves: to those, which take any number of arguments, rclpy would hand a second one.
    node.create_subscription(Image, 'image', lambda got: image.signalMessage(got), 10)
    node.create_subscription(CameraInfo, 'camera_info', lambda got: info.signalMessage(got), 10)
    pairs = []
    synchroniser = message_filters.ApproximateTimeSynchronizer([image, info], 10, 0.02)
    synchroniser.registerCallback(lambda *pair: pairs.append(pair))
    images, infos = node.create_publisher(Image, 'image', 10), node.create_publisher(CameraInfo, 'camera_info', 10)
    assert spin_until(lambda: images.get_subscription_count() and infos.get_subscription_count())

    def header(ns):
        return Header(stamp=Time(nanoseconds=ns).to_msg())

    calls = itertools.count(1)

    def publish():
        call = next(calls)
        # Every call is followed by one message taken: more would fill the queues, which then lose different frames.
        if call % 3:
            return
        stamp_ns = call * 100 * MS
        infos.publish(CameraInfo(header=header(stamp_ns + 5 * MS), width=7))
        images.publish(Image(header=header(stamp_ns), height=3))

    assert spin_until(lambda: len(pairs) >= 10, publish)
    for got_image, got_info in pairs:
        gap_ns = Time.from_msg(got_info.header.stamp).nanoseconds - Time.from_msg(got_image.header.stamp).nanoseconds
        assert (got_image.height, got_info.width, gap_ns) == (3, 7, 5 * MS)
