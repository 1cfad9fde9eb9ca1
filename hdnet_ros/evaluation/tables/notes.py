"""What has to be known about our rows, as sentences below a table."""
from __future__ import annotations

import math

from ..protocols.results import Human36mResult, MupotsResult


def human36m_note(label: str, result: Human36mResult) -> str:
    """Which images were scored, and which estimates were not."""
    source = 'as the system gives it' if result.root_pixel == 'estimate' else 'from given 2D detections'
    found = 'all placed' if not result.missing else f'{result.missing} without an estimate, which are in no error'
    note = f'{label}: Human3.6M, protocol {result.protocol}, {result.images} images, {found}; root pixel {source}.'
    if result.surplus:
        note += f' Estimates that do not count beside a more certain one in the same image: {result.surplus}.'
    return note


def mupots_note(label: str, result: MupotsResult) -> str:
    """How many people were scored."""
    return f'{label}: MuPoTS-3D, {result.annotated} people in {result.images} images, {result.estimates} estimates.'


def roots_note(result: MupotsResult) -> str:
    """Which of the two skeletons of MuPoTS-3D the true roots are of, as far as that can be told."""
    if result.roots_skeleton == 'metric':
        return 'MuPoTS-3D: the true roots are those of the metric skeletons, true to scale.'
    if result.roots_skeleton == 'universal':
        return ('MuPoTS-3D: the true roots of MuPoTS-3D.json are those of the universal skeleton, which all people '
                'share; they are not true to scale.')
    if result.skeleton == 'universal':
        return ('MuPoTS-3D: the true roots of MuPoTS-3D.json are those of neither skeleton of the release. Is the file '
                'complete and unchanged?')
    return ('MuPoTS-3D: MuPoTS-3D.json does not say whether its true roots are of the metric or of the universal '
            'skeleton, and the release, which would tell, is not there.')


def ap_note(label: str, result: MupotsResult) -> str:
    """Why AP was not measured; '' if it was."""
    if not math.isnan(result.roots[0].ap):
        return ''
    return f'{label}: no AP, which goes through the estimates by their scores: all of these have the same.'


def poses_note(result: MupotsResult) -> str:
    """Which of the two skeletons of MuPoTS-3D poses were compared with."""
    if result.skeleton == 'universal':
        return 'MuPoTS-3D: poses are compared with the universal skeleton, as in the published evaluation.'
    return ('MuPoTS-3D: poses are compared with the skeletons of MuPoTS-3D.json; the published evaluation takes the '
            'universal ones of the release, which is not there.')
