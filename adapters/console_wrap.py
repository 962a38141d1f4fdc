"""Where a line of English or Chinese may be broken to fit a terminal's columns."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

SPACES = " \u3000"

_WIDE = (
    "\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
)
_WIDE += "\uffe0-\uffe6\U0001b000-\U0001b2ff\U00020000-\U0003fffd"
_OPENING = "「『（《〈【〔［｛“‘"
_CLOSING = "」』）》〉】〕］｝”’，。、；：？！…—％～"
_UNIT = re.compile(
    rf"[{_OPENING}]*(?:[{_WIDE}]|[^ \u3000{_WIDE}{_OPENING}]+)[{_CLOSING}]*(?: ·)?[ \u3000]*"
    rf"|[ \u3000]+"
    rf"|[{_OPENING}]+[ \u3000]*"
)


def wrap_points(text: str, width: int) -> list[int]:
    """Offsets in `text` at which a new row begins, so that none is wider than `width` cells.

    Latin words stay whole where they fit; Chinese breaks between any two characters, but never
    before closing punctuation or a dividing dot, nor after opening punctuation. Spaces at a row's
    end do not count.
    """
    points: list[int] = []
    used = 0
    for start, end in _pieces(text, width):
        size = cell_len(text[start:end].rstrip(SPACES))
        if used and used + size > width:
            points.append(start)
            used = 0
        used += cell_len(text[start:end])
    return points


def _pieces(text: str, width: int) -> Iterator[tuple[int, int]]:
    """The stretches of `text` that stay together, cut only where one alone is too wide."""
    for unit in _UNIT.finditer(text):
        start = unit.start()
        if cell_len(unit.group().rstrip(SPACES)) <= width:
            yield start, unit.end()
            continue
        for chop in chop_cells(unit.group(), width):
            yield start, start + len(chop)
            start += len(chop)
