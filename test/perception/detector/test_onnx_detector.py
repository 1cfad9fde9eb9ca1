"""The models here are real ONNX files whose output depends on the image in a known way."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.detector.onnx_graph import read_onnx_graph

onnx = pytest.importorskip('onnx', reason='the package onnx writes the files for these tests')

SIZE = 64
RED = np.array([0, 0, 255], np.uint8)   # BGR


def write_model(path: Path, constant: np.ndarray, red: np.ndarray, size: int | str = SIZE,
                channels: int = 3) -> str:
    """A network with the output constant + red * (mean of the red channel), whatever its shape."""
    from onnx import helper
    weight = np.zeros((constant.size, channels, 1, 1), np.float32)
    weight[:, 0, 0, 0] = red.ravel()
    weights = {'weight': weight, 'bias': constant.astype(np.float32).ravel(),
               'shape': np.array(constant.shape, np.int64)}
    nodes = [helper.make_node('GlobalAveragePool', ['images'], ['pooled']),
             helper.make_node('Conv', ['pooled', 'weight', 'bias'], ['values']),
             helper.make_node('Reshape', ['values', 'shape'], ['output'])]
    return save(path, nodes, weights, (1, channels, size, size), constant.shape)


def save(path: Path, nodes: list, weights: dict[str, np.ndarray], input_shape: tuple, output_shape: tuple) -> str:
    from onnx import TensorProto, helper, numpy_helper
    graph = helper.make_graph(nodes, 'test', [helper.make_tensor_value_info('images', TensorProto.FLOAT, input_shape)],
                              [helper.make_tensor_value_info('output', TensorProto.FLOAT, output_shape)],
                              [numpy_helper.from_array(value, name) for name, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return str(path)


def end_to_end(path: Path, **more) -> str:
    """Two boxes of class 0 and one of class 2; the score of the first is the mean of red."""
    rows = np.array([[[16, 8, 32, 40, 0, 0], [40, 30, 60, 50, 0.6, 0], [1, 1, 30, 30, 0.9, 2]]])
    red = np.zeros_like(rows)
    red[0, 0, 4] = 1
    return write_model(path, rows, red, **more)


def yolo(path: Path, classes: int, objectness: bool = False, transposed: bool = True) -> str:
    """200 candidates; the first is a person (class 0), the second something else; their scores are the mean of red."""
    columns = 4 + objectness + classes
    rows, red = np.zeros((200, columns)), np.zeros((200, columns))
    rows[:2, :4] = [[24, 24, 16, 32], [50, 40, 20, 20]]
    red[0, 4 + objectness] = 1
    red[1, -1] = 1
    if objectness:
        rows[0, 4], rows[1, 4] = 0.5, 1
    layout = (lambda a: a.T[None]) if transposed else (lambda a: a[None])
    return write_model(path, layout(rows), layout(red))


def detect(path: str, image: np.ndarray, **config):
    return make_detector(DetectorConfig(kind='onnx', path=path, **config)).detect(image)


def test_end_to_end_layout_on_a_wide_image(tmp_path):
    image = np.broadcast_to(RED, (320, 640, 3))   # becomes 64 x 32, with 16 rows of padding above and below
    path = end_to_end(tmp_path / 'model.onnx')
    found = detect(path, image, score_threshold=0.5)
    red_share = 0.5 + 0.5 * 114 / 255
    assert [round(d.score, 4) for d in found] == [round(red_share, 4), 0.6]
    assert np.allclose(found[0].box, [160 - 0.5, 0, 320 - 0.5, 240 - 0.5], atol=1e-3)   # its top is in the padding
    assert np.allclose(found[1].box, [400 - 0.5, 140 - 0.5, 600 - 0.5, 319], atol=1e-3)
    assert len(detect(path, image[:, :, ::-1], score_threshold=0.3)) == 1, 'blue is not red'


@pytest.mark.parametrize('transposed', [True, False])
@pytest.mark.parametrize('classes', [1, 3, 80])
def test_yolo_layout(tmp_path, classes, transposed):
    image = np.broadcast_to(RED, (640, 640, 3))
    found = detect(yolo(tmp_path / 'model.onnx', classes, transposed=transposed), image)
    assert np.allclose(found[0].box, [159.5, 79.5, 319.5, 399.5], atol=1e-3)
    assert found[0].score == pytest.approx(1, abs=1e-4)
    assert len(found) == (2 if classes == 1 else 1)


def test_objectness_layout(tmp_path):
    image = np.broadcast_to(RED, (640, 640, 3))
    found = detect(yolo(tmp_path / 'model.onnx', 80, objectness=True), image)
    assert [d.score for d in found] == [pytest.approx(0.5, abs=1e-4)]
    last = detect(yolo(tmp_path / 'model.onnx', 80, objectness=True), image, person_class=79)
    assert np.allclose(last[0].box, [399.5, 299.5, 599.5, 499.5], atol=1e-3)


@pytest.mark.parametrize(('shape', 'people'), [
    ((1, 1), 0), ((1, 900), 0), ((333, 2), 0), ((40, 900), 2), ((900, 60), 1)])
def test_any_shape(tmp_path, shape, people):
    """Boxes lie in the image; those that are a few pixels high or wide are nobody."""
    found = detect(end_to_end(tmp_path / 'model.onnx'), np.full((*shape, 3), 255, np.uint8))
    assert len(found) == people
    for detection in found:
        assert (detection.box[:2] >= 0).all() and (detection.box[2:] <= [shape[1] - 1, shape[0] - 1]).all()


@pytest.mark.parametrize('size', [SIZE, 'side'])
def test_input_shape_is_read_as_onnx_reads_it(tmp_path, size):
    path = end_to_end(tmp_path / 'model.onnx', size=size)
    dims = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    assert read_onnx_graph(path).input_shape == tuple(d.dim_value for d in dims)


def test_the_first_output_counts_in_whatever_order_opencv_lists_them(tmp_path):
    """As in the first exports of YOLO v5: the boxes, then what they are made of."""
    path = Path(end_to_end(tmp_path / 'model.onnx'))
    model = onnx.load(path)
    model.graph.output.append(onnx.helper.make_tensor_value_info('350', onnx.TensorProto.FLOAT, (1, 3, 1, 1)))
    model.graph.node.append(onnx.helper.make_node('GlobalMaxPool', ['images'], ['350']))
    path.write_bytes(model.SerializeToString())
    assert read_onnx_graph(path).output == 'output'
    assert [round(d.score, 4) for d in detect(str(path), np.broadcast_to(RED, (64, 64, 3)))] == [1, 0.6]


def test_weights_among_the_inputs_are_passed_over(tmp_path):
    path = Path(end_to_end(tmp_path / 'model.onnx'))
    model = onnx.load(path)
    weight = onnx.helper.make_tensor_value_info('weight', onnx.TensorProto.FLOAT, (18, 3, 1, 1))
    model.graph.input.insert(0, weight)     # as old exporters do
    path.write_bytes(model.SerializeToString())
    assert read_onnx_graph(path).input_shape == (1, 3, SIZE, SIZE)


def test_open_input_size_must_be_given(tmp_path):
    path = end_to_end(tmp_path / 'model.onnx', size='side')
    with pytest.raises(DetectorError, match='input_size_px'):
        detect(path, np.zeros((9, 9, 3), np.uint8))
    assert detect(path, np.broadcast_to(RED, (640, 640, 3)), input_size_px=128)


@pytest.mark.parametrize('shape', [(1, 3, 4), (1, 2, 3, 84), (7,)])
def test_unknown_layout_is_refused(tmp_path, shape):
    path = write_model(tmp_path / 'model.onnx', np.zeros(shape), np.zeros(shape))
    with pytest.raises(DetectorError, match='supported are'):
        make_detector(DetectorConfig(kind='onnx', path=path))


def test_class_that_the_model_lacks(tmp_path):
    with pytest.raises(DetectorError, match='3 classes'):
        make_detector(DetectorConfig(kind='onnx', path=yolo(tmp_path / 'model.onnx', 3), person_class=3))


def test_model_for_grey_images(tmp_path):
    path = end_to_end(tmp_path / 'model.onnx', channels=1)
    with pytest.raises(DetectorError, match=r'expected \(1, 3, size, size\)'):
        make_detector(DetectorConfig(kind='onnx', path=path))


def test_input_size_must_be_that_of_the_model(tmp_path):
    path = end_to_end(tmp_path / 'model.onnx')
    assert make_detector(DetectorConfig(kind='onnx', path=path, input_size_px=SIZE))
    with pytest.raises(DetectorError, match=f'images of {SIZE} px'):
        make_detector(DetectorConfig(kind='onnx', path=path, input_size_px=320))


def test_model_that_fails_when_it_runs(tmp_path):
    from onnx import helper
    shape = np.array((1, 6, SIZE * SIZE // 2), np.int64)     # the values of a 64 x 64 image, and of no other
    reshape = helper.make_node('Reshape', ['images', 'shape'], ['output'])
    path = save(tmp_path / 'model.onnx', [reshape], {'shape': shape}, (1, 3, 'side', 'side'), tuple(shape.tolist()))
    with pytest.raises(DetectorError, match='fails when it runs|cannot be read'):
        make_detector(DetectorConfig(kind='onnx', path=path, input_size_px=32))


@pytest.mark.parametrize(('damage', 'reason'), [
    (lambda data: b'', 'is empty'), (lambda data: data[:-100], 'truncated'),
    (lambda data: b'<html>' + data[6:], 'of another kind'),
    (lambda data: b'\x00' * 500, 'of another kind'), (None, 'no such file')])
def test_damaged_file(tmp_path, damage, reason):
    path = Path(end_to_end(tmp_path / 'model.onnx'))
    data = path.read_bytes()
    path.unlink()
    if damage:
        path.write_bytes(damage(data))
    with pytest.raises(DetectorError, match=reason):
        make_detector(DetectorConfig(kind='onnx', path=str(path)))


def test_no_path():
    with pytest.raises(DetectorError, match='needs the path'):
        make_detector(DetectorConfig(kind='onnx'))
