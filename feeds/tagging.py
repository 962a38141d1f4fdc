"""Say what a piece of news is about, and which words and rules say so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from feeds.items import PILLARS, Evidence, Tags
from feeds.tagging_lexicon import (
    FEED_FLAG,
    FOLDER,
    GATES,
    INITIATIVES,
    WEIGHED,
    Lexicon,
    LexiconError,
)
from feeds.tagging_match import Matcher, Sentence, aligned
from feeds.tagging_reader import load
from feeds.tagging_rules import ENOUGH, Heard, Item, Rules, Tally, Test, ready
from feeds.tagging_weights import PLACES, Balance, Feature

__all__ = ["LexiconError", "Tagger"]

DECIDED = 2.0
"""Points of rules that give a pillar whatever else stands in the item."""
AGAINST = -2.5
"""Fewer points give it unless the item's words taken together lean this far the other way."""
CLEAR = 0.0
"""How far an item's words must lean to a pillar to give it with no rule: 0 is an even chance."""
CLEARER = 0.5
"""The same, where a rule has given another pillar."""
FAINT = -0.7
"""Where nothing is given, the pillar that the words lean to most is, if they lean this much."""
TITLE_LENGTH = 600
"""Characters of a title that are read: twice the longest that the SFC has published."""
SUMMARY_LENGTH = 2_000
_REMEMBERED_SOURCES = 5_000
_WORDS_SHOWN = 4
_RULES_SHOWN = 3
"""Evidence kept for one topic: enough to judge it by."""


