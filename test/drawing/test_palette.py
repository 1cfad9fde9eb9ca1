from __future__ import annotations

import zlib
from collections import Counter

from hdnet_ros.drawing.palette import BLACK, COLORS, REMEMBERED, WHITE, Palette, ink_on, mix, side_color


def brightness(color):
    return sum(color)


def test_an_id_has_the_same_colour_in_every_process(make_person):
    """Python's own hash() differs from process to process."""
    found = [COLORS.index(Palette().colors([make_person(id=name)])[name]) for name in ('k3x7a', 'm2qd9', 'zz000')]
    assert found == [zlib.crc32(name) % 6 for name in (b'k3x7a', b'm2qd9', b'zz000')]


def test_colours_differ_while_there_are_enough(make_person):
    people = [make_person(id=f'p000{i}', age_s=i) for i in range(len(COLORS))]
    assert set(Counter(Palette().colors(people).values()).values()) == {1}
    crowd = [make_person(id=f'p{i:04d}') for i in range(40)]
    assert set(Palette().colors(crowd).values()) <= set(COLORS)


def test_newcomers_never_take_a_colour_from_somebody(make_person):
    palette = Palette()
    first = palette.colors([make_person(id='p0000')])
    for i in range(1, 30):
        both = palette.colors([make_person(id='p0000'), make_person(id=f'p{i:04d}', age_s=0.0)])
        assert both['p0000'] == first['p0000'] != both[f'p{i:04d}']


def test_memory_is_bounded_and_keeps_who_is_in_view(make_person):
    palette = Palette()
    stays = make_person(id='stays')
    color = palette.colors([stays])['stays']
    for i in range(200):
        assert palette.colors([stays, make_person(id=f'p{i:04d}')])['stays'] == color
    assert len(palette._colors) <= REMEMBERED + 1


def test_left_is_lighter_and_right_is_darker():
    for color in COLORS:
        left, right = (side_color(color, f'{side}_knee') for side in ('left', 'right'))
        assert brightness(left) > brightness(color) > brightness(right)
        assert side_color(color, 'spine') == color


def test_mix_and_ink():
    assert mix((0, 0, 0), (255, 255, 255), 0.5) == (128, 128, 128)
    assert ink_on((255, 255, 255)) == BLACK and ink_on((60, 0, 0)) == WHITE
