"""The words of a folded text as the weights know them: Latin words, pairs of Chinese characters."""

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from operator import add

from feeds.folding import CJK_RUN
from feeds.tagging_stems import stem

_LATIN = re.compile(r"[a-z\u00df-\u024f][0-9a-z\u00df-\u024f]+")
"""Two letters at least; numbers say nothing of what an item is about."""

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
