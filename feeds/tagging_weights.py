"""Weigh the words of an item together: a linear model over concepts, kept as a readable table.

The table (`weights.tsv`) has a row for each concept and place and a column for each pillar. The
sum of the rows that an item hits leans for a pillar (above 0) or against it. The numbers are
learned by `scripts/train_tagger.py`; a person may change them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feeds.items import PILLARS
from feeds.tagging_match import bits_of

FILE = "weights.tsv"
PLACES = ("title", "summary")
SHARE = {"title": 1.0, "summary": 0.5}
"""How much a concept counts by where it is heard."""
BIAS = ("bias", "always")
HEADER = ("concept", "place", *PILLARS)

Row = tuple[float, ...]
Feature = tuple[str, str]
"""A concept's name and the place where it was heard."""
NEUTRAL: Row = (0.0,) * len(PILLARS)


@dataclass(frozen=True)
class Weights:
    """The table: for each feature a number for each of PILLARS, SHARE not yet applied."""

    rows: Mapping[Feature, Row]


class Balance:
    """The table made ready for masks of concepts' bits."""

    def __init__(self, weights: Weights, bits: Mapping[str, int]) -> None:
        self._bias = weights.rows.get(BIAS, NEUTRAL)
        self._rows: dict[str, dict[int, Row]] = {place: {} for place in PLACES}
        for (name, place), row in weights.rows.items():
            if (name, place) != BIAS:
                shared = tuple(SHARE[place] * number for number in row)
                self._rows[place][bits[name]] = shared
        self._keys = {place: sum(rows) for place, rows in self._rows.items()}
        self.empty = not weights.rows

    def lean(self, title: int, summary: int) -> Row:
        """How what was heard leans together, for each of PILLARS. Zero without a table."""
        hit = [self._bias]
        for place, mask in (("title", title), ("summary", summary)):
            rows = self._rows[place]
            hit += [rows[bit] for bit in bits_of(mask & self._keys[place])]
        return tuple(map(sum, zip(*hit, strict=True)))

    def loudest(self, title: int, summary: int, pillar: str, most: int) -> list[tuple[int, bool]]:
        """The bits that speak loudest for a pillar, and whether in the title; loudest first."""
        column = PILLARS.index(pillar)
        spoken = [
            (row[column], bit, place == "title")
            for place, mask in (("title", title), ("summary", summary))
            for bit, row in self._rows[place].items()
            if mask & bit and row[column] > 0
        ]
        return [(bit, in_title) for _, bit, in_title in sorted(spoken, reverse=True)[:most]]


def read(path: Path, concepts: Iterable[str]) -> tuple[Weights, list[str]]:
    """The table, and what is wrong with it."""
    known = frozenset(concepts)
    rows: dict[Feature, Row] = {}
    mistakes: list[str] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [(at, line.split("\t")) for at, line in enumerate(lines, start=1) if line[:1] != "#"]
    if not cells or tuple(cells[0][1]) != HEADER:
        return Weights({}), [f"{path.name}: expected a first row {' '.join(HEADER)}"]
    for at, row in cells[1:]:
        wrong = _wrong(row, known)
        if wrong:
            mistakes.append(f"{path.name}: line {at}: {wrong}")
        elif (row[0], row[1]) in rows:
            mistakes.append(f"{path.name}: line {at}: {row[0]} in the {row[1]} is there twice")
        else:
            rows[row[0], row[1]] = tuple(map(float, row[2:]))
    if BIAS not in rows:
        mistakes.append(f"{path.name}: there is no row {' '.join(BIAS)}")
    return Weights(rows), mistakes


def _wrong(row: Sequence[str], concepts: frozenset[str]) -> str:
    """What is wrong with a row's cells; empty if nothing is."""
    if len(row) != len(HEADER):
        return f"expected {len(HEADER)} cells, found {len(row)}"
    if (row[0], row[1]) != BIAS and row[0] not in concepts:
        return f"there is no concept {row[0]!r}"
    if (row[0], row[1]) != BIAS and row[1] not in PLACES:
        return f"place {row[1]!r} is none of {', '.join(PLACES)}"
    for cell in row[2:]:
        if not cell.lstrip("-").replace(".", "", 1).isdecimal():
            return f"{cell!r} is not a number"
    return ""


def write(path: Path, weights: Weights, preface: str) -> None:
    """Keep the table as a file; the preface is a comment of one or more lines."""
    lines = [f"# {line}" for line in preface.splitlines()] + ["\t".join(HEADER)]
    order = sorted(weights.rows, key=lambda feature: (feature != BIAS, feature))
    for feature in order:
        numbers = (f"{number:.2f}" for number in weights.rows[feature])
        lines.append("\t".join((*feature, *numbers)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
