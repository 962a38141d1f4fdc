"""Read RSS items that hold nothing but plain fields at a tenth of what feedparser takes.

This is a short cut and never another opinion: an item that has anything unusual is left to
feedparser, and so is the whole document where feedparser would carry something from one item into
the next. Tests hold both ways beside each other for all documents that they know.
"""

import re
from collections.abc import Mapping, Sequence

from feeds.delta import Layout, closed
from feeds.parsed import RawEntry

_FIELD = re.compile(
    r"\s*+<(?:(title|link|pubDate|description)"
    r"|(guid)(?:\s++isPermaLink=(?:\"(true|false)\"|'(true|false)'))?"
    # What mending calls so is read by nobody, but for a base address.
    r"|unused(?![^<]*(?i:base)\s*=)(?:\s[^<>]*+)?)>"
    r"(?:([^<]*+)|<!\[CDATA\[((?:[^\]]|\](?!\]>))*+)\]\]>)"
    r"</(?:\1|\2|unused)>"
)
_START, _END = "<item>", re.compile(r"\s*</item>")
_REFERENCE = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_CHANGES_ITEMS = re.compile(rb"\b(?:xmlns|base)\s*=", re.IGNORECASE)
_CHANGES_LATER_ITEMS = re.compile(rb"\bbase\s*=", re.IGNORECASE)
# Feedparser mends what looks like UTF-8 or windows-1252 read as Latin-1, and odd addresses.
_LAST_OF_LATIN_1 = "\xff"
_CONTROLS = re.compile("[\r\x80-\x9f]")
_ODD_ADDRESS = re.compile(r"&\w*;|///")


def plain_items(layout: Layout, wanted: Sequence[int]) -> Mapping[int, RawEntry]:
    """By position, those of the wanted chunks that are plain. The document is well-formed.

    The first is never among them: feedparser keeps in mind, until an item ends, what content it
    met before, and reads that item and no other by it.
    """
    outside = b"".join(layout.glue[1:])
    inside_channel = closed(layout.head) == b"</channel></rss>"
    only_items_follow = outside.count(b"<") == outside.count(b"</")
    if not inside_channel or not only_items_follow or _CHANGES_ITEMS.search(layout.head):
        return {}
    read = {at: plain_item(layout.chunks[at].decode()) for at in wanted}
    rest = (layout.chunks[at] for at, item in read.items() if item is None)
    if any(map(_CHANGES_LATER_ITEMS.search, rest)):
        return {}
    return {at: item for at, item in read.items() if item is not None and at != wanted[0]}


def plain_item(chunk: str) -> RawEntry | None:
    """An item of a well-formed RSS document without a default namespace; None if not plain."""
    fields: dict[str, str] = {}
    guid_is_link = False
    at = len(_START) if chunk.startswith(_START) else 0
    while field := _FIELD.match(chunk, at) if at else None:
        at = field.end()
        name = field[1] or field[2]
        if name is None:
            continue
        value = _text(field[5], field[6])
        if value is None or name in fields:
            return None
        if name == "guid":
            guid_is_link = "false" not in {field[3], field[4]} and "link" not in fields
        fields[name] = value
    if not at or not _END.fullmatch(chunk, at) or _ODD_ADDRESS.search(fields.get("link", "")):
        return None
    return _entry(fields, guid_is_link=guid_is_link)


def _text(written: str | None, verbatim: str | None) -> str | None:
    """A field's text as XML has it; None where feedparser might make something else of it."""
    text = verbatim or ""
    if written is not None:
        text = _REFERENCE.sub(_character, written) if "&" in written else written
    if not text.isascii() and (_CONTROLS.search(text) or max(text) <= _LAST_OF_LATIN_1):
        return None
    return None if "\r" in text else text.strip()


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    return _ENTITIES[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))


def _entry(fields: Mapping[str, str], *, guid_is_link: bool) -> RawEntry:
    guid = fields.get("guid", "")
    links = [fields["link"]] if "link" in fields else []
    if guid_is_link:
        links.append(guid if guid.lower().startswith(("http://", "https://")) else "")
    return RawEntry(
        title=fields.get("title", ""),
        texts=(fields.get("description", ""),),
        links=tuple(links),
        guid=guid,
        published=(fields.get("pubDate", ""), "", ""),
    )
