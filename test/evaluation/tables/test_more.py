"""Tables of what results say beyond the paper's columns."""
from __future__ import annotations

import math

import pytest

from hdnet_ros.evaluation.metrics import Mrpe
from hdnet_ros.evaluation.pck3d import COUNTED_JOINTS
from hdnet_ros.evaluation.protocols.results import (
    ActionErrors,
    Human36mResult,
    MupotsResult,
    PckResult,
    SequencePck,
)
from hdnet_ros.evaluation.published import published_table
from hdnet_ros.evaluation.tables.formats import FORMATS, write
from hdnet_ros.evaluation.tables.more import MORE

ACTIONS = [f'Action {number}' for number in range(1, 16)]


def human36m(joints=True):
    def errors(name, metres):
        return ActionErrors(name, Mrpe(metres, 0.0, 0.0, metres), 90 if joints else 0,
                            *((metres / 2, metres / 4) if joints else (None, None)))
    return Human36mResult(2, 'estimate', 100, 0, 0, errors('all', 0.08),
                          tuple(errors(name, number / 100) for number, name in enumerate(ACTIONS, start=1)), 7.5, 0.03)


def pck(share):
    """A share in TS3, as much more in TS20, and another one for each joint."""
    sequences = tuple(SequencePck(f'TS{number}', 0.5, value, value / 2, (), {}) for number, value in
                      ((3, share), (20, 2 * share)))
    return PckResult(sequences, 0.5, 1.5 * share, 0.75 * share, tuple(share + k / 100 for k in range(8)),
                     {name: share + number / 1000 for number, name in enumerate(COUNTED_JOINTS)})


def mupots(joints=True):
    return MupotsResult(5, 10, 9, 'universal', 'metric', (),
                        *((pck(0.1), pck(0.2), pck(0.3), pck(0.4)) if joints else (None,) * 4))


def values(table):
    return {row.label: [None if value is None else round(value, 6) for value in row.values] for row in table.rows}


def test_joints_pixel_and_depth_on_human36m_and_errors_by_action():
    more, actions = MORE['table1']({'ours': human36m(), 'roots': human36m(joints=False)})
    assert values(more) == {'ours': [40, 20, 90, 7.5, 3], 'roots': [None, None, 0, 7.5, 3]}
    assert actions.columns == tuple(ACTIONS)
    assert values(actions) == {f'{label}: {name}': [share * n for n in range(1, 16)] for label, name, share in (
        ('ours', 'MRPE', 10), ('ours', 'MPJPE', 5), ('ours', 'PA-MPJPE', 2.5), ('roots', 'MRPE', 10))}


@pytest.mark.parametrize(('number', 'matched', 'everybody'), [(3, 10, 20), (5, 30, 40)])
def test_all_people_area_and_matches_by_sequence(number, matched, everybody):
    table, = MORE[f'table{number}']({'ours': mupots(), 'roots': mupots(joints=False)})
    assert table.columns == published_table(number).columns

    def row(share):
        return [None, None, share, *[None] * 16, 2 * share, 1.5 * share]
    assert values(table) == {'ours: all people': row(everybody), 'ours: AUC': row(matched / 2),
                             'ours: AUC, all people': row(everybody / 2),
                             'ours: people matched': [None, None, 50, *[None] * 16, 50, 50]}


def test_all_people_sides_and_relative_poses_by_joint():
    table, = MORE['table4']({'ours': mupots()})
    assert table.columns == published_table(4).columns
    found = values(table)
    assert found['ours: all people'] == [*range(20, 28), 30]
    assert found['ours: relative'] == [*range(30, 38), 45] and found['ours: relative, all people'][0] == 40
    for side in ('left', 'right'):
        joints = [COUNTED_JOINTS.index(f'{side}_{name}')
                  for name in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'foot')]
        assert found[f'ours: {side}'] == [None, None, *(10 + joint / 10 for joint in joints), None]


def test_nothing_to_tell_is_no_table():
    for number in (3, 4, 5):
        assert MORE[f'table{number}']({'roots': mupots(joints=False)}) == MORE[f'table{number}']({}) == []
    assert MORE['table1']({}) == []


@pytest.mark.parametrize('form', FORMATS)
def test_every_format_takes_them_below_the_papers_table(form):
    for number, result in ((1, human36m()), (3, mupots()), (4, mupots()), (5, mupots())):
        text = write([published_table(number), *MORE[f'table{number}']({'HDNet, mine': result})], form)
        assert text.index('RootNet') < text.index('HDNet, mine')
        assert form != 'text' or max(map(len, text.splitlines())) <= 120


def test_unknown_figures_are_written_as_such():
    nothing = ActionErrors('all', Mrpe(*[math.nan] * 4), 0, math.nan, math.nan)
    result = Human36mResult(1, 'estimate', 9, 9, 0, nothing, (nothing,), math.nan, math.nan)
    more, actions = MORE['table1']({'ours': result})
    assert more.cells(more.rows[0]) == ['-', '-', '0', '-', '-']
    assert [actions.cells(row) for row in actions.rows] == [['-']] * 3
