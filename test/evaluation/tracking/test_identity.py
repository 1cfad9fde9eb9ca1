"""Identity by the libraries on sequences with known figures, and in the simulated crowd."""
from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('motmetrics')

from hdnet_ros.evaluation.tracking import report  # noqa: E402
from hdnet_ros.evaluation.tracking.crowd import CrowdFrame, CrowdOptions, simulate  # noqa: E402
from hdnet_ros.evaluation.tracking.identity import IdentityFrame, identity_figures  # noqa: E402
from hdnet_ros.evaluation.tracking.report import track_crowd  # noqa: E402
from hdnet_ros.perception.people import Detection, Observation, Root  # noqa: E402
from hdnet_ros.perception.tracker import TrackerConfig  # noqa: E402

BOXES = np.array([[0.0, 0, 10, 20], [100.0, 0, 110, 20]])


def frames(names):
    return [IdentityFrame([0, 1], BOXES, list(ids), BOXES[:len(ids)]) for ids in names]


def test_perfect():
    figures = identity_figures(frames([('a', 'b')] * 10))
    assert (figures.mota, figures.idf1, figures.switches, figures.ids) == (1.0, 1.0, 0, 2)


def test_half_way_somebody_gets_another_id():
    figures = identity_figures(frames([('a', 'b')] * 5 + [('c', 'b')] * 5))
    assert figures.switches == 1 and figures.ids == 3
    assert figures.mota == pytest.approx(1 - 1 / 20)
    assert figures.idf1 == pytest.approx(2 * 15 / (20 + 20))


def test_somebody_is_missed():
    figures = identity_figures(frames([('a',)] * 10))
    assert figures.mota == pytest.approx(0.5) and figures.switches == 0


def test_hota_of_half_the_ids():
    pytest.importorskip('trackeval')
    figures = identity_figures(frames([('a', 'b')] * 5 + [('c', 'b')] * 5))
    assert figures.assa == pytest.approx((10 * 0.5 + 10) / 20)      # detections are perfect
    assert figures.hota == pytest.approx(np.sqrt(0.75))


def test_the_crowd_is_the_same_for_the_same_seed():
    options = CrowdOptions(seconds=1.0)
    first, again, other = (list(simulate(options, seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first[-1].roots, again[-1].roots)
    assert first[-1].who == again[-1].who
    assert not np.array_equal(first[-1].roots, other[-1].roots)
    assert len(first) == 15 and first[0].roots.shape == (10, 3)


def test_people_leave_and_others_come_in():
    frames = list(simulate(CrowdOptions(people=6, seconds=40.0, fps=5.0, leaving=0.5), 1))
    known, gone = set(range(6)), set()
    for frame in frames:
        now = set(frame.people.tolist())
        assert len(now) == 6 and not now & gone      # whoever has left does not come back
        gone |= known - now
        known |= now
        slope = np.abs(frame.roots[:, 0]) / frame.roots[:, 2]
        assert (frame.visible[slope > 1.2] == 0).all() and slope.max() < 2.6
        # They come in from the side, not out of nothing.
        assert set(frame.who) <= now | {-1}
    assert 4 < len(gone) < 40
    first = {who: next(f.roots[list(f.people).index(who)] for f in frames if who in f.people) for who in known - gone}
    assert all(abs(x) / z > 1 for who, (x, _, z) in first.items() if who >= 6)


@pytest.mark.parametrize('reach_m, kept', [(0.0, 1), (20.0, 0)])
def test_how_long_somebody_was_hidden_is_told_by_the_detections(monkeypatch, reach_m, kept):
    """Whoever comes out so far away that the id is lost is confirmed late, after more than 1.2 s."""
    def one_person(options, seed):
        for stamp_s in (*np.arange(0, 1.5, 0.1), *np.arange(2.6, 4.0, 0.1)):
            root = np.array([0.0 if stamp_s < 2 else reach_m, 0.2, 20.0])
            box = np.array([600 + 30 * root[0], 300, 640 + 30 * root[0], 400])
            observation = Observation(Detection(box, 0.9), Root(root, np.diag([0.01, 0.01, 0.04]), np.zeros(2)))
            yield CrowdFrame(float(stamp_s), [observation], [0], np.array([0]), box[None], root[None], np.ones(1))
    monkeypatch.setattr(report, 'simulate', one_person)
    run = track_crowd(CrowdOptions(), 0, TrackerConfig(confirm_s=0.3))
    assert (run.hidden, run.kept) == (1, kept)


def test_newcomers_seldom_get_the_id_of_somebody_else():
    runs = [track_crowd(CrowdOptions(seconds=20.0, leaving=0.5), seed, TrackerConfig()) for seed in range(3)]
    assert sum(run.newcomers for run in runs) >= 5
    assert sum(run.mistaken for run in runs) <= sum(run.newcomers for run in runs) / 2


def test_ten_people_mostly_keep_their_ids():
    """People cross, cover each other and go behind a pillar, a quarter of them hidden at any time."""
    runs = [track_crowd(CrowdOptions(seconds=20.0), seed, TrackerConfig()) for seed in range(3)]
    assert np.mean([run.identity.mota for run in runs]) > 0.9
    assert np.mean([run.identity.idf1 for run in runs]) > 0.6
    assert np.mean([run.identity.switches for run in runs]) < 15
    assert sum(run.kept for run in runs) > 0.9 * sum(run.hidden for run in runs) > 50
