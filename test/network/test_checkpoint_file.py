import gc
import os
import pickle
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from hdnet_ros.network.checkpoint_file import (
    CheckpointError,
    config_of,
    fill,
    read_checkpoint,
    shortened,
    weights_of,
    write_safetensors,
)
from hdnet_ros.node.memory import give_back_memory

WEIGHTS = {'weight': torch.arange(6.0).view(2, 3), 'bias': torch.ones(2)}


class Hostile:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.fixture
def layer():
    return nn.Linear(3, 2)


@pytest.mark.skipif(not Path('/proc/self/statm').exists(), reason='only Linux tells the memory of a process so')
def test_reading_again_and_again_keeps_no_memory(tmp_path):
    """A node reads weights whenever it is configured; tensor by tensor, safetensors keeps some 80 bytes of each."""
    def memory_mb():
        gc.collect()
        give_back_memory()
        return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6
    path = tmp_path / 'x.safetensors'
    safetensors.torch.save_file({str(n): torch.zeros(1) for n in range(500)}, path)
    for _ in range(50):
        read_checkpoint(path)
    before_mb = memory_mb()
    for _ in range(200):
        read_checkpoint(path)
    assert memory_mb() - before_mb < 3.0


def test_types_that_torch_does_not_have(tmp_path):
    header = b'{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}   '
    (tmp_path / 'x').write_bytes(len(header).to_bytes(8, 'little') + header + b'ab')
    with pytest.raises(CheckpointError, match="x has tensors of the type 'F4'"):
        read_checkpoint(tmp_path / 'x')


@pytest.mark.parametrize('legacy', [False, True])
def test_torch_files_of_both_ages(tmp_path, legacy):
    torch.save({'model': WEIGHTS, 'epoch': 3}, tmp_path / 'x', _use_new_zipfile_serialization=not legacy)
    content, metadata = read_checkpoint(tmp_path / 'x')
    assert metadata is None and content['epoch'] == 3
    assert torch.equal(content['model']['weight'], WEIGHTS['weight'])


def test_safetensors_by_content(tmp_path):
    safetensors.torch.save_file(WEIGHTS, tmp_path / 'x.pth', {'a': 'b'})
    content, metadata = read_checkpoint(str(tmp_path / 'x.pth'))
    assert metadata == {'a': 'b'} and torch.equal(content['bias'], WEIGHTS['bias'])


@pytest.mark.parametrize('save', [
    lambda thing, path: torch.save(thing, path),
    lambda thing, path: torch.save(thing, path, _use_new_zipfile_serialization=False),
    lambda thing, path: path.write_bytes(pickle.dumps(thing)),
], ids=['zip', 'legacy', 'pickle'])
def test_hostile_pickles_never_run(tmp_path, save):
    marker = tmp_path / 'ran'
    command = f'echo > {marker}'
    save({'model': Hostile(command), 'epoch': 1}, tmp_path / 'x')
    with pytest.raises(CheckpointError) as error:
        read_checkpoint(tmp_path / 'x')
    assert str(tmp_path / 'x') in str(error.value)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Hostile(command)))      # the trap does work where nobody guards it
    assert marker.exists()


@pytest.mark.parametrize('legacy', [False, True])
def test_a_hostile_file_is_named_as_such(tmp_path, legacy):
    torch.save({'model': Hostile('true')}, tmp_path / 'x', _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CheckpointError, match='more than tensors and plain data'):
        read_checkpoint(tmp_path / 'x')


def test_no_file(tmp_path):
    with pytest.raises(CheckpointError, match='there is no checkpoint'):
        read_checkpoint(tmp_path / 'x')
    with pytest.raises(CheckpointError, match='is a folder'):
        read_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match='cannot read'):
        read_checkpoint(tmp_path / ('x' * 300))


@pytest.mark.parametrize('content, text', [
    (b'', 'is empty'),
    (b'\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01' * 20, 'neither'),
    (b'hello', 'neither'),
    (b'PK\x03\x04', 'damaged or truncated'),
    (b'\x80\x02', 'damaged or truncated'),
    (b'\xff' * 8 + b'{}', 'damaged or truncated'),
    (pickle.dumps([1, 2]), 'damaged or truncated'),
])
def test_other_content(tmp_path, content, text):
    (tmp_path / 'x').write_bytes(content)
    with pytest.raises(CheckpointError, match=text):
        read_checkpoint(tmp_path / 'x')


def test_not_a_dictionary(tmp_path):
    torch.save([torch.zeros(2)], tmp_path / 'x')
    with pytest.raises(CheckpointError, match='holds a list'):
        read_checkpoint(tmp_path / 'x')


