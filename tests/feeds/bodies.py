"""Feeds for the parser's tests, written in few words."""

from pathlib import Path

from feeds.items import Entry
from feeds.parse import Body, Parsed, parse

NOW = 1_794_292_200
"""2026-11-10 06:30:00 UTC."""
URL = "https://news.example/rss/feed.xml"
RECORDED = Path(__file__).resolve().parents[3] / "shared" / "feeds" / "replay"
"""The recorded feeds, beside the checkout; absent on most machines."""


def body_of(document: str | bytes, charset: str = "", timezone: str = "Asia/Hong_Kong") -> Body:
    raw = document.encode() if isinstance(document, str) else document
    return Body(raw, URL, "application/xml", charset, timezone, NOW)


def parsed(document: str | bytes, seen: frozenset[bytes] = frozenset()) -> Parsed:
    return parse(body_of(document), seen)


def rss(*items: str, head: str = "<title>News</title>", root: str = 'rss version="2.0"') -> str:
    """An RSS document; each item is what stands between <item> and </item>."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f"<{root}><channel>{head}{inner}</channel></{root.split(maxsplit=1)[0]}>"


def atom(*entries: str, head: str = "<title>News</title>", root: str = "") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {root}>{head}{inner}</feed>'


def only(document: str | bytes) -> Entry:
    """The one entry of a document."""
    (entry,) = parsed(document).entries
    return entry


def item_of(inner: str) -> Entry:
    """The entry of an RSS document with this one item."""
    return only(rss(inner))
