"""The words of a folded text as the weights know them: Latin words, pairs of Chinese characters."""

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from operator import add

from feeds.folding import CJK_RUN
from feeds.tagging_stems import stem

_LATIN = re.compile(r"[a-z\u00df-\u024f][0-9a-z\u00df-\u024f]+")
"""Two letters at least; numbers say nothing of what an item is about."""

_FUNCTION_WORDS = """
a about after again all also am an and any are around as at back be been before being between both
but by can could day did do does done down during each even every few for from get go had has have
he her here his how if in into is it its just last less like made make may me might more most much
must my near next no nor not now of off on once one only or other our out over own per put said same
say see set shall she should since so some still such take taken than that the their them then there
these they this those though three through time to today too two under until up upon us very via
want was way we week were what when where whether which while who why will with within would year
yet you your
"""
QUIET = frozenset(map(stem, _FUNCTION_WORDS.split()))
"""Words that hold sentences together. They are weighed like others, and tell people nothing."""

_HAN = re.compile(CJK_RUN.pattern[1:-1])
_stem = lru_cache(maxsize=20_000)(stem)


def words_in(text: str, known: Container[str] | None = None) -> set[str]:
    """The words of a folded text as compared, of the known ones (all without)."""
    found = {_stem(word) for word in set(_LATIN.findall(text))}
    if not text.isascii():
        for run in _HAN.findall(text):
            found.update(map(add, run, run[1:]))
    return found if known is None else {word for word in found if word in known}


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a folded text as compared, where it begins and where it ends.

    Chinese is read in overlapping pairs of characters.
    """
    for match in _LATIN.finditer(text):
        yield _stem(match[0]), match.start(), match.end()
    if not text.isascii():
        for match in CJK_RUN.finditer(text):
            run, start = match[0], match.start()
            for at in range(len(run) - 1):
                yield run[at : at + 2], start + at, start + at + 2
