"""Read RSS 0.9x-2.0, RDF and Atom with feedparser, item by item where the structure allows."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice
from typing import Any, cast

import feedparser
import feedparser.api

from feeds.dates import read_date
from feeds.delta import Judgement, Layout, closed, cut, judged, tags_in
from feeds.items import Entry
from feeds.mending import mended
from feeds.parse_plain import plain_items
from feeds.parsed import (
    MOST_ITEMS,
    TOO_MANY_ITEMS,
    Body,
    NotAFeed,
    NotAFeedReason,
    Parsed,
    RawEntry,
    entry_from,
    safe_guid,
    ttl_from,
)
from feeds.plain import LONGEST_TITLE, plain

_TOMBSTONE = re.compile(r"<(?:[\w.-]+:)?deleted-entry\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\b(ref|when)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_TTL_KEYS = ("ttl", "sy_updateperiod", "sy_updatefrequency")
_LARGEST_HEAD = 20_000
_MOST_TAGS = 200_000
_MOST_TAGS_IN_ITEM = 20_000
# Without the address that it came from: feedparser would go through it again at every tag.
# entry_from resolves what is still relative.
_HEADERS = {"content-type": "application/xml; charset=utf-8"}

# feedparser's dates are not used (feeds/dates.py reads them), and its nine readers cost time:
# a reader that is content with anything goes first.
_ANY_TIME = (1970, 1, 1, 0, 0, 0, 3, 1, 0)
feedparser.registerDateHandler(lambda _: _ANY_TIME)
# A guid is kept as it stands: "26PR101" is no relative address.
for _parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _parser.can_be_relative_uri = _parser.can_be_relative_uri - {"id"}


@dataclass(frozen=True)
class _Found:
    """What feedparser made of a document, and how many items were lost on the way."""

    feed: Mapping[str, Any]
    items: Sequence[RawEntry]
    version: str
    lost: int = 0
    chunks: frozenset[bytes] = frozenset()


def parse_xml(text: str, body: Body, seen: frozenset[bytes]) -> Parsed:
    """Raises NotAFeed for what is no feed, or is broken beyond reading."""
    mended_text = mended(text)
    document = mended_text.encode()
    items, layout = cut(document)
    if items > TOO_MANY_ITEMS:
        raise NotAFeed(NotAFeedReason.TOO_MANY_ITEMS)
    found = _found(document, layout, seen)
    nothing = items == 0 and judged(document) is not Judgement.GOOD
    if nothing or not (found.version or found.items):
        raise _no_feed(document)
    entries = [entry_from(item, body) for item in found.items]
    good = [entry for entry in entries if entry]
    return Parsed(
        title=plain(_text(found.feed, "title"), LONGEST_TITLE),
        entries=(*good, *_tombstones(mended_text, body)),
        format=found.version or "unknown",
        ttl_s=ttl_from(*(_text(found.feed, key) for key in _TTL_KEYS)),
        skipped=found.lost + len(entries) - len(good),
        total=items,
        chunks=found.chunks,
    )


def _no_feed(document: bytes) -> NotAFeed:
    good = judged(document) is Judgement.GOOD
    return NotAFeed(NotAFeedReason.NOT_A_FEED if good else NotAFeedReason.BROKEN_XML)


def _found(document: bytes, layout: Layout | None, seen: frozenset[bytes]) -> _Found:
    truncated = False
    if layout is not None:
        layout, truncated = layout.first(MOST_ITEMS), layout.truncated
        by_chunks = _by_chunks(layout, seen)
        if by_chunks is not None:
            return by_chunks
        document = layout.with_only(range(len(layout.chunks)))
    if tags_in(document) > _MOST_TAGS or judged(document) is Judgement.MONSTROUS:
        raise NotAFeed(NotAFeedReason.BROKEN_XML)
    found = _read(document)
    return replace(found, items=found.items[:MOST_ITEMS], lost=int(truncated))


def _by_chunks(layout: Layout, seen: frozenset[bytes]) -> _Found | None:
    """The items that were not seen; None where the layout is no help."""
    if tags_in(layout.outside) > _MOST_TAGS:
        return None
    new = [at for at, name in enumerate(layout.hashes) if name not in seen]
    unseen, later = _affordable(layout, new)
    document = layout.with_only(frozenset(unseen))
    good = judged(document) is Judgement.GOOD
    found = _well_formed(layout, unseen) if good else _piecemeal(layout, unseen)
    if found is None:
        return None
    done = (name for at, name in enumerate(layout.hashes) if at not in later)
    # What is a feed by its items alone would be none without them.
    chunks = frozenset(done) if found.version else frozenset()
    lost = len(new) - len(found.items) + layout.truncated
    return replace(found, lost=lost, chunks=chunks)


def _affordable(layout: Layout, new: Iterable[int]) -> tuple[list[int], set[int]]:
    """The items to read now, and those to leave for later: together they have more tags than
    there is time for. An item that alone has too many is in neither.
    """
    left = _MOST_TAGS - tags_in(layout.outside)
    now, later = [], set()
    for at in new:
        tags = tags_in(layout.chunks[at])
        if tags > _MOST_TAGS_IN_ITEM:
            continue
        if tags > left:
            later.add(at)
            continue
        left -= tags
        now.append(at)
    return now, later


def _well_formed(layout: Layout, unseen: Sequence[int]) -> _Found | None:
    """The plain items by the short cut, and what is left by feedparser; None as `_strictly`."""
    items = dict(plain_items(layout, unseen))
    rest = [at for at in unseen if at not in items]
    found = _strictly(layout.with_only(frozenset(rest)), len(rest))
    if found is None:
        return None
    items.update(zip(rest, found.items, strict=True))
    return replace(found, items=[items[at] for at in unseen])


def _strictly(document: bytes, items: int) -> _Found | None:
    """A well-formed document; None if feedparser does not find just so many items in it."""
    found = _read(document)
    return found if len(found.items) == items else None


def _piecemeal(layout: Layout, unseen: Sequence[int]) -> _Found | None:
    """Read the well-formed items strictly and each of the others leniently by itself, so that
    a bad one harms no other. None where what stands before the first is broken itself.
    """
    tail = closed(layout.head)
    if tail is None or len(layout.head) > _LARGEST_HEAD:
        return None
    bare = layout.head + tail
    if judged(bare) is not Judgement.GOOD:
        return None
    frames = {at: layout.head + layout.chunks[at] + tail for at in unseen}
    judgements = {at: judged(frame) for at, frame in frames.items()}
    good = [at for at in unseen if judgements[at] is Judgement.GOOD]
    found = _strictly(b"".join((layout.head, *(layout.chunks[at] for at in good), tail)), len(good))
    if found is None:
        return None
    items = dict(zip(good, found.items, strict=True))
    for at in unseen:
        if judgements[at] is Judgement.BROKEN:
            with suppress(NotAFeed):  # feedparser cannot read it in any way: it counts as lost
                items.update((at, item) for item in _read(frames[at]).items[:1])
    about = layout.outside if judged(layout.outside) is Judgement.GOOD else bare
    return replace(_read(about), items=[items[at] for at in sorted(items)])


def _read(document: bytes) -> _Found:
    """What feedparser makes of it: strictly if it is well-formed, else leniently.

    Never give it anything but a stream: it opens text as an address and bytes as a file's name.
    """
    try:
        result = feedparser.parse(
            io.BytesIO(document),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers=_HEADERS,
        )
    except Exception as error:  # its lenient parser raises whatever a hostile text leads it to
        raise NotAFeed(NotAFeedReason.BROKEN_XML) from error
    items = [_raw(entry) for entry in result.entries]
    return _Found(result.feed, items, result.get("version") or "")


def _raw(item: Mapping[str, Any]) -> RawEntry:
    updated = _text(item, "updated")
    contents = [_text(content, "value") for content in _tables(item, "content")]
    return RawEntry(
        title=_text(item, "title"),
        texts=(_text(item, "summary"), *contents),
        links=tuple(_links(item)),
        guid=_text(item, "id"),
        published=(_text(item, "published"), _text(item, "created"), updated),
        updated=updated,
    )


def _links(item: Mapping[str, Any]) -> Iterator[str]:
    """The item's own pages, HTML before other kinds; the guid where it says that it is a link."""
    pages = [link for link in _tables(item, "links") if _text(link, "rel") == "alternate"]
    pages.sort(key=lambda link: _text(link, "type") != "text/html")
    yield from (_text(link, "href") for link in pages)
    if _field(item, "guidislink", False):
        guid = _text(item, "id").strip()
        yield guid if guid.lower().startswith(("http://", "https://")) else ""


def _field(table: Mapping[str, Any], key: str, default: Any) -> Any:  # noqa: ANN401 - untyped library
    """What is under that very key: feedparser's own look-up answers with neighbours' values."""
    return dict.get(cast("dict[str, Any]", table), key, default)


def _tables(table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of tables; elements of the same name from elsewhere may have put other things."""
    value = _field(table, key, [])
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(table: Mapping[str, Any], key: str) -> str:
    value = _field(table, key, "")
    return value if isinstance(value, str) else ""


def _tombstones(text: str, body: Body) -> Iterator[Entry]:
    """Atom's deleted entries (RFC 6721), which feedparser does not know."""
    if _TOMBSTONES not in text:
        return
    for found in islice(_TOMBSTONE.finditer(_CDATA.sub("", text)), MOST_ITEMS):
        told = {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(found[1])}
        guid = safe_guid(told.get("ref", ""))
        when = read_date(told.get("when", ""), body.timezone, body.now)
        if guid:
            yield Entry(title="", guid=guid, updated=when.at if when else None, withdrawn=True)
