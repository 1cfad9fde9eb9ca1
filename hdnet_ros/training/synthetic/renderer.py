"""Draws a scene with OpenGL: the picture, and who is seen in each pixel.

Works without a display and without a graphics card (EGL with Mesa's software renderer); the same scene gives the same
picture on the same machine.
"""
from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np

from hdnet_ros.training.synthetic import shaders
from hdnet_ros.training.synthetic.errors import SYSTEM_INSTALL, SyntheticError, optional
from hdnet_ros.training.synthetic.lighting import Light
from hdnet_ros.training.synthetic.material import COLUMNS, Drawable, Material
from hdnet_ros.training.synthetic.textures import TextureBank

_NEAR_M, _FAR_M = 0.15, 80.0
_SHADOW_PX = 512
_SAMPLES = 4
# Making the smaller versions of a texture takes longer than a whole picture: keep all that a split uses (about 150 MB).
_KEPT_TEXTURES = 400
_BALLS = 32


class Renderer:
    """An OpenGL context with its programs, which is made current whenever it is used: a process may have several.

    Raises SyntheticError where OpenGL is not available, and in the child of a process that has used it.
    """

    _process: int | None = None     # the one that has used OpenGL

    def __init__(self, textures: TextureBank) -> None:
        _check_not_forked()
        moderngl = optional('moderngl')
        try:
            self._gl = moderngl.create_context(standalone=True, backend='egl')
        except Exception as error:    # moderngl raises plain Exceptions
            raise SyntheticError(f'OpenGL is not available here ({error}); run: {SYSTEM_INSTALL}') from error
        Renderer._process = os.getpid()
        self._moderngl = moderngl
        gl = self._gl
        self._bank = textures
        self._textures: OrderedDict[str, object] = OrderedDict()
        self._lit, self._printed = (gl.program(vertex_shader=shaders.LIT_VERTEX, fragment_shader=fragment)
                                    for fragment in (shaders.LIT_FRAGMENT, shaders.PRINTED_FRAGMENT))
        self._depth = gl.program(vertex_shader=shaders.DEPTH_VERTEX, fragment_shader=shaders.DEPTH_FRAGMENT)
        self._identity = gl.program(vertex_shader=shaders.IDENTITY_VERTEX, fragment_shader=shaders.IDENTITY_FRAGMENT)
        self._shadow = gl.depth_texture((_SHADOW_PX, _SHADOW_PX))
        self._shadow.compare_func = ''
        self._shadow.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._shadow_target = gl.framebuffer(depth_attachment=self._shadow)
        self._targets: dict[tuple[str, int, int], tuple] = {}

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the context back."""
        self._make_current()
        self._gl.release()

    def _make_current(self) -> None:
        self._gl.__enter__()    # each use makes its own current, so none needs to be restored as `with` would

    def load(self, drawables: Sequence[Drawable]) -> Geometry:
        """Bring triangles to the renderer; use as a context manager."""
        _check_not_forked()
        self._make_current()
        programs = {'lit': self._lit, 'printed': self._printed, 'depth': self._depth, 'identity': self._identity}
        return Geometry(self._gl, programs, drawables)

    def picture(self, geometry: Geometry, K: np.ndarray, size: tuple[int, int], light: Light,
                catcher: float = 0.0) -> np.ndarray:
        """(H, W, 4) uint8 RGBA; colours are multiplied by alpha, which is 0 where nothing was drawn.

        size: width, height px. catcher: how dark shadows are on surfaces that only receive them (0: they are drawn).
        """
        self._make_current()
        self._cast_shadows(geometry, light)
        target, resolved = self._colour_target(size)
        target.use()
        self._gl.clear(0, 0, 0, 0)
        self._gl.enable(self._moderngl.DEPTH_TEST)
        for program in (self._lit, self._printed):
            program['projection'].write(projection(K, size))
            program['key_direction'].value, program['key_light'].value = tuple(light.direction), tuple(light.key)
            program['ambient'].write(light.ambient.astype('f4').tobytes())
            program['picture'].value, program['shadow_depth'].value = 0, 2
        self._printed['print'].value = 1
        self._shadow.use(2)
        floor_balls = geometry.floor_balls()
        for item in geometry.drawn_first_to_last():
            drawable = item.drawable
            self._set_balls(floor_balls if drawable.receives else drawable.spheres)
            catches = drawable.receives and catcher > 0
            self._lit['catcher'].value = catcher if catches else 0.0
            if catches:
                self._gl.enable(self._moderngl.BLEND)
                self._gl.blend_func = self._moderngl.ONE, self._moderngl.ONE_MINUS_SRC_ALPHA
                target.depth_mask = False
            for first, count, material in drawable.batches:
                item.arrays[self._set_material(material)].render(vertices=3 * count, first=3 * first)
            if catches:
                target.depth_mask = True
                self._gl.disable(self._moderngl.BLEND)
        self._gl.copy_framebuffer(resolved, target)
        return np.frombuffer(resolved.read(components=4), np.uint8).reshape(size[1], size[0], 4)[::-1]

    def identities(self, geometry: Geometry, K: np.ndarray, size: tuple[int, int],
                   only: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Who is seen: (H, W) int identities (0: nobody) and (H, W) float32 depths in metres (inf: nothing).

        only: draw this person alone.
        """
        self._make_current()
        target = self._identity_target(size)
        target.use()
        self._gl.clear(0, 0, 0, 0)
        self._gl.enable(self._moderngl.DEPTH_TEST)
        program = self._identity
        program['projection'].write(projection(K, size))
        program['picture'].value = 0
        for item in geometry.items:
            drawable = item.drawable
            if drawable.receives or (only is not None and drawable.identity != only):
                continue
            program['identity'].value = drawable.identity
            for first, count, material in drawable.batches:
                program['alpha_cut'].value, program['clip'].value = material.alpha_cut, material.clip
                if material.alpha_cut:
                    self._texture(material.texture).use(0)
                item.arrays['identity'].render(vertices=3 * count, first=3 * first)
        read = np.frombuffer(target.read(components=2, dtype='f4'), np.float32).reshape(size[1], size[0], 2)[::-1]
        return np.rint(read[..., 0]).astype(np.int32), np.where(read[..., 1] > 0, read[..., 1], np.inf)

    def _cast_shadows(self, geometry: Geometry, light: Light) -> None:
        matrix = _shadow_projection(geometry, light.direction)
        for program in (self._lit, self._printed):
            program['shadow_projection'].write(matrix)
            program['shadow_step'].value = 0.7 / _SHADOW_PX
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        self._gl.enable(self._moderngl.DEPTH_TEST)
        self._depth['projection'].write(matrix)
        for item in geometry.items:
            if item.drawable.identity:
                item.arrays['depth'].render()

    def _set_balls(self, balls: np.ndarray | None) -> None:
        count = 0 if balls is None else min(len(balls), _BALLS)
        padded = np.zeros((_BALLS, 4), 'f4')
        if count:
            padded[:count] = balls[:count]
        for program in (self._lit, self._printed):
            program['ball_count'].value = count
            program['balls'].write(padded.tobytes())

    def _set_material(self, material: Material) -> str:
        """Tell the program that draws this material about it; the program's name."""
        self._texture(material.texture).use(0)
        program = self._printed if material.pattern else self._lit
        if material.pattern:
            self._texture(material.pattern).use(1)
            program['print_strength'].value = material.pattern_strength
            program['print_scale'].value = material.pattern_scale
            program['print_shift'].value = material.pattern_shift
        for name, value in (('tint_upper', material.tint_upper), ('tint_lower', material.tint_lower),
                            ('tint', material.tint), ('split_height', material.split_m), ('shine', material.shine),
                            ('alpha_cut', material.alpha_cut), ('clip', material.clip)):
            program[name].value = value
        return 'printed' if material.pattern else 'lit'

    def _texture(self, name: str):
        if name in self._textures:
            self._textures.move_to_end(name)
            return self._textures[name]
        picture = self._bank.picture(name) if name else np.full((2, 2, 4), 235, np.uint8)
        texture = self._gl.texture(picture.shape[1::-1], 4, np.ascontiguousarray(picture).tobytes())
        texture.build_mipmaps()
        texture.filter = (self._moderngl.LINEAR_MIPMAP_LINEAR, self._moderngl.LINEAR)
        self._textures[name] = texture
        if len(self._textures) > _KEPT_TEXTURES:
            self._textures.popitem(last=False)[1].release()
        return texture

    def _colour_target(self, size: tuple[int, int]) -> tuple:
        key = ('colour', *size)
        if key not in self._targets:
            gl = self._gl
            self._targets[key] = (gl.framebuffer([gl.renderbuffer(size, 4, samples=_SAMPLES)],
                                                 gl.depth_renderbuffer(size, samples=_SAMPLES)),
                                  gl.framebuffer([gl.renderbuffer(size, 4)]))
        return self._targets[key]

    def _identity_target(self, size: tuple[int, int]):
        key = ('identity', *size)
        if key not in self._targets:
            gl = self._gl
            self._targets[key] = (gl.framebuffer([gl.renderbuffer(size, 2, dtype='f4')], gl.depth_renderbuffer(size)),)
        return self._targets[key][0]


