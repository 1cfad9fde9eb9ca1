"""Furniture with metric sizes, out of the catalogues of Sweet Home 3D: simplified and coloured per corner."""
from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

_CELL_M = 0.025
_GREY = np.array([0.6, 0.6, 0.6])
_SIZE_CM = {'height': (35, 230), 'width': (30, 260), 'depth': (20, 260)}
_TRIANGLES = (20, 4500)
_PEOPLE = {'Male', 'Female', 'Boy', 'Girl', 'Man', 'Woman'}


@dataclass(frozen=True, eq=False)
class Furniture:
    """One piece, standing on the floor at the origin: x right, y up, z to its front, metres.

    vertices: (V, 3). triangles: (F, 3). colours: (F, 3) linear-free sRGB in 0..1. size_m: width, height, depth.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    colours: np.ndarray
    size_m: np.ndarray


def read_catalogue(path: Path) -> list[Furniture]:
    """All pieces of one ``.sh3f`` file that are of the size of people and simple enough to draw."""
    with zipfile.ZipFile(path) as archive:
        listing = next(n for n in archive.namelist() if re.fullmatch(r'[^/]*Catalog\.properties|[^/_]*\.properties', n))
        entries: dict[int, dict[str, str]] = {}
        for line in archive.read(listing).decode('latin-1').splitlines():
            match = re.match(r'(\w+)#(\d+)=(.*)', line.strip())
            if match:
                entries.setdefault(int(match[2]), {})[match[1]] = match[3]
        pieces = [_read_piece(archive, entry) for entry in entries.values() if _wanted(entry)]
    return [piece for piece in pieces if piece and _TRIANGLES[0] < len(piece.triangles) < _TRIANGLES[1]]


def _wanted(entry: dict[str, str]) -> bool:
    return ('model' in entry and entry.get('doorOrWindow') != 'true' and entry.get('name') not in _PEOPLE
            and all(low < float(entry.get(key, 0)) < high for key, (low, high) in _SIZE_CM.items()))


def _read_piece(archive: zipfile.ZipFile, entry: dict[str, str]) -> Furniture | None:
    """None for the few models that are not OBJ files or whose file is absent."""
    name = entry['model'].lstrip('/')
    if not name.endswith('.obj') or name not in archive.namelist():
        return None
    vertices, triangles, colours = _read_obj(archive, name)
    if 'modelRotation' in entry:
        vertices = vertices @ np.array([float(x) for x in entry['modelRotation'].split()]).reshape(3, 3).T
    size = np.array([float(entry[key]) for key in ('width', 'height', 'depth')]) / 100
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    vertices = (vertices - (low + high) / 2) / (high - low + 1e-9) * size
    vertices[:, 1] += size[1] / 2
    cells = np.floor(vertices / _CELL_M).astype(int)
    _, kept, merged = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    triangles = merged.ravel()[triangles]
    whole = ((triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2])
             & (triangles[:, 2] != triangles[:, 0]))
    return Furniture(vertices[kept].astype(np.float32), triangles[whole].astype(np.int32),
                     colours[whole].astype(np.float32), size)


def _read_obj(archive: zipfile.ZipFile, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    folder = posixpath.dirname(name)
    vertices, triangles, colours = [], [], []
    materials: dict[str, np.ndarray] = {}
    colour = _GREY
    for line in io.TextIOWrapper(archive.open(name), errors='replace'):
        words = line.split()
        if not words:
            continue
        if words[0] == 'mtllib':
            materials = _read_materials(archive, posixpath.join(folder, ' '.join(words[1:])))
        elif words[0] == 'v':
            vertices.append([float(x) for x in words[1:4]])
        elif words[0] == 'usemtl':
            colour = materials.get(words[1], _GREY)
        elif words[0] == 'f':
            corners = [int(word.split('/')[0]) for word in words[1:]]
            corners = [c - 1 if c > 0 else len(vertices) + c for c in corners]
            triangles += [(corners[0], corners[k], corners[k + 1]) for k in range(1, len(corners) - 1)]
            colours += [colour] * (len(corners) - 2)
    return np.array(vertices), np.array(triangles), np.array(colours)


def _read_materials(archive: zipfile.ZipFile, name: str) -> dict[str, np.ndarray]:
    """Colour of each material: its diffuse colour, or the mean of its picture."""
    if name not in archive.namelist():
        return {}
    colours: dict[str, np.ndarray] = {}
    current = ''
    for line in io.TextIOWrapper(archive.open(name), errors='replace'):
        words = line.split()
        if not words:
            continue
        if words[0] == 'newmtl':
            current = words[1]
            colours[current] = _GREY
        elif words[0] == 'Kd':
            colours[current] = np.array([float(x) for x in words[1:4]])
        elif words[0] == 'map_Kd':
            picture = posixpath.join(posixpath.dirname(name), words[-1])
            if picture in archive.namelist():
                image = cv2.imdecode(np.frombuffer(archive.read(picture), np.uint8), cv2.IMREAD_COLOR)
                if image is not None:
                    colours[current] = image.reshape(-1, 3).mean(axis=0)[::-1] / 255
    return colours
