"""The forms in which Latin words and phrases are compared."""

import re

from feeds.folding import is_cjk

_PLURALS_OF_THEIR_OWN = frozenset(
    ("futures", "securities", "treasuries", "options", "earnings", "shares")
)
"""Words that mean something else in the singular."""


def stem(word: str) -> str:
    """The form shared by a word's plural and its British and American spellings."""
    if word in _PLURALS_OF_THEIR_OWN:
        return word
    word = word.replace("licenc", "licens").replace("isation", "ization")
    if word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("ies") and len(word) > 4:  # noqa: PLR2004  # ties and dies stay
        word = word[:-3] + "y"
    elif word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004  # gas, bus
        word = word[:-1]
    for british in ("ised", "ise", "ising"):
        if word.endswith(british):
            return f"{word[: -len(british)]}{british.replace('s', 'z')}"
    return word


def is_latin(phrase: str) -> bool:
    """Whether a folded phrase is read word by word."""
    return phrase.isascii() or not any(map(is_cjk, phrase))


def latin_forms(phrase: str) -> list[str]:
    """The words of a folded Latin phrase as the matcher compares them; `*` stays at an end."""
    plain = re.sub(r"['’]s(?![a-z0-9])", "", phrase)
    pieces = re.findall(r"[0-9a-z\u00df-\u024f]+\*?", plain)
    return [piece if piece.endswith("*") else stem(piece) for piece in pieces]
