"""Find the lexicon's phrases in a text, in any script, and say where they stand.

Latin text is read word by word: a phrase of the lexicon matches its plural, its possessive and
both spellings (-ise/-ize, licence/license); `launch*` matches any ending. Chinese text is read
character by character. Time grows with the text's length only: there is no backtracking.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import pairwise
from operator import add, or_

from feeds.folding import fold, simplified
from feeds.tagging_stems import is_latin, latin_forms, stem

_WORD = re.compile(r"[0-9a-z\u00df-\u024f]+|[,:()]")
"""A Latin word, or a mark that no phrase reaches across."""
_SENTENCE_END = re.compile(r"[。!?;|\n]+|\.(?<!\b[a-z]\.)(?=\s)")
_REMEMBERED_WORDS = 20_000
_MOST_COVERS = 100
"""Hiding phrases that are heeded in one sentence: real ones have a few."""


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
    table.update(simplified())
    return table


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


Hit = tuple[int, int, int, bool]
"""A phrase found: its first word (Latin) or character (Chinese), the one after its last, the
bits of the concepts that it stands for, and whether it is Latin. Plain, for speed."""


def _longer(hit: Hit, known: Hit) -> bool:
    """Whether the hit begins where the known one does and ends after it."""
    return hit[0] == known[0] and hit[1] > known[1]


@dataclass(slots=True)
class Sentence:
    """One sentence of a title or a summary, and what the lexicon heard in it."""

    text: str
    """Folded."""
    offset: int
    """Where it begins in the folded whole."""
    mask: int
    hits: list[Hit]
    in_title: bool
    _words: list[tuple[int, int]] | None = None
    _firsts: dict[int, tuple[int, int] | None] = field(default_factory=dict)

    def first(self, mask: int) -> tuple[int, int] | None:
        """Where in the folded whole the first hit stands that shares a bit with the mask.

        Of those that begin together the longest.
        """
        if mask not in self._firsts:
            found = self._find(mask) if self.mask & mask else None
            self._firsts[mask] = found
        return self._firsts[mask]

    def _find(self, mask: int) -> tuple[int, int] | None:
        latin = chinese = None
        for hit in self.hits:
            if hit[2] & mask:
                if hit[3]:
                    latin = hit if latin is None or _longer(hit, latin) else latin
                else:
                    chinese = hit if chinese is None or _longer(hit, chinese) else chinese
        spans = [self._span(hit) for hit in (latin, chinese) if hit]
        return min(spans, default=None)

    def _span(self, hit: Hit) -> tuple[int, int]:
        start, end, _, latin = hit
        if latin:
            if self._words is None:
                self._words = [match.span() for match in _WORD.finditer(self.text)]
            start, end = self._words[start][0], self._words[end - 1][1]
        return self.offset + start, self.offset + end


_Word = tuple[tuple[str, ...], int, dict[str, list[_Node]]]
"""Of a word: its forms in the lexicon, the bits of the phrases that it is by itself, and of those
that it begins what may follow, by the second word."""


def _follow(waiting: list[tuple[_Node, int]], words: Sequence[_Word], hits: list[Hit]) -> None:
    """Add the hits of the phrases that reach such a node with the word at such a place."""
    start = waiting[0][1] - 1
    while waiting:
        node, at = waiting.pop()
        end = at + 1
        if node.mask:
            hits.append((start, end, node.mask, True))
        if node.following and end < len(words):
            following = node.following
            waiting += [(following[form], end) for form in words[end][0] if form in following]


class Matcher:
    """Reads sentences. A phrase's mask has a bit for each concept that it stands for."""

    def __init__(self, phrases: Mapping[str, int], hidden: Mapping[int, int]) -> None:
        """Phrases are folded. `hidden`: the bits not heard inside a phrase that has the key's."""
        self._hidden = hidden
        self._hiding = sum(hidden)
        self._silence: dict[int, int] = {}
        self._root = _Node()
        self._by_head: dict[str, dict[int, dict[str, int]]] = {}
        """Chinese phrases by their first two characters, then by their length."""
        self._words: set[str] = set()
        self._prefixes: set[str] = set()
        self._known: dict[str, _Word] = {}
        for phrase, mask in phrases.items():
            if is_latin(phrase):
                self._plant(phrase, mask)
            else:
                by_length = self._by_head.setdefault(phrase[:2], {})
                by_length.setdefault(len(phrase), {})[phrase] = mask

    def _plant(self, phrase: str, mask: int) -> None:
        node = self._root
        for form in latin_forms(phrase):
            if form.endswith("*"):
                self._prefixes.add(form[:-1])
            else:
                self._words.add(form)
            node = node.following.setdefault(form, _Node())
        node.mask |= mask

    def _look_up(self, word: str) -> "_Word":
        """What the lexicon knows of a word."""
        base = stem(word)
        forms = [form for form in dict.fromkeys((word, base)) if form in self._words]
        starts = dict.fromkeys(
            form[:end] for form in (word, base) for end in range(3, len(form) + 1)
        )
        forms.extend(f"{start}*" for start in starts if start in self._prefixes)
        if len(self._known) >= _REMEMBERED_WORDS:
            self._known.clear()
        root = self._root.following
        heads = [root[form] for form in forms if form in root]
        mask = reduce(or_, (node.mask for node in heads), 0)
        second: dict[str, list[_Node]] = {}
        for head in heads:
            for form, node in head.following.items():
                second.setdefault(form, []).append(node)
        return self._known.setdefault(word, (tuple(forms), mask, second))

    def _latin(self, text: str, hits: list[Hit]) -> None:
        known, look_up = self._known.get, self._look_up
        words = [known(word) or look_up(word) for word in _WORD.findall(text)]
        waited: dict[str, list[_Node]] = {}  # what may follow the word before
        for at, (forms, mask, second) in enumerate(words):
            if waited:
                for form in forms:
                    if form in waited:
                        _follow([(node, at) for node in waited[form]], words, hits)
            if mask:
                hits.append((at, at + 1, mask, True))
            waited = second

    def _chinese(self, text: str, hits: list[Hit]) -> None:
        by_head = self._by_head
        for start, head in enumerate(map(add, text, text[1:])):
            if head in by_head:
                for length, phrases in by_head[head].items():
                    mask = phrases.get(text[start : start + length])
                    if mask is not None:
                        hits.append((start, start + length, mask, False))

    def _unhidden(self, hits: list[Hit], heard: int) -> list[Hit]:
        """The hits less what longer phrases around them hide; `heard` is their union."""
        hiding, silence = self._hiding, self._silence
        covers: list[tuple[Hit, int]] = []
        for hit in hits:
            bits = hit[2] & hiding
            if bits:
                silenced = silence[bits] if bits in silence else self._silenced(bits)
                if silenced & heard:
                    covers.append((hit, silenced))
        if not covers:
            return hits
        left: list[Hit] = []
        for start, end, bits, latin in hits:
            mask = bits
            for cover, silenced in covers[:_MOST_COVERS]:
                first, last, _, script = cover
                inside = first <= start and end <= last and script == latin
                if inside and last - first > end - start:
                    mask &= ~silenced
            if mask:
                left.append((start, end, mask, latin))
        return left

    def _silenced(self, bits: int) -> int:
        """All that phrases with these hiding bits hide."""
        masks = (mask for bit, mask in self._hidden.items() if bits & bit)
        return self._silence.setdefault(bits, reduce(or_, masks, 0))

    def read(self, text: str, offset: int = 0, *, in_title: bool = True) -> Sentence:
        """What the lexicon hears in one folded sentence."""
        if "'s " in text:
            text = text.replace("'s ", "   ")
        hits: list[Hit] = []
        self._latin(text, hits)
        if not text.isascii():
            self._chinese(text, hits)
        mask = _union(hits)
        if mask & self._hiding and len(hits) > 1:
            hits = self._unhidden(hits, mask)
            mask = _union(hits)
        return Sentence(text, offset, mask, hits, in_title)

    def sentences(self, text: str, *, in_title: bool) -> list[Sentence]:
        """The sentences of a folded text in which anything was heard. A title is one sentence."""
        if in_title:
            title = self.read(text)
            return [title] if title.mask else []
        found: list[Sentence] = []
        start = 0
        for match in _SENTENCE_END.finditer(text):
            found.append(self.read(text[start : match.start()], start, in_title=False))
            start = match.end()
        if start < len(text):
            found.append(self.read(text[start:], start, in_title=False))
        return [sentence for sentence in found if sentence.mask]


def _union(hits: Iterable[Hit]) -> int:
    mask = 0
    for _, _, bits, _ in hits:
        mask |= bits
    return mask


def bits_of(mask: int) -> Iterator[int]:
    """Each bit of a mask by itself."""
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit
