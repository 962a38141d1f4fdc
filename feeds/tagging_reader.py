"""Read a lexicon's files, and say all that is wrong with them at once.

`docs/tagging.md` tells an analyst what may stand in them.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feeds import tagging_weights
from feeds.folding import fold
from feeds.items import PILLARS
from feeds.tagging_lexicon import (
    ALL,
    FEED_FLAG,
    LANGUAGES,
    TOPICS,
    WEIGHED,
    WHERE,
    Concept,
    Description,
    Lexicon,
    LexiconError,
    Rule,
    Where,
    closure,
)
from feeds.tagging_stems import is_latin, latin_forms
from feeds.tagging_weights import Weights

_KINDS = ("concepts", "rules", "descriptions")
_SHORTEST_PREFIX = 3
_MOST_POINTS = 3


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
    if not reader.complete:
        raise LexiconError(reader.mistakes)
    weights, table = Weights({}), folder / tagging_weights.FILE
    if weighed and table.exists():
        weights, mistakes = tagging_weights.read(table, reader.concepts)
        reader.mistakes.extend(mistakes)
        digest.update(table.read_bytes())
    reader.check(folder.name)
    if reader.mistakes:
        raise LexiconError(reader.mistakes)
    version = digest.hexdigest()[:12]
    return Lexicon(reader.concepts, reader.rules, reader.descriptions, weights, version)


class _Reader:
    """Gathers entries of all files, and what is wrong with them."""

    def __init__(self) -> None:
        self.concepts: dict[str, Concept] = {FEED_FLAG: Concept(FEED_FLAG)}
        self.rules: dict[str, Rule] = {}
        self.descriptions: dict[str, Description] = {}
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
            if kind not in _KINDS or not isinstance(entries, dict):
                expected = ", ".join(f"[{each}.NAME]" for each in _KINDS)
                self.mistakes.append(f"{file}: [{kind}]: expected one of {expected}")
                continue
            for name, entry in entries.items():
                self._read_entry(file, kind, name, entry)

    def _read_entry(self, file: str, kind: str, name: str, entry: object) -> None:
        key = f"{kind}.{name}"
        if key in self._origin:
            self.mistakes.append(f"{file}: {key}: already in {self._origin[key]}")
            return
        self._origin[key] = file
        if not isinstance(entry, dict):
            self.mistakes.append(f"{file}: {key}: expected a table")
            return
        fields = _Fields(f"{file}: {key}", entry, self.mistakes)
        if kind == "concepts":
            self.concepts[name] = _concept(name, fields)
        else:
            if kind == "rules":
                self.rules[name] = _rule(name, fields)
            self.descriptions[name] = {language: fields.text(language) for language in LANGUAGES}
        fields.refuse_the_rest()

    def check(self, folder: str) -> None:
        """Note what is wrong between the entries."""
        for concept in self.concepts.values():
            key = f"concepts.{concept.name}"
            self._known(key, "includes", concept.includes)
            self._known(key, "hides", [name for name in concept.hides if name != ALL])
            if concept.name in closure(concept, self.concepts):
                self.mistakes.append(f"{self._origin[key]}: {key}: includes itself")
        for rule in self.rules.values():
            key = f"rules.{rule.name}"
            self._known(key, "needs", [name for group in rule.needs for name in group])
            self._known(key, "unless", rule.unless)
        if not self.rules:
            self.mistakes.append(f"{folder}: there is no rule in the folder")
        for name in (WEIGHED + pillar for pillar in PILLARS):
            if self.rules and name not in self.descriptions:
                self.mistakes.append(f"{folder}: there is no [descriptions.{name}]")

    def _known(self, key: str, part: str, names: Sequence[str]) -> None:
        self.mistakes.extend(
            f"{self._origin[key]}: {key}: {part}: there is no concept {name!r}"
            for name in names
            if name not in self.concepts
        )


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
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not -_MOST_POINTS <= value <= _MOST_POINTS:
            self.wrong("points: expected a number from -3 to 3 (1 is enough alone)")
            return 1.0
        return float(value)

    def where(self) -> Where:
        value = self._left.pop("where", "sentence")
        for known in WHERE:
            if value == known:
                return known
        self.wrong(f"where: {value!r} is none of {', '.join(WHERE)}")
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
    seen: set[str] = set()
    for word in words:
        form = " ".join(latin_forms(word)) if is_latin(word) else word
        if form in seen:
            fields.wrong(f"words: {word!r} is there twice (scripts, cases and plurals are one)")
        seen.add(form)
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
    )
