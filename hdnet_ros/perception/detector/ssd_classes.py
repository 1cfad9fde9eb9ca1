"""Leaves out of an SSD network what scores classes that nobody asks for."""
from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np

_CLASSES = re.compile(r'(key: "num_classes"\s+value \{\s+i: )(\d+)')
_PREDICTOR = re.compile(r'input: "([^"]*/ClassPredictor)/weights"')


def layout_for_classes(network: cv2.dnn.Net, layout: str, classes: Sequence[int]) -> str:
    """The layout of the same network with a score for some of its classes only; their boxes and scores stay.

    In SSD-MobileNetV2 most of the products go into the scores of 91 classes, and into those of two hardly any.
    network: read with that layout, from a TensorFlow graph, and not yet run. layout: OpenCV's text graph (pbtxt).
    classes: numbers of those to keep, the background first; they are numbered anew from 0.
    ValueError if the network does not score its classes as TensorFlow's object detection does.
    """
    found = _CLASSES.search(layout)
    predictors = _PREDICTOR.findall(layout)
    if not found or not predictors or max(classes) >= int(found[2]):
        raise ValueError('the layout has no class predictors, or not that many classes')
    layout = _CLASSES.sub(rf'\g<1>{len(classes)}', layout)
    constants = []
    for predictor in predictors:
        weights, biases = network.getLayer(network.getLayerId(f'{predictor}/Conv2D')).blobs
        if len(weights) % int(found[2]) or weights.ndim != 4 or biases.size != len(weights):
            raise ValueError(f'{predictor} does not score {found[2]} classes: its weights are {weights.shape}')
        kept = np.arange(len(weights)).reshape(-1, int(found[2]))[:, classes].ravel()
        # TensorFlow's order: rows, columns, inputs, outputs.
        for name, values in (('weights', weights[kept].transpose(2, 3, 1, 0)), ('biases', biases.ravel()[kept])):
            if layout.count(f'input: "{predictor}/{name}"') != 1:
                raise ValueError(f'{predictor} is not a convolution with biases of its own')
            layout = layout.replace(f'input: "{predictor}/{name}"', f'input: "{predictor}/kept_{name}"')
            constants.append(_constant(f'{predictor}/kept_{name}', values))
    return ''.join(constants) + layout


def _constant(name: str, values: np.ndarray) -> str:
    """A node of a text graph that holds an array."""
    content = ''.join(f'\\{byte:03o}' for byte in values.astype('<f4').tobytes())
    sides = ' '.join(f'dim {{ size: {size} }}' for size in values.shape)
    return (f'node {{ name: "{name}" op: "Const" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }} '
            f'attr {{ key: "value" value {{ tensor {{ dtype: DT_FLOAT tensor_shape {{ {sides} }} '
            f'tensor_content: "{content}" }} }} }} }}\n')
