"""Say what a piece of news is about, and which words and rules say so."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path

from feeds.items import PILLARS, Evidence, Tags
from feeds.tagging_lexicon import (
    FEED_FLAG,
    FOLDER,
    GATES,
    INITIATIVES,
    Lexicon,
    LexiconError,
    Rule,
    Where,
    load,
)
from feeds.tagging_match import Matcher, Sentence, aligned

__all__ = ["LexiconError", "Tagger"]

ENOUGH = 1.0
"""Points that give a topic."""
IN_PASSING = 0.5
"""What a summary's points count once the title has given a pillar by itself."""
TITLE_LENGTH = 600
"""Characters of a title that are read: twice the longest that the SFC has published."""
SUMMARY_LENGTH = 2_000
_PLACES: Mapping[bool, tuple[Where, ...]] = {
    True: ("title", "sentence"),
    False: ("summary", "sentence"),
}
"""Which rules are asked of a sentence: by whether it is in the title."""
_REMEMBERED_SOURCES = 5_000


@dataclass(frozen=True, slots=True)
class _Test:
    """A rule made ready: concepts as bits."""

    rule: Rule
    needs: tuple[int, ...]
    unless: int

    def holds(self, mask: int) -> bool:
        if mask & self.unless:
            return False
        return all(mask & need for need in self.needs)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A rule that holds, and the sentences in which it does."""

    test: _Test
    sentences: tuple[Sentence, ...]
    in_title: bool


class _Rules:
    """The rules for some topics, found by the first concept that each needs."""

    def __init__(self, tests: Iterable[_Test], topics: Sequence[str], *, fallback: bool) -> None:
        self._by_bit: dict[Where, dict[int, list[_Test]]] = {}
        for test in tests:
            if test.rule.fallback == fallback and set(test.rule.topics) & set(topics):
                by_bit = self._by_bit.setdefault(test.rule.where, {})
                for bit in _bits(test.needs[0]):
                    by_bit.setdefault(bit, []).append(test)
        self._masks = {where: sum(by_bit) for where, by_bit in self._by_bit.items()}

    def holding(self, where: Where, mask: int) -> Iterator[_Test]:
        seen: set[str] = set()
        for bit in _bits(mask & self._masks.get(where, 0)):
            for test in self._by_bit[where][bit]:
                if test.rule.name not in seen and test.holds(mask):
                    seen.add(test.rule.name)
                    yield test


def _bits(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


@dataclass(frozen=True, slots=True)
class _Item:
    """What was heard in one item."""

    sentences: tuple[Sentence, ...]
    about: int
    """Bits known of the item as a whole: its source, its feed."""

    def heard(self, rules: _Rules) -> list[_Heard]:
        """Each rule that holds, once: in the title if it does there, else where it does first."""
        found: dict[str, _Heard] = {}
        for sentence in self.sentences:
            mask = sentence.mask | self.about
            for where in _PLACES[sentence.in_title]:
                for test in rules.holding(where, mask):
                    found.setdefault(test.rule.name, _Heard(test, (sentence,), sentence.in_title))
        title = [sentence for sentence in self.sentences if sentence.in_title]
        for part, in_title in ((title, True), (self.sentences, False)):
            mask = reduce(or_, (sentence.mask for sentence in part), self.about)
            for test in rules.holding("text", mask):
                found.setdefault(test.rule.name, _Heard(test, tuple(part), in_title))
        return list(found.values())


class Tagger:
    """Tags by a lexicon. Reading an item costs tens of microseconds, however hostile."""

    def __init__(self, lexicon: Lexicon) -> None:
        bits = lexicon.bits()
        self._lexicon = lexicon
        hidden = lexicon.hidden()
        self._matcher = Matcher(lexicon.phrases(source=False), hidden)
        self._source_matcher = Matcher(lexicon.phrases(source=True), hidden)
        self._sources: dict[str, int] = {}
        self._feed_bit = bits[FEED_FLAG]
        tests = [_ready(rule, bits) for rule in lexicon.rules.values()]
        self._rules = {
            (topics, fallback): _Rules(tests, topics, fallback=fallback)
            for topics in (GATES, PILLARS, INITIATIVES)
            for fallback in (False, True)
        }

    @classmethod
    def load(cls, folder: Path | None = None) -> "Tagger":
        """The tagger of a lexicon's folder. Raises LexiconError with all mistakes at once."""
        return cls(load(folder or FOLDER))

    @property
    def version(self) -> str:
        """Changes whenever the lexicon does."""
        return self._lexicon.version

    def describe(self, rule: str, language: str) -> str:
        """What the rule hears, in "en", "zh-Hant" or "zh-Hans"; its bare name if it is unknown."""
        known = self._lexicon.rules.get(rule)
        if known is None:
            return rule
        key = language.lower().replace("-", "_")
        return known.descriptions.get(key, known.descriptions["en"])

    def tag(self, title: str, summary: str = "", source: str = "", hong_kong: bool = False) -> Tags:
        """What an item is about.

        `source` is the publisher's or feed's name; `hong_kong` says that the whole feed is about
        Hong Kong. Reads the first 600 characters of the title and 2,000 of the summary.
        """
        texts = (title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        folded = [aligned(text) for text in texts]
        sentences = [
            sentence
            for (text, _), in_title in zip(folded, (True, False), strict=True)
            for sentence in self._matcher.sentences(text, in_title=in_title)
        ]
        about = self._source_bits(source) | (self._feed_bit if hong_kong else 0)
        item = _Item(tuple(sentences), about)
        words = _Words(texts, [places for _, places in folded])
        return self._decide(item, words)

    def _decide(self, item: _Item, words: "_Words") -> Tags:
        heard = item.heard(self._rules[GATES, False])
        gates = [topic for topic in GATES if _points(heard, topic, 1.0) >= ENOUGH]
        evidence = list(_evidence(heard, gates, words))
        virtual_asset, hong_kong = (topic in gates for topic in GATES)
        if not virtual_asset:
            return Tags(hong_kong=hong_kong, evidence=tuple(evidence))
        pillars, why = self._given(item, PILLARS, words)
        evidence += why
        initiatives: list[str] = []
        if hong_kong:
            initiatives, why = self._given(item, INITIATIVES, words)
            evidence += why
        return Tags(
            virtual_asset=True,
            hong_kong=hong_kong,
            pillars=tuple(pillars),
            initiatives=tuple(map(int, initiatives)),
            evidence=tuple(evidence),
        )

    def _given(
        self, item: _Item, topics: tuple[str, ...], words: "_Words"
    ) -> tuple[list[str], list[Evidence]]:
        """The topics that have enough points, and why; the fallback rules if none has."""
        for fallback in (False, True):
            heard = item.heard(self._rules[topics, fallback])
            in_title = [each for each in heard if each.in_title]
            title_speaks = any(_points(in_title, topic, 1.0) >= ENOUGH for topic in topics)
            passing = IN_PASSING if title_speaks else 1.0
            given = [topic for topic in topics if _points(heard, topic, passing) >= ENOUGH]
            if given:
                return given, list(_evidence(heard, given, words))
        return [], []

    def _source_bits(self, source: str) -> int:
        if source not in self._sources:
            if len(self._sources) >= _REMEMBERED_SOURCES:
                self._sources.clear()
            text, _ = aligned(source[:TITLE_LENGTH])
            self._sources[source] = self._source_matcher.read(text).mask
        return self._sources[source]


class _Words:
    """The words of an item as they stand in it."""

    def __init__(self, texts: Sequence[str], places: Sequence[list[int] | None]) -> None:
        self._texts = texts
        self._places = places

    def at(self, sentence: Sentence, start: int, end: int) -> str:
        part = 0 if sentence.in_title else 1
        places = self._places[part]
        if places:
            start, end = places[start], max(places[end], places[start] + 1)
        return self._texts[part][start:end]


def _ready(rule: Rule, bits: Mapping[str, int]) -> _Test:
    mask: Callable[[Iterable[str]], int] = lambda names: reduce(or_, (bits[n] for n in names), 0)  # noqa: E731
    return _Test(rule, tuple(mask(group) for group in rule.needs), mask(rule.unless))


def _points(heard: Iterable[_Heard], topic: str, passing: float) -> float:
    """The points for a topic; what was heard in the summary only counts `passing` as much."""
    return sum(
        each.test.rule.points * (1.0 if each.in_title else passing)
        for each in heard
        if topic in each.test.rule.topics
    )


def _evidence(heard: Iterable[_Heard], topics: Sequence[str], words: _Words) -> Iterator[Evidence]:
    """What spoke for the topics."""
    for each in heard:
        rule = each.test.rule
        if rule.points <= 0:
            continue
        spoken: tuple[str, ...] | None = None
        for topic in rule.topics:
            if topic in topics:
                if spoken is None:
                    spoken = _spoken(each, words)
                yield Evidence(topic, spoken, rule.name, rule.points)


def _spoken(heard: _Heard, words: _Words) -> tuple[str, ...]:
    """For each thing that the rule needs the first words that meant it."""
    spans: dict[tuple[bool, int, int], str] = {}
    for need in heard.test.needs:
        for sentence in heard.sentences:
            if found := sentence.spans(need):
                start, end = found[0]
                spans[not sentence.in_title, start, end] = words.at(sentence, start, end)
                break
    return tuple(spans[key] for key in sorted(spans))
