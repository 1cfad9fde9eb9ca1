"""How much images are varied in training."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.requirement import require


@dataclass(frozen=True)
class AugmentationConfig:
    """Probabilities and sizes of the variations; the default is none at all, as published.

    flip: probability of a mirror image.
    roll, roll_deg: probability of turning the camera about its axis, and the standard deviation of the angle; no angle
        exceeds twice that.
    zoom, zoom_range: probability of another focal length, and the least and greatest factor on it.
    colour: probability of other colours; gain, brightness and contrast: greatest deviation of the factor on each
        channel, of the shift as a share of full scale, and of the contrast; grey: share of these without colour.
    blur: probability of blur; blur_px: greatest standard deviation, px of the network's input.
    noise: probability of noise; noise_level: greatest standard deviation, grey levels.
    occluders: probability of covering parts of the window; occluder_size: greatest share of the window's side.
    """

    flip: float = 0.0
    roll: float = 0.0
    roll_deg: float = 10.0
    zoom: float = 0.0
    zoom_range: tuple[float, float] = (0.8, 1.25)
    colour: float = 0.0
    gain: float = 0.2
    brightness: float = 0.1
    contrast: float = 0.2
    grey: float = 0.05
    blur: float = 0.0
    blur_px: float = 1.0
    noise: float = 0.0
    noise_level: float = 8.0
    occluders: float = 0.0
    occluder_count: int = 3
    occluder_size: float = 0.3

    def __post_init__(self) -> None:
        for name in ('flip', 'roll', 'zoom', 'colour', 'grey', 'blur', 'noise', 'occluders'):
            require(0 <= getattr(self, name) <= 1, f'{name} must be a probability in 0..1', getattr(self, name))
        require(0 <= self.roll_deg <= 90, 'roll_deg must lie in 0..90', self.roll_deg)
        low, high = self.zoom_range
        require(0.1 <= low <= high <= 10, 'zoom_range must rise and lie in 0.1..10', self.zoom_range)
        for name in ('gain', 'brightness', 'contrast'):
            require(0 <= getattr(self, name) < 1, f'{name} must lie in 0..1', getattr(self, name))
        for name in ('blur_px', 'noise_level'):
            require(getattr(self, name) > 0, f'{name} must be positive', getattr(self, name))
        require(self.occluder_count >= 1, 'occluder_count must be at least 1', self.occluder_count)
        require(0 < self.occluder_size <= 1, 'occluder_size must lie in 0..1', self.occluder_size)
