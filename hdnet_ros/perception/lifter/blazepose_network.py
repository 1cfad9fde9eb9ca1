"""BlazePose's landmark network, run by LiteRT."""
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.models import ModelError
from hdnet_ros.perception.lifter.blazepose_joints import LANDMARKS
from hdnet_ros.perception.lifter.blazepose_region import INPUT_SIZE, Region

_CENTER, _TOP, _POINTS = 33, 34, 39    # two auxiliary landmarks describe the next region
_OUTPUTS = {'Identity': _POINTS * 5, 'Identity_1': 1, 'Identity_4': _POINTS * 3}


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What BlazePose saw in a region.

    pixels: (33, 2) of the image; NaN where the lens shows nothing.
    world: (33, 3) metres about the middle of the hips, in the axes of the region.
    confidence: (33,) 0..1, whether a landmark is in the picture and not hidden.
    score: 0..1, whether there is a person.
    region: where it looked; next_region: where to look next.
    """

    pixels: np.ndarray
    world: np.ndarray
    confidence: np.ndarray
    score: float
    region: Region
    next_region: Region


class BlazePoseNetwork:
    """The landmark network of BlazePose GHUM."""

    def __init__(self, path: Path) -> None:
        """Load a .tflite file; ModelError if the library or the file is missing, or the file is something else."""
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ModelError("the lifter 'blazepose' needs LiteRT; "
                             f'install it: pip install ai-edge-litert ({error})') from error
        if not path.is_file():
            raise ModelError(f'no such file: {path} (a BlazePose .tflite file)')
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=os.cpu_count())
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f'{path} cannot be read as a .tflite file; truncated, or of another kind? '
                             f'({error})') from error
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._outputs = {entry['name']: entry['index'] for entry in outputs}
        sizes = {entry['name']: int(np.prod(entry['shape'])) for entry in outputs}
        shapes = [(tuple(entry['shape']), entry['dtype']) for entry in inputs]
        if (shapes != [((1, INPUT_SIZE, INPUT_SIZE, 3), np.float32)]
                or any(sizes.get(name) != size for name, size in _OUTPUTS.items())):
            raise ModelError(f'{path} is not a landmark network of BlazePose')
        self._input = inputs[0]['index']

    def __call__(self, image: np.ndarray, region: Region) -> Landmarks:
        """Look at one region of an image (H, W, 3) uint8 BGR."""
        rgb = cv2.cvtColor(region.sample(image), cv2.COLOR_BGR2RGB)
        self._interpreter.set_tensor(self._input, rgb[None].astype(np.float32) / 255)
        self._interpreter.invoke()
        points = self._output('Identity').reshape(_POINTS, 5)     # x, y, z in input pixels, two logits
        points[:, :2] -= 0.5     # from the edges of pixels to their centres
        circle = region.to_view(points[[_CENTER, _TOP], :2])
        world = self._output('Identity_4').reshape(_POINTS, 3)[:LANDMARKS]
        pixels = region.to_image(points[:LANDMARKS, :2])
        confidence = np.prod(1 / (1 + np.exp(-points[:LANDMARKS, 3:5])), axis=1)
        confidence[np.isnan(pixels).any(axis=1)] = 0
        return Landmarks(pixels=pixels, world=world, confidence=confidence,
                         score=float(self._output('Identity_1')[0, 0]),
                         region=region, next_region=Region.from_circle(*circle, region.view))

    def _output(self, name: str) -> np.ndarray:
        return self._interpreter.get_tensor(self._outputs[name]).astype(np.float64)
