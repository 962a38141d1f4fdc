"""What parsing takes and gives, and the rules that every entry obeys, whatever its format."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from feeds.dates import FeedDate, read_date
from feeds.items import Entry
from feeds.plain import LONGEST_SUMMARY, LONGEST_TITLE, plain, shortened, web_link

MOST_ITEMS = 2_000
"""Of a feed with more, the first 2,000 in the document's order are kept."""
TOO_MANY_ITEMS = 20_000
"""A document with more is not parsed at all."""

_LONGEST_GUID = 1_000
_TITLE_FROM_SUMMARY = 100
_LONGEST_TTL_S = 30 * 86_400


@dataclass(frozen=True)
class Body:
    """A feed's answer, and what must be known to read it. `now` is UTC seconds."""

    body: bytes
    url: str
    """Where it came from in the end: relative links start there."""
    content_type: str
    """As the HTTP header has it. Formats are told apart by the bytes: this lies too often."""
    charset: str
    """As the HTTP header names it; empty if it does not."""
    timezone: str
    """The feed's zone (IANA), for dates that name none."""
    now: int


@dataclass(frozen=True)
class Parsed:
    """What a feed says. With `seen` chunks left out, `entries` lacks what they hold."""

    title: str
    entries: tuple[Entry, ...]
    """In the document's order; tombstones, which have a guid and no title, come last."""
    format: str
    """feedparser's name for it ("rss20", "atom10", "rss10", …), "json", or "unknown"."""
    ttl_s: int | None = None
    """How long the feed says that it stays as it is."""
    skipped: int = 0
    """Items that are new and were left out: without text, broken, cut off at the end, or put off
    to the next time because there are too many tags for one.
    """
    total: int = 0
    """Items that begin in the document, whether parsed, skipped or seen."""
    chunks: frozenset[bytes] = field(default_factory=frozenset)
    """Pass as `seen` next time; empty where the structure does not allow it."""


class NotAFeedReason(StrEnum):
    HTML = "html"
    EMPTY = "empty"
    BROKEN_XML = "broken_xml"
    TOO_MANY_ITEMS = "too_many_items"
    NOT_A_FEED = "not_a_feed"


class NotAFeed(Exception):
    """The body is no feed that can be read. `alternates` are the feeds that a page names."""

    def __init__(self, reason: NotAFeedReason, alternates: Iterable[str] = ()) -> None:
        self.reason = NotAFeedReason(reason)
        self.alternates = tuple(alternates)
        super().__init__(self.reason, self.alternates)  # what pickling calls it with again

    def __str__(self) -> str:
        return self.reason.value


@dataclass(frozen=True)
class RawEntry:
    """An item's fields as they stand in the feed, each perhaps hostile. Best choices first."""

    title: str = ""
    texts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    guid: str = ""
    published: tuple[str, ...] = ()
    updated: str = ""


def entry_from(raw: RawEntry, body: Body) -> Entry | None:
    """The item made safe; None if it has neither title nor text."""
    summary = _first(plain(text, LONGEST_SUMMARY) for text in raw.texts)
    title = plain(raw.title, LONGEST_TITLE) or shortened(summary, _TITLE_FROM_SUMMARY)
    if not title:
        return None
    dates = (_date(text, body) for text in raw.published)
    published = next(filter(None, dates), None)
    updated = _date(raw.updated, body)
    return Entry(
        title=title,
        url=_first(web_link(link, body.url) for link in raw.links),
        guid=safe_guid(raw.guid),
        summary=summary,
        published=published.at if published else None,
        date_only=published.date_only if published else False,
        updated=updated.at if updated else None,
    )


def safe_guid(text: str) -> str:
    """The guid as it stands, without the space around it. A monstrous one is hashed."""
    guid = text.strip().encode("utf-8", "replace")
    if len(guid) > _LONGEST_GUID:
        return f"blake2b:{blake2b(guid, digest_size=16).hexdigest()}"
    return guid.decode()


def ttl_from(minutes: str, period: str = "", frequency: str = "") -> int | None:
    """Seconds from RSS's <ttl>, or from the syndication module's period and frequency."""
    if _is_count(minutes):
        return min(int(minutes) * 60, _LONGEST_TTL_S)
    whole = _PERIODS.get(period.strip().lower())
    if whole is None:
        return None
    times = int(frequency) if _is_count(frequency) else 1
    return min(whole // times, _LONGEST_TTL_S)


_PERIODS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}
_COUNT_DIGITS = 9


def _is_count(text: str) -> bool:
    text = text.strip()
    return text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS and int(text) > 0


def _date(text: str, body: Body) -> FeedDate | None:
    return read_date(text, body.timezone, body.now) if text else None


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")
