"""Recorded and drawn poses, as world rotations of the body template's bones (see ``kinematics``)."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.kinematics import world_rotations

# Axes of the two libraries in the body's frame (x left, y back, z up).
_COLLECTION_AXES = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
_CLIP_AXES = np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]], float)
# The order of a clip's frame after time step, root position and root quaternion: joint, its parent, size
# (4: quaternion wxyz, 1: angle about z).
_CLIP_JOINTS = (('chest', 'root', 4), ('neck', 'chest', 4),
                ('hip.R', 'root', 4), ('knee.R', 'hip.R', 1), ('ankle.R', 'knee.R', 4),
                ('shoulder.R', 'chest', 4), ('elbow.R', 'shoulder.R', 1),
                ('hip.L', 'root', 4), ('knee.L', 'hip.L', 1), ('ankle.L', 'knee.L', 4),
                ('shoulder.L', 'chest', 4), ('elbow.L', 'shoulder.L', 1))
_CLIP_HEADER = 8
_LIMBS = (('upperleg01', 'lowerleg01'), ('lowerleg01', 'foot'), ('upperarm01', 'lowerarm01'), ('lowerarm01', 'wrist'))
_SPINE = ('spine05', 'spine04', 'spine03', 'spine02', 'spine01')
_NECK = ('neck01', 'neck02', 'neck03')


@dataclass(frozen=True, eq=False)
class PoseLibrary:
    """names: N, 'pose:<name>' or '<clip>:<frame>'. rotations: (N, B, 3, 3) float32 world rotations."""

    names: tuple[str, ...]
    rotations: np.ndarray


def collection_poses(body: BodyTemplate, poses: dict[str, dict[str, list[float]]]) -> dict[str, np.ndarray]:
    """World rotations of the MakeHuman collection's poses (bone name to quaternion xyzw)."""
    out = {}
    for name, bones in poses.items():
        local = np.repeat(np.eye(3)[None], len(body.bones), axis=0)
        for bone, quaternion in bones.items():
            if bone in body.bones:
                rotation = Rotation.from_quat(quaternion).as_matrix()
                local[body.bone(bone)] = _COLLECTION_AXES @ rotation @ _COLLECTION_AXES.T
        out[f'pose:{name}'] = world_rotations(local, body.parents)
    return out


def clip_poses(body: BodyTemplate, path: Path, step_s: float) -> dict[str, np.ndarray]:
    """World rotations of one motion-capture clip, every ``step_s`` seconds."""
    out, time, due = {}, 0.0, 0.0
    name = path.stem.removeprefix('humanoid3d_')
    for index, frame in enumerate(json.loads(path.read_text(encoding='utf-8'))['Frames']):
        if time >= due:
            out[f'{name}:{index:04d}'] = _clip_frame(body, frame)
            due += step_s
        time += frame[0]
    return out


def _clip_frame(body: BodyTemplate, frame: list[float]) -> np.ndarray:
    """World rotations of one frame: limbs hang straight down in the clip's rest pose, ours do not."""
    turns = {'root': _from_wxyz(frame[4:8])}
    position = _CLIP_HEADER
    for joint, parent, size in _CLIP_JOINTS:
        values = frame[position:position + size]
        position += size
        turn = _from_wxyz(values) if size == 4 else Rotation.from_rotvec([0, 0, values[0]])
        turns[joint] = turns[parent] * turn
    own = {name: _CLIP_AXES @ turn.as_matrix() @ _CLIP_AXES.T for name, turn in turns.items()}
    set_bones = {'root': own['root'], 'head': own['neck']}
    set_bones.update(_spread(_SPINE, own['root'], own['chest'], last=1.0))
    set_bones.update(_spread(_NECK, own['chest'], own['neck'], last=0.75))
    for side in 'LR':
        thigh, shin, upper, lower = (_hang(body, start, end, side) for start, end in _LIMBS)
        set_bones[f'upperleg01.{side}'] = own[f'hip.{side}'] @ thigh
        set_bones[f'lowerleg01.{side}'] = own[f'knee.{side}'] @ shin
        set_bones[f'foot.{side}'] = own[f'ankle.{side}']
        set_bones[f'upperarm01.{side}'] = own[f'shoulder.{side}'] @ upper
        set_bones[f'lowerarm01.{side}'] = own[f'elbow.{side}'] @ lower
    world = np.empty((len(body.bones), 3, 3))
    for index, bone in enumerate(body.bones):
        world[index] = set_bones[bone] if bone in set_bones else world[body.parents[index]]
    return world


def _from_wxyz(values: list[float]) -> Rotation:
    return Rotation.from_quat([*values[1:], values[0]])


def _spread(bones: tuple[str, ...], first: np.ndarray, second: np.ndarray, last: float) -> dict[str, np.ndarray]:
    """Share a bend among the bones of a chain; the last one gets the share ``last`` of it."""
    slerp = Slerp([0, 1], Rotation.from_matrix(np.stack([first, second])))
    return {bone: slerp(last * (k + 1) / len(bones)).as_matrix() for k, bone in enumerate(bones)}


def _hang(body: BodyTemplate, start: str, end: str, side: str) -> np.ndarray:
    """The rotation that lets a limb of the template hang straight down."""
    direction = body.heads[body.bone(f'{end}.{side}')] - body.heads[body.bone(f'{start}.{side}')]
    return shortest_turn(direction, np.array([0, 0, -1.0]))


def shortest_turn(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(3, 3) rotation by the smallest angle that takes one direction to another; they must not be opposite."""
    a, b = source / np.linalg.norm(source), target / np.linalg.norm(target)
    axis = np.cross(a, b)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + a @ b)
