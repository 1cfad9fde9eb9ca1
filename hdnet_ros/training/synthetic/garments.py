"""Reading clothes, hair and eyes of the MakeHuman collection and binding them to the body template."""
from __future__ import annotations

import json
import posixpath
import tarfile
from dataclasses import dataclass

import cv2
import numpy as np

from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.mesh import Surface, make_surface

ROOT = 'package/public/data'
_MAX_TEXTURE_PX = 512
_UNDER_AGPL = 'Harvey_'
# The collection's metres are decimetres with y up.
_TO_METRES = 0.1


@dataclass(frozen=True)
class Item:
    """A garment of the collection: folder kind, name, author and licence (see ASSETS.md)."""

    kind: str
    name: str
    licence: str


CORE, PUNKDUCK, MINDFRONT, WOLGADE, DRED = 'CC0', 'CC BY 3.0', 'CC BY 4.0', 'CC0', 'CC BY'
ITEMS = tuple(Item(kind, name, licence) for kind, licence, names in (
    ('clothes', CORE, ('male_casualsuit01', 'male_casualsuit02', 'male_casualsuit03', 'male_casualsuit04',
                       'male_casualsuit05', 'male_casualsuit06', 'male_elegantsuit01', 'male_worksuit01',
                       'female_casualsuit01', 'female_casualsuit02', 'female_elegantsuit01', 'female_sportsuit01',
                       'shoes01', 'shoes02', 'shoes03', 'shoes04', 'shoes05', 'shoes06', 'fedora')),
    ('clothes', PUNKDUCK, ('Tightjeans', 'ShortJeans', 'JeansSkirt', 'miniskirt', 'Coat', 'Sleeveless', 'VNeckTop',
                           'TubeDress', 'spaghetti-top', 'glasses', 'WinterBoots')),
    ('clothes', MINDFRONT, ('F_Dress_01', 'F_Dress_02', 'F_Dress_04', 'Tank_Top_01', 'Fishing_Hat_01')),
    ('clothes', WOLGADE, ('female_top_01',)),
    ('clothes', DRED, ('short_tail_camo_tee', 'Asymmetric_Tunic_and_Sash')),
    ('hair', CORE, ('afro01', 'bob01', 'bob02', 'Braid01', 'long01', 'ponytail01', 'short01', 'short02', 'short03',
                    'short04')),
    ('eyes', CORE, ('Low-Poly',)),
    ('eyebrows', CORE, ('eyebrow001', 'eyebrow006', 'eyebrow009')),
) for name in names)

SKINS = tuple(f'{age}_{origin}_{sex}' for age in ('young', 'middleage', 'old')
              for origin in ('african', 'asian', 'caucasian') for sex in ('female', 'male'))


class Collection:
    """The MakeHuman collection inside its npm archive; the archive is read once, front to back."""

    def __init__(self, archive: str) -> None:
        wanted = tuple(f'{ROOT}/proxies/{item.kind}/{item.name}/' for item in ITEMS) + tuple(
            f'{ROOT}/skins/{name}/' for name in SKINS) + ('package/src/json/poses/',)
        self._files: dict[str, bytes] = {}
        with tarfile.open(archive, 'r:gz') as tar:
            for member in tar:
                if member.isfile() and member.name.startswith(wanted):
                    self._files[member.name] = tar.extractfile(member).read()

    def poses(self) -> dict[str, dict[str, list[float]]]:
        """Pose name to bone name to quaternion (x, y, z, w), without those under the AGPL."""
        poses = json.loads(self._bytes('package/src/json/poses/poses.json'))
        return {name: bones for name, bones in poses.items() if not name.startswith(_UNDER_AGPL)}

    def skin_textures(self, name: str) -> list[np.ndarray]:
        """All pictures of a skin, RGBA, origin at the bottom."""
        folder = f'{ROOT}/skins/{name}/textures/'
        names = sorted(n for n in self._files if n.startswith(folder) and 'diffuse' in n)
        return [self._picture(n) for n in names]

    def garment(self, item: Item, body: BodyTemplate) -> tuple[Surface, np.ndarray | None]:
        """A garment's surface and its RGBA texture (origin at the bottom; None if it has none)."""
        folder = f'{ROOT}/proxies/{item.kind}/{item.name}'
        data = json.loads(self._bytes(f'{folder}/{item.name}.json'))
        fit = data['metadata']
        offsets = np.array(fit['offsets'], float)
        offsets = np.stack([offsets[:, 0], -offsets[:, 2], offsets[:, 1]], axis=1) * _TO_METRES
        triangles, uv_triangles = _faces(data['faces'])
        hides = np.array(fit['deleteVerts'], bool) if fit.get('deleteVerts') else None
        surface = make_surface(body, triangles, uv_triangles, np.array(data['uvs'][0], np.float32).reshape(-1, 2),
                               np.array(fit['ref_vIdxs']), np.array(fit['weights'], float), offsets, hides)
        picture = data['materials'][0].get('mapDiffuse') if data['materials'] else None
        return surface, self._picture(posixpath.join(folder, picture)) if picture else None

    def _picture(self, name: str) -> np.ndarray:
        image = cv2.imdecode(np.frombuffer(self._bytes(name), np.uint8), cv2.IMREAD_UNCHANGED)
        if image.ndim == 2:
            image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        occlusion = name.replace('_diffuse', '_ao')
        if occlusion != name and occlusion in self._files:
            shade = cv2.imdecode(np.frombuffer(self._files[occlusion], np.uint8), cv2.IMREAD_GRAYSCALE)
            shade = cv2.resize(shade, image.shape[1::-1])[..., None] / 255.0
            image[..., :3] = image[..., :3] * shade ** 0.6
        if image.shape[2] == 3:
            image = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
        scale = _MAX_TEXTURE_PX / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(image[::-1, :, [2, 1, 0, 3]])

    def _bytes(self, name: str) -> bytes:
        if name not in self._files:
            raise SyntheticError(f'the MakeHuman archive holds no {name}; run: hdnet models verify synthetic_makehuman')
        return self._files[name]


def _faces(stream: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Triangles and their texture coordinates from a three.js face list.

    Known flags of a face: 1 quad, 2 material, 8 texture coordinates.
    """
    corners, texels, i = [], [], 0
    while i < len(stream):
        flags = stream[i]
        if flags & ~3 != 8:
            raise SyntheticError(f'unknown face flags {flags} in a garment')
        size = 4 if flags & 1 else 3
        texture = i + 1 + size + (1 if flags & 2 else 0)
        vertex, texel = stream[i + 1:i + 1 + size], stream[texture:texture + size]
        for k in range(1, size - 1):
            corners.append((vertex[0], vertex[k], vertex[k + 1]))
            texels.append((texel[0], texel[k], texel[k + 1]))
        i = texture + size
    return np.array(corners), np.array(texels)
