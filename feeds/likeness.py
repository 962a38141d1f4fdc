"""How alike two titles are, and what forbids to take them for the same news however alike."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher

from feeds.folding import fold
from feeds.likeness_figures import figured, without_numbering
from feeds.likeness_words import (
    ATOM,
    AUTHORITY,
    BACKGROUND,
    COMMON,
    CONCEPT,
    FIGURE,
    GUARDED,
    HAN,
    LATIN_WORD,
    MARKS,
    NAMED,
    VERB,
    bare,
    stem,
    words,
)

_NO_MARKS = str.maketrans(dict.fromkeys(MARKS, " "))
_HAN = re.compile(f"[{HAN}]")
_WEIGHTS = dict.fromkeys((BACKGROUND, AUTHORITY, COMMON, VERB), 0.5)
_EVERYDAY = BACKGROUND + COMMON
_LIGHT = AUTHORITY + BACKGROUND
_TELL_APART = AUTHORITY + NAMED + GUARDED
_HAN_WEIGHT = 0.5
_MOSTLY_LATIN = 0.65
_MOSTLY_CHINESE = 0.5
"""Names stand out in Latin titles by their capitals; in Chinese only by their place."""
_NAMES_ENOUGH = 2
_LONGEST = 100
"""More units than any honest title has; the matcher takes time by their square."""


@dataclass(frozen=True)
class Traits:
    """What a title says, in comparable form: `units` are its stems, recognised concepts and
    figures, and Chinese characters, in order; `weights` the same with pairs of characters.
    """

    folded: str
    units: tuple[str, ...]
    weights: Mapping[str, float]
    total: float
    figures: frozenset[str]
    names: frozenset[str]
    sides: frozenset[str]
    one_sided: frozenset[str]
    chinese: bool


def pieces(text: str) -> frozenset[str]:
    """The text's Latin words and pairs of Chinese characters, folded."""
    return frozenset(_paired([ATOM.findall(fold(text))]))


def overlap(a: AbstractSet[str], b: AbstractSet[str]) -> float:
    """How much of both is common to both, 0 to 1."""
    return len(a & b) / len(a | b) if a or b else 1.0


def traits_of(title: str) -> Traits:
    folded = without_numbering(fold(title.translate(_NO_MARKS)))
    latin_words = list(map(bare, LATIN_WORD.findall(folded)))
    read = list(_read([bare(atom) for atom in ATOM.findall(figured(folded))]))
    written = "".join(as_written for _, as_written in read)
    runs = _runs(unit for unit, _ in read)
    units = tuple(unit for run in runs for unit in run)
    weights = {token: _weight(token) for token in _paired(runs)}
    return Traits(
        folded=folded,
        units=units,
        weights=weights,
        total=sum(weights.values()),
        figures=frozenset(unit[1:] for unit in units if unit[0] == FIGURE),
        names=_names(title, frozenset(units)),
        sides=words().sides.of(written, latin_words),
        one_sided=words().one_sided.of(written, latin_words),
        chinese=bool(_HAN.search(folded)),
    )


