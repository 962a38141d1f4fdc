"""Weigh all that was heard in an item together: a linear model, kept as a readable table.

The table (`weights.tsv`) has a row for each thing that can be heard and a column for each pillar.
The sum of an item's rows leans for a pillar (above 0) or against it. A row is for

- a concept, in the `title` or in the `summary`;
- `points:<pillar>`, in the `title` or in the `summary`: times the points that rules gave there;
- a `word`, as folded: in the title whole, in the summary half.

The numbers are learned by `scripts/train_tagger.py`; a person may change them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feeds.items import PILLARS
from feeds.tagging_match import bits_of
from feeds.tagging_words import QUIET

FILE = "weights.tsv"
PLACES = ("title", "summary")
WORD = "word"
"""The place of a word's row."""
SHARE = {"title": 1.0, "summary": 0.5}
"""How much a concept or a word counts by where it is heard."""
POINTS = {f"points:{name}": name for name in PILLARS}
"""The rows for what rules say, and the pillar that they say it of."""
FEWEST_POINTS, MOST_POINTS = -1.5, 2.0
"""Points beyond say no more."""
BIAS = ("bias", "always")
HEADER = ("what", "where", *PILLARS)

Row = tuple[float, ...]
Feature = tuple[str, str]
"""What was heard, and where."""
Sign = tuple[int, bool] | str
"""The bit of a concept and whether it is in the title, or a word."""
NEUTRAL: Row = (0.0,) * len(PILLARS)


@dataclass(frozen=True)
class Weights:
    """The table: for each feature a number for each of PILLARS, SHARE not yet applied."""

    rows: Mapping[Feature, Row]


@dataclass(frozen=True, slots=True)
class Signs:
    """All that was heard in an item, as the table weighs it."""

    title: int = 0
    """The bits of the concepts heard in the title,"""
    summary: int = 0
    """and in the summary."""
    words: Mapping[str, float] = field(default_factory=dict)
    """Words, and how much each counts."""
    points: Mapping[Feature, float] = field(default_factory=dict)
    """What rules gave to the pillars, by the names in POINTS and by place."""


class Balance:
    """The table made ready for masks of concepts' bits."""

    def __init__(self, weights: Weights, bits: Mapping[str, int]) -> None:
        self._bias = weights.rows.get(BIAS, NEUTRAL)
        self._concepts: dict[str, dict[int, Row]] = {place: {} for place in PLACES}
        self._points: dict[Feature, Row] = {}
        self.words: dict[str, Mapping[float, Row]] = {}
        """The words that have a row, each with that row by how much the word counts."""
        for (name, place), row in weights.rows.items():
            if place == WORD:
                self.words[name] = {
                    share: tuple([share * each for each in row]) for share in SHARE.values()
                }
            elif name in POINTS:
                self._points[name, place] = row
            elif (name, place) != BIAS:
                self._concepts[place][bits[name]] = tuple(SHARE[place] * each for each in row)
        self._keys = {place: sum(rows) for place, rows in self._concepts.items()}
        self.empty = not weights.rows

    def lean(self, signs: Signs) -> Row:
        """How all signs lean together, for each of PILLARS. Zero without a table."""
        hit = [self._bias, *self._heard(signs)]
        for word, share in signs.words.items():
            if word in self.words:
                hit.append(self.words[word][share])
        for feature, points in signs.points.items():
            row = self._points.get(feature)
            if row is not None:
                hit.append(tuple([points * each for each in row]))
        return tuple(map(sum, zip(*hit, strict=True)))

    def _heard(self, signs: Signs) -> Iterator[Row]:
        for place, mask in (("title", signs.title), ("summary", signs.summary)):
            rows = self._concepts[place]
            for bit in bits_of(mask & self._keys[place]):
                yield rows[bit]

    def loudest(self, signs: Signs, pillar: str, most: int) -> list[Sign]:
        """What speaks loudest for a pillar, loudest first; function words only failing others."""
        column = PILLARS.index(pillar)
        spoken: list[tuple[float, Sign]] = [
            (row[column], (bit, place == "title"))
            for place, mask in (("title", signs.title), ("summary", signs.summary))
            for bit, row in self._concepts[place].items()
            if mask & bit
        ]
        for word, share in signs.words.items():
            if word in self.words:
                spoken.append((self.words[word][share][column], word))
        spoken.sort(key=lambda one: one[0], reverse=True)
        told = [what for weight, what in spoken if weight > 0]
        return ([what for what in told if what not in QUIET] or told)[:most]


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
    name, place = row[:2]
    if (name, place) != BIAS and place not in {*PLACES, WORD}:
        return f"{place!r} is none of {', '.join((*PLACES, WORD))}"
    if place in PLACES and name not in concepts and name not in POINTS:
        return f"there is no concept {name!r}"
    for cell in row[2:]:
        if not cell.lstrip("-").replace(".", "", 1).isdecimal():
            return f"{cell!r} is not a number"
    return ""


def write(path: Path, weights: Weights, preface: str) -> None:
    """Keep the table as a file; the preface is a comment of one or more lines."""
    lines = [f"# {line}" for line in preface.splitlines()] + ["\t".join(HEADER)]
    order = sorted(weights.rows, key=lambda one: (one != BIAS, one[1] == WORD, one))
    for feature in order:
        numbers = (f"{number:.2f}" for number in weights.rows[feature])
        lines.append("\t".join((*feature, *numbers)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
