"""The installer refuses where the stand-ins do not belong."""
from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parents[2] / 'standalone/setup.py'


def refusal(python: str = sys.executable, **env: str) -> str:
    """What the installer says when it stops; it stops before it builds anything."""
    # The variables of the running interpreter's own ROS 2 wheels must not leak into another one.
    inherited = {name: value for name, value in os.environ.items()
                 if name not in ('PYTHONPATH', 'AMENT_PREFIX_PATH', '_ROS_WHEELS_BOOTSTRAP_COMPLETE')}
    done = subprocess.run([python, SETUP, 'bdist_wheel'], env={**inherited, **env}, capture_output=True, text=True)
    assert done.returncode != 0
    return done.stderr


def test_beside_a_ros_installation_that_is_set_up(tmp_path):
    (tmp_path / 'share/cv_bridge').mkdir(parents=True)
    said = refusal(AMENT_PREFIX_PATH=f'{sys.prefix}{os.pathsep}{tmp_path}')
    assert f'the real ROS packages are here: cv_bridge ({tmp_path / "share/cv_bridge"})' in said


@pytest.mark.parametrize('name', ['message_filters', 'tf2_msgs'])
def test_beside_modules_that_are_importable(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / '__init__.py').touch()
    assert f'{name} ({tmp_path / name})' in refusal(PYTHONPATH=str(tmp_path))


def test_outside_a_virtual_environment():
    base = Path(sys.base_prefix) / 'bin' / f'python{sys.version_info.major}.{sys.version_info.minor}'
    if not base.exists():
        pytest.skip(f'no {base} beside this virtual environment')
    assert 'never for the system' in refusal(str(base), PYTHONPATH=sysconfig.get_path('purelib'))
