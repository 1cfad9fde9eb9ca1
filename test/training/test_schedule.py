from __future__ import annotations

import pytest

from hdnet_ros.training.schedule import ScheduleConfig


def test_published_schedule():
    schedule = ScheduleConfig(epochs=100, steps_per_epoch=2000, batch_size=16)
    assert schedule.steps == 200_000
    assert schedule.rate(0) == schedule.rate(19_999) == 1e-4
    assert schedule.rate(20_000) == pytest.approx(0.8e-4)
    assert schedule.rate(199_999) == pytest.approx(1e-4 * 0.8 ** 9)
    assert (schedule.epoch(1999), schedule.epoch(2000)) == (0, 1)


def test_cosine_and_warmup():
    schedule = ScheduleConfig(epochs=10, steps_per_epoch=100, batch_size=1, learning_rate=1.0, kind='cosine', final=0.1,
                              warmup_steps=10)
    assert schedule.rate(0) == pytest.approx(0.1, rel=1e-3)
    assert schedule.rate(4) == pytest.approx(0.5, rel=1e-3)
    assert schedule.rate(500) == pytest.approx(0.55)
    assert schedule.rate(1000) == pytest.approx(0.1)
    rates = [schedule.rate(step) for step in range(10, 1000)]
    assert all(a > b for a, b in zip(rates, rates[1:]))


def test_constant():
    schedule = ScheduleConfig(epochs=10, steps_per_epoch=10, batch_size=1, learning_rate=0.5, kind='constant')
    assert {schedule.rate(step) for step in range(100)} == {0.5}


@pytest.mark.parametrize(('key', 'value'), [
    ('epochs', 0), ('steps_per_epoch', 0), ('batch_size', 0), ('every_epochs', 0), ('learning_rate', 0.0),
    ('kind', 'magic'), ('factor', 1.5), ('final', 2.0), ('warmup_steps', -1)])
def test_nonsense_is_refused_by_name(key, value):
    with pytest.raises(ValueError, match=f'{key} must'):
        ScheduleConfig(**{'epochs': 1, 'steps_per_epoch': 1, 'batch_size': 1, key: value})
