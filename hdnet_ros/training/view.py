"""Views: an image as another camera at the same place would see it; exact in every number, and lazy in the pixels.

A camera that is mirrored, rolled about its axis, or has another focal length sees the same scene; its picture is an
affine map of the old one, and the truth changes with it.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.resampling import sample_affine, sample_places
from hdnet_ros.skeleton import JointSet
from hdnet_ros.window import Window, turn_px, turned_box

from .samples import PersonTruth, Sample


@dataclass(frozen=True, eq=False)
class View:
    """What a camera sees, and who is there.

    image: (H, W, 3) uint8 BGR as read.
    image_from_view: (2, 3) affine map from pixels of the view to pixels of the image.
    camera: of the view, without distortion; as large as the image.
    zoom: factor on the focal length since the image was taken.
    has_borders: whether the borders of the image are still those of the view.
    """

    image: np.ndarray
    image_from_view: np.ndarray
    camera: Camera
    people: tuple[PersonTruth, ...]
    zoom: float = 1.0
    has_borders: bool = True

    @classmethod
    def of(cls, sample: Sample) -> View:
        """The image as it was taken; boxes end at its border, and whoever is wholly outside is left out."""
        image = sample.read_image()
        camera = sample.camera(image)
        border = np.tile([camera.width - 1, camera.height - 1], 2)
        people = (replace(person, box=np.clip(person.box, 0, border)) for person in sample.people)
        inside = tuple(person for person in people if (person.box[2:] > person.box[:2]).all())
        return cls(image, np.eye(2, 3), camera, inside)

    def sample(self, window: Window) -> np.ndarray:
        """The picture of a window of the view, (S, S, 3); one resampling, the pixels of ``Window.sample``.

        window: its camera is that of the view, or a ``CameraView`` of it, whose pixels agree to rounding.
        """
        ideal_from_picture = np.vstack([window.ideal_from_picture, [0, 0, 1]])
        if isinstance(window.camera, CameraView):
            return sample_places(self.image, self._places(window, ideal_from_picture), window.antialias)
        return sample_affine(self.image, self.image_from_view @ ideal_from_picture, window.input_size,
                             window.antialias)

    def _places(self, window: Window, ideal_from_picture: np.ndarray) -> np.ndarray:
        """(2, S, S) float32 pixels of the image that each pixel of a turned window shows.

        A pinhole camera that turns sees a homography of its picture.
        """
        turned, size = window.camera, window.input_size
        view_from_ideal = self.camera.K @ turned.axes @ np.linalg.inv(turned.K)
        image_from_picture = self.image_from_view @ view_from_ideal @ ideal_from_picture
        picture = np.stack([*np.meshgrid(np.arange(size), np.arange(size)), np.ones((size, size))])
        depth = np.tensordot((view_from_ideal @ ideal_from_picture)[2], picture, axes=1)
        places = np.tensordot(image_from_picture, picture, axes=1) / np.where(depth > 0, depth, np.nan)
        # What the camera cannot see, behind it and far outside, is put outside the image.
        outside = max(self.camera.width, self.camera.height)
        return np.nan_to_num(places.clip(-outside, 2 * outside), nan=-outside).astype(np.float32)


def mirrored(view: View, joint_set: JointSet) -> View:
    """The mirror image: x changes sign, the principal point moves to the other side, left joints become right ones."""
    last, order = view.camera.width - 1, list(joint_set.flip_order)
    flip = np.array([[-1.0, 0, last], [0, 1, 0]])
    K = view.camera.K.copy()
    K[0, 2] = last - K[0, 2]

    def change(person: PersonTruth) -> PersonTruth:
        left, top, right, bottom = person.box
        return replace(person, box=np.array([last - right, top, last - left, bottom]),
                       joints_px=_apply(flip, person.joints_px)[order], visible=person.visible[order],
                       joints_camera=(person.joints_camera * (-1, 1, 1))[order])
    return _changed(view, K, flip, change)


def rolled(view: View, angle: float) -> View:
    """The view of a camera turned about its axis, so that the picture turns by ``angle`` (radians, from x to y).

    Boxes become those around the turned ellipse that touches the old sides, grown to hold all joints they held.
    """
    center = view.camera.K[:2, 2]
    linear = turn_px(view.camera, angle)
    affine = np.column_stack([linear, center - linear @ center])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def change(person: PersonTruth) -> PersonTruth:
        middle, half = turned_box(view.camera, person.box - np.tile(center, 2), angle)
        joints = _apply(affine, person.joints_px)
        held = ((person.joints_px >= person.box[:2]) & (person.joints_px <= person.box[2:])).all(axis=1)
        corners = np.vstack([center + middle - half, center + middle + half, joints[held]])
        turned = person.joints_camera.copy()
        turned[:, :2] = turned[:, :2] @ turn.T
        return replace(person, box=np.concatenate([corners.min(axis=0), corners.max(axis=0)]), joints_px=joints,
                       joints_camera=turned)
    return replace(_changed(view, view.camera.K, affine, change), has_borders=False)


def zoomed(view: View, factor: float) -> View:
    """The view of a camera with ``factor`` times the focal length; nobody moves."""
    K = view.camera.K.copy()
    K[0, 0], K[1, 1] = K[0, 0] * factor, K[1, 1] * factor
    affine = np.column_stack([np.eye(2) * factor, (1 - factor) * K[:2, 2]])

    def change(person: PersonTruth) -> PersonTruth:
        return replace(person, box=_apply(affine, person.box.reshape(2, 2)).ravel(),
                       joints_px=_apply(affine, person.joints_px))
    changed = _changed(view, K, affine, change)
    return replace(changed, zoom=view.zoom * factor, has_borders=False)


def _changed(view: View, K: np.ndarray, new_from_old: np.ndarray, change: Callable[[PersonTruth], PersonTruth]) -> View:
    image_from_view = view.image_from_view @ np.vstack([cv2.invertAffineTransform(new_from_old), [0, 0, 1]])
    return replace(view, camera=Camera(view.camera.width, view.camera.height, K), image_from_view=image_from_view,
                   people=tuple(change(person) for person in view.people))


def _apply(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ affine[:, :2].T + affine[:, 2]
