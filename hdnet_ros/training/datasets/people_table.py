"""A data set in memory: images and the people in them, as plain arrays."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.skeleton import JointSet
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.training.samples import Sample, person


@dataclass(eq=False)
class Annotations:
    """People as they are read, one call of ``add`` each."""

    image: list[int] = field(default_factory=list)
    box: list[np.ndarray] = field(default_factory=list)
    joints_px: list[np.ndarray] = field(default_factory=list)
    visible: list[np.ndarray] = field(default_factory=list)
    joints_camera: list[np.ndarray] = field(default_factory=list)
    age_years: list[float] = field(default_factory=list)

    def add(self, image: int, box: np.ndarray, joints_px: np.ndarray, visible: np.ndarray,
            joints_camera: np.ndarray | None = None, age_years: float = math.nan) -> None:
        """One person: number of the image, (4,) corners px, (J, 2) px, (J,), (J, 3) metres, age."""
        self.image.append(image)
        self.box.append(box.astype(np.float32))
        self.joints_px.append(joints_px.astype(np.float32))
        self.visible.append(np.asarray(visible) > 0)
        if joints_camera is not None:
            self.joints_camera.append(joints_camera.astype(np.float32))
        self.age_years.append(age_years)


class PeopleTable:
    """Images with at least one person, all annotations in memory and the images on disk.

    files, K: path and camera matrix of every image that annotations may refer to; images without people are left out.
    source: the joint set of the annotations; target: the one that samples are given in.
    info: what the annotations say about the whole set.
    Raises DataSetError if nobody is left.
    """

    def __init__(self, name: str, files: Sequence[Path], K: Sequence[np.ndarray], people: Annotations,
                 source: JointSet, target: JointSet, info: Mapping[str, Any] | None = None) -> None:
        self.name, self.info = name, info or {}
        if not people.image:
            raise DataSetError(f'{name} has no usable person')
        self._source, self._target = source, target
        owner = np.array(people.image)
        order = np.argsort(owner, kind='stable')
        numbers, first = np.unique(owner[order], return_index=True)
        self._files = [files[number] for number in numbers]
        self._K = np.stack([K[number] for number in numbers])
        self._first = np.append(first, len(owner))
        self._box, self._joints_px, self._visible = (
            np.stack(values)[order] for values in (people.box, people.joints_px, people.visible))
        self._age_years = np.array(people.age_years, dtype=np.float64)[order]
        self._joints_camera = np.stack(people.joints_camera)[order] if people.joints_camera else None

    def __len__(self) -> int:
        return len(self._files)

    def sample(self, index: int) -> Sample:
        """One image with all its people."""
        members = range(self._first[index], self._first[index + 1])
        people = tuple(person(self._box[i], self._joints_px[i], self._visible[i],
                              None if self._joints_camera is None else self._joints_camera[i],
                              self._source, self._target, self._age_years[i]) for i in members)
        return Sample(self._files[index], self._K[index], people, f'{self.name}: {self._files[index].name}')
