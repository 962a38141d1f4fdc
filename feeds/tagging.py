"""Say what a piece of news is about, and which words and rules say so."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
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
from feeds.tagging_weights import (
    FEWEST_POINTS,
    MOST_POINTS,
    PLACES,
    POINTS,
    SHARE,
    WORD,
    Balance,
    Feature,
    Sign,
    Signs,
)
from feeds.tagging_words import words, words_in

__all__ = ["LexiconError", "Tagger"]

DECIDED = 2.0
"""Points of rules that give a pillar whatever else stands in the item."""
CLEAR = 0.0
"""How far all that was heard must lean to a pillar to give it: 0 is an even chance."""
AGAINST = -0.5
"""The same where rules give it by themselves."""
CLEARER = 0.3
"""The same of what the title says nothing of, where it gives another pillar by itself."""
FAINT = -0.7
"""Where nothing is given, the pillar that is leant to most is, if it is leant to this much."""
TITLE_LENGTH = 600
"""Characters of a title that are read: twice the longest that the SFC has published."""
SUMMARY_LENGTH = 2_000
_REMEMBERED_SOURCES = 5_000
_WORDS_SHOWN = 4
_RULES_SHOWN = dict.fromkeys(GATES, 2) | dict.fromkeys((*PILLARS, *INITIATIVES), 3)
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

    def features(self, title: str, summary: str = "", source: str = "") -> dict[Feature, float]:
        """All that the weights could weigh in an item, and how much each counts."""
        reading = _Reading(self._matcher, title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        item = Item(reading.sentences, self._source_bits(source))
        masks = {place: item.mask(in_title=place == "title") for place in PLACES}
        found: dict[Feature, float] = {
            (name, place): SHARE[place]
            for place, mask in masks.items()
            for name, bit in self._bits.items()
            if mask & bit
        }
        found |= {(word, WORD): share for word, share in reading.words().items()}
        return found | _points(Tally(self._main.heard(item), PILLARS))

    def _pillars(
        self, item: Item, heard: Sequence[Heard], reading: "_Reading"
    ) -> tuple[list[str], list[Evidence]]:
        """The pillars for which rules and weights speak together, and why."""
        tally = Tally(heard, PILLARS)
        scores = tally.total()
        masks = item.mask(in_title=True), item.mask(in_title=False)
        signs = Signs(*masks, reading.words(self._balance.words), _points(tally))
        lean = dict(zip(PILLARS, self._balance.lean(signs), strict=True))
        refused = [name for name in PILLARS if scores[name] <= -ENOUGH]
        given = tally.given()
        if not self._balance.empty:
            clear = {name: self._clear(tally, name) for name in PILLARS}
            given = [
                name
                for name in PILLARS
                if name not in refused and (scores[name] >= DECIDED or lean[name] > clear[name])
            ]
        if not given:
            heard = self._fallback.heard(item)
            given = Tally(heard, PILLARS).given() or self._faint(lean, refused)
        why = list(_evidence(heard, given, reading))
        explained = {each.topic for each in why}
        for name in given:
            if name not in explained:
                loudest = self._balance.loudest(signs, name, _WORDS_SHOWN)
                weight = round(lean[name], 2)
                why.append(Evidence(name, reading.loudest(loudest), WEIGHED + name, weight))
        return given, why

    def _clear(self, tally: Tally, name: str) -> float:
        """How far all must lean to a pillar to give it."""
        if tally.points(name, in_title=True) >= ENOUGH:
            return AGAINST
        if tally.title_gives and tally.points(name, in_title=True) <= 0:
            return CLEARER
        return AGAINST if name in tally.given() else CLEAR

    def _faint(self, lean: Mapping[str, float], refused: Sequence[str]) -> list[str]:
        """The pillar that is leant to most, where nothing speaks clearly."""
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


Span = tuple[int, int, int]
"""A place in an item: 0 for the title or 1 for the summary, where it begins and where it ends."""


def _join(spans: list[Span], new: Span) -> None:
    """Add a span, as one with those that it overlaps, in the place of the first of them."""
    part, start, end = new
    over = [one for one in spans if one[0] == part and one[1] < end and start < one[2]]
    if not over:
        spans.append(new)
        return
    starts, ends = [start, *(one[1] for one in over)], [end, *(one[2] for one in over)]
    spans[spans.index(over[0])] = (part, min(starts), max(ends))
    for one in over[1:]:
        spans.remove(one)


class _Reading:
    """An item's title and summary as read, and their words as they stand."""

    def __init__(self, matcher: Matcher, title: str, summary: str) -> None:
        self._texts = (title, summary)
        folded = [aligned(text) for text in self._texts]
        self._folded = [text for text, _ in folded]
        self._places = [places for _, places in folded]
        self.sentences = (
            *matcher.sentences(self._folded[0], in_title=True),
            *matcher.sentences(self._folded[1], in_title=False),
        )

    def words(self, known: Container[str] | None = None) -> dict[str, float]:
        """The words that are known (all without), and how much each counts."""
        title, summary = (words_in(text, known) for text in self._folded)
        shares = dict.fromkeys(summary, SHARE["summary"])
        return shares | dict.fromkeys(title, SHARE["title"])

    def phrases(self, sentences: Iterable[Sentence], needs: Iterable[int]) -> tuple[str, ...]:
        """For each need the first words that meant it, in their order, none twice."""
        found: list[tuple[int, tuple[int, int], str]] = []
        for need in needs:
            for sentence in sentences:
                span = sentence.first(need)
                if span:
                    part = 0 if sentence.in_title else 1
                    found.append((part, span, self._at(part, *span)))
                    break
        if len(found) > 1:
            found.sort()
        return tuple(dict.fromkeys([word for _, _, word in found]))

    def loudest(self, signs: Iterable[Sign]) -> tuple[str, ...]:
        """The words that the signs stand for, none twice; what overlaps is shown as one."""
        spans: list[Span] = []
        for sign in signs:
            span = self._word(sign) if isinstance(sign, str) else self._phrase(*sign)
            if span is not None:
                _join(spans, span)
        return tuple(dict.fromkeys(self._at(*span) for span in spans))

    def _phrase(self, bit: int, in_title: bool) -> Span | None:
        """Where the title, or the summary, says first what the bit stands for."""
        for sentence in self.sentences:
            span = sentence.first(bit) if sentence.in_title == in_title else None
            if span:
                return (0 if in_title else 1, *span)
        return None

    def _word(self, wanted: str) -> Span | None:
        """Where a word stands first."""
        for part, text in enumerate(self._folded):
            for word, start, end in words(text):
                if word == wanted:
                    return part, start, end
        return None

    def _at(self, part: int, start: int, end: int) -> str:
        places = self._places[part]
        if places:
            start, end = places[start], max(places[end], places[start] + 1)
        return self._texts[part][start:end]


def _points(tally: Tally) -> dict[Feature, float]:
    """What rules gave to the pillars, by place, within the bounds in which it counts."""
    found: dict[Feature, float] = {}
    for row, pillar in POINTS.items():
        for place in PLACES:
            points = tally.points(pillar, in_title=place == "title")
            if points:
                found[row, place] = min(max(points, FEWEST_POINTS), MOST_POINTS)
    return found


def _about(tests: Iterable[Test], topics: Sequence[str], *, fallback: bool) -> Iterator[Test]:
    """The tests of rules for some topics."""
    for test in tests:
        if test.rule.fallback == fallback and set(test.rule.topics) & set(topics):
            yield test


def _evidence(
    heard: Iterable[Heard], topics: Iterable[str], reading: _Reading
) -> Iterator[Evidence]:
    """What spoke for the topics: for each the first few rules that held."""
    wanted = {topic: _RULES_SHOWN[topic] for topic in topics}
    for rule, needs, sentences, _ in heard:
        spoken = [topic for topic in rule.topics if wanted.get(topic)]
        if spoken and rule.points > 0:
            spoken_words = reading.phrases(sentences, needs)
            for topic in spoken:
                wanted[topic] -= 1
                yield Evidence(topic, spoken_words, rule.name, rule.points)
