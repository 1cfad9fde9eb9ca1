"""What our results say beyond the paper's tables, as tables to stand below them.

Each function takes the results by label and gives no table if there is nothing to tell.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hdnet_ros.units import MM_PER_M

from ..pck3d import JOINT_GROUPS
from ..protocols.results import ActionErrors, Human36mResult, MupotsResult, PckResult
from ..published import published_table
from .rows import PERCENT, joint_row, sequence_row
from .table import Row, Table

_ACTIONS_PER_BLOCK = 8
_EVERYBODY = 'All people: those whom no estimate was matched to count as wrong in all joints.'


def more_of_table1(results: Mapping[str, Human36mResult]) -> list[Table]:
    """Errors of the joints, of the root's pixel and of the relative depth; and errors by action."""
    if not results:
        return []
    rows = [Row(label, (_mm(each.overall.mpjpe_m), _mm(each.overall.pa_mpjpe_m), each.overall.poses,
                        each.pixel_error_px, PERCENT * each.relative_depth_error)) for label, each in results.items()]
    notes = ('MPJPE, PA-MPJPE: mean error of the joints relative to the root, the latter after a rigid alignment '
             'without scale, over the poses with all joints; only of predictions that have joints. root px: mean error '
             'of the root in the image, as the system gives it. depth: mean of |estimated / true depth - 1|.',)
    names = [action.name for action in next(iter(results.values())).actions]
    return [Table('More of ours on Human3.6M', ('MPJPE mm', 'PA-MPJPE mm', 'poses', 'root px', 'depth %'), tuple(rows),
                  (1, 1, 0, 1, 1), notes=notes),
            Table('Ours by action of Human3.6M, mm', tuple(names), tuple(_action_rows(results)), (1,) * len(names),
                  columns_per_block=_ACTIONS_PER_BLOCK)]


def more_of_table3(results: Mapping[str, MupotsResult]) -> list[Table]:
    """Absolute 3DPCK of all people, the area under it, and how many were matched, in the paper's columns."""
    return _by_sequence(3, 'absolute',
                        {label: (each.absolute_matched, each.absolute_all) for label, each in results.items()})


def more_of_table4(results: Mapping[str, MupotsResult]) -> list[Table]:
    """3DPCK of all people, of the left and the right side, and root-relative, in the paper's columns."""
    rows = [row for label, each in results.items() if each.absolute_matched is not None for row in (
        joint_row(f'{label}: all people', each.absolute_all),
        *(_side_row(f'{label}: {side}', each.absolute_matched, side) for side in ('left', 'right')),
        joint_row(f'{label}: relative', each.relative_matched),
        joint_row(f'{label}: relative, all people', each.relative_all))]
    return _below(4, 'More of ours by joint, %', rows, f'{_EVERYBODY} Left, right: joints of that side. Relative: '
                  'with the roots aligned; all others are absolute.')


def more_of_table5(results: Mapping[str, MupotsResult]) -> list[Table]:
    """As ``more_of_table3``, root-relative."""
    return _by_sequence(5, 'root-relative',
                        {label: (each.relative_matched, each.relative_all) for label, each in results.items()})


# By the name of the paper's table; the others have nothing more.
MORE: Mapping[str, Callable[[Mapping[str, Any]], list[Table]]] = {
    'table1': more_of_table1, 'table3': more_of_table3, 'table4': more_of_table4, 'table5': more_of_table5}


def _action_rows(results: Mapping[str, Human36mResult]) -> list[Row]:
    rows = []
    for label, result in results.items():
        figures: dict[str, Callable[[ActionErrors], float | None]] = {'MRPE': lambda action: action.mrpe.total}
        if result.overall.mpjpe_m is not None:
            figures |= {'MPJPE': lambda action: action.mpjpe_m, 'PA-MPJPE': lambda action: action.pa_mpjpe_m}
        rows += [Row(f'{label}: {name}', tuple(_mm(figure(action)) for action in result.actions))
                 for name, figure in figures.items()]
    return rows


def _by_sequence(number: int, what: str, results: Mapping[str, tuple[PckResult | None, PckResult | None]]
                 ) -> list[Table]:
    """results: of matched and of all people, by label."""
    rows = [row for label, (matched, everybody) in results.items() if matched is not None for row in (
        sequence_row(f'{label}: all people', everybody),
        sequence_row(f'{label}: AUC', matched, 'auc'),
        sequence_row(f'{label}: AUC, all people', everybody, 'auc'),
        sequence_row(f'{label}: people matched', matched, 'matched'))]
    return _below(number, f'More of ours by sequence, {what}, %', rows,
                  f'{_EVERYBODY} AUC: mean of the 3DPCK within 0, 0.5, 1 and so on to 15 cm. People matched: share of '
                  'the true people to whom an estimate was matched in the image.')


def _side_row(label: str, pck: PckResult, side: str) -> Row:
    joints = [next((name for name in group if name.startswith(side)), None) for group in JOINT_GROUPS.values()]
    return Row(label, (*(None if name is None else PERCENT * pck.joints[name] for name in joints), None))


def _below(number: int, title: str, rows: list[Row], note: str) -> list[Table]:
    """In the columns of that table of the paper."""
    return [replace(published_table(number), title=title, rows=tuple(rows), notes=(note,))] if rows else []


def _mm(metres: float | None) -> float | None:
    return None if metres is None else MM_PER_M * metres
