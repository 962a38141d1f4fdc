"""Ask the lexicon's rules of what was heard in an item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from feeds.tagging_lexicon import Rule, Where
from feeds.tagging_match import Sentence, bits_of

ENOUGH = 1.0
"""Points of rules that give a topic."""
IN_PASSING = 0.5
"""What a summary's points count once the title has given a topic of the same kind by itself."""
_TITLE: tuple[Where, ...] = ("title", "sentence")
_SUMMARY: tuple[Where, ...] = ("summary", "sentence")
_TEXT: tuple[Where, ...] = ("text",)
_PLACES = (_TITLE, _SUMMARY, _TEXT)
"""Which rules are asked of a title's sentence, of a summary's, and of an item as a whole."""


class Test(NamedTuple):
    """A rule made ready: concepts as bits."""

    needs: tuple[int, ...]
    unless: int
    rule: Rule


class Heard(NamedTuple):
    """A rule that holds, and the sentences in which it does."""

    rule: Rule
    needs: tuple[int, ...]
    sentences: Sequence[Sentence]
    in_title: bool


@dataclass(slots=True)
class Item:
    """What was heard in one item."""

    sentences: Sequence[Sentence]
    about: int
    """Bits known of the item as a whole: its source, its feed."""

    def mask(self, *, in_title: bool) -> int:
        """What was heard in the title, or in the summary."""
        mask = 0
        for sentence in self.sentences:
            if sentence.in_title == in_title:
                mask |= sentence.mask
        return mask


class Rules:
    """Some of the rules, found by the first concept that each needs."""

    def __init__(self, tests: Iterable[Test]) -> None:
        chosen = list(tests)
        self._by_bit = {places: _by_first_need(chosen, places) for places in _PLACES}
        self._keys = {places: reduce(or_, known, 0) for places, known in self._by_bit.items()}

    def heard(self, item: Item) -> list[Heard]:
        """Each rule that holds, once: in the title if it does there, else where it does first."""
        found: dict[str, Heard] = {}
        for sentence in item.sentences:
            places = _TITLE if sentence.in_title else _SUMMARY
            self._ask(places, sentence.mask | item.about, [sentence], found)
        if self._keys[_TEXT]:
            title = item.mask(in_title=True) | item.about
            in_title = [sentence for sentence in item.sentences if sentence.in_title]
            self._ask(_TEXT, title, in_title, found, in_title=True)
            whole = title | item.mask(in_title=False)
            self._ask(_TEXT, whole, item.sentences, found, in_title=False)
        return list(found.values())

    def _ask(
        self,
        places: tuple[Where, ...],
        mask: int,
        sentences: Sequence[Sentence],
        found: dict[str, Heard],
        *,
        in_title: bool | None = None,
    ) -> None:
        """Add the rules that hold for the mask and are not found yet."""
        by_bit = self._by_bit[places]
        for bit in bits_of(mask & self._keys[places]):
            for needs, unless, rule in by_bit[bit]:
                if mask & unless or rule.name in found:
                    continue
                for need in needs:
                    if not mask & need:
                        break
                else:
                    where = sentences[0].in_title if in_title is None else in_title
                    found[rule.name] = Heard(rule, needs, sentences, where)


def _by_first_need(tests: Iterable[Test], places: tuple[Where, ...]) -> dict[int, list[Test]]:
    """The tests for some places, under each bit that their first need may be met by."""
    by_bit: dict[int, list[Test]] = {}
    for test in tests:
        if test.rule.where in places:
            for bit in bits_of(test.needs[0]):
                by_bit.setdefault(bit, []).append(test)
    return by_bit


def ready(rule: Rule, bits: Mapping[str, int]) -> Test:
    """The rule with its concepts' bits."""
    needs = tuple(_mask(group, bits) for group in rule.needs)
    return Test(needs, _mask(rule.unless, bits), rule)


def _mask(names: Iterable[str], bits: Mapping[str, int]) -> int:
    return reduce(or_, (bits[name] for name in names), 0)


class Tally:
    """The points that rules gave to topics: in the title, and in the summary alone."""

    def __init__(self, heard: Iterable[Heard], topics: Iterable[str]) -> None:
        self._title = dict.fromkeys(topics, 0.0)
        self._summary = dict.fromkeys(self._title, 0.0)
        for rule, _, _, in_title in heard:
            part = self._title if in_title else self._summary
            for topic in rule.topics:
                if topic in part:
                    part[topic] += rule.points

    def points(self, topic: str, *, in_title: bool) -> float:
        """The points for one topic from the title, or from the summary as far as they count."""
        return self._title[topic] if in_title else self._summary_share * self._summary[topic]

    def total(self) -> dict[str, float]:
        """The points for each topic, wherever they come from."""
        return {topic: score + self._summary[topic] for topic, score in self._title.items()}

    def given(self) -> list[str]:
        """The topics that have enough points."""
        share = self._summary_share
        return [
            topic
            for topic, score in self._title.items()
            if score + share * self._summary[topic] >= ENOUGH
        ]

    @property
    def title_gives(self) -> bool:
        """Whether the title gives a topic by itself."""
        return max(self._title.values()) >= ENOUGH

    @property
    def _summary_share(self) -> float:
        """Once the title gives a topic by itself, the summary's points count half."""
        return IN_PASSING if self.title_gives else 1.0
