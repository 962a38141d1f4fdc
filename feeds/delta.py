"""Cut a feed's XML into its items, so that items seen before need not be parsed again."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from xml.parsers import expat

_CDATA = b"<![CDATA["
_TOKEN = re.compile(rb"<!\[CDATA\[|<(/?)([A-Za-z_][\w.-]*:)?(item|entry)(?=[\s/>])", re.IGNORECASE)
_HASH_BYTES = 8

_CDATA_SECTION = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_MOST_ATTRIBUTES = 200


@dataclass(frozen=True)
class Layout:
    """A document as `glue[0] chunk[0] glue[1] chunk[1] … glue[n]`, one chunk an item.

    A truncated document has no last glue, and lacks the item that it ended in.
    """

    glue: tuple[bytes, ...]
    chunks: tuple[bytes, ...]
    truncated: bool = False

    @property
    def head(self) -> bytes:
        """Everything before the first item."""
        return self.glue[0]

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        """For each chunk a name for what it says. The root's start tag counts too: the
        namespaces and the base address that it declares change what a chunk means.
        """
        root = self.head[: self.head.find(b">") + 1]
        salt = blake2b(root, digest_size=16).digest()
        return tuple(
            blake2b(chunk, digest_size=_HASH_BYTES, key=salt).digest() for chunk in self.chunks
        )

    @property
    def outside(self) -> bytes:
        """Everything that belongs to no item."""
        return b"".join(self.glue)

    def with_only(self, wanted: Collection[int]) -> bytes:
        """The document with the wanted chunks, by position, and all of the glue."""
        pieces = [self.glue[0]]
        for position, chunk in enumerate(self.chunks):
            if position in wanted:
                pieces.append(chunk)
            pieces.append(self.glue[position + 1])
        return b"".join(pieces)

    def first(self, most: int) -> "Layout":
        """The same with at most that many chunks, the first ones."""
        if len(self.chunks) <= most:
            return self
        glue = (*self.glue[:most], self.glue[-1])
        return Layout(glue, self.chunks[:most], self.truncated)


def cut(document: bytes) -> tuple[int, Layout | None]:
    """How many items begin in a mended document (UTF-8, no comments), and its layout if that
    is clear. Takes linear time.

    The layout is clear where items stand beside one another, each with its own end, and carry
    no prefix; only the last may lack its end.
    """
    marks, items, clear = _marks(document)
    if not clear:
        return items, None
    truncated = len(marks) % 2 == 1
    if truncated:
        document = document[: marks.pop()]
    edges = [0, *marks, len(document)]
    spans = [document[start:end] for start, end in pairwise(edges)]
    glue = spans[0::2]
    if truncated:
        glue[-1] = b""
    return items, Layout(tuple(glue), tuple(spans[1::2]), truncated)


def _marks(document: bytes) -> tuple[list[int], int, bool]:
    """Where items start and end by turns, how many start, and whether that makes sense."""
    marks: list[int] = []
    items, clear, open_name = 0, True, b""
    past = 0
    for token in _TOKEN.finditer(document):
        start = token.start()
        if start < past:
            continue
        if token[0] == _CDATA:
            past = document.find(b"]]>", start)
            continue
        end = document.find(b">", start) + 1
        closing, name = token[1] == b"/", token[3]
        items += not closing
        proper = name == open_name if closing else not open_name
        if not proper or token[2] or not end or document[end - 2 : end] == b"/>":
            clear = False
        open_name = b"" if closing else name
        marks.append(end if closing else start)
    return marks, items, clear


class Judgement(Enum):
    """What a parser will make of a document."""

    GOOD = "good"
    BROKEN = "broken"
    MONSTROUS = "monstrous"
    """A tag has so many attributes that feedparser, which goes through all of them for each,
    must not see it.
    """


class _Monstrous(Exception):
    pass


def judged(document: bytes) -> Judgement:
    """What a strict parser will say, in a fiftieth of its time."""
    parser = expat.ParserCreate("utf-8", " ")
    parser.ordered_attributes = True
    parser.StartElementHandler = _counted
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        return Judgement.BROKEN
    except _Monstrous:
        return Judgement.MONSTROUS
    return Judgement.GOOD


def _counted(_: str, attributes: Sequence[str]) -> None:
    if len(attributes) > 2 * _MOST_ATTRIBUTES:
        raise _Monstrous


def tags_in(piece: bytes) -> int:
    """Tags, as every parser has to see them: CDATA holds none."""
    return _CDATA_SECTION.sub(b"", piece).count(b"<")


def closed(head: bytes) -> bytes | None:
    """The end tags that the beginning of a document still needs; None if it is broken."""
    names: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda name, _: names.append(name)
    parser.EndElementHandler = lambda _: names.pop()
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        return None
    return "".join(f"</{name}>" for name in reversed(names)).encode()