@pytest.mark.parametrize('kind', ['zip', 'legacy', 'safetensors'])
@pytest.mark.parametrize('share', [0.02, 0.5, 0.98])
def test_truncated(tmp_path, kind, share):
    path = tmp_path / 'x'
    weights = {'weight': torch.rand(50, 50)}
    if kind == 'safetensors':
        safetensors.torch.save_file(weights, path)
    else:
        torch.save({'model': weights}, path, _use_new_zipfile_serialization=kind == 'zip')
    data = path.read_bytes()
    path.write_bytes(data[:max(10, int(len(data) * share))])
    with pytest.raises(CheckpointError, match='damaged or truncated'):
        read_checkpoint(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([b'PK\x03\x04', b'\x80\x02', b'\x10\0\0\0\0\0\0\0{', b'']), st.binary(max_size=60))
def test_garbage_is_always_a_checkpoint_error(tmp_path, head, tail):
    (tmp_path / 'x').write_bytes(head + tail)
    with pytest.raises(CheckpointError):
        read_checkpoint(tmp_path / 'x')


def test_weights_with_and_without_prefix():
    plain = weights_of({'model': WEIGHTS, 'epoch': 1}, 'model', 'x')
    prefixed = weights_of({'model': {f'module.{k}': v for k, v in WEIGHTS.items()}}, 'model', 'x')
    bare = weights_of(WEIGHTS, 'model', 'x')
    assert list(plain) == list(prefixed) == list(bare) == ['weight', 'bias']


@pytest.mark.parametrize('content', [{'model': 3}, {'model': {}}, {'epoch': 3}, {'model': {'a': 1}}, {}, {3: 4}])
def test_no_weights(content):
    with pytest.raises(CheckpointError, match="no weights under 'model'"):
        weights_of(content, 'model', 'x')


def test_fill_lists_everything_wrong(layer):
    with pytest.raises(CheckpointError, match=r'x does not fit this Linear; tensors 1 missing: bias; 1 extra: b; '
                                              r'1 of the wrong shape: weight is \(1,\), not \(2, 3\)'):
        fill(layer, {'weight': torch.zeros(1), 'b': torch.zeros(1)}, 'x')


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_fill_refuses_what_is_not_finite(layer, value):
    before = layer.bias.clone()
    with pytest.raises(CheckpointError, match='NaN or infinite values in bias'):
        fill(layer, {**WEIGHTS, 'bias': torch.tensor([1.0, value])}, 'x')
    assert torch.equal(layer.bias, before)


def test_fill_converts_precision_only(layer):
    fill(layer, {k: v.half() for k, v in WEIGHTS.items()}, 'x')
    assert layer.weight.dtype == torch.float32 and torch.equal(layer.weight, WEIGHTS['weight'])
    with pytest.raises(CheckpointError, match='wrong type: bias'):
        fill(layer, {**WEIGHTS, 'bias': torch.ones(2, dtype=torch.long)}, 'x')


def test_writing_is_all_or_nothing(tmp_path, layer, monkeypatch):
    path = tmp_path / 'net.safetensors'
    path.write_text('old')
    monkeypatch.setattr(os, 'fsync', lambda _: (_ for _ in ()).throw(OSError('disk full')))
    with pytest.raises(OSError, match='disk full'):
        write_safetensors(layer, path, 'Linear', {}, half=False)
    assert [p.name for p in tmp_path.iterdir()] == ['net.safetensors'] and path.read_text() == 'old'


def test_written_files_have_ordinary_permissions(tmp_path, layer):
    write_safetensors(layer, tmp_path / 'net', 'Linear', {'a': 1}, half=False)
    (tmp_path / 'other').touch()
    assert (tmp_path / 'net').stat().st_mode == (tmp_path / 'other').stat().st_mode
    _, metadata = read_checkpoint(tmp_path / 'net')
    assert config_of(metadata, 'Linear', 'net') == {'a': 1}


def test_values_that_cannot_be_stored(tmp_path, layer):
    layer.weight.data[0, 0] = 1e6
    with pytest.raises(CheckpointError, match='float16 cannot hold'):
        write_safetensors(layer, tmp_path / 'net', 'Linear', {}, half=True)
    layer.weight.data[0, 0] = float('nan')
    with pytest.raises(CheckpointError, match='not finite'):
        write_safetensors(layer, tmp_path / 'net', 'Linear', {}, half=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('metadata, text', [
    ({}, 'no hdnet_ros configuration'), ({'format': 'pt'}, 'no hdnet_ros configuration'),
    ({'format': 'hdnet_ros', 'kind': 'PoseNet', 'config': '{}'}, 'holds a PoseNet, not a HDNet'),
    ({'format': 'hdnet_ros', 'kind': 'HDNet', 'config': '{'}, 'not JSON'),
    ({'format': 'hdnet_ros', 'kind': 'HDNet', 'config': '[]'}, 'not a mapping'),
])
def test_metadata(metadata, text):
    with pytest.raises(CheckpointError, match=text):
        config_of(metadata, 'HDNet', 'x')


def test_long_lists_are_shortened():
    assert shortened(['a', 'b']) == 'a, b'
    assert shortened([str(i) for i in range(25)]) == '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 15 more'
