"""Posing: rotations of bones to positions of bones and of everything that hangs on them.

Rotations of a pose are 'world' rotations: (B, 3, 3), how each bone is turned from rest, in the body's frame.
'Local' rotations are relative to the parent bone.
"""
from __future__ import annotations

import numpy as np
from scipy import sparse


def world_rotations(local: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """(B, 3, 3) local to world rotations."""
    world = local.copy()
    for bone in range(1, len(parents)):
        world[bone] = world[parents[bone]] @ local[bone]
    return world


def local_rotations(world: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """(B, 3, 3) world to local rotations."""
    local = world.copy()
    local[1:] = np.swapaxes(world[parents[1:]], -1, -2) @ world[1:]
    return local


def bone_transforms(heads: np.ndarray, world: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place all bones.

    heads: (B, 3) bone starts at rest, metres. world: (B, 3, 3).
    Returns (B, 3, 4) transforms of points at rest, and (B, 3) posed bone starts.
    """
    steps = np.einsum('bij,bj->bi', world[parents[1:]], heads[1:] - heads[parents[1:]])
    posed = np.empty_like(heads)
    posed[0] = heads[0]
    for bone in range(1, len(parents)):
        posed[bone] = posed[parents[bone]] + steps[bone - 1]
    shift = posed - np.einsum('bij,bj->bi', world, heads)
    return np.concatenate([world, shift[:, :, None]], axis=2), posed


def moved(transforms: np.ndarray, rotation: np.ndarray, translation: np.ndarray) -> np.ndarray:
    """(B, 3, 4) bone transforms followed by one rigid motion."""
    out = np.einsum('ij,bjk->bik', rotation, transforms)
    out[:, :, 3] += translation
    return out


def skin(weights: sparse.csr_matrix, transforms: np.ndarray, points: np.ndarray,
         normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Linear blend skinning: (V, 3) points and normals at rest to posed ones, float32."""
    blended = (weights @ transforms.reshape(len(transforms), 12).astype(np.float32)).reshape(-1, 3, 4)
    rotations = blended[:, :, :3]
    return (np.einsum('vij,vj->vi', rotations, points) + blended[:, :, 3], np.einsum('vij,vj->vi', rotations, normals))
