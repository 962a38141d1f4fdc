"""The words by which titles are compared, read from likeness.toml and made ready for matching."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from feeds.folding import fold

WORDS = Path(__file__).with_name("likeness.toml")
HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""The characters written without spaces, as ranges of a regular expression's set."""

BACKGROUND = "\ue000"
AUTHORITY = "\ue001"
COMMON = "\ue002"
CONCEPT = "\ue003"
VERB = "\ue004"
NAMED = "\ue005"
GUARDED = "\ue006"
FIGURE = "\ue007"
"""Private characters: each begins a unit that stands for what was recognised."""
_SECTIONS = {
    "background": BACKGROUND,
    "authorities": AUTHORITY,
    "common": COMMON,
    "concepts": CONCEPT,
    "verbs": VERB,
    "named": NAMED,
    "guarded": GUARDED,
    "figures": FIGURE,
}
MARKS = "".join(_SECTIONS.values())

_LATIN = rf"[^\W_{HAN}{MARKS}]+(?:['’.&][^\W_{HAN}{MARKS}]+)*"
LATIN_WORD = re.compile(_LATIN)
ATOM = re.compile(rf"[{MARKS}]\S+|[{HAN}]|{_LATIN}")
"""What texts are read by: recognised units, single Chinese characters, Latin words."""

_SUFFIXES = ("ings", "ing", "ed", "es", "s")
_SHORTEST_STEM = 4


@dataclass(frozen=True)
class Phrases:
    """Phrases to look up atom by atom: the first atom -> the whole, longest first, and its unit."""

    by_first: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]

    def at(self, atoms: Sequence[str], place: int) -> tuple[int, str] | None:
        """The longest phrase that begins at a place: its length and unit; None if none does."""
        for phrase, unit in self.by_first.get(atoms[place], ()):
            if tuple(atoms[place : place + len(phrase)]) == phrase:
                return len(phrase), unit
        return None


@dataclass(frozen=True)
class Groups:
    """Groups of words, each known by its members, Latin ones whole and Chinese ones anywhere."""

    latin: Mapping[str, frozenset[str]]
    han: Mapping[str, frozenset[str]]
    han_any: re.Pattern[str]

    def of(self, folded: str, latin_words: Iterable[str]) -> frozenset[str]:
        """The groups that a text has a word of."""
        found = {group for word in latin_words for group in self.latin.get(word, ())}
        for word in self.han_any.findall(folded):
            found |= self.han[word]
        return frozenset(found)


@dataclass(frozen=True)
class Words:
    phrases: Phrases
    scales: Mapping[str, float]
    """What is written behind a number -> by how much it multiplies it."""
    measures: Mapping[str, str]
    """What is written behind a number -> the kind of figure that it makes of it."""
    sides: Groups
    """Each group is "pair:0" or "pair:1"."""
    one_sided: Groups
    stop: frozenset[str]
    """Latin words and Chinese characters that mean little."""
    light: frozenset[str]
    """Stems of Latin words that are never the point of a sentence."""
    nameless: frozenset[str]
    """Stems of Latin words that name nobody, even with a capital."""


@cache
def words() -> Words:
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    units = {
        phrase: mark + unit
        for section, mark in _SECTIONS.items()
        for unit, phrases in table[section].items()
        for phrase in phrases
    }
    plain = table["words"]
    sides = {
        f"{pair}:{side}": phrases
        for pair, both in table["opposites"].items()
        for side, phrases in enumerate(both)
    }
    nameless = [*plain["nameless"], *plain["headline"], *plain["stop"]]
    for phrases in (*sides.values(), *table["one_sided"].values()):
        nameless += phrases
    return Words(
        phrases=_phrases(units | dict.fromkeys(plain["fillers"], "")),
        scales={fold(unit): float(by) for by, units in table["scales"].items() for unit in units},
        measures={fold(unit): kind for kind, units in table["measures"].items() for unit in units},
        sides=_with_inner(_groups(sides)),
        one_sided=_groups(table["one_sided"]),
        stop=frozenset(plain["stop"]) | frozenset(fold(plain["stop_characters"])),
        light=frozenset(map(stem, plain["light"])),
        nameless=frozenset(map(stem, nameless)),
    )


def _phrases(units: Mapping[str, str]) -> Phrases:
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for phrase, unit in units.items():
        atoms = tuple(ATOM.findall(fold(phrase)))
        by_first[atoms[0]].append((atoms, unit))
    for phrases in by_first.values():
        phrases.sort(key=lambda phrase: len(phrase[0]), reverse=True)
    return Phrases(by_first)


def _groups(table: Mapping[str, Iterable[str]]) -> Groups:
    by_word: dict[str, set[str]] = defaultdict(set)
    for group, phrases in table.items():
        for phrase in phrases:
            by_word[fold(phrase)].add(group)
    groups = {word: frozenset(found) for word, found in by_word.items()}
    han = sorted((word for word in groups if not word.isascii()), key=len, reverse=True)
    return Groups(
        latin={word: found for word, found in groups.items() if word.isascii()},
        han={word: groups[word] for word in han},
        han_any=re.compile("|".join(map(re.escape, han))),
    )


def _with_inner(groups: Groups) -> Groups:
    """A Chinese word also speaks for the words inside it ("諮詢總結" holds "總結"), but never on
    a pair of which it takes a side itself: "不批准" is no "批准".
    """
    han: dict[str, frozenset[str]] = {}
    for word, own in groups.han.items():
        pairs = {side[:-1] for side in own}
        inner = [found for part, found in groups.han.items() if part in word and part != word]
        han[word] = own | {side for found in inner for side in found if side[:-1] not in pairs}
    return replace(groups, han=han)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A folded word without its commonest endings, so that "releases" and "released" are one."""
    word = bare(word)
    if word.endswith("ies") and len(word) > _SHORTEST_STEM:
        return word[:-3] + "y"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word.removesuffix(suffix)
            break
    else:
        word = word.removesuffix("s") if len(word) == _SHORTEST_STEM else word
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def bare(word: str) -> str:
    """A word without the ending of a possessive."""
    return word.removesuffix("'s").removesuffix("’s")
