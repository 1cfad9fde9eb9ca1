from __future__ import annotations

import threading

from hdnet_ros.node.worker import Worker


def test_works_on_the_first_and_the_newest():
    done, begun, go = [], threading.Event(), threading.Event()

    def work(item):
        begun.set()
        go.wait(5)
        done.append(item)
        if item == 9:
            finished.set()
    finished = threading.Event()
    worker = Worker(work, on_error=lambda error: None)
    assert not worker.hand_over(0)
    assert begun.wait(5)
    assert [worker.hand_over(item) for item in range(1, 10)] == [False] + [True] * 8
    go.set()
    assert finished.wait(5)
    assert worker.stop()
    assert done == [0, 9]


def test_survives_what_work_raises():
    errors, done = [], threading.Event()

    def work(item):
        if item == 'bad':
            raise ValueError('no')
        done.set()
    worker = Worker(work, on_error=lambda error: (errors.append(str(error)), worker.hand_over('good')))
    worker.hand_over('bad')
    assert done.wait(5)
    assert errors == ['no']
    assert worker.stop()


def test_stop_says_when_the_work_hangs():
    release, begun = threading.Event(), threading.Event()
    worker = Worker(lambda item: (begun.set(), release.wait(10)), on_error=lambda error: None)
    worker.hand_over(1)
    assert begun.wait(5)
    assert not worker.stop(timeout_s=0.05)
    release.set()
    assert worker.stop()
