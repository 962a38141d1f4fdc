"""Read and check the tagger's lexicon: concepts (words) and rules (what words together mean).

A lexicon is a folder of TOML files. `docs/tagging.md` tells an analyst how to change it.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal

from feeds import tagging_weights
from feeds.folding import fold
from feeds.items import PILLARS
from feeds.tagging_match import is_latin, latin_forms
from feeds.tagging_weights import Weights

FOLDER = Path(__file__).parent / "lexicon"
ALL = "all"
GATES = ("virtual_asset", "hong_kong")
INITIATIVES = tuple(str(number) for number in range(1, 13))
TOPICS = (*GATES, *PILLARS, *INITIATIVES)
FEED_FLAG = "feed_hong_kong"
"""A concept that is always there: the feed is configured as all about Hong Kong."""
LANGUAGES = ("en", "zh_hant", "zh_hans")
_SHORTEST_PREFIX = 3

Where = Literal["title", "summary", "sentence", "text"]
_WHERE: tuple[Where, ...] = ("title", "summary", "sentence", "text")


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
    """Concepts that are not heard inside its phrases ("token of appreciation"); ALL for all."""
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
    """Asked only where no other rule gave a topic of the same kind."""
    descriptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lexicon:
    concepts: Mapping[str, Concept]
    rules: Mapping[str, Rule]
    weights: Weights
    version: str
    """Changes with any change of the files."""

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
            for below in _closure(concept, self.concepts):
                above[below] |= bits[name]
        return above

    def bits(self) -> dict[str, int]:
        return {name: 1 << place for place, name in enumerate(self.concepts)}


def _closure(concept: Concept, concepts: Mapping[str, Concept]) -> set[str]:
    """The names of all concepts that it includes, however deep."""
    found: set[str] = set()
    waiting = list(concept.includes)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(concepts[name].includes)
    return found


def load(folder: Path, *, weighed: bool = True) -> Lexicon:
    """Read every *.toml of the folder and, if `weighed`, its table of weights.

    Raises LexiconError with all mistakes at once.
    """
    reader = _Reader()
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        data = path.read_bytes()
        digest.update(data)
        reader.read(path.name, data)
    reader.concepts.setdefault(FEED_FLAG, Concept(FEED_FLAG))
    if not reader.complete:
        raise LexiconError(reader.mistakes)
    reader.check_references()
    if not reader.rules:
        reader.mistakes.append(f"{folder.name}: there is no rule in the folder")
    weights, table = Weights({}), folder / tagging_weights.FILE
    if weighed and table.exists():
        weights, mistakes = tagging_weights.read(table, reader.concepts)
        reader.mistakes.extend(mistakes)
        digest.update(table.read_bytes())
    if reader.mistakes:
        raise LexiconError(reader.mistakes)
    return Lexicon(reader.concepts, reader.rules, weights, digest.hexdigest()[:12])


class _Reader:
    """Gathers entries of all files, and what is wrong with them."""

    def __init__(self) -> None:
        self.concepts: dict[str, Concept] = {}
        self.rules: dict[str, Rule] = {}
        self.mistakes: list[str] = []
        self.complete = True
        """Whether every file could be read, so that a name not found is a mistake."""
        self._origin: dict[str, str] = {}

    def read(self, file: str, data: bytes) -> None:
        try:
            tables = tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{file}: not readable as TOML: {error}")
            self.complete = False
            return
        for kind, entries in tables.items():
            if kind not in ("concepts", "rules") or not isinstance(entries, dict):
                self.mistakes.append(f"{file}: [{kind}]: expected [concepts.NAME] or [rules.NAME]")
                continue
            for name, entry in entries.items():
                self._read_entry(file, kind, name, entry)

    def _read_entry(self, file: str, kind: str, name: str, entry: object) -> None:
        at = f"{file}: {kind}.{name}"
        key = f"{kind}.{name}"
        if key in self._origin:
            self.mistakes.append(f"{at}: already in {self._origin[key]}")
        elif not isinstance(entry, dict):
            self.mistakes.append(f"{at}: expected a table")
        else:
            self._origin[key] = file
            fields = _Fields(at, entry, self.mistakes)
            if kind == "concepts":
                self.concepts[name] = _concept(name, fields)
            else:
                self.rules[name] = _rule(name, fields)
            fields.refuse_the_rest()

    def check_references(self) -> None:
        for concept in self.concepts.values():
            self._check(f"concepts.{concept.name}", "includes", concept.includes)
            hidden = [name for name in concept.hides if name != ALL]
            self._check(f"concepts.{concept.name}", "hides", hidden)
            if not any(name not in self.concepts for name in concept.includes) and (
                concept.name in _closure_or_nothing(concept, self.concepts)
            ):
                at = f"{self._origin[f'concepts.{concept.name}']}: concepts.{concept.name}"
                self.mistakes.append(f"{at}: includes itself")
        for rule in self.rules.values():
            named = [name for group in rule.needs for name in group]
            self._check(f"rules.{rule.name}", "needs", named)
            self._check(f"rules.{rule.name}", "unless", rule.unless)

    def _check(self, key: str, part: str, names: Sequence[str]) -> None:
        self.mistakes.extend(
            f"{self._origin[key]}: {key}: {part}: there is no concept {name!r}"
            for name in names
            if name not in self.concepts
        )


def _closure_or_nothing(concept: Concept, concepts: Mapping[str, Concept]) -> set[str]:
    """The closure where all names are known, else nothing: the names are reported elsewhere."""
    known = {name for each in concepts.values() for name in each.includes} <= set(concepts)
    return _closure(concept, concepts) if known else set()


class _Fields:
    """One entry's fields, taken one by one; what is wrong goes to the list of mistakes."""

    def __init__(self, at: str, entry: dict[str, Any], mistakes: list[str]) -> None:
        self._at = at
        self._left = dict(entry)
        self._mistakes = mistakes

    def wrong(self, what: str) -> None:
        self._mistakes.append(f"{self._at}: {what}")

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(f"{name}: expected a list of texts")
            return ()
        if required and not value:
            self.wrong(f"{name}: missing or empty")
        return tuple(value)

    def text(self, name: str) -> str:
        value = self._left.pop(name, "")
        if not isinstance(value, str) or not value.strip():
            self.wrong(f"{name}: expected a text that is not empty")
            return ""
        return value.strip()

    def words(self) -> list[str]:
        """The phrases of `words`: one text, parted by commas and line ends."""
        value = self._left.pop("words", "")
        if not isinstance(value, str):
            self.wrong("words: expected one text, its phrases parted by commas")
            return []
        phrases = (phrase.strip() for line in value.splitlines() for phrase in line.split(","))
        return [phrase for phrase in phrases if phrase]

    def flag(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            self.wrong(f"{name}: expected true or false")
            return False
        return value

    def points(self) -> float:
        value = self._left.pop("points", 1.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -3 <= value <= 3:  # noqa: PLR2004  # three times enough
            self.wrong("points: expected a number from -3 to 3 (1 is enough alone)")
            return 1.0
        return float(value)

    def where(self) -> Where:
        value = self._left.pop("where", "sentence")
        for known in _WHERE:
            if value == known:
                return known
        self.wrong(f"where: {value!r} is none of {', '.join(_WHERE)}")
        return "sentence"

    def refuse_the_rest(self) -> None:
        for name in self._left:
            self.wrong(f"{name}: no such field")


def _concept(name: str, fields: _Fields) -> Concept:
    fields.text("about")
    words = tuple(_folded(word, fields) for word in fields.words())
    includes = fields.texts("includes")
    if not words and not includes:
        fields.wrong("has neither words nor includes")
    compared = [" ".join(latin_forms(word)) if is_latin(word) else word for word in words]
    for word, form in zip(words, compared, strict=True):
        if compared.count(form) > 1 and word == words[compared.index(form)]:
            fields.wrong(f"words: {word!r} is there twice (scripts, cases and plurals are one)")
    return Concept(name, words, includes, fields.texts("hides"), fields.flag("source"))


def _folded(word: str, fields: _Fields) -> str:
    """The word as compared, once it is known that it can be found."""
    folded = fold(word)
    if is_latin(folded):
        forms = latin_forms(folded)
        if not forms:
            fields.wrong(f"words: {word!r} has no letter or digit")
        elif any(form.endswith("*") and len(form) <= _SHORTEST_PREFIX for form in forms):
            fields.wrong(f"words: {word!r}: give at least three letters before *")
    elif len(folded) == 1:
        fields.wrong(f"words: {word!r}: a single character is in too many words")
    elif "*" in folded:
        fields.wrong(f"words: {word!r}: * is for Latin words only")
    return folded


def _rule(name: str, fields: _Fields) -> Rule:
    topics = fields.texts("topics", required=True)
    for topic in topics:
        if topic not in TOPICS:
            fields.wrong(f"topics: {topic!r} is none of {', '.join(TOPICS)}")
    needs = tuple(
        tuple(each.strip() for each in group.split("|"))
        for group in fields.texts("needs", required=True)
    )
    return Rule(
        name,
        topics,
        needs,
        unless=fields.texts("unless"),
        where=fields.where(),
        points=fields.points(),
        fallback=fields.flag("fallback"),
        descriptions={language: fields.text(language) for language in LANGUAGES},
    )
