"""People of many images in columns: what a system estimated, and the truth to compare it with.

What a run of a system leaves behind is written and read by ``people_file.py`` (``PeopleWriter``, ``read_people``).
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from ..skeleton import joint_set

T = TypeVar('T', bound='PersonTable')


class PredictionError(ValueError):
    """A file of predictions cannot be used; the message names the file, the record and what is wrong with it."""


@dataclass(frozen=True, eq=False, repr=False)
class PersonTable:
    """One row per person; rows are in the order of their images.

    image_ids: names of the images, also of those that show nobody.
    image: (R,) index into ``image_ids``.
    root: (R, 3) metres, camera frame, finite.
    box: (R, 4) x_min, y_min, x_max, y_max, px; NaN if unknown.
    root_px: (R, 2) px; NaN if unknown.
    joints_px: (R, J, 2) px, NaN where unknown, or None.
    joints: (R, J, 3) metres, camera frame, NaN where unknown, or None.
    joint_set: name of the joints (``hdnet_ros.skeleton``); None without joints.
    Rows that come in another order are sorted by image; those of one image keep their order.
    Raises ValueError for columns that do not fit together.
    """

    image_ids: list[str]
    image: np.ndarray
    root: np.ndarray
    box: np.ndarray | None = None
    root_px: np.ndarray | None = None
    joints_px: np.ndarray | None = None
    joints: np.ndarray | None = None
    joint_set: str | None = None

    def __post_init__(self) -> None:
        self._set('image_ids', list(self.image_ids))
        self._set('image', np.asarray(self.image, dtype=np.int64).reshape(-1))
        if ((self.image < 0) | (self.image >= len(self.image_ids))).any():
            raise ValueError(f'image: indices must lie within the {len(self.image_ids)} image ids')
        self._column('root', (3,))
        if not np.isfinite(self.root).all():
            raise ValueError(f'root: row {int(np.argmin(np.isfinite(self.root).all(axis=1)))} is not finite')
        self._column('box', (4,), np.nan)
        self._column('root_px', (2,), np.nan)
        has_joints = self.joints is not None or self.joints_px is not None
        if has_joints and self.joint_set is None:
            raise ValueError('joint_set: name the joints')
        count = len(joint_set(self.joint_set)) if self.joint_set else 0
        self._column('joints_px', (count, 2))
        self._column('joints', (count, 3))
        self._more_columns(count)
        if (np.diff(self.image) < 0).any():
            order = np.argsort(self.image, kind='stable')
            for name, column in self.columns().items():
                self._set(name, column[order])

    def _more_columns(self, joint_count: int) -> None:
        """Check the columns that a kind of table has beyond these."""

    def _column(self, name: str, shape: tuple[int, ...], default: float | None = None,
                dtype: type = np.float64) -> None:
        value = getattr(self, name)
        if value is None and default is not None:
            value = np.full((len(self), *shape), default)
        if value is None:
            return
        value = np.asarray(value, dtype=dtype)
        if not len(self) and not value.size:
            value = value.reshape(0, *shape)
        if value.shape != (len(self), *shape):
            raise ValueError(f'{name}: expected shape {(len(self), *shape)}, not {value.shape}')
        self._set(name, value)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.image)

    def __repr__(self) -> str:
        return f'{type(self).__name__}({len(self)} people in {len(self.image_ids)} images)'

    def columns(self) -> dict[str, np.ndarray]:
        """The columns that are there, by name; the first axis of each is the rows."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def take(self: T, rows: np.ndarray) -> T:
        """The table of some rows (indices or a mask); the images stay."""
        return replace(self, **{name: column[rows] for name, column in self.columns().items()})

    def of_images(self: T, image_ids: Sequence[str]) -> T:
        """The same people with other images: those of ``image_ids``, in that order; people elsewhere are left out."""
        number = {name: index for index, name in enumerate(image_ids)}
        new = np.array([number.get(name, -1) for name in self.image_ids], dtype=np.int64)[self.image]
        columns = {name: column[new >= 0] for name, column in self.columns().items() if name != 'image'}
        return replace(self, image_ids=list(image_ids), image=new[new >= 0], **columns)


@dataclass(frozen=True, eq=False, repr=False)
class PeopleTable(PersonTable):
    """Estimated people.

    score: (R,) how sure the detector was; 1 if not given.
    log_sigma: (R,) standard deviation of the natural logarithm of the depth; NaN if unknown.
    """

    score: np.ndarray | None = None
    log_sigma: np.ndarray | None = None

    def _more_columns(self, joint_count: int) -> None:
        self._column('score', (), 1.0)
        if not np.isfinite(self.score).all():
            raise ValueError(f'score: row {int(np.argmin(np.isfinite(self.score)))} is not finite')
        self._column('log_sigma', (), np.nan)


@dataclass(frozen=True, eq=False, repr=False)
class TruthTable(PersonTable):
    """True people; only those that count.

    visible: (R, J) bool, which joints are seen in the image, or None.
    who: (R,) str, which person or kind of person, or None.
    age_years: (R,) NaN if unknown.
    """

    visible: np.ndarray | None = None
    who: np.ndarray | None = None
    age_years: np.ndarray | None = None

    def _more_columns(self, joint_count: int) -> None:
        self._column('visible', (joint_count,), dtype=bool)
        self._column('who', (), dtype=np.str_)
        self._column('age_years', (), np.nan)


def concatenate(tables: Sequence[T]) -> T:
    """One table of several of the same kind, with the same joints and columns.

    Either all have the same images, or no two have one in common. Raises ValueError if they do not fit together.
    """
    if not tables:
        raise ValueError('there is no table to concatenate')
    first = tables[0]
    names = list(first.columns())
    if any(list(t.columns()) != names or t.joint_set != first.joint_set for t in tables):
        raise ValueError('tables with different joints or columns cannot become one')
    columns = {name: np.concatenate([t.columns()[name] for t in tables]) for name in names}
    if all(t.image_ids == first.image_ids for t in tables):
        return replace(first, **columns)
    image_ids = [name for t in tables for name in t.image_ids]
    if len(set(image_ids)) != len(image_ids):
        raise ValueError('tables that share some of their images cannot become one')
    starts = np.cumsum([0, *(len(t.image_ids) for t in tables[:-1])])
    columns['image'] = np.concatenate([t.image + start for t, start in zip(tables, starts)])
    return replace(first, image_ids=image_ids, **columns)
