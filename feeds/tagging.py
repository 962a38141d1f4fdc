"""Say what a piece of news is about, and which words and rules say so."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from feeds.items import PILLARS, Evidence, Tags
from feeds.tagging_lexicon import FEED_FLAG, FOLDER, GATES, INITIATIVES, Lexicon, LexiconError, load
from feeds.tagging_match import Matcher, Sentence, aligned
from feeds.tagging_rules import Heard, Item, Rules, bits_of, points, ready
from feeds.tagging_weights import PLACES, Feature

__all__ = ["LexiconError", "Tagger"]

ENOUGH = 1.0
"""Points of rules that give a topic (a pillar: that speak for it)."""
IN_PASSING = 0.5
"""What a summary's points count once the title has given a topic of the same kind by itself."""
CLEAR = 0.0
"""How far an item's words must lean to a pillar to give it with no rule: 0 is an even chance."""
CLEARER = 0.5
"""The same, where a rule has given another pillar."""
FAINT = -0.7
"""Where nothing is given, the pillar that the words lean to most is, if they lean this much."""
WEIGHED = "weighed-"
"""Rules of this name and a pillar's are the weights."""
TITLE_LENGTH = 600
"""Characters of a title that are read: twice the longest that the SFC has published."""
SUMMARY_LENGTH = 2_000
_REMEMBERED_SOURCES = 5_000
_WORDS_SHOWN = 4


class Tagger:
    """Tags by a lexicon. Reading an item costs tens of microseconds, however hostile."""

    def __init__(self, lexicon: Lexicon) -> None:
        bits = lexicon.bits()
        hidden = lexicon.hidden()
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon.phrases(source=False), hidden)
        self._source_matcher = Matcher(lexicon.phrases(source=True), hidden)
        self._sources: dict[str, int] = {}
        self._names = {bit: name for name, bit in bits.items()}
        self._bits = bits
        tests = [ready(rule, bits) for rule in lexicon.rules.values()]
        self._rules = {
            (topics, fallback): Rules(tests, topics, fallback=fallback)
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

    def tag(
        self, title: str, summary: str = "", source: str = "", hong_kong: bool = False
    ) -> Tags:
        """What an item is about.

        `source` is the publisher's or feed's name; `hong_kong` says that the whole feed is about
        Hong Kong. Reads the first 600 characters of the title and 2,000 of the summary.
        """
        reading = _Reading(self._matcher, title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        about = self._source_bits(source) | (self._bits[FEED_FLAG] if hong_kong else 0)
        item = Item(reading.sentences, about)
        heard = self._rules[GATES, False].heard(item)
        gates = [topic for topic in GATES if points(heard, topic, 1.0) >= ENOUGH]
        evidence = list(_evidence(heard, gates, reading))
        if "virtual_asset" not in gates:
            return Tags(hong_kong="hong_kong" in gates, evidence=tuple(evidence))
        pillars, why = self._pillars(item, reading)
        initiatives, why_initiatives = (
            self._initiatives(item, reading) if "hong_kong" in gates else ([], [])
        )
        return Tags(
            virtual_asset=True,
            hong_kong="hong_kong" in gates,
            pillars=tuple(pillars),
            initiatives=tuple(map(int, initiatives)),
            evidence=(*evidence, *why, *why_initiatives),
        )

    def features(self, title: str, summary: str = "", source: str = "") -> set[Feature]:
        """The concepts heard in an item and where: what the weights weigh."""
        reading = _Reading(self._matcher, title[:TITLE_LENGTH], summary[:SUMMARY_LENGTH])
        return self._features(Item(reading.sentences, self._source_bits(source)))

    def _features(self, item: Item) -> set[Feature]:
        masks = (item.mask(in_title=True), item.mask(in_title=False))
        return {
            (self._names[bit], place)
            for place, mask in zip(PLACES, masks, strict=True)
            for bit in bits_of(mask)
        }

    def _pillars(self, item: Item, reading: "_Reading") -> tuple[list[str], list[Evidence]]:
        """The pillars for which rules and weights speak together, and why."""
        features = self._features(item)
        lean = dict(zip(PILLARS, self._lexicon.weights.lean(features), strict=True))
        heard = self._rules[PILLARS, False].heard(item)
        ruled = _ruled(heard, PILLARS)
        refused = [name for name in PILLARS if points(heard, name, 1.0) <= -ENOUGH]
        clear = CLEARER if ruled else CLEAR
        given = [
            name
            for name in PILLARS
            if name in ruled or (lean[name] > clear and name not in refused)
        ]
        if not given:
            heard = self._rules[PILLARS, True].heard(item)
            given = _ruled(heard, PILLARS)
        if not given and self._lexicon.weights.rows:
            most = max(PILLARS, key=lambda name: lean[name])
            given = [most] if lean[most] > FAINT and most not in refused else []
        why = list(_evidence(heard, given, reading))
        explained = {each.topic for each in why}
        why += [
            self._weighed(name, features, lean[name], reading)
            for name in given
            if name not in explained
        ]
        return given, why

    def _weighed(
        self, pillar: str, features: set[Feature], lean: float, reading: "_Reading"
    ) -> Evidence:
        """The words that spoke loudest for a pillar that the weights gave."""
        loudest = self._lexicon.weights.strongest(features, pillar, _WORDS_SHOWN)
        words: dict[str, None] = {}
        for name, place in loudest:
            chosen = [each for each in reading.sentences if each.in_title == (place == "title")]
            words |= dict.fromkeys(reading.words(chosen, [self._bits[name]]))
        return Evidence(pillar, tuple(words), WEIGHED + pillar, round(lean, 2))

    def _initiatives(self, item: Item, reading: "_Reading") -> tuple[list[str], list[Evidence]]:
        for fallback in (False, True):
            heard = self._rules[INITIATIVES, fallback].heard(item)
            given = _ruled(heard, INITIATIVES)
            if given:
                return given, list(_evidence(heard, given, reading))
        return [], []

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
        found: dict[tuple[bool, int, int], str] = {}
        for need in needs:
            for sentence in sentences:
                if spans := sentence.spans(need):
                    start, end = spans[0]
                    found[not sentence.in_title, start, end] = self._at(sentence, start, end)
                    break
        return tuple(dict.fromkeys(found[key] for key in sorted(found)))

    def _at(self, sentence: Sentence, start: int, end: int) -> str:
        part = 0 if sentence.in_title else 1
        places = self._places[part]
        if places:
            start, end = places[start], max(places[end], places[start] + 1)
        return self._texts[part][start:end]


def _ruled(heard: Sequence[Heard], topics: Sequence[str]) -> list[str]:
    """The topics for which the rules have enough points."""
    in_title = [each for each in heard if each.in_title]
    title_speaks = any(points(in_title, topic, 1.0) >= ENOUGH for topic in topics)
    passing = IN_PASSING if title_speaks else 1.0
    return [topic for topic in topics if points(heard, topic, passing) >= ENOUGH]


def _evidence(
    heard: Iterable[Heard], topics: Sequence[str], reading: _Reading
) -> Iterator[Evidence]:
    """What spoke for the topics."""
    for each in heard:
        rule = each.test.rule
        spoken = [topic for topic in rule.topics if topic in topics and rule.points > 0]
        if spoken:
            words = reading.words(each.sentences, each.test.needs)
            for topic in spoken:
                yield Evidence(topic, words, rule.name, rule.points)
