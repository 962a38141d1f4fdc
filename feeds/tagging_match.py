"""Find the lexicon's phrases in a text, in any script, and say where they stand.

Latin text is read word by word: a phrase of the lexicon matches its plural, its possessive and
both spellings (-ise/-ize, licence/license); `launch*` matches any ending. Chinese text is read
character by character. Time grows with the text's length only: there is no backtracking.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from feeds.folding import fold, is_cjk, simplified

_WORD = re.compile(r"[0-9a-z\u00df-\u024f]+")
_SENTENCE_END = re.compile(r"[。!?;|\n]+|(?<!\b[a-z])\.(?=\s)")
_PLURALS_OF_THEIR_OWN = frozenset(("futures", "securities", "treasuries", "options", "earnings"))
"""Words that mean something else in the singular."""
_REMEMBERED_WORDS = 20_000


@dataclass(slots=True)
class _Node:
    """A place in the tree of Latin phrases: the words that may follow, the phrases that end."""

    following: dict[str, "_Node"] = field(default_factory=dict)
    mask: int = 0


@cache
def _one_to_one() -> Mapping[int, str]:
    """What folds into exactly one character: scripts, full-width forms, curly quotes."""
    table = {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    table |= {0x3000: " ", 0x2018: "'", 0x2019: "'", 0x2026: ".", 0xA0: " "}
    return table | simplified()


def _cluster_starts(text: str) -> list[int]:
    """Where each character with its combining marks begins, and the text's end."""
    starts = [i for i, char in enumerate(text) if not i or not unicodedata.combining(char)]
    return [*starts, len(text)]


def aligned(text: str) -> tuple[str, list[int] | None]:
    """The folded text, and for each of its characters the place it came from.

    None for the places says that each came from its own. Spaces are left as they are.
    """
    if text.isascii():
        return text.lower(), None
    plain = text.translate(_one_to_one())
    if unicodedata.is_normalized("NFKC", plain) and len(lowered := plain.casefold()) == len(text):
        return lowered, None
    pieces: list[str] = []
    places: list[int] = []
    for start, end in pairwise(_cluster_starts(plain)):
        piece = fold(plain[start:end]) or " "
        pieces.append(piece)
        places.extend([start] * len(piece))
    return "".join(pieces), [*places, len(text)]


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


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: in words (Latin) or characters (Chinese) from `start` to before `end`."""

    start: int
    end: int
    mask: int
    latin: bool

    def covers(self, other: "Hit") -> bool:
        """Whether the other lies inside and is shorter."""
        inside = self.start <= other.start and other.end <= self.end
        return self.latin == other.latin and inside and self.end - self.start > other.end - other.start


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a title or a summary, and what the lexicon heard in it."""

    text: str
    """Folded."""
    offset: int
    """Where it begins in the folded whole."""
    mask: int
    hits: tuple[Hit, ...]
    in_title: bool

    def spans(self, mask: int) -> list[tuple[int, int]]:
        """Where the hits that share a bit with the mask stand in the folded whole, in order."""
        chosen = [hit for hit in self.hits if hit.mask & mask]
        words: list[tuple[int, int]] = []
        if any(hit.latin for hit in chosen):
            words = [match.span() for match in _WORD.finditer(self.text)]
        spans = [
            (words[hit.start][0], words[hit.end - 1][1]) if hit.latin else (hit.start, hit.end)
            for hit in chosen
        ]
        return sorted((self.offset + start, self.offset + end) for start, end in spans)


