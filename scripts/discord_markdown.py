"""Reads Discord's Markdown as its clients do, far enough to draw messages and to test escaping.

The rules are those of the clients' parser as observed: a backslash frees any punctuation; there
are no escapes in the words of a masked link, and words that hold an address unmask it; headings,
small print, quotes and lists begin a line.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Node:
    """`kind` is "text", an inline kind ("strong", "link", "mention", …) or a line's kind."""

    kind: str
    text: str = ""
    inner: tuple["Node", ...] = field(default=())
    target: str = ""


_URL: Final = r"https?://[^\s<]+[^<.,:;\"')\]\s]"
_Make = Callable[[re.Match[str], bool], Node | None]


def parse(text: str) -> list[Node]:
    """One node for each line, its kind "line" where it is plain; a code block is one node."""
    nodes: list[Node] = []
    for piece in re.split(r"(```.+?```)", text, flags=re.DOTALL):
        if piece.startswith("```") and len(piece) > 6:
            nodes.append(Node("codeblock", piece[3:-3]))
        else:
            nodes += [_line(line) for line in piece.split("\n")]
    return nodes


def words(nodes: list[Node] | tuple[Node, ...]) -> str:
    """What is read, without any formatting."""
    return "".join(node.text + words(node.inner) for node in nodes)


def kinds(nodes: list[Node] | tuple[Node, ...]) -> set[str]:
    """All kinds that occur, but for plain lines and text."""
    found: set[str] = set()
    for node in nodes:
        found |= {node.kind} | kinds(node.inner)
    return found - {"line", "text"}


_LINES: Final = (
    ("heading", re.compile(r"#{1,3} +(.+)")),
    ("small", re.compile(r"-# +(.+)")),
    ("quote", re.compile(r">(?:>>)? +(.*)")),
    ("bullet", re.compile(r" *[-*+] +(.+)")),
    ("numbered", re.compile(r" *\d+[.)] +(.+)")),
)


def _line(line: str) -> Node:
    for kind, pattern in _LINES:
        found = pattern.fullmatch(line)
        if found:
            return Node(kind, inner=tuple(inline(found[1])))
    return Node("line", inner=tuple(inline(line)))


def inline(text: str, *, in_label: bool = False) -> Iterator[Node]:
    """The nodes of one line. In a label there are no escapes, links or mentions."""
    plain = ""
    while text:
        node, used = _first(text, in_label=in_label)
        if node is None:
            plain, text = plain + text[0], text[1:]
            continue
        if node.kind == "text":
            plain += node.text
        else:
            if plain:
                yield Node("text", plain)
            plain = ""
            yield node
        text = text[used:]
    if plain:
        yield Node("text", plain)


def _first(text: str, *, in_label: bool) -> tuple[Node | None, int]:
    for pattern, make, everywhere in _RULES:
        if in_label and not everywhere:
            continue
        found = pattern.match(text)
        node = make(found, in_label) if found else None
        if found and node:
            return node, found.end()
    return None, 0


def _wrapped(kind: str) -> _Make:
    return lambda found, label: Node(kind, inner=tuple(inline(found[1], in_label=label)))


def _as(kind: str) -> _Make:
    return lambda found, _label: Node(kind, found[1], target=found[0])


def _masked(found: re.Match[str], _label: bool) -> Node | None:
    if re.search(_URL, found[1]):
        return None
    return Node("link", inner=tuple(inline(found[1], in_label=True)), target=found[2])


_RULES: Final[tuple[tuple[re.Pattern[str], _Make, bool], ...]] = (
    (re.compile(r"\\([^0-9A-Za-z\s])"), _as("text"), False),
    (re.compile(r"`+([^`]+)`+"), _as("code"), True),
    (
        re.compile(rf"\[((?:\[[^\]]*\]|[^\[\]])+)\]\(\s*<?({_URL}|https?://[^\s()<>]+)>?\s*\)"),
        _masked,
        False,
    ),
    (re.compile(r"<t:(\d+)(?::[tTdDfFR])?>"), _as("time"), False),
    (re.compile(r"<(@[!&]?\d+|#\d+|/[^:>]+:\d+)>"), _as("mention"), False),
    (re.compile(r"(@everyone|@here)"), _as("mention"), False),
    (re.compile(r"<(a?:\w+:\d+)>"), _as("emoji"), True),
    (re.compile(rf"<({_URL})>"), _as("url"), False),
    (re.compile(rf"({_URL})"), _as("url"), False),
    (
        re.compile(r"((?:discord\.gg|discord(?:app)?\.com/invite)/\w+)", re.IGNORECASE),
        _as("url"),
        True,
    ),
    (re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)"), _wrapped("strong"), True),
    (re.compile(r"__((?:\\.|[^\\])+?)__(?!_)"), _wrapped("underline"), True),
    (re.compile(r"\*(?=\S)((?:\\.|\*\*|[^\\*])+?)\*(?!\*)"), _wrapped("em"), True),
    (re.compile(r"_((?:\\.|__|[^\\_])+?)_(?!\w)"), _wrapped("em"), True),
    (re.compile(r"~~((?:\\.|[^\\])+?)~~"), _wrapped("strike"), True),
    (re.compile(r"\|\|((?:\\.|[^\\])+?)\|\|"), _wrapped("spoiler"), True),
)
"""Pattern, what it makes, and whether it also counts in the words of a masked link."""
