"""Where Human3.6M's 17 joints and MuCo's extremities lie in a posed body.

Hips, knees, shoulders, elbows and wrists are the starts of bones; the others are points that move with one bone.
Conventions of Human3.6M's marker skeleton are followed: its hip joints are wider apart (0.15 of the height) and a
little higher than the femoral heads, its ankles lie at the malleoli, its thorax at the base of the neck.
"""
from __future__ import annotations

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.synthetic.body_template import BodyTemplate

EXTREMITIES = ('right_hand', 'left_hand', 'right_toe', 'left_toe')
_HIP_WIDENING = 1.16
_HIP_RAISE = 0.04           # of the way from the hips to the base of the neck
_ANKLE_DROP = 0.12          # of the way from the foot bone's start to the sole
_BONES = {'hip': 'root', 'right_hip': 'pelvis.R', 'right_knee': 'lowerleg01.R', 'right_foot': 'foot.R',
          'left_hip': 'pelvis.L', 'left_knee': 'lowerleg01.L', 'left_foot': 'foot.L', 'spine': 'spine03',
          'thorax': 'spine01', 'neck': 'head', 'head': 'head', 'left_shoulder': 'upperarm01.L',
          'left_elbow': 'lowerarm01.L', 'left_wrist': 'wrist.L', 'right_shoulder': 'upperarm01.R',
          'right_elbow': 'lowerarm01.R', 'right_wrist': 'wrist.R', 'right_hand': 'finger3-1.R',
          'left_hand': 'finger3-1.L', 'right_toe': 'toe1-1.R', 'left_toe': 'toe1-1.L'}
NAMES = HUMAN36M_17.joints + EXTREMITIES


class JointRegressor:
    """Finds the joints of bodies that were built from one template."""

    def __init__(self, body: BodyTemplate) -> None:
        self._bones = np.array([body.bone(_BONES[name]) for name in NAMES])
        self._start = {name: body.bone(name) for name in
                       ('upperleg01.L', 'upperleg01.R', 'foot.L', 'foot.R', 'neck01', 'spine01', 'spine03', 'head')}
        skin = body.skin
        self._skin = skin
        vertices = body.vertices[skin]
        self._crown = skin[vertices[:, 2].argmax()]
        middle = skin[(np.abs(vertices[:, 0]) < 0.004) & (vertices[:, 2] > body.heads[self._start['neck01'], 2])]
        self._nose = middle[body.vertices[middle, 1].argmin()]

    def rest(self, shape: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """Joints of a body at rest: (21, 3), Human3.6M's 17 and then the extremities.

        shape: (T, 3) vertices of the body. heads: (B, 3) its bone starts.
        """
        joints = dict(zip(NAMES, heads[self._bones].astype(float)))
        left, right = heads[self._start['upperleg01.L']], heads[self._start['upperleg01.R']]
        joints['thorax'] = 0.92 * heads[self._start['neck01']] + 0.08 * heads[self._start['spine01']]
        middle = (left + right) / 2
        joints['hip'] = middle + _HIP_RAISE * (joints['thorax'] - middle)
        joints['left_hip'], joints['right_hip'] = (joints['hip'] + _HIP_WIDENING * (side - middle)
                                                   for side in (left, right))
        sole = shape[self._skin, 2].min()
        for side in ('left', 'right'):
            joints[f'{side}_foot'] = joints[f'{side}_foot'] + [0, 0, _ANKLE_DROP * (sole - joints[f'{side}_foot'][2])]
        crown, nose = shape[self._crown].astype(float), shape[self._nose].astype(float)
        joints['spine'] = (joints['hip'] + joints['thorax']) / 2
        joints['spine'][1] = heads[self._start['spine03'], 1]
        # The "neck/nose" joint of Human3.6M lies inside the head, towards the face.
        joints['neck'] = 0.4 * nose + 0.6 * heads[self._start['head']]
        joints['head'] = crown
        return np.array([joints[name] for name in NAMES])

    def posed(self, rest: np.ndarray, transforms: np.ndarray) -> np.ndarray:
        """(21, 3) joints at rest to posed ones. transforms: (B, 3, 4) of the bones."""
        own = transforms[self._bones]
        joints = np.einsum('jik,jk->ji', own[:, :, :3], rest) + own[:, :, 3]
        joints[NAMES.index('hip')] = joints[[NAMES.index('left_hip'), NAMES.index('right_hip')]].mean(axis=0)
        return joints