def _read(atoms: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each concept, word or character: as a unit ("" for what means little), and as written
    (a space for the market's daily bread, so that no word is found inside it).
    """
    known = words()
    place = 0
    while place < len(atoms):
        length, unit = known.phrases.at(atoms, place) or (1, atoms[place])
        written = "".join(atoms[place : place + length])
        place += length
        if unit[:1] in MARKS:
            yield unit, " " if unit[:1] in _EVERYDAY else written
        else:
            yield "" if unit in known.stop else stem(unit), written


def _runs(units: Iterable[str]) -> list[list[str]]:
    """Units in runs: a new one begins beside all that was recognised or left out."""
    runs: list[list[str]] = [[]]
    for unit in units:
        if unit[:1] in MARKS:
            runs += [[unit] if unit else [], []]
        else:
            runs[-1].append(unit)
    return runs


def _paired(runs: Sequence[Sequence[str]]) -> Iterator[str]:
    """The units, but Chinese characters as overlapping pairs (alone where they stand alone)."""
    for run in runs:
        for at, unit in enumerate(run):
            if not _HAN.match(unit):
                yield unit
            elif at + 1 < len(run) and _HAN.match(run[at + 1]):
                yield unit + run[at + 1]
            elif at == 0 or not _HAN.match(run[at - 1]):
                yield unit


def _weight(token: str) -> float:
    return _HAN_WEIGHT if _HAN.match(token) else _WEIGHTS.get(token[0], 1.0)


def _names(title: str, units: frozenset[str]) -> frozenset[str]:
    """Recognised names, and words written as names are: with a capital, or letters and digits."""
    written = LATIN_WORD.findall(unicodedata.normalize("NFKC", title))
    stems = {stem(fold(word)) for word in written if not word.islower() and not word.isdigit()}
    recognised = {unit for unit in units if unit[0] in _TELL_APART}
    return frozenset(recognised | ((stems & units) - words().nameless))


def likeness(a: Traits, b: Traits, shared: float | None = None) -> float:
    """0 to 1: the mean of how much they share of both together, and of the shorter one.

    `shared` is their `shared_weight`, where that is known already.
    """
    if shared is None:
        shared = shared_weight(a, b)
    if not shared:
        return 0.0
    return (shared / (a.total + b.total - shared) + shared / min(a.total, b.total)) / 2


def shared_weight(a: Traits, b: Traits) -> float:
    """How much they have in common, in words; one of every day's words counts half."""
    return sum(a.weights[token] for token in a.weights.keys() & b.weights.keys())


def names_in_common(a: Traits, b: Traits) -> int:
    """How many rare names both have; those of places and great coins are not rare."""
    return sum(1 for name in a.names & b.names if name[0] not in AUTHORITY + GUARDED)


def same_in_translation(a: Traits, b: Traits) -> bool:
    """Whether a Chinese title and one in another script share two names and some matter."""
    if a.chinese == b.chinese or names_in_common(a, b) < _NAMES_ENOUGH:
        return False
    return any(unit[0] in CONCEPT + FIGURE for unit in set(a.units) & set(b.units))


def same_jointly(a: Traits, b: Traits) -> bool:
    """Whether a Chinese title and one in another script name the same authorities, two at least,
    and the very same matters and figures, two at least.
    """
    if a.chinese == b.chinese or _of(AUTHORITY, a) != _of(AUTHORITY, b):
        return False
    matters = _of(CONCEPT + FIGURE, a)
    return len(_of(AUTHORITY, a)) > 1 and len(matters) > 1 and matters == _of(CONCEPT + FIGURE, b)


def _of(kinds: str, traits: Traits) -> frozenset[str]:
    return frozenset(unit for unit in traits.units if unit[0] in kinds)


def contradict(a: Traits, b: Traits) -> bool:
    """Whether they cannot tell the same news: other figures, dates or names, opposite words, a
    word that makes it another kind of news, or one part exchanged in the same sentence.
    """
    return (
        _other_figures(a.figures, b.figures)
        or a.one_sided != b.one_sided
        or _opposite(a.sides, b.sides)
        or _other_names(a, b)
        or (a.chinese == b.chinese and _exchanged(a, b))
    )


def _other_figures(a: AbstractSet[str], b: AbstractSet[str]) -> bool:
    """Of one kind of figure (amount, per cent, ordinal, month, …) each has what the other lacks."""
    return bool({figure[0] for figure in a - b} & {figure[0] for figure in b - a})


def _opposite(a: AbstractSet[str], b: AbstractSet[str]) -> bool:
    """Of one pair each is on one side only, and not on the same."""
    pairs = {side[:-1] for side in a} & {side[:-1] for side in b}
    return any({side for side in a if side[:-1] == pair}.isdisjoint(b) for pair in pairs)


def _other_names(a: Traits, b: Traits) -> bool:
    return bool(a.names.difference(b.units)) and bool(b.names.difference(a.units))


def _exchanged(a: Traits, b: Traits) -> bool:
    """Whether most of the sentence stands in both, but for parts that could be its point."""
    # The matcher's answer depends on which comes first.
    one, two = sorted((a.units[:_LONGEST], b.units[:_LONGEST]))
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    kept = sum(end - start for kind, start, end, _, _ in blocks if kind == "equal")
    mostly = _MOSTLY_CHINESE if a.chinese else _MOSTLY_LATIN
    return kept >= mostly * max(len(one), len(two)) and any(
        kind == "replace" and _heavy(one[start:end], two) and _heavy(two[first:last], one)
        for kind, start, end, first, last in blocks
    )


def _heavy(units: tuple[str, ...], elsewhere: tuple[str, ...]) -> bool:
    """Whether units that are not elsewhere in the other title could be the point of this one: a
    word that is not among the lightest, or two Chinese characters.
    """
    light = words().light
    own = [unit for unit in units if unit not in elsewhere and unit not in light]
    han = sum(1 for unit in own if _HAN.match(unit))
    return han > 1 or any(not _HAN.match(unit) and unit[0] not in _LIGHT for unit in own)
