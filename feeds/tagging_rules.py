"""Ask the lexicon's rules of what was heard in an item."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from feeds.tagging_lexicon import Rule, Where
from feeds.tagging_match import Sentence

_PLACES: Mapping[bool, tuple[Where, ...]] = {
    True: ("title", "sentence"),
    False: ("summary", "sentence"),
}
"""Which rules are asked of a sentence: by whether it is in the title."""


@dataclass(frozen=True, slots=True)
class Test:
    """A rule made ready: concepts as bits."""

    rule: Rule
    needs: tuple[int, ...]
    unless: int

    def holds(self, mask: int) -> bool:
        if mask & self.unless:
            return False
        return all(mask & need for need in self.needs)


@dataclass(frozen=True, slots=True)
class Heard:
    """A rule that holds, and the sentences in which it does."""

    test: Test
    sentences: tuple[Sentence, ...]
    in_title: bool


@dataclass(frozen=True, slots=True)
class Item:
    """What was heard in one item."""

    sentences: tuple[Sentence, ...]
    about: int
    """Bits known of the item as a whole: its source, its feed."""

    def mask(self, *, in_title: bool) -> int:
        """What was heard in the title, or in the summary."""
        chosen = (each.mask for each in self.sentences if each.in_title == in_title)
        return reduce(or_, chosen, 0)


class Rules:
    """The rules for some topics, found by the first concept that each needs."""

    def __init__(self, tests: Iterable[Test], topics: Sequence[str], *, fallback: bool) -> None:
        self._by_bit: dict[Where, dict[int, list[Test]]] = {}
        for test in tests:
            if test.rule.fallback == fallback and set(test.rule.topics) & set(topics):
                by_bit = self._by_bit.setdefault(test.rule.where, {})
                for bit in bits_of(test.needs[0]):
                    by_bit.setdefault(bit, []).append(test)
        self._masks = {where: sum(by_bit) for where, by_bit in self._by_bit.items()}

    def heard(self, item: Item) -> list[Heard]:
        """Each rule that holds, once: in the title if it does there, else where it does first."""
        found: dict[str, Heard] = {}
        for sentence in item.sentences:
            mask = sentence.mask | item.about
            for where in _PLACES[sentence.in_title]:
                for test in self._holding(where, mask):
                    heard = Heard(test, (sentence,), sentence.in_title)
                    found.setdefault(test.rule.name, heard)
        title = item.mask(in_title=True) | item.about
        for mask, in_title in ((title, True), (title | item.mask(in_title=False), False)):
            for test in self._holding("text", mask):
                found.setdefault(test.rule.name, Heard(test, item.sentences, in_title))
        return list(found.values())

    def _holding(self, where: Where, mask: int) -> Iterator[Test]:
        seen: set[str] = set()
        for bit in bits_of(mask & self._masks.get(where, 0)):
            for test in self._by_bit[where][bit]:
                if test.rule.name not in seen and test.holds(mask):
                    seen.add(test.rule.name)
                    yield test


def bits_of(mask: int) -> Iterator[int]:
    """Each bit of a mask by itself."""
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


def ready(rule: Rule, bits: Mapping[str, int]) -> Test:
    """The rule with its concepts' bits."""
    needs = tuple(_mask(group, bits) for group in rule.needs)
    return Test(rule, needs, _mask(rule.unless, bits))


def _mask(names: Iterable[str], bits: Mapping[str, int]) -> int:
    return reduce(or_, (bits[name] for name in names), 0)


def points(heard: Iterable[Heard], topic: str, in_passing: float) -> float:
    """The points for a topic; those from the summary count `in_passing` as much."""
    return sum(
        each.test.rule.points * (1.0 if each.in_title else in_passing)
        for each in heard
        if topic in each.test.rule.topics
    )