def _check_not_forked() -> None:
    # Mesa's threads do not survive a fork: even a context made anew in the child would wait for them for ever.
    if Renderer._process not in (None, os.getpid()):
        raise SyntheticError('this process was forked from one that has used OpenGL, which cannot work; draw nothing '
                             "before workers start, or start them with multiprocessing's 'spawn'")


class _Item:
    """One drawable on the renderer's side: an array for each program."""

    def __init__(self, gl, programs: Mapping, drawable: Drawable) -> None:
        self.drawable = drawable
        self._vertices = gl.buffer(np.ascontiguousarray(drawable.vertices, dtype='f4').tobytes())
        self._triangles = gl.buffer(np.ascontiguousarray(drawable.triangles, dtype='i4').tobytes())
        self.arrays = {}
        for key, program in programs.items():
            used = {name: width for name, width in COLUMNS.items() if name in program}
            layout = ' '.join(f'{width}f' if name in used else f'{4 * width}x' for name, width in COLUMNS.items())
            self.arrays[key] = gl.vertex_array(program, [(self._vertices, layout, *used)], self._triangles)

    def release(self) -> None:
        for thing in (*self.arrays.values(), self._vertices, self._triangles):
            thing.release()


class Geometry:
    """The drawables of one scene, loaded."""

    def __init__(self, gl, programs: Mapping, drawables: Sequence[Drawable]) -> None:
        self._gl = gl
        self.items = [_Item(gl, programs, drawable) for drawable in drawables]

    def __enter__(self) -> Geometry:
        return self

    def __exit__(self, *_: object) -> None:
        self._gl.__enter__()    # names of buffers mean something in their own context only
        for item in self.items:
            item.release()

    def drawn_first_to_last(self) -> list[_Item]:
        """What only receives shadows comes first, so that everything else is drawn over it."""
        return sorted(self.items, key=lambda item: not item.drawable.receives)

    def floor_balls(self) -> np.ndarray:
        """Balls of all people, those that come closest to the ground first."""
        balls = [item.drawable.spheres for item in self.items if item.drawable.spheres is not None]
        if not balls:
            return np.zeros((0, 4), np.float32)
        every = np.concatenate(balls)
        return every[np.argsort(-every[:, 1])][:_BALLS]


