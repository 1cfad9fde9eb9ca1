"""Pictures on clothes, walls and floors: drawn patterns and cuttings of photographs, by name and always the same."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.training.synthetic import store

_PATTERN_PX = 128
_WALL_PX = 256


class TextureBank:
    """RGBA pictures by name: 'file:<name>' of the prepared folder, 'pattern:<n>' and 'wall:<n>' made from numbers.

    photographs: of the split that is drawn from, so that a pattern never shows a photograph of another split.
    """

    def __init__(self, folder: Path, photographs: list[Path]) -> None:
        self._folder = folder
        self._photographs = photographs
        self._loaded: dict[Path, np.ndarray] = {}
        self._makers = {'pattern': self._pattern, 'wall': self._wall}

    def picture(self, name: str) -> np.ndarray:
        """(h, w, 4) uint8 RGBA, origin at the bottom."""
        kind, _, which = name.partition(':')
        if kind == 'file':
            return store.load_texture(self._folder / 'textures' / f'{which}.png')
        image = self._makers[kind](np.random.default_rng([len(kind), int(which)]))
        return np.dstack([np.clip(image, 0, 255).astype(np.uint8), np.full(image.shape[:2], 255, np.uint8)])

    def photograph(self, rng: np.random.Generator) -> np.ndarray:
        """A random photograph of the split, RGB."""
        path = self._photographs[rng.integers(len(self._photographs))]
        if path not in self._loaded:
            self._loaded[path] = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        return self._loaded[path]

    def _cutting(self, rng: np.random.Generator, size_px: int, smallest: float) -> np.ndarray:
        image = self.photograph(rng)
        height, width = image.shape[:2]
        side = int(rng.uniform(smallest, 0.9) * min(height, width))
        y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
        return cv2.resize(image[y:y + side, x:x + side], (size_px, size_px), interpolation=cv2.INTER_AREA)

    def _pattern(self, rng: np.random.Generator) -> np.ndarray:
        """Prints: photographs, stripes, checks, dots."""
        kind = rng.random()
        if kind < 0.4:
            return self._cutting(rng, _PATTERN_PX, 0.15)
        image = np.ones((_PATTERN_PX, _PATTERN_PX, 3)) * rng.uniform(0, 255, 3)
        if kind < 0.8:
            for axis in rng.choice(2, size=rng.integers(1, 3), replace=False):
                repeats, share = rng.integers(2, 12), rng.uniform(0.15, 0.6)
                stripe = ((np.arange(_PATTERN_PX) / _PATTERN_PX * repeats) % 1 < share) * 0.8
                stripe = stripe[:, None, None] if axis == 0 else stripe[None, :, None]
                image = image * (1 - stripe) + stripe * rng.uniform(0, 255, 3)
            return image
        for _ in range(rng.integers(5, 40)):
            centre, radius = rng.integers(0, _PATTERN_PX, 2), int(rng.integers(2, 14))
            cv2.circle(image, (int(centre[0]), int(centre[1])), radius, tuple(map(float, rng.uniform(0, 255, 3))), -1)
        return image

    def _wall(self, rng: np.random.Generator) -> np.ndarray:
        """Walls and floors: stained plaster, tiles, boards, and now and then a photograph."""
        size = _WALL_PX
        if rng.random() < 0.3:
            return self._cutting(rng, size, 0.3)
        image = np.ones((size, size, 3)) * (rng.uniform(50, 235) + rng.normal(0, 14, 3))
        stain = cv2.resize(rng.normal(0, 1, (24, 24)), (size, size), interpolation=cv2.INTER_CUBIC)
        image += stain[..., None] * rng.uniform(0, 12) + rng.normal(0, rng.uniform(0, 7), (size, size, 1))
        if rng.random() < 0.55:
            count, width = int(rng.integers(2, 9)), int(rng.integers(1, 4))
            colour = tuple(float(c) for c in image.mean(axis=(0, 1)) * rng.uniform(0.55, 0.92))
            tiles, grain = rng.random() < 0.5, rng.normal(0, 10, count)
            for k in range(count):
                y = k * size // count
                if not tiles:     # boards differ a little from each other
                    image[y:(k + 1) * size // count] += grain[k]
                cv2.line(image, (0, y), (size, y), colour, width)
                if tiles:
                    cv2.line(image, (y, 0), (y, size), colour, width)
        return image
