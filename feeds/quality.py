"""Measure a tagger against labelled items, as docs/tagging.md explains the figures."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feeds.items import PILLARS, Tags

Tag = Callable[[str, str, str], Tags]
"""Takes title, summary and source."""
_LISTS = ("pillars", "arguable", "initiatives", "arguable_initiatives")


class LabelsError(ValueError):
    """A file of labels cannot be used. Each line names a line of it and what is wrong there."""


@dataclass(frozen=True)
class Count:
    """How often a tag was given and expected; `arguable` labels count neither way."""

    right: int = 0
    wrong: int = 0
    """Given, not expected."""
    missed: int = 0
    """Expected, not given."""

    @property
    def precision(self) -> float:
        return self.right / given if (given := self.right + self.wrong) else 0.0

    @property
    def recall(self) -> float:
        return self.right / expected if (expected := self.right + self.missed) else 0.0

    @property
    def f1(self) -> float:
        """1.0 where nothing was expected and nothing given."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(frozen=True)
class Scores:
    """Counts by tag."""

    by_tag: Mapping[str, Count]

    @property
    def micro(self) -> Count:
        return sum(self.by_tag.values(), Count())

    @property
    def macro_f1(self) -> float:
        """The mean of F1 over the tags."""
        return sum(count.f1 for count in self.by_tag.values()) / len(self.by_tag)


@dataclass(frozen=True)
class Miss:
    """One item that was tagged otherwise than expected."""

    id: str
    title: str
    part: str
    """`virtual_asset`, `hong_kong`, `pillars` (ungated) or `initiatives`."""
    expected: tuple[str, ...]
    got: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """How well a tagger does on labelled items."""

    items: int
    gated: Scores
    """Pillars as the default subscription gets them: of Hong Kong's virtual-asset items only."""
    pillars: Scores
    """Pillars wherever in the world."""
    initiatives: Scores
    gates: Mapping[str, float]
    """The part of the items for which `virtual_asset` and `hong_kong` were right (0 to 1)."""
    misses: tuple[Miss, ...]


def read_labels(path: Path) -> list[dict[str, Any]]:
    """The labelled items of a JSON-lines file. Raises LabelsError naming every bad line."""
    rows: list[dict[str, Any]] = []
    mistakes: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                rows.append(_row(line))
            except ValueError as error:
                mistakes.append(f"{path.name}: line {number}: {error}")
    if mistakes:
        raise LabelsError("\n".join(mistakes))
    return rows


def _row(line: str) -> dict[str, Any]:
    """One labelled item with all its fields. Raises ValueError saying what is wrong."""
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("expected an object")  # noqa: TRY004  # bad data, not a bad call
    if not isinstance(row.get("title"), str) or not row["title"].strip():
        raise ValueError("title: expected a text that is not empty")
    for name in ("virtual_asset", "hong_kong"):
        if not isinstance(row.get(name), bool):
            raise ValueError(f"{name}: expected true or false")  # noqa: TRY004  # as above
    for name in ("summary", "source"):
        if not isinstance(row.setdefault(name, ""), str):
            raise ValueError(f"{name}: expected a text")  # noqa: TRY004  # as above
    for name in _LISTS:
        allowed: Collection[object] = range(1, 13) if "initiatives" in name else PILLARS
        value = row.setdefault(name, [])
        if not isinstance(value, list) or any(each not in allowed for each in value):
            raise ValueError(f"{name}: {value!r} is no list of known names or numbers")
    return row


def evaluate(rows: Iterable[Mapping[str, Any]], tag: Tag) -> Quality:
    """Compare what `tag` says of each labelled row with its labels."""
    pairs = [
        (row, tag(row["title"], row.get("summary", ""), row.get("source", ""))) for row in rows
    ]
    numbers = tuple(map(str, range(1, 13)))
    return Quality(
        items=len(pairs),
        gated=_scores(PILLARS, [_pillars(row, tags, gated=True) for row, tags in pairs]),
        pillars=_scores(PILLARS, [_pillars(row, tags, gated=False) for row, tags in pairs]),
        initiatives=_scores(numbers, [_initiatives(row, tags) for row, tags in pairs]),
        gates={
            "virtual_asset": _share(row["virtual_asset"] == t.virtual_asset for row, t in pairs),
            "hong_kong": _share(row["hong_kong"] == t.hong_kong for row, t in pairs),
        },
        misses=tuple(miss for row, tags in pairs for miss in _misses(row, tags)),
    )


@dataclass(frozen=True)
class _Verdict:
    """The tags of one item: expected, arguable and given."""

    expected: frozenset[str]
    arguable: frozenset[str]
    given: frozenset[str]

    @property
    def differs(self) -> bool:
        return bool((self.given ^ self.expected) - self.arguable)


def _pillars(row: Mapping[str, Any], tags: Tags, *, gated: bool) -> _Verdict:
    wanted = not gated or (row["virtual_asset"] and row["hong_kong"])
    heard = not gated or (tags.virtual_asset and tags.hong_kong)
    return _Verdict(
        frozenset(row["pillars"] if wanted else ()),
        frozenset(row.get("arguable", ())) - frozenset(row["pillars"]),
        frozenset(tags.pillars if heard else ()),
    )


def _initiatives(row: Mapping[str, Any], tags: Tags) -> _Verdict:
    expected = frozenset(map(str, row.get("initiatives", ())))
    arguable = frozenset(map(str, row.get("arguable_initiatives", ()))) - expected
    return _Verdict(expected, arguable, frozenset(map(str, tags.initiatives)))


def _scores(names: Iterable[str], verdicts: Collection[_Verdict]) -> Scores:
    return Scores({name: sum((_count(name, v) for v in verdicts), Count()) for name in names})


def _count(name: str, verdict: _Verdict) -> Count:
    if name in verdict.arguable:
        return Count()
    expected, given = name in verdict.expected, name in verdict.given
    return Count(expected and given, given and not expected, expected and not given)


def _share(answers: Iterable[bool]) -> float:
    listed = list(answers)
    return sum(listed) / len(listed) if listed else 0.0


def _misses(row: Mapping[str, Any], tags: Tags) -> Iterator[Miss]:
    name, title = str(row.get("id", "")), row["title"]
    for gate in ("virtual_asset", "hong_kong"):
        expected, got = row[gate], getattr(tags, gate)
        if expected != got:
            yield Miss(name, title, gate, (str(expected).lower(),), (str(got).lower(),))
    for part, verdict in (
        ("pillars", _pillars(row, tags, gated=False)),
        ("initiatives", _initiatives(row, tags)),
    ):
        if verdict.differs:
            expected_tags = tuple(sorted(verdict.expected))
            yield Miss(name, title, part, expected_tags, tuple(sorted(verdict.given)))
