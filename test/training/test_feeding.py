from __future__ import annotations

import copy
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from hdnet_ros.training.config import TrainingConfig
from hdnet_ros.training.errors import ConfigError, DataSetError
from hdnet_ros.training.feeding import TrainingBatches, ValidationBatches, batches


def same(a, b):
    return all(torch.equal(x, y) for x, y in ((a.images, b.images), (a.coord_maps, b.coord_maps),
                                              (a.masks, b.masks), *zip(a.targets, b.targets)))


def test_a_step_always_gets_the_same_batch(tiny_config):
    first, second = TrainingBatches(tiny_config), TrainingBatches(tiny_config)
    second[5]
    assert len(first) == 6
    assert same(first[2], second[2]) and not torch.equal(first[2].images, first[3].images)


def test_workers_make_the_same_batches(tiny_config):
    data = TrainingBatches(tiny_config)
    for number, batch in enumerate(batches(data, 2, workers=2, pin=False), start=2):
        assert same(batch, data[number])
        assert batch.sources == data[number].sources
    assert number == 5


@pytest.fixture
def without_images(tiny_values, muco_writer, tmp_path):
    """Batches of a set whose images are gone, and its folder."""
    folder = muco_writer(tmp_path / 'set')
    for image in (folder / 'images').iterdir():
        image.unlink()
    tiny_values['data']['train'][0]['folder'] = str(folder)
    return TrainingBatches(TrainingConfig.from_dict(tiny_values)), folder


def test_errors_of_workers_are_told_as_without_them(without_images):
    data, _ = without_images
    told = []
    for workers in (0, 1):
        with pytest.raises(DataSetError) as error:
            next(batches(data, 0, workers=workers, pin=False))
        told.append(str(error.value))
    assert told[0] == told[1] and 'Traceback' not in told[0]


def test_workers_live_through_signals_of_others_and_obey_the_main_process(tiny_config):
    data = TrainingBatches(tiny_config)
    source = batches(data, 0, workers=2, pin=False)
    assert same(next(source), data[0])
    workers = multiprocessing.active_children()
    for worker in workers:
        os.kill(worker.pid, signal.SIGINT)
        subprocess.run(['kill', '-TERM', str(worker.pid)], check=True)
    assert all(same(batch, data[number]) for number, batch in enumerate(source, start=1))
    source = batches(data, 0, workers=2, pin=False)
    next(source)
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.terminate()
        worker.join(10)
    ends = [worker.exitcode for worker in workers]
    for worker in workers:
        worker.kill()
    assert ends == [0, 0]


# Prints the workers' numbers and goes on; arguments: the configuration, and how long the workers have to make batches.
LOADING = """
import multiprocessing, pickle, sys, time
from hdnet_ros.training.feeding import TrainingBatches, batches
source = batches(TrainingBatches(pickle.load(open(sys.argv[1], 'rb'))), 0, workers=2, pin=False)
next(source)
time.sleep(float(sys.argv[2]))
print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize('seconds', [0, 3])
def test_workers_end_when_the_main_process_is_killed(tiny_values, tmp_path, seconds):
    """Also when they have made as much as the pipe to it holds."""
    tiny_values['schedule'].update(steps_per_epoch=100, batch_size=32)
    (tmp_path / 'config').write_bytes(pickle.dumps(TrainingConfig.from_dict(tiny_values)))
    main = subprocess.Popen([sys.executable, '-c', LOADING, str(tmp_path / 'config'), str(seconds)],
                            stdout=subprocess.PIPE, text=True)
    workers = main.stdout.readline().split()
    main.kill()
    main.communicate()
    assert len(workers) == 2
    deadline = time.monotonic() + 20
    while any(map(alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(process):
    """Nobody may have asked yet how an orphan ended."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


@pytest.mark.parametrize('world', [2, 4])
def test_processes_share_one_batch(tiny_config, world):
    whole = TrainingBatches(tiny_config)[1]
    parts = [TrainingBatches(tiny_config, rank, world)[1] for rank in range(world)]
    assert torch.equal(torch.cat([part.images for part in parts]), whole.images)
    assert torch.equal(torch.cat([part.targets.bin_index for part in parts]), whole.targets.bin_index)


def test_people_of_the_test_split_are_refused(tiny_values, muco_writer, tmp_path):
    """What ``hdnet synthesize --split test`` writes says so."""
    folder = muco_writer(tmp_path / 'set')
    path = folder / 'MuCo-3DHP.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), 'info': {'split': 'test'}}))
    for part, maker in (('train', TrainingBatches), ('validation', ValidationBatches)):
        values = copy.deepcopy(tiny_values)
        values['data'][part][0]['folder'] = str(folder)
        with pytest.raises(DataSetError, match='people of the test split'):
            maker(TrainingConfig.from_dict(values))


def test_batch_must_be_shareable(tiny_config):
    with pytest.raises(ConfigError, match=r'schedule.batch_size \(4\) must be a multiple .* \(3\)'):
        TrainingBatches(tiny_config, 0, 3)


def test_validation_covers_the_set_once(tiny_config):
    data = ValidationBatches(tiny_config)
    sources = [source for i in range(len(data)) for source in data[i].sources]
    assert len(data) == 2 and len(set(sources)) == 12
    shared = [ValidationBatches(tiny_config, rank, 2) for rank in (0, 1)]
    assert [len(each) for each in shared] == [1, 1]
    assert same(shared[1][0], data[1])


def test_validation_is_spread_over_the_sets(tiny_values, muco_writer, tmp_path):
    other = {'kind': 'muco', 'folder': str(muco_writer(tmp_path / 'other', images=20, seed=5)), 'split': 'all',
             'weight': 3.0}
    tiny_values['data']['validation'].append(other)
    tiny_values['validation'] = {'images': 8, 'batch_size': 100}
    data = ValidationBatches(TrainingConfig.from_dict(tiny_values))
    sources = list(dict.fromkeys(data[0].sources))
    assert sum('other' in source for source in sources) == 6 and len(sources) == 8
    assert '0000.jpg' in sources[2] and '0019.jpg' in sources[-1]


def test_nobody_large_enough(tiny_values):
    tiny_values['windows']['min_height_px'] = 1000.0
    config = TrainingConfig.from_dict(tiny_values)
    with pytest.raises(DataSetError, match='nobody in 100 images in a row.*min_height_px'):
        TrainingBatches(config)[0]
    assert ValidationBatches(config)[0] is None


def test_images_without_usable_people_are_passed_over(tiny_values, muco_writer, tmp_path):
    folder = muco_writer(tmp_path / 'set')
    content = json.loads((folder / 'MuCo-3DHP.json').read_text())
    for row in content['annotations']:
        if row['image_id'] % 2:
            row['bbox'] = [900, 900, 20, 20]
    (folder / 'MuCo-3DHP.json').write_text(json.dumps(content))
    tiny_values['data']['train'][0]['folder'] = str(folder)
    data = TrainingBatches(TrainingConfig.from_dict(tiny_values))
    sources = {source for step in range(3) for source in data[step].sources}
    assert {int(source[-8:-4]) % 2 for source in sources} == {0}


def test_missing_image_is_named(without_images):
    data, folder = without_images
    with pytest.raises(DataSetError, match=r'images/\d{4}.jpg does not exist'):
        data[0]
    (folder / 'images' / '0000.jpg').write_bytes(b'no image')
    for file in range(1, 12):
        (folder / 'images' / f'{file:04d}.jpg').write_bytes(b'no image')
    with pytest.raises(DataSetError, match='is not an image that OpenCV reads'):
        data[0]
