"""Windows over people for training, made as the node makes them: same policies, same size, same pixels."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.network import HDNetConfig
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.root_windows import WindowChooser
from hdnet_ros.skeleton import joint_set
from hdnet_ros.window import Window
from hdnet_ros.window_layout import ROOM

from .augmentation import vary_camera, vary_picture
from .box_jitter import jittered
from .samples import Sample
from .view import View

if TYPE_CHECKING:
    from .augmentation_config import AugmentationConfig
    from .config import WindowsConfig

# A person counts as being in a window if so much of the box is.
SHARE_INSIDE = 0.95
CANONICAL = 'canonical'


@dataclass(frozen=True, eq=False)
class WindowExample:
    """A window and the people in it to learn from; at least one.

    picture: (S, S, 3) uint8 BGR; view: what the window looks at; people: their numbers in the view; boxes: (P, 4) as
    a detector might give them, px of the view; others: (Q, 4) for each, the boxes of everybody else in the view.
    """

    picture: np.ndarray
    window: Window
    view: View
    people: tuple[int, ...]
    boxes: np.ndarray
    others: tuple[np.ndarray, ...]
    source: str


class WindowMaker:
    """Makes windows from samples: varied ones to learn from, usual ones to measure by."""

    def __init__(self, network: HDNetConfig, windows: WindowsConfig, augmentation: AugmentationConfig) -> None:
        self._network, self._windows, self._augmentation = network, windows, augmentation
        self._joint_set = joint_set(network.joint_set)

    def varied(self, sample: Sample, random: np.random.Generator) -> WindowExample | None:
        """One window of a sample, with camera, place and picture varied; None if nobody is large enough in it.

        A run depends on the order of the draws: changing it changes what every step learns from.
        """
        view = vary_camera(View.of(sample), self._augmentation, self._joint_set, random)
        if not view.people:
            return None
        boxes = self._detected(view, random)
        policy = self._policy(random)
        windows, index, ideal = self._laid(view, boxes, policy, float(random.uniform(*self._windows.room)))
        if (index < 0).all():
            return None
        chosen = int(random.choice(np.flatnonzero(index >= 0)))
        window = windows[index[chosen]]
        in_it = ideal[window.camera]
        if policy != 'principal' and random.random() < self._windows.off_centre:
            window = self._moved(window, in_it[index == index[chosen]], random)
        picture = vary_picture(view.sample(window), self._augmentation, random)
        return _example(view, window, picture, self._learned_from(window, in_it, chosen), boxes, sample.source)

    def usual(self, sample: Sample, random: np.random.Generator) -> list[WindowExample]:
        """All windows of a sample by the network's own policy, unvaried but for the jitter of the boxes.

        Empty if nobody is large enough in the picture.
        """
        view = View.of(sample)
        if not view.people:
            return []
        boxes = self._detected(view, random)
        windows, index, _ = self._laid(view, boxes, self._network.window_policy, ROOM)
        return [_example(view, windows[w], windows[w].sample(view.image), np.flatnonzero(index == w), boxes,
                         sample.source) for w in np.unique(index[index >= 0])]

    def _policy(self, random: np.random.Generator) -> str:
        # Sorted, since a file written anew may have them in another order.
        names, shares = zip(*sorted(self._windows.policies.items()))
        return names[int(np.searchsorted(np.cumsum(shares), random.random() * sum(shares), side='right'))]

    def _chooser(self, policy: str, zoom: float, room: float) -> WindowChooser:
        # A canonical window grows with the focal length, which would undo the zoom: so training's grows along.
        focal = self._network.train_focal_px * zoom if self._network.window_size == CANONICAL else 0.0
        return WindowChooser(self._network, RootConfig(window_policy=policy, train_focal_px=focal), room)

    def _detected(self, view: View, random: np.random.Generator) -> np.ndarray:
        """(P, 4) boxes as a detector would give them, within the picture; NaN where nothing is left of one."""
        boxes = np.stack([jittered(person.box, self._windows.box_jitter, random) for person in view.people])
        if view.has_borders:
            boxes = np.clip(boxes, 0, np.tile([view.camera.width - 1, view.camera.height - 1], 2))
        return np.where((boxes[:, 2:] > boxes[:, :2]).all(axis=1, keepdims=True), boxes, np.nan)

    def _laid(self, view: View, boxes: np.ndarray, policy: str, room: float
              ) -> tuple[list[Window], np.ndarray, dict[Camera, np.ndarray]]:
        """Windows over people, and (P,) each person's, -1 for none or one in which the person is too small.

        As in use, those beside the optical axis are turned (``HDNetConfig.turn_from_deg``).
        Returns also the boxes in ideal pixels, by ``Window.camera``.
        """
        windows, index, ideal = self._chooser(policy, view.zoom, room).choose_turned(view.camera, boxes)
        good = [number >= 0 and self._large_enough(windows[number], ideal[windows[number].camera][person])
                for person, number in enumerate(index)]
        return windows, np.where(good, index, -1), ideal

    def _large_enough(self, window: Window, box: np.ndarray) -> bool:
        """Whether a box in ideal pixels is; never one that is NaN."""
        return bool((box[3] - box[1]) * self._network.input_size / window.size_px >= self._windows.min_height_px)

    def _learned_from(self, window: Window, boxes: np.ndarray, chosen: int) -> np.ndarray:
        """Numbers of the people in a window of the chosen one who are learned from, too; boxes in ideal pixels."""
        if self._windows.people == 'one':
            return np.array([chosen])
        return np.flatnonzero([number == chosen or (self._large_enough(window, box)
                                                    and window.shares_of(box) >= SHARE_INSIDE)
                               for number, box in enumerate(boxes)])

    def _moved(self, window: Window, boxes: np.ndarray, random: np.random.Generator) -> Window:
        """The window at another place that still holds what it held of the boxes in ideal pixels."""
        held = np.clip(boxes.reshape(-1, 2, 2), window.box_px[:2], window.box_px[2:])
        shift = random.uniform(held.max(axis=(0, 1)) - window.box_px[2:], held.min(axis=(0, 1)) - window.box_px[:2])
        return replace(window, center_px=window.center_px + shift)


def _example(view: View, window: Window, picture: np.ndarray, people: np.ndarray, boxes: np.ndarray, source: str
             ) -> WindowExample:
    others = tuple(boxes[np.arange(len(boxes)) != person] for person in people)
    return WindowExample(picture, window, view, tuple(int(p) for p in people), boxes[people], others, source)
