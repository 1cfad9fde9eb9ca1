from __future__ import annotations

import signal

import pytest

from hdnet_ros.node.reliability.node_process import NodeProcess


@pytest.fixture
def process(tmp_path):
    process = NodeProcess({'autostart': False, 'max_rate_hz': 5.0}, domain=100, log=tmp_path / 'log')
    yield process
    process.close()


def test_usage_and_the_end(process):
    usage = process.usage()
    assert 0 < usage.memory_mb <= usage.peak_mb and usage.threads >= 1 and usage.files >= 3
    assert process.exit_code is None
    process.send(signal.SIGKILL)
    assert process.wait(10.0) == process.close() == -signal.SIGKILL
    with pytest.raises(ProcessLookupError, match='exit code -9'):
        process.usage()


def test_surprises_are_the_last_lines_of_tracebacks(process):
    process.close()
    process.log.write_text('started\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n    1 / 0\n'
                           'ZeroDivisionError: division by zero\nwell\nTraceback (most recent call last):\n'
                           '  File "a.py", line 1\nZeroDivisionError: division by zero\n', encoding='utf-8')
    assert process.surprises() == ['ZeroDivisionError: division by zero']
    assert process.last_words(1) == 'ZeroDivisionError: division by zero'
