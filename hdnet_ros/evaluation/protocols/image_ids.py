"""How images are called in tables of people, whatever the layout of the data set: a name, not a number."""
from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple

_HUMAN36M = re.compile(r's_(\d+)_act_(\d+)_subact_(\d+)_ca_(\d+)_(\d+)')
_MUPOTS = re.compile(r'TS(\d+)/img_(\d{6})')


class Human36mImage(NamedTuple):
    """What the name of an image of Human3.6M says; frame is its number in the film, from 0."""

    subject: int
    action: int
    subaction: int
    camera: int
    frame: int

    @property
    def image_id(self) -> str:
        """The name; file numbers start at 1."""
        return (f's_{self.subject:02d}_act_{self.action:02d}_subact_{self.subaction:02d}_ca_{self.camera:02d}_'
                f'{self.frame + 1:06d}')


def human36m_image(file: str | PurePath) -> Human36mImage:
    """Read the name of an image, which may be a path; ValueError if it is none of Human3.6M."""
    name = PurePath(file).stem
    found = _HUMAN36M.fullmatch(name)
    if not found:
        raise ValueError(f'{name!r} is no image of Human3.6M: those are called s_09_act_02_subact_01_ca_01_000001')
    *sequence, number = map(int, found.groups())
    return Human36mImage(*sequence, frame=number - 1)


def mupots_image_id(file: str | PurePath) -> str:
    """``TS1/img_000000`` of a path that ends like that, with any suffix; ValueError if it is none of MuPoTS-3D."""
    path = PurePath(file).with_suffix('')
    name = '/'.join(path.parts[-2:])
    if not _MUPOTS.fullmatch(name):
        raise ValueError(f'{name!r} is no image of MuPoTS-3D: those are called TS1/img_000000')
    return name


def mupots_sequence(image_id: str) -> int:
    """1 to 20."""
    return int(_MUPOTS.fullmatch(image_id).group(1))
