"""How text is indexed and asked for, so that Chinese words of one or two characters are found.

Text is folded (lower case, Traditional to Simplified). Latin words stay words. A run of Chinese
characters becomes its overlapping pairs in one column and its single characters in another:
one-character questions use the second, longer ones are phrases of pairs in the first.
"""

import re
from collections.abc import Iterator

from feeds.folding import CJK_RUN, fold

_WORD = re.compile(r"[^\s\"]+")
MAX_QUESTION_WORDS = 12


def indexed(text: str) -> tuple[str, str]:
    """What the index stores for a text: its words and pairs, and its single characters."""
    words: list[str] = []
    characters: dict[str, None] = {}
    for run, chinese in _runs(fold(text)):
        if chinese:
            words.extend(_pairs(run))
            characters.update(dict.fromkeys(run))
        else:
            words.append(run)
    return " ".join(words), " ".join(characters)


def question(words: str) -> str:
    """The index's expression for what a person typed; empty if it holds nothing to look for.

    All words must occur, "quoted words" next to each other. Nothing that is typed can be read
    as the index's own syntax.
    """
    words = words.encode("utf-8", "replace").decode().replace("\0", " ")
    terms: list[str] = []
    for part in _quoted_or_words(words)[:MAX_QUESTION_WORDS]:
        terms.extend(_terms(part))
    return " AND ".join(terms)


def _quoted_or_words(words: str) -> list[str]:
    parts: list[str] = []
    for index, piece in enumerate(words.split('"')):
        parts.extend([piece] if index % 2 and piece.strip() else _WORD.findall(piece))
    return parts


def _terms(part: str) -> Iterator[str]:
    for run, chinese in _runs(fold(part)):
        if chinese and len(run) == 1:
            yield f'chars : "{run}"'
        elif chinese:
            yield f'words : "{" ".join(_pairs(run))}"'
        elif any(character.isalnum() for character in run):
            yield f'words : "{run.replace(chr(34), " ").strip()}"'


def _pairs(run: str) -> list[str]:
    return [run[index : index + 2] for index in range(len(run) - 1)]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces without space at their ends, each with whether it is Chinese."""
    for index, piece in enumerate(CJK_RUN.split(text)):
        run = piece.strip()
        if run:
            yield run, index % 2 == 1
