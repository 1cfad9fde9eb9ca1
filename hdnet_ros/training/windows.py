"""Windows over people for training, made as the node makes them: same policies, same size, same pixels."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.network import HDNetConfig
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.root_windows import WindowChooser
from hdnet_ros.skeleton import joint_set
from hdnet_ros.window import ROOM, Window

from .augmentation import vary_camera, vary_picture
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
    """Makes windows from samples.

    training: varied windows, one per sample; otherwise all windows of a sample by the network's own policy, unvaried
    but for the jitter of the boxes.
    """

    def __init__(self, network: HDNetConfig, windows: WindowsConfig, augmentation: AugmentationConfig,
                 training: bool) -> None:
        self._network, self._windows, self._augmentation = network, windows, augmentation
        self._training = training
        self._joint_set = joint_set(network.joint_set)

    def make(self, sample: Sample, random: np.random.Generator) -> list[WindowExample]:
        """The windows of a sample; none if nobody is large enough in the picture."""
        view = View.of(sample)
        if self._training:
            view = vary_camera(view, self._augmentation, self._joint_set, random)
        if not view.people:
            return []
        boxes = np.stack([self._detected(view, person.box, random) for person in view.people])
        policy = self._policy(random)
        room = float(random.uniform(*self._windows.room)) if self._training else ROOM
        windows, index = self._chooser(policy, view.zoom, room).choose(view.camera, boxes)
        index = np.where([self._large_enough(windows, w, box) for w, box in zip(index, boxes)], index, -1)
        if (index < 0).all():
            return []
        if not self._training:
            return [self._example(view, windows[w], np.flatnonzero(index == w), boxes, sample.source, random)
                    for w in np.unique(index[index >= 0])]
        chosen = int(random.choice(np.flatnonzero(index >= 0)))
        window, together = windows[index[chosen]], index == index[chosen]
        if policy != 'principal' and random.random() < self._windows.off_centre:
            window = self._moved(window, boxes[together], random)
        people = np.array([chosen])
        if self._windows.people == 'all':
            inside = [self._large_enough([window], 0, box) and _share_inside(window, box) >= SHARE_INSIDE
                      for box in boxes]
            people = np.flatnonzero(np.array(inside) | (np.arange(len(boxes)) == chosen))
        return [self._example(view, window, people, boxes, sample.source, random)]

    def _policy(self, random: np.random.Generator) -> str:
        if not self._training:
            return self._network.window_policy
        # Sorted, since a file written anew may have them in another order.
        names, shares = zip(*sorted(self._windows.policies.items()))
        return names[int(np.searchsorted(np.cumsum(shares), random.random() * sum(shares), side='right'))]

    def _chooser(self, policy: str, zoom: float, room: float) -> WindowChooser:
        # A canonical window grows with the focal length, which would undo the zoom: so training's grows along.
        focal = self._network.train_focal_px * zoom if self._network.window_size == CANONICAL else 0.0
        return WindowChooser(self._network, RootConfig(window_policy=policy, train_focal_px=focal), room)

    def _detected(self, view: View, box: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The box as a detector would give it: (4,), within the picture; NaN if nothing is left of it."""
        side = np.tile(box[2:] - box[:2], 2)
        box = box + random.standard_normal(4) * side * self._windows.box_jitter
        if view.upright:
            last = np.array([view.camera.width - 1, view.camera.height - 1])
            box = np.clip(box, 0, np.tile(last, 2))
        return box if (box[2:] > box[:2]).all() else np.full(4, np.nan)

    def _large_enough(self, windows: list[Window], number: int, box: np.ndarray) -> bool:
        if number < 0 or np.isnan(box).any():
            return False
        scale = self._network.input_size / windows[number].size_px
        return (box[3] - box[1]) * scale >= self._windows.min_height_px

    def _moved(self, window: Window, boxes: np.ndarray, random: np.random.Generator) -> Window:
        """The window at another place that still holds what it held of the boxes."""
        held = np.clip(boxes.reshape(-1, 2, 2), window.box_px[:2], window.box_px[2:])
        shift = random.uniform(held.max(axis=(0, 1)) - window.box_px[2:], held.min(axis=(0, 1)) - window.box_px[:2])
        return replace(window, center_px=window.center_px + shift)

    def _example(self, view: View, window: Window, people: np.ndarray, boxes: np.ndarray, source: str,
                 random: np.random.Generator) -> WindowExample:
        picture = view.sample(window)
        if self._training:
            picture = vary_picture(picture, self._augmentation, random)
        others = tuple(boxes[np.arange(len(boxes)) != person] for person in people)
        return WindowExample(picture, window, view, tuple(int(p) for p in people), boxes[people], others, source)


def _share_inside(window: Window, box: np.ndarray) -> float:
    """Share of a box's area that lies in a window."""
    if np.isnan(box).any():
        return 0.0
    inside = np.minimum(box[2:], window.box_px[2:]) - np.maximum(box[:2], window.box_px[:2])
    return float(np.clip(inside / np.maximum(box[2:] - box[:2], 1e-9), 0, 1).prod())
