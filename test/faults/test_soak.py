"""A minute's worth of the long trial: everything that happens in it happens once."""
from __future__ import annotations

from hdnet_ros.node.reliability.soak import SoakReport, soak


def test_a_short_run(fetched, tmp_path):
    report = soak(0.3, seed=3, rate_hz=10.0, log=tmp_path / 'node.log', every_s=0.5, progress=False)
    assert report.failed == 0 and report.heard > 5
    assert 2 <= len(report.ids) <= report.id_pool_size
    assert sum(report.happened.values()) >= 5
    threads = report.column(2)[1]
    assert threads.max() - threads.min() <= 2
    assert 'memory' in report.text() and 'latency' in report.text()


def _report(**changes) -> SoakReport:
    rows = [(10.0 * i, 400.0 + i % 3, 17.0, 20.0, 50.0 + i % 5, 15.0) for i in range(200)]
    for name, grow in changes.items():
        index = ('seconds', 'memory', 'threads', 'files', 'latency').index(name)
        rows = [tuple(value + grow * i if column == index else value for column, value in enumerate(row))
                for i, row in enumerate(rows)]
    return SoakReport(samples=rows, ids={'a', 'b'})


def test_what_grows_is_told():
    assert _report().problems() == []
    for name, grow in (('memory', 0.2), ('threads', 0.05), ('files', 0.05), ('latency', 1.0)):
        assert name in _report(**{name: grow}).problems()[0]
    report = _report()
    report.failed, report.ids = 3, set(map(str, range(100)))
    assert [part in problem for part, problem in zip(('ids', 'failed'), report.problems(), strict=True)] == [True, True]
