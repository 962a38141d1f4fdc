"""What a lexicon is: concepts (words), rules (what words together mean) and weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Literal

from feeds.items import PILLARS
from feeds.tagging_weights import Weights

FOLDER = Path(__file__).parent / "lexicon"
ALL = "all"
"""Among the names that a concept hides: every concept."""
GATES = ("virtual_asset", "hong_kong")
INITIATIVES = tuple(str(number) for number in range(1, 13))
TOPICS = (*GATES, *PILLARS, *INITIATIVES)
FEED_FLAG = "feed_hong_kong"
"""A concept that is always there: the feed is configured as all about Hong Kong."""
WEIGHED = "weighed-"
"""What the weights say of a pillar is described under this and the pillar's name."""
LANGUAGES = ("en", "zh_hant", "zh_hans")

Where = Literal["title", "summary", "sentence", "text"]
WHERE: tuple[Where, ...] = ("title", "summary", "sentence", "text")
Description = Mapping[str, str]
"""A sentence for people in each of LANGUAGES."""


class LexiconError(ValueError):
    """The lexicon cannot be used. Each line names a file, an entry and what is wrong with it."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


@dataclass(frozen=True)
class Concept:
    """Words that mean the same to the rules, and the other concepts that it includes."""

    name: str
    words: tuple[str, ...] = ()
    """Folded."""
    includes: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    """Concepts that are not heard inside its phrases ("token of appreciation")."""
    source: bool = False
    """Whether it is looked for in the publisher's name, and not in the text."""


@dataclass(frozen=True)
class Rule:
    """What concepts together speak for, or with negative points against."""

    name: str
    topics: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    """All of these; of each the one or the other."""
    unless: tuple[str, ...] = ()
    where: Where = "sentence"
    points: float = 1.0
    fallback: bool = False
    """Asked only where nothing else gave a pillar."""


@dataclass(frozen=True)
class Lexicon:
    concepts: Mapping[str, Concept]
    rules: Mapping[str, Rule]
    descriptions: Mapping[str, Description]
    """Of each rule, and of what the weights say of each pillar."""
    weights: Weights
    version: str
    """Changes with any change of the files."""

    def bits(self) -> dict[str, int]:
        """A bit for each concept."""
        return {name: 1 << place for place, name in enumerate(self.concepts)}

    def phrases(self, *, source: bool) -> dict[str, int]:
        """Each folded phrase with a bit for each concept that it stands for, or is included in."""
        above = self._above()
        masks: dict[str, int] = {}
        for name, concept in self.concepts.items():
            for word in concept.words if concept.source == source else ():
                masks[word] = masks.get(word, 0) | above[name]
        return masks

    def hidden(self) -> dict[int, int]:
        """For the bit of each concept that hides others: the bits that are not heard inside."""
        bits, above = self.bits(), self._above()
        everything = sum(bits.values())
        return {
            bits[name]: reduce(or_, (above.get(each, everything) for each in concept.hides))
            for name, concept in self.concepts.items()
            if concept.hides
        }

    def _above(self) -> dict[str, int]:
        """The bit of each concept, with those of all concepts that include it."""
        bits = self.bits()
        above = dict(bits)
        for name, concept in self.concepts.items():
            for below in closure(concept, self.concepts):
                above[below] |= bits[name]
        return above


def closure(concept: Concept, concepts: Mapping[str, Concept]) -> set[str]:
    """The names of all concepts that it includes, however deep; unknown ones lead nowhere."""
    found: set[str] = set()
    waiting = list(concept.includes)
    while waiting:
        name = waiting.pop()
        if name not in found and name in concepts:
            found.add(name)
            waiting.extend(concepts[name].includes)
    return found
