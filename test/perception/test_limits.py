from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from hdnet_ros.perception.limits import at_least, one_of, positive, share


@pytest.mark.parametrize(('check', 'good', 'bad', 'message'), [
    (lambda c: at_least(c, 2, 'x'), (2, 2.5), (1.9, math.inf, math.nan), 'x must be at least 2, not '),
    (lambda c: positive(c, 'x'), (1e-9, 3), (0, -1, math.inf, math.nan), 'x must be positive, not '),
    (lambda c: share(c, 'x'), (0, 0.5, 1), (-0.1, 1.1, math.nan), 'x must be in 0..1, not '),
    (lambda c: one_of(c, x=('a', 'b')), ('a', 'b'), ('c', ''), "x must be one of a, b, not '"),
])
def test_limits(check, good, bad, message):
    for value in good:
        check(SimpleNamespace(x=value))
    for value in bad:
        with pytest.raises(ValueError, match=message):
            check(SimpleNamespace(x=value))


def test_the_first_setting_that_is_wrong_is_named():
    with pytest.raises(ValueError, match='y must be positive, not 0'):
        positive(SimpleNamespace(x=1, y=0, z=-1), 'x', 'y', 'z')
