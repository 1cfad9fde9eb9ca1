from __future__ import annotations

import csv

import numpy as np
import pytest

from hdnet_ros.evaluation.root_errors import RootError, markdown_table, summarize, write_csv


def error(who='man', camera='cam01', frame=0, offset=(0, 0, 0.2), true=(0, 0, 4)):
    return RootError(camera, frame, who, 'aaaaa', np.add(true, offset), np.array(true, float))


def test_errors_are_distances_and_shares_of_the_depth():
    e = error(offset=(0.3, 0, -0.4))
    assert e.distance_m == pytest.approx(0.5) and e.depth_percent == pytest.approx(-10)


def test_summary_has_medians_by_camera_and_over_all():
    errors = [error(offset=(0, 0, d)) for d in (-0.4, 0.2, 0.4)] + [error(camera='cam02', offset=(0, 0, 0.8))]
    rows = {(r.who, r.camera): r for r in summarize(errors)}
    assert set(rows) == {('man', 'cam01'), ('man', 'cam02'), ('man', 'all')}
    first, both = rows['man', 'cam01'], rows['man', 'all']
    assert (first.count, first.root_m) == (3, pytest.approx(0.4))
    assert (first.depth_percent_abs, first.depth_percent) == (pytest.approx(10), pytest.approx(5))
    assert (both.count, both.root_m) == (4, pytest.approx(0.4))
    assert summarize([]) == []


def test_table_is_markdown_with_equal_columns():
    lines = markdown_table(summarize([error(), error(who='woman', offset=(0, 0, 0.6))])).splitlines()
    assert len(lines) == 2 + 4 and len({len(line) for line in lines}) == 1
    assert len({line.count('|') for line in lines}) == 1
    assert 'real man' in lines[2] and '0.200' in lines[2] and '+5.0' in lines[2]


def test_csv_holds_every_estimate(tmp_path):
    write_csv([error(frame=5), error(frame=10)], tmp_path / 'e.csv')
    with open(tmp_path / 'e.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [r['frame'] for r in rows] == ['5', '10']
    assert float(rows[0]['z_m']) == pytest.approx(4.2) and float(rows[0]['depth_error_percent']) == pytest.approx(5)
