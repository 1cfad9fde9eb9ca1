"""Which colour a person has: the same from frame to frame, and told apart also by colour-blind people."""
from __future__ import annotations

import zlib
from collections.abc import Sequence

from ..perception.people import Person

Color = tuple[int, int, int]   # blue, green, red, 0..255

# The palette of Okabe and Ito without its yellow and black, which vanish on white and on dark images.
COLORS: tuple[Color, ...] = ((0, 130, 230), (233, 180, 86), (115, 158, 0), (178, 114, 0), (0, 94, 213), (167, 121, 204))
WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)

LEFT_TINT = 0.55    # share of white in the person's left limbs
RIGHT_SHADE = 0.45  # share of black in the right ones

REMEMBERED = 64     # ids whose colours are kept, apart from those in view


def mix(color: Color, other: Color, share: float) -> Color:
    """``color`` with that share (0..1) of ``other`` in it."""
    return tuple(round((1 - share) * a + share * b) for a, b in zip(color, other))


def side_color(color: Color, joint: str) -> Color:
    """The person's colour as it is drawn at a joint of that name: lighter on the left, darker on the right side."""
    if joint.startswith('left_'):
        return mix(color, WHITE, LEFT_TINT)
    if joint.startswith('right_'):
        return mix(color, BLACK, RIGHT_SHADE)
    return color


def ink_on(color: Color) -> Color:
    """Black or white, whichever reads better on that colour."""
    luminance = 0.114 * color[0] + 0.587 * color[1] + 0.299 * color[2]
    return BLACK if luminance > 140 else WHITE


class Palette:
    """Colours by id.

    An id's colour follows from its letters, so that separate processes agree, unless somebody in view already has it.
    Colours last as long as the object: keep one per camera to have them stable over a film.
    """

    def __init__(self):
        self._colors: dict[str, Color] = {}

    def colors(self, people: Sequence[Person]) -> dict[str, Color]:
        """The colour of everybody's id; those who are longest in view choose first."""
        taken = {self._colors[p.id] for p in people if p.id in self._colors}
        for person in sorted(people, key=lambda p: (-p.age_s, p.id)):
            if person.id not in self._colors:
                first = zlib.crc32(person.id.encode()) % len(COLORS)
                order = COLORS[first:] + COLORS[:first]
                self._colors[person.id] = next((c for c in order if c not in taken), order[0])
                taken.add(self._colors[person.id])
        chosen = {p.id: self._colors[p.id] for p in people}
        for old in list(self._colors)[:max(0, len(self._colors) - max(REMEMBERED, len(chosen)))]:
            if old not in chosen:
                del self._colors[old]
        return chosen
