from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.detector.onnx_graph import OnnxGraph, read_onnx_graph

# By the definition of protobuf:
# ModelProto{graph{input{name: 'x', type{tensor_type{elem_type: 1, shape{dim: 1, dim: 3, dim: 640, dim: 'n'}}}},
#                  output{name: 'z'}, output{name: 'b'}}}
DIMS = bytes([0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 3, 0x0a, 3, 0x08, 0x80, 0x05, 0x0a, 3, 0x12, 1, ord('n')])


def model_of(dims: bytes) -> bytes:
    tensor = bytes([0x08, 1, 0x12, len(dims)]) + dims
    kind = bytes([0x0a, len(tensor)]) + tensor
    value = bytes([0x0a, 1, ord('x'), 0x12, len(kind)]) + kind
    graph = bytes([0x5a, len(value)]) + value + bytes([0x62, 3, 0x0a, 1, ord('z'), 0x62, 3, 0x0a, 1, ord('b')])
    return bytes([0x08, 8, 0x3a, len(graph)]) + graph


MODEL = model_of(DIMS)


def graph_of(tmp_path, data: bytes) -> OnnxGraph:
    path = tmp_path / 'model.onnx'
    path.write_bytes(data)
    return read_onnx_graph(path)


def test_by_hand(tmp_path):
    assert graph_of(tmp_path, MODEL) == ((1, 3, 640, 0), 'z')


def test_a_negative_size_is_left_open(tmp_path):
    minus_one = bytes([0x08, *[0xff] * 9, 0x01])
    assert graph_of(tmp_path, model_of(bytes([0x0a, len(minus_one)]) + minus_one)).input_shape == (0,)


def test_fields_of_every_kind_are_passed_over(tmp_path):
    fixed64, fixed32 = bytes([0x11]) + bytes(8), bytes([0x15]) + bytes(4)
    assert graph_of(tmp_path, fixed64 + fixed32 + MODEL) == graph_of(tmp_path, MODEL)


@pytest.mark.parametrize('data', [b'', b'\x08\x08', MODEL[:-1], b'\xff' * 20, b'\x0b\x00', b'\x08'])
def test_what_is_no_model(tmp_path, data):
    with pytest.raises(ValueError, match='no graph|too early|not a protobuf'):
        graph_of(tmp_path, data)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_graph_or_a_value_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / 'any.onnx'
    path.write_bytes(data)
    with contextlib.suppress(ValueError):
        assert isinstance(read_onnx_graph(path), tuple)
