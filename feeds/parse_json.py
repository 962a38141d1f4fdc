"""Read JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from html import escape
from typing import Any

from feeds.items import Entry
from feeds.parsed import (
    MOST_ITEMS,
    TOO_MANY_ITEMS,
    Body,
    NotAFeed,
    NotAFeedReason,
    Parsed,
    RawEntry,
    entry_from,
)
from feeds.plain import LONGEST_TITLE, plain


def parse_json(text: str, body: Body) -> Parsed:
    """Raises NotAFeed for JSON that is broken or something else."""
    feed = _loaded(text)
    items = feed.get("items")
    if "jsonfeed.org/version/" not in _text(feed, "version") or not isinstance(items, list):
        raise NotAFeed(NotAFeedReason.NOT_A_FEED)
    if len(items) > TOO_MANY_ITEMS:
        raise NotAFeed(NotAFeedReason.TOO_MANY_ITEMS)
    entries = [_entry(item, body) for item in items[:MOST_ITEMS]]
    good = tuple(entry for entry in entries if entry)
    return Parsed(
        title=plain(_text(feed, "title"), LONGEST_TITLE),
        entries=good,
        format="json",
        skipped=len(entries) - len(good),
        total=len(items),
    )


def _loaded(text: str) -> dict[str, Any]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(NotAFeedReason.NOT_A_FEED) from error
    return feed if isinstance(feed, dict) else {}


def _entry(item: object, body: Body) -> Entry | None:
    if not isinstance(item, dict):
        return None
    texts = (
        escape(_text(item, "summary"), quote=False),
        escape(_text(item, "content_text"), quote=False),
        _text(item, "content_html"),
    )
    published, updated = _text(item, "date_published"), _text(item, "date_modified")
    raw = RawEntry(
        title=escape(_text(item, "title"), quote=False),
        texts=texts,
        links=(_text(item, "url"), _text(item, "external_url")),
        guid=_text(item, "id"),
        published=(published, updated),
        updated=updated,
    )
    return entry_from(raw, body)


def _text(table: dict[str, Any], key: str) -> str:
    """A string; numbers stand for themselves, since ids are often numbers."""
    value = table.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
