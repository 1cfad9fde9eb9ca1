import argparse
import subprocess
import sys

import pytest

from hdnet_ros.cli import bench


def parse(*arguments):
    parser = argparse.ArgumentParser(prog='hdnet bench')
    bench.add_arguments(parser)
    return parser.parse_args(arguments)


def test_help_of_the_measurement(capsys):
    with pytest.raises(SystemExit) as stop:
        bench.run(parse('network', '--help'))
    assert stop.value.code == 0
    assert '--repeats' in capsys.readouterr().out


def test_unknown_measurement(capsys):
    with pytest.raises(SystemExit) as stop:
        parse('moon')
    assert stop.value.code == 2
    assert 'network' in capsys.readouterr().err


def test_options_come_without_torch():
    code = ('import sys, argparse; from hdnet_ros.cli import bench, bench_network; '
            'bench_network.add_arguments(argparse.ArgumentParser()); sys.exit("torch" in sys.modules)')
    assert subprocess.run([sys.executable, '-c', code], timeout=60).returncode == 0
