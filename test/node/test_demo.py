"""The demonstration as the user runs it: its own process, the real node, real DDS."""
from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from hdnet_ros.node.demo.__main__ import main  # noqa: E402


def start(folder, *words):
    """The demonstration under way, without HDNet, and a word that is in the command line of its node."""
    tag = 'tag' + uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, '-m', 'hdnet_ros.node.demo', '--output', str(folder), '-p', f'camera_frame:={tag}',
         '-p', 'root.kind:=geometric', *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, 'OMP_NUM_THREADS': '1'})
    return process, tag


def alive(tag):
    """Process ids with that word in their command line."""
    found = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            if tag in path.read_text():
                found.append(int(path.parent.name))
        except OSError:      # it has just ended
            pass
    return found


@pytest.fixture
def in_this_process(monkeypatch):
    """Runs the demonstration here; the environment is put back."""
    for name in ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_LOCALHOST_ONLY',
                 'FASTRTPS_DEFAULT_PROFILES_FILE'):
        monkeypatch.setenv(name, '')
        monkeypatch.delenv(name)
    return main


def test_two_cameras_of_the_footage(footage_folder, tmp_path, in_this_process, capfd):
    tag = 'tag' + uuid.uuid4().hex
    code = in_this_process(['--output', str(tmp_path), '-p', f'camera_frame:={tag}', '--cameras', 'cam03', 'cam04',
                            '--max-frames', '4', '--rate', '2'])
    out, err = capfd.readouterr()
    assert code == 0, err
    assert not alive(tag)
    people = re.findall(r'^(cam0\d) +(\d+)  (\w{5}) +([\d.]+) m   x +(\S+)  y +(\S+)  z +(\S+) m', out, re.MULTILINE)
    assert {p[0] for p in people} == {'cam03', 'cam04'} and {int(p[1]) for p in people} <= {0, 5, 10, 15}
    for *_, distance, x, y, z in people:
        assert float(distance) == pytest.approx(np.linalg.norm([float(x), float(y), float(z)]), abs=0.02)
    assert '8 images published' in out and 'Median root error of the real man' in out
    with open(tmp_path / 'errors.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    errors = [float(r['error_m']) for r in rows if r['who'] == 'man']
    assert len(errors) >= 3 and np.median(errors) < 0.5
    assert len(re.findall(r': error \d', out)) == len(rows)
    assert '| real man (1.72 m)' in (tmp_path / 'errors.md').read_text()
    film = cv2.VideoCapture(str(tmp_path / 'annotated.mp4'))
    results = int(re.search(r'(\d+) results', out).group(1))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == results >= 5
    assert cv2.imread(str(tmp_path / 'picture.png')).shape[0] == 1080


# Stands for RViz: listens to tf as it does, and then breaks down.
RVIZ = '''
import os, sys, rclpy
from tf2_ros import Buffer, TransformListener
rclpy.init()
node = rclpy.create_node('rviz')
buffer = Buffer()
listener = TransformListener(buffer, node)
while not buffer.can_transform('camera_link', 'camera_optical_frame', rclpy.time.Time()):
    rclpy.spin_once(node)
ahead = buffer.lookup_transform('camera_link', 'camera_optical_frame', rclpy.time.Time()).transform.rotation
print('arguments', *sys.argv[1:], 'library', os.environ['LIBRARY'])
print('rotation', *(round(part, 3) for part in (ahead.x, ahead.y, ahead.z, ahead.w)))
sys.exit(3)
'''


@pytest.fixture
def rviz(tmp_path, monkeypatch):
    """A ROS 2 in a folder of its own whose programs need its setup.sh."""
    (tmp_path / 'ros' / 'bin').mkdir(parents=True)
    (tmp_path / 'ros' / 'setup.sh').write_text('export LIBRARY=found\n')
    program = tmp_path / 'ros' / 'bin' / 'rviz2'
    script = tmp_path / 'ros' / 'rviz.py'
    script.write_text(RVIZ)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')   # a #! line takes no path with spaces
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{program.parent}:{os.environ["PATH"]}')


def test_a_picture_of_the_users_own_with_rviz(read_frames, tmp_path, rviz):
    image = read_frames('cam03', [20])[20]
    cv2.imwrite(str(tmp_path / 'own.png'), image)
    process, tag = start(tmp_path / 'out', '--video', str(tmp_path / 'own.png'), '--focal', '1680', '--rviz')
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert re.search(r'^camera +0  \w{5}', out, re.MULTILINE) and 'Median' not in out
    written = {p.name for p in (tmp_path / 'out').iterdir() if p.suffix != '.log'}
    assert written == {'annotated.mp4', 'picture.png'}
    assert 'RViz has ended with exit code 3' in err and 'hdnet.rviz library found' in err
    assert 'rotation -0.5 0.5 -0.5 0.5' in err   # as in demo.launch.py: roll and yaw of -90 degrees


def test_a_node_that_reports_an_error_ends_it_with_the_reason(footage_folder, tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', '')
    process, tag = start(tmp_path, '-p', 'lifter.path:=/nowhere/model.tflite', '--rviz')
    out, err = process.communicate(timeout=60)
    assert 'no rviz2 on the PATH' in err
    assert process.returncode == 1 and '/nowhere/model.tflite' in err and 'Traceback' not in err
    assert not alive(tag)


def test_a_node_that_dies_ends_it_with_its_last_words(footage_folder, tmp_path):
    process, tag = start(tmp_path, '--cameras', 'cam03', '--rate', '2')
    for line in process.stdout:
        if line.startswith('cam03'):
            break
    node = next(pid for pid in alive(tag) if pid != process.pid)
    os.kill(node, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and 'exit code -9' in err and 'listening to /image' in err
    assert not alive(tag)


@pytest.mark.parametrize('moment, number, times', [('cam03', signal.SIGINT, 2), ('starting', signal.SIGTERM, 1)])
def test_stopping_leaves_nothing_behind(footage_folder, tmp_path, moment, number, times):
    process, tag = start(tmp_path, '--cameras', 'cam03')
    for line in process.stdout:
        if line.startswith(moment):
            break
    assert len(alive(tag)) == 2   # its own process and the node
    for _ in range(times):
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and 'stopped' in err and 'Traceback' not in err
    assert not alive(tag)


@pytest.mark.parametrize('words, reason', [
    (['--video', '/nowhere.mp4', '--focal', '500'], 'nowhere.mp4'),
    (['--video', 'x.mp4'], '--focal'),
    (['--focal', '500'], '--video'),
    (['--cameras', 'cam09'], 'cam09'),
    (['--video', 'x.mp4', '--focal', '-1'], 'positive'),
    (['--video', 'x.mp4', '--focal', '5', '--cameras', 'cam01'], '--cameras'),
    (['--rate', '0'], '--rate'), (['--every', '0'], '1 or more')])
def test_wrong_usage(words, reason, tmp_path, capsys):
    try:
        code = main([*words, '--output', str(tmp_path)])
    except SystemExit as stop:
        code = stop.code
    assert code == 2 and reason in capsys.readouterr().err
