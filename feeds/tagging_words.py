"""The words of a folded text as the weights know them: Latin words, pairs of Chinese characters."""

import re
from collections.abc import Iterator
from functools import lru_cache

from feeds.folding import CJK_RUN
from feeds.tagging_match import stem

_LATIN = re.compile(r"[a-z\u00df-\u024f][0-9a-z\u00df-\u024f]+")
"""Two letters at least; numbers say nothing of what an item is about."""

_stem = lru_cache(maxsize=20_000)(stem)


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
