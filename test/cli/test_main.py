from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hdnet_ros.cli import main as cli
from hdnet_ros.cli.main import main


def test_help_names_every_command_and_shows_examples(capsys):
    with pytest.raises(SystemExit) as stop:
        main(['--help'])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert set(cli.COMMANDS) <= {line.split()[0] for line in text.splitlines() if line.startswith('    ')}
    assert 'hdnet infer' in text


@pytest.mark.parametrize('command', list(cli.COMMANDS))
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, '--help'])
    assert stop.value.code == 0 and len(capsys.readouterr().out) > 300


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(['--version'])
    assert stop.value.code == 0 and capsys.readouterr().out.startswith('hdnet_ros ')


@pytest.mark.parametrize('argv', [['nonsense'], ['infer'], ['infer', 'x.png', '--nonsense']])
def test_wrong_usage_is_exit_code_2(argv):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2


def test_no_command_prints_help(capsys):
    assert main([]) == 2 and 'COMMAND' in capsys.readouterr().out


def test_commands_are_imported_only_when_called():
    code = ('import sys; from hdnet_ros.cli.main import main; main([]); '
            'sys.exit(any(m in sys.modules for m in ("torch", "cv2", "numpy", "rclpy", "hdnet_ros.cli.infer")))')
    assert subprocess.run([sys.executable, '-c', code], stdout=subprocess.DEVNULL).returncode == 0


def raising(error):
    def run(args):
        raise error
    return run


def call(monkeypatch, run):
    from hdnet_ros.cli import models
    monkeypatch.setattr(models, 'run', run)
    return main(['models'])


def user_errors():
    from hdnet_ros.calibration import CalibrationError
    from hdnet_ros.cli.pipeline_arguments import SettingsError
    from hdnet_ros.evaluation.people_table import PredictionError
    from hdnet_ros.evaluation.runner import RunError
    from hdnet_ros.models import ModelError
    from hdnet_ros.network import CheckpointError
    from hdnet_ros.perception.detector.error import DetectorError
    from hdnet_ros.sources import SourceError
    from hdnet_ros.training.errors import ConfigError, DataSetError, TrainingError
    from hdnet_ros.training.synthetic.errors import SyntheticError
    return [e('so it is') for e in (
        CalibrationError, SettingsError, PredictionError, RunError, ModelError, CheckpointError, DetectorError,
        SourceError, ConfigError, DataSetError, TrainingError, SyntheticError)]


@pytest.mark.parametrize('error', user_errors(), ids=lambda e: type(e).__name__)
def test_known_errors_are_told_without_a_traceback(error, monkeypatch, capsys):
    assert call(monkeypatch, raising(error)) == 2
    assert capsys.readouterr().err == 'hdnet models: so it is\n'


def test_a_missing_file_is_named(monkeypatch, capsys):
    assert call(monkeypatch, lambda args: Path('/nowhere/at/all').read_text()) == 2
    assert capsys.readouterr().err == 'hdnet models: No such file or directory: /nowhere/at/all\n'


def test_mistakes_of_ours_keep_their_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        call(monkeypatch, lambda args: 1 / 0)


def test_ctrl_c_is_130(monkeypatch):
    assert call(monkeypatch, raising(KeyboardInterrupt())) == 130


def test_a_reader_that_goes_away_is_no_failure():
    code = ('import sys; from hdnet_ros.cli import main, models; '
            'models.run = lambda args: print("x" * 10**6, flush=True) or 1; sys.exit(main.main(["models"]))')
    process = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == b''
    process.stderr.close()
