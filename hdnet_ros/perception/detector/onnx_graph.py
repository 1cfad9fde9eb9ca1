"""Reads from an ONNX file what OpenCV does not tell: the shape of its input, and which output is the first."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Field numbers of onnx.proto: ModelProto.graph, GraphProto.{initializer, input, output}, TensorProto.name,
# ValueInfoProto.{name, type}, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim, Dimension.dim_value.
_GRAPH, _INITIALIZER, _INPUT, _OUTPUT, _TENSOR_NAME = 7, 5, 11, 12, 8
_VALUE_NAME, _TYPE, _TENSOR_TYPE, _SHAPE, _DIM, _DIM_VALUE = 1, 2, 1, 2, 1, 1


class OnnxGraph(NamedTuple):
    """What goes into a model and comes out.

    input_shape: of the first input that is not a weight; 0 for sizes that the file leaves open.
    output: name of the first output.
    """

    input_shape: tuple[int, ...]
    output: str


def read_onnx_graph(path: str | Path) -> OnnxGraph:
    """Input and output of a model; ValueError if the file is not a complete ONNX model with both."""
    data = memoryview(Path(path).read_bytes())
    weights: set[bytes] = set()
    inputs: list[memoryview] = []
    outputs: list[memoryview] = []
    for graph in _messages(data, _GRAPH):
        for tensor in _messages(graph, _INITIALIZER):
            weights.update(bytes(name) for name in _messages(tensor, _TENSOR_NAME))
        inputs += _messages(graph, _INPUT)
        outputs += _messages(graph, _OUTPUT)
    images = next((value for value in inputs if _name(value) not in weights), None)
    if images is None or not outputs:
        raise ValueError('no graph with an input and an output in it')
    return OnnxGraph(_shape(images), _name(outputs[0]).decode())


def _name(value: memoryview) -> bytes:
    return b''.join(_messages(value, _VALUE_NAME))


def _shape(value: memoryview) -> tuple[int, ...]:
    levels = [value]
    for field in (_TYPE, _TENSOR_TYPE, _SHAPE, _DIM):
        levels = [part for level in levels for part in _messages(level, field)]
    sizes = (next((size for number, size in _fields(dim) if number == _DIM_VALUE and isinstance(size, int)), 0)
             for dim in levels)
    return tuple(size if size < 1 << 63 else 0 for size in sizes)    # a negative int64: left open, too


def _messages(data: memoryview, field: int) -> list[memoryview]:
    return [value for number, value in _fields(data) if number == field and isinstance(value, memoryview)]


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field number and value (int, or bytes of a length-delimited field) of a protobuf message."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        kind = key & 7
        if kind == 0:
            value, position = _varint(data, position)
        elif kind in (1, 2, 5):
            length = {1: 8, 5: 4}.get(kind, 0)
            if kind == 2:
                length, position = _varint(data, position)
            value, position = data[position:position + length], position + length
            if position > len(data):
                raise ValueError('the file ends too early')
        else:
            raise ValueError('not a protobuf file')
        yield key >> 3, value


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ValueError('the file ends too early')
        byte = data[position]
        position += 1
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, position
    raise ValueError('not a protobuf file')