class Tagger:
    """Tags by a lexicon. Reading an item costs tens of microseconds, however hostile."""

    def __init__(self, lexicon: Lexicon) -> None:
        bits = lexicon.bits()
        hidden = lexicon.hidden()
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon.phrases(source=False), hidden)
        self._source_matcher = Matcher(lexicon.phrases(source=True), hidden)
        self._sources: dict[str, int] = {}
        self._balance = Balance(lexicon.weights, bits)
        self._bits = bits
        tests = [ready(rule, bits) for rule in lexicon.rules.values()]
        self._gates = Rules(each for each in tests if set(each.rule.topics) & set(GATES))
        self._main = Rules(_about(tests, (*PILLARS, *INITIATIVES), fallback=False))
        self._fallback = Rules(_about(tests, PILLARS, fallback=True))

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
        known = self._lexicon.descriptions.get(rule)
        if known is None:
            return rule
        return known.get(language.lower().replace("-", "_"), known["en"])

    def tag(self, title: str, summary: str = "", source: str = "", hong_kong: bool = False) -> Tags:
        """What an item is about.

        `source` is the publisher's or feed's name; `hong_kong` says that the whole feed is about
        Hong Kong. Reads the first 600 characters of the title and 2,000 of the summary.
        """
        reading = _Reading(self._matcher, title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        about = self._source_bits(source) | (self._bits[FEED_FLAG] if hong_kong else 0)
        item = Item(reading.sentences, about)
        heard = self._gates.heard(item)
        scores = Tally(heard, GATES).total()
        gates = [topic for topic in GATES if scores[topic] >= ENOUGH]
        evidence = list(_evidence(heard, gates, reading))
        in_hong_kong = "hong_kong" in gates
        if "virtual_asset" not in gates:
            return Tags(hong_kong=in_hong_kong, evidence=tuple(evidence))
        heard = self._main.heard(item)
        pillars, why = self._pillars(item, heard, reading)
        initiatives = Tally(heard, INITIATIVES).given() if in_hong_kong else []
        return Tags(
            virtual_asset=True,
            hong_kong=in_hong_kong,
            pillars=tuple(pillars),
            initiatives=tuple(map(int, initiatives)),
            evidence=(*evidence, *why, *_evidence(heard, initiatives, reading)),
        )

    def features(self, title: str, summary: str = "") -> set[Feature]:
        """The concepts heard in an item and where: what the weights weigh."""
        reading = _Reading(self._matcher, title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        item = Item(reading.sentences, 0)
        masks = {place: item.mask(in_title=place == "title") for place in PLACES}
        return {
            (name, place)
            for name, bit in self._bits.items()
            for place, mask in masks.items()
            if mask & bit
        }

    def _pillars(
        self, item: Item, heard: Sequence[Heard], reading: "_Reading"
    ) -> tuple[list[str], list[Evidence]]:
        """The pillars for which rules or weights speak, and why."""
        title, summary = item.mask(in_title=True), item.mask(in_title=False)
        lean = dict(zip(PILLARS, self._balance.lean(title, summary), strict=True))
        tally = Tally(heard, PILLARS)
        scores = tally.total()
        ruled = [name for name in tally.given() if scores[name] >= DECIDED or lean[name] > AGAINST]
        refused = [name for name in PILLARS if scores[name] <= -ENOUGH]
        clear = CLEARER if ruled else CLEAR
        weighed = [name for name in PILLARS if lean[name] > clear and name not in refused]
        given = [name for name in PILLARS if name in ruled or name in weighed]
        if not given:
            heard = self._fallback.heard(item)
            given = Tally(heard, PILLARS).given() or self._faint(lean, refused)
        why = list(_evidence(heard, given, reading))
        explained = {each.topic for each in why}
        for name in given:
            if name not in explained:
                loudest = self._balance.loudest(title, summary, name, _WORDS_SHOWN)
                words = reading.loudest(loudest)
                why.append(Evidence(name, words, WEIGHED + name, round(lean[name], 2)))
        return given, why

    def _faint(self, lean: Mapping[str, float], refused: Sequence[str]) -> list[str]:
        """The pillar that the words lean to most, where nothing speaks clearly."""
        most = max(PILLARS, key=lambda name: lean[name])
        faint = not self._balance.empty and lean[most] > FAINT and most not in refused
        return [most] if faint else []

    def _source_bits(self, source: str) -> int:
        if source not in self._sources:
            if len(self._sources) >= _REMEMBERED_SOURCES:
                self._sources.clear()
            text, _ = aligned(source[:TITLE_LENGTH])
            self._sources[source] = self._source_matcher.read(text).mask
        return self._sources[source]


class _Reading:
    """An item's title and summary as read, and their words as they stand."""

    def __init__(self, matcher: Matcher, title: str, summary: str) -> None:
        self._texts = (title, summary)
        folded = [aligned(text) for text in self._texts]
        self._places = [places for _, places in folded]
        self.sentences = (
            *matcher.sentences(folded[0][0], in_title=True),
            *matcher.sentences(folded[1][0], in_title=False),
        )

    def words(self, sentences: Iterable[Sentence], needs: Iterable[int]) -> tuple[str, ...]:
        """For each need the first words that meant it, in their order, none twice."""
        found: list[tuple[bool, tuple[int, int], str]] = []
        for need in needs:
            for sentence in sentences:
                span = sentence.first(need)
                if span:
                    found.append((not sentence.in_title, span, self._at(sentence, *span)))
                    break
        if len(found) > 1:
            found.sort()
        return tuple(dict.fromkeys([word for _, _, word in found]))

    def loudest(self, bits: Iterable[tuple[int, bool]]) -> tuple[str, ...]:
        """The words that meant each bit, in the title or in the summary, none twice."""
        words: dict[str, None] = {}
        for bit, in_title in bits:
            chosen = [each for each in self.sentences if each.in_title == in_title]
            words |= dict.fromkeys(self.words(chosen, [bit]))
        return tuple(words)

    def _at(self, sentence: Sentence, start: int, end: int) -> str:
        part = 0 if sentence.in_title else 1
        places = self._places[part]
        if places:
            start, end = places[start], max(places[end], places[start] + 1)
        return self._texts[part][start:end]


def _about(tests: Iterable[Test], topics: Sequence[str], *, fallback: bool) -> Iterator[Test]:
    """The tests of rules for some topics."""
    for test in tests:
        if test.rule.fallback == fallback and set(test.rule.topics) & set(topics):
            yield test


def _evidence(
    heard: Iterable[Heard], topics: Iterable[str], reading: _Reading
) -> Iterator[Evidence]:
    """What spoke for the topics: for each the first few rules that held."""
    wanted = dict.fromkeys(topics, _RULES_SHOWN)
    for rule, needs, sentences, _ in heard:
        spoken = [topic for topic in rule.topics if wanted.get(topic)]
        if spoken and rule.points > 0:
            words = reading.words(sentences, needs)
            for topic in spoken:
                wanted[topic] -= 1
                yield Evidence(topic, words, rule.name, rule.points)
