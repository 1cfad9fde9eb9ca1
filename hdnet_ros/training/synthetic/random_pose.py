"""Poses drawn at random: everyday postures by joint angles within limits, library poses with noise, mirror images."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.kinematics import local_rotations, world_rotations
from hdnet_ros.training.synthetic.pose_library import shortest_turn

# Limbs that a pose can take from another, by the bones that they begin with.
LIMBS = {'left arm': ('upperarm01.L',), 'right arm': ('upperarm01.R',), 'legs': ('upperleg01.L', 'upperleg01.R')}
_SPINE = ('spine05', 'spine04', 'spine03', 'spine02', 'spine01')
# Standard deviations of the joint noise, degrees.
_NOISE_DEG = {'upperleg01': 6, 'lowerleg01': 5, 'upperarm01': 10, 'lowerarm01': 10, 'spine03': 4, 'spine05': 3,
              'neck02': 8, 'head': 6, 'clavicle': 4, 'wrist': 10, 'foot': 4}
# What a joint can do, degrees: hip flexion, hip abduction, knee, shoulder flexion, shoulder abduction, elbow, ankle.
_LIMITS = {'hip': (-25, 120), 'abduct': (-12, 50), 'knee': (0, 145), 'shoulder': (-50, 175), 'raise': (-15, 170),
           'elbow': (0, 145), 'ankle': (-30, 35)}


class RandomPose:
    """Draws poses for one body template; every draw comes from the generator that is passed in."""

    def __init__(self, body: BodyTemplate) -> None:
        self._body = body
        self._mirror = np.array([body.bone(_other_side(bone)) for bone in body.bones])
        self._relaxed = self._relaxed_stance()
        self._kinds: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
            name: getattr(self, f'_{name}') for name in
            ('stand', 'walk', 'sit', 'squat', 'reach', 'bend', 'kneel', 'lie', 'anything')}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the postures."""
        return tuple(self._kinds)

    def draw(self, kind: str, rng: np.random.Generator) -> np.ndarray:
        """(B, 3, 3) world rotations of a random posture of that kind."""
        return world_rotations(self._kinds[kind](rng), self._body.parents)

    def jitter(self, world: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
        """The pose with independent noise on the main joints."""
        local = local_rotations(world, self._body.parents)
        for name, deviation in _NOISE_DEG.items():
            for bone in (name, f'{name}.L', f'{name}.R'):
                if bone in self._body.bones:
                    turn = Rotation.from_rotvec(np.radians(rng.normal(0, deviation * strength, 3)))
                    index = self._body.bone(bone)
                    local[index] = local[index] @ turn.as_matrix()
        return world_rotations(local, self._body.parents)

    def mirrored(self, world: np.ndarray) -> np.ndarray:
        """The pose with left and right swapped."""
        flip = np.diag([-1.0, 1, 1])
        return (flip @ world @ flip)[self._mirror]

    def with_limb(self, world: np.ndarray, other: np.ndarray, limb: str) -> np.ndarray:
        """The pose with a limb of ``LIMBS`` as it is in another pose, relative to what it hangs on."""
        parents = self._body.parents
        local, theirs = local_rotations(world, parents), local_rotations(other, parents)
        own = np.zeros(len(parents), bool)
        own[[self._body.bone(bone) for bone in LIMBS[limb]]] = True
        for bone in range(1, len(parents)):   # parents come first
            own[bone] |= own[parents[bone]]
        return world_rotations(np.where(own[:, None, None], theirs, local), parents)

    def _relaxed_stance(self) -> np.ndarray:
        """Local rotations of somebody standing with hanging arms (the template stands with arms and legs apart)."""
        heads, bone = self._body.heads, self._body.bone
        local = np.repeat(np.eye(3)[None], len(self._body.bones), axis=0)
        for side, sign in (('L', 1), ('R', -1)):
            for start, end, out in (('upperarm01', 'lowerarm01', 0.12), ('upperleg01', 'lowerleg01', 0.04)):
                direction = heads[bone(f'{end}.{side}')] - heads[bone(f'{start}.{side}')]
                local[bone(f'{start}.{side}')] = shortest_turn(direction, np.array([sign * out, 0, -1.0]))
        return local

    def _build(self, limbs: dict[str, dict[str, float]], spine: tuple[float, float, float] = (0, 0, 0),
               tilt: float = 0) -> np.ndarray:
        """Local rotations from angles in degrees.

        limbs: side to joint to angle; 'hip', 'knee', 'shoulder', 'elbow', 'ankle' flex forwards, 'abduct' and 'raise'
        go outwards, 'twist' turns the upper arm. spine: lean forward, turn, sideways. tilt: of the whole body, forward.
        """
        local, bone = self._relaxed.copy(), self._body.bone
        for side, angles in limbs.items():
            out = -1 if side == 'L' else 1
            angle = {k: float(np.clip(angles.get(k, 0), *limit)) for k, limit in _LIMITS.items()}
            thigh, arm = bone(f'upperleg01.{side}'), bone(f'upperarm01.{side}')
            local[thigh] = _turn('xy', -angle['hip'], out * angle['abduct']) @ local[thigh]
            local[bone(f'lowerleg01.{side}')] = _turn('x', angle['knee'])
            local[bone(f'foot.{side}')] = _turn('x', angle['ankle'])
            local[arm] = (_turn('xy', -angle['shoulder'], out * angle['raise'])
                          @ _turn('z', -out * angles.get('twist', 0)) @ local[arm])
            local[bone(f'lowerarm01.{side}')] = _turn('x', -angle['elbow'])
        for name in _SPINE:
            local[bone(name)] = _turn('zyx', spine[1] / 5, spine[2] / 5, spine[0] / 5)
        local[0] = _turn('x', tilt)
        return local

    def _stand(self, rng: np.random.Generator) -> np.ndarray:
        n = rng.normal
        limbs = {s: {'hip': n(0, 4), 'abduct': abs(n(0, 4)), 'knee': abs(n(0, 6)), 'shoulder': n(0, 12),
                     'raise': abs(n(0, 8)), 'elbow': abs(n(0, 30)), 'twist': n(0, 20)} for s in 'LR'}
        return self._build(limbs, (n(0, 5), n(0, 8), n(0, 4)))

    def _walk(self, rng: np.random.Generator) -> np.ndarray:
        phase, swing = rng.uniform(0, 2 * np.pi), rng.uniform(12, 34)
        limbs = {}
        for side, shift in (('L', 0), ('R', np.pi)):
            s, c = np.sin(phase + shift), np.cos(phase + shift)
            limbs[side] = {'hip': swing * s, 'knee': 8 + swing * 1.3 * max(0, c), 'ankle': -6 * s,
                           'shoulder': -0.9 * swing * s, 'raise': 5, 'elbow': 15 + rng.uniform(0, 40)}
        return self._build(limbs, (rng.uniform(0, 8), rng.normal(0, 5), 0))

    def _sit(self, rng: np.random.Generator) -> np.ndarray:
        n, height = rng.normal, rng.uniform(70, 105)
        limbs = {s: {'hip': height + n(0, 8), 'abduct': abs(n(0, 9)), 'knee': np.clip(height + n(-5, 15), 40, 130),
                     'shoulder': rng.uniform(0, 50), 'raise': abs(n(0, 12)), 'elbow': rng.uniform(10, 95),
                     'twist': n(10, 20)} for s in 'LR'}
        return self._build(limbs, (rng.uniform(-8, 30), n(0, 10), n(0, 5)), tilt=n(-5, 6))

    def _squat(self, rng: np.random.Generator) -> np.ndarray:
        n, height = rng.normal, rng.uniform(55, 120)
        limbs = {s: {'hip': height + n(0, 10), 'abduct': abs(n(8, 8)), 'knee': height * 1.15 + n(0, 8),
                     'ankle': -rng.uniform(5, 25), 'shoulder': rng.uniform(10, 80), 'raise': abs(n(0, 20)),
                     'elbow': rng.uniform(5, 100)} for s in 'LR'}
        return self._build(limbs, (rng.uniform(5, 45), n(0, 10), 0), tilt=rng.uniform(5, 30))

    def _reach(self, rng: np.random.Generator) -> np.ndarray:
        n = rng.normal
        limbs = {s: {'hip': n(4, 6), 'abduct': abs(n(0, 6)), 'knee': abs(n(0, 10)), 'shoulder': n(0, 12),
                     'raise': abs(n(0, 8)), 'elbow': abs(n(0, 25))} for s in 'LR'}
        for side in ('L', 'R') if rng.random() < 0.4 else ('L',) if rng.random() < 0.5 else ('R',):
            limbs[side].update({'shoulder': rng.uniform(20, 170), 'raise': rng.uniform(-10, 60),
                                'elbow': rng.uniform(0, 90)})
        return self._build(limbs, (rng.uniform(-5, 20), n(0, 12), n(0, 6)))

    def _bend(self, rng: np.random.Generator) -> np.ndarray:
        n, bend = rng.normal, rng.uniform(30, 85)
        limbs = {s: {'hip': bend * 0.55 + n(0, 5), 'abduct': abs(n(0, 6)), 'knee': abs(n(10, 12)),
                     'shoulder': rng.uniform(20, 110), 'raise': abs(n(0, 15)),
                     'elbow': rng.uniform(0, 60)} for s in 'LR'}
        return self._build(limbs, (bend * 0.5, n(0, 10), 0), tilt=bend * 0.55)

    def _kneel(self, rng: np.random.Generator) -> np.ndarray:
        n, both = rng.normal, rng.random() < 0.5
        limbs = {}
        for side in 'LR':
            down = both or side == 'L'
            limbs[side] = {'hip': rng.uniform(0, 35) if down else rng.uniform(75, 100), 'ankle': 35 if down else 0,
                           'knee': rng.uniform(85, 140) if down else rng.uniform(80, 110),
                           'shoulder': rng.uniform(0, 70), 'raise': abs(n(0, 15)), 'elbow': rng.uniform(5, 100)}
        return self._build(limbs, (rng.uniform(-5, 30), n(0, 10), n(0, 5)), tilt=n(4, 6))

    def _lie(self, rng: np.random.Generator) -> np.ndarray:
        n, bent = rng.normal, rng.uniform(0, 60)
        limbs = {s: {'hip': abs(n(0, 10)) + bent * rng.random(), 'abduct': abs(n(0, 10)), 'knee': abs(n(10, 15)) + bent,
                     'shoulder': n(10, 25), 'raise': abs(n(15, 25)), 'elbow': rng.uniform(0, 100)} for s in 'LR'}
        local = self._build(limbs, (n(5, 8), n(0, 8), n(0, 6)), tilt=float(rng.choice([-90, 90])) + n(0, 4))
        local[0] = local[0] @ _turn('z', n(0, 30))
        return local

    def _anything(self, rng: np.random.Generator) -> np.ndarray:
        """Every joint within its limits, most of them near the middle."""
        def within(name: str) -> float:
            low, high = _LIMITS[name]
            return low + (high - low) * rng.beta(1.2, 2.5)
        limbs = {s: {**{name: within(name) for name in _LIMITS}, 'ankle': rng.normal(0, 10), 'twist': rng.normal(0, 25)}
                 for s in 'LR'}
        return self._build(limbs, (rng.normal(8, 15), rng.normal(0, 15), rng.normal(0, 8)), tilt=rng.normal(5, 12))


def _turn(axes: str, *degrees: float) -> np.ndarray:
    """Product of rotations about the axes named, written left to right."""
    return Rotation.from_euler(axes.upper(), degrees if len(axes) > 1 else degrees[0], degrees=True).as_matrix()


def _other_side(bone: str) -> str:
    if bone.endswith('.L'):
        return bone[:-1] + 'R'
    return bone[:-1] + 'L' if bone.endswith('.R') else bone