def projection(K: np.ndarray, size: tuple[int, int]) -> bytes:
    """OpenGL's matrix, column by column, of a pinhole camera whose pixel (0, 0) has its centre at (0, 0)."""
    width, height = size
    depth = (_FAR_M + _NEAR_M) / (_FAR_M - _NEAR_M), -2 * _FAR_M * _NEAR_M / (_FAR_M - _NEAR_M)
    matrix = np.array([[2 * K[0, 0] / width, 0, (2 * K[0, 2] + 1) / width - 1, 0],
                       [0, -2 * K[1, 1] / height, 1 - (2 * K[1, 2] + 1) / height, 0],
                       [0, 0, *depth], [0, 0, 1, 0]], 'f4')
    return matrix.T.tobytes()


def _shadow_projection(geometry: Geometry, direction: np.ndarray) -> bytes:
    """A parallel projection along the key light that holds all people."""
    points = [item.drawable.vertices[:, :3] for item in geometry.items if item.drawable.identity]
    points = np.concatenate(points) if points else np.array([[0, 0, 1.0], [0, 0, 3.0]])
    low, high = points.min(axis=0), points.max(axis=0)
    centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2 + 0.2
    forward = -direction
    right = np.cross(forward, [0.3, 1, 0.2])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward]) / np.array([[radius], [radius], [radius + 3]])
    matrix = np.eye(4, dtype='f4')
    matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ centre
    return np.ascontiguousarray(matrix.T).tobytes()