class Matcher:
    """Reads sentences. A phrase's mask has a bit for each concept that it stands for."""

    def __init__(self, phrases: Mapping[str, int], hidden: Mapping[int, int]) -> None:
        """Phrases are folded. `hidden`: the bits not heard inside a phrase that has the key's."""
        self._hidden = hidden
        self._hiding = sum(hidden)
        self._root = _Node()
        self._by_head: dict[str, list[tuple[str, int]]] = {}
        self._words: set[str] = set()
        self._prefixes: set[str] = set()
        self._forms: dict[str, tuple[str, ...]] = {}
        for phrase, mask in phrases.items():
            if is_latin(phrase):
                self._plant(phrase, mask)
            else:
                self._by_head.setdefault(phrase[:2], []).append((phrase, mask))

    def _plant(self, phrase: str, mask: int) -> None:
        node = self._root
        for form in latin_forms(phrase):
            if form.endswith("*"):
                self._prefixes.add(form[:-1])
            else:
                self._words.add(form)
            node = node.following.setdefault(form, _Node())
        node.mask |= mask

    def _forms_of(self, word: str) -> tuple[str, ...]:
        """The lexicon's forms that a word of the text answers to."""
        base = stem(word)
        forms = [form for form in dict.fromkeys((word, base)) if form in self._words]
        heads = dict.fromkeys(
            form[:end] for form in (word, base) for end in range(3, len(form) + 1)
        )
        forms.extend(f"{head}*" for head in heads if head in self._prefixes)
        if len(self._forms) >= _REMEMBERED_WORDS:
            self._forms.clear()
        return self._forms.setdefault(word, tuple(forms))

    def _latin(self, text: str) -> Iterable[Hit]:
        known, root = self._forms, self._root.following
        words = _WORD.findall(text)
        forms = [known[word] if word in known else self._forms_of(word) for word in words]
        for start, heads in enumerate(forms):
            if not heads:
                continue
            nodes = [root[form] for form in heads if form in root]
            end = start + 1
            while nodes:
                for node in nodes:
                    if node.mask:
                        yield Hit(start, end, node.mask, latin=True)
                if end == len(forms):
                    break
                nodes = [
                    node.following[form]
                    for node in nodes
                    for form in forms[end]
                    if form in node.following
                ]
                end += 1

    def _chinese(self, text: str) -> Iterable[Hit]:
        by_head = self._by_head
        for start, head in enumerate(map("".join, pairwise(text))):
            if head in by_head:
                for phrase, mask in by_head[head]:
                    if text.startswith(phrase, start):
                        yield Hit(start, start + len(phrase), mask, latin=False)

    def _unhidden(self, hits: list[Hit]) -> list[Hit]:
        """The hits less what longer phrases around them hide."""
        covers = [hit for hit in hits if hit.mask & self._hiding]
        left: list[Hit] = []
        for hit in hits:
            mask = hit.mask
            for cover in covers:
                if cover.covers(hit):
                    for bit, silenced in self._hidden.items():
                        if cover.mask & bit:
                            mask &= ~silenced
            if mask:
                left.append(hit if mask == hit.mask else replace(hit, mask=mask))
        return left

    def read(self, text: str, offset: int = 0, *, in_title: bool = True) -> Sentence:
        """What the lexicon hears in one folded sentence."""
        text = text.replace("'s ", "   ")
        hits = list(self._latin(text))
        if not text.isascii():
            hits.extend(self._chinese(text))
        mask = 0
        for hit in hits:
            mask |= hit.mask
        if mask & self._hiding:
            hits = self._unhidden(hits)
            mask = 0
            for hit in hits:
                mask |= hit.mask
        return Sentence(text, offset, mask, tuple(hits), in_title)

    def sentences(self, text: str, *, in_title: bool) -> list[Sentence]:
        """The sentences of a folded text in which anything was heard."""
        found: list[Sentence] = []
        start = 0
        for match in _SENTENCE_END.finditer(text):
            found.append(self.read(text[start : match.start()], start, in_title=in_title))
            start = match.end()
        found.append(self.read(text[start:], start, in_title=in_title))
        return [sentence for sentence in found if sentence.mask]


def is_latin(phrase: str) -> bool:
    """Whether a folded phrase is read word by word."""
    return not any(map(is_cjk, phrase))


def latin_forms(phrase: str) -> list[str]:
    """The words of a folded Latin phrase as the matcher compares them; `*` stays at an end."""
    plain = re.sub(r"['’]s(?![a-z0-9])", "", phrase)
    pieces = re.findall(r"[0-9a-z\u00df-\u024f]+\*?", plain)
    return [piece if piece.endswith("*") else stem(piece) for piece in pieces]
