"""Which windows HDNet looks at."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.turned_view import turned_view
from hdnet_ros.window import NATIVE_SIZE_PX, Window, canonical_size_px, ideal_boxes
from hdnet_ros.window_layout import ROOM, box_window, pack_windows, principal_window

if TYPE_CHECKING:
    from hdnet_ros.network import HDNetConfig

# A person of whom less is in the window around the principal point cannot be judged by it.
_MIN_SHARE_IN_WINDOW = 0.5


class WindowChooser:
    """Chooses windows by the policy and size of the configuration or, where it leaves that open, of the checkpoint."""

    def __init__(self, net_config: HDNetConfig, config: RootConfig, room: float = ROOM):
        """room: around people in windows made smaller for them, as a share of their longer side."""
        def pick(mine: str, trained: str) -> str:
            return trained if mine == 'checkpoint' else mine
        self.policy = pick(config.window_policy, net_config.window_policy)
        self._size = pick(config.window_size, net_config.window_size)
        self._turn_from_deg = net_config.turn_from_deg
        self._train_focal_px = config.train_focal_px or net_config.train_focal_px
        self.max_zoom = 1.0 if self.policy == 'principal' else config.max_zoom or net_config.max_zoom
        self._fit = {'max_zoom': self.max_zoom, 'room': room}
        self._sampling = {'input_size': net_config.input_size, 'antialias': net_config.antialias}
        if self._size == 'canonical' and not self._train_focal_px:
            raise ValueError("window_size 'canonical' keeps the field of view of training, but the checkpoint does not "
                             "tell its focal length; set train_focal_px, or window_size 'native'")

    def size_px(self, camera: Camera) -> float:
        """Side of the usual window in ideal pixels.

        Windows of people who do not fit are larger, those of small people up to ``max_zoom`` times smaller.
        """
        if self._size == 'native':
            return NATIVE_SIZE_PX
        return canonical_size_px(camera, self._train_focal_px)

    def choose_turned(self, camera: Camera, boxes: np.ndarray, camera_roll_deg: float = 0.0
                      ) -> tuple[list[Window], np.ndarray, dict[Camera, np.ndarray]]:
        """As ``choose``, but those beside the optical axis are windows of views that look straight at people.

        A window around the principal point is one of the camera itself, as the published evaluation has it.
        boxes: (P, 4) pixels of the image as received; NaN for nobody.
        Returns also all boxes in the ideal pixels of the camera and of each view, by ``Window.camera``.
        """
        ideal = {camera: ideal_boxes(camera, boxes)}
        straight, of = self.choose(camera, ideal[camera], camera_roll_deg)
        if self.policy == 'principal':
            return straight, of, ideal
        windows: list[Window] = []
        index = np.full(len(boxes), -1)
        for number, window in enumerate(straight):
            people = np.flatnonzero(of == number)
            chosen, own = [window], np.zeros(len(people), dtype=int)
            view = turned_view(camera, window.center_px, self._turn_from_deg, camera_roll_deg)
            if view is not None:
                ideal[view] = ideal_boxes(view, boxes)
                turned = self.choose(view, ideal[view][people])
                chosen, own = turned if (turned[1] >= 0).all() else (chosen, own)
            index[people] = own + len(windows)
            windows += chosen
        return windows, index, ideal

    def choose(self, camera: Camera, ideal: np.ndarray, camera_roll_deg: float = 0.0
               ) -> tuple[list[Window], np.ndarray]:
        """The windows to look at and the (P,) index of each person's window, -1 for those whom none can show.

        ideal: (P, 4) boxes in ideal pixels (``window.ideal_boxes``), NaN for those that have no place there.
        camera_roll_deg: how far upright people appear turned clockwise; windows are turned back by it.
        """
        size_px = self.size_px(camera)
        sampling = {**self._sampling, 'roll': -math.radians(camera_roll_deg)}
        if self.policy == 'packed':
            return pack_windows(camera, ideal, size_px, **self._fit, **sampling)
        if self.policy == 'principal':
            window = principal_window(camera, size_px, **sampling)
            inside = window.shares_of(ideal) >= _MIN_SHARE_IN_WINDOW
            return ([window] if inside.any() else []), np.where(inside, 0, -1)
        usable = np.isfinite(ideal).all(axis=1)
        windows = [box_window(camera, box, size_px, **self._fit, **sampling) for box in ideal[usable]]
        return windows, np.where(usable, np.cumsum(usable) - 1, -1)
