"""A poller on a real file, a real server on loopback and a clock to turn, for tests.

Documents are read in this process: what the worker process adds is tested apart.
"""

import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from xml.sax.saxutils import escape

from feeds import archive_feeds
from feeds.archive_feeds import Feed, unpacked
from feeds.archive_schema import archive_migrations
from feeds.database import Database
from feeds.fetch import Fetched, Fetcher, Limits
from feeds.items import Source
from feeds.outcome import PollResult
from feeds.parse import Body
from feeds.poll import Poller
from feeds.reading import Reading, read
from feeds.schedule import PollRules
from tests.feed_server import FeedServer

NOON = 1_780_286_400
"""2026-06-01 12:00 in Hong Kong, a Monday."""
HOUR = 3600
DAY = 86_400
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@dataclass(frozen=True)
class Item:
    """One item of a feed; `at` is UTC seconds, None for no date."""

    title: str
    guid: str = ""
    link: str = ""
    at: int | None = NOON - HOUR
    summary: str = ""

    def xml(self) -> str:
        parts = [f"<title>{escape(self.title)}</title>"]
        parts += [f"<guid isPermaLink='false'>{escape(self.guid)}</guid>"] if self.guid else []
        parts += [f"<link>{escape(self.link)}</link>"] if self.link else []
        parts += [f"<pubDate>{formatdate(self.at)}</pubDate>"] if self.at is not None else []
        parts += [f"<description>{escape(self.summary)}</description>"] if self.summary else []
        return f"<item>{''.join(parts)}</item>"


def rss(*items: Item, ttl: int = 0, title: str = "A feed") -> bytes:
    head = f"<title>{title}</title>" + (f"<ttl>{ttl}</ttl>" if ttl else "")
    body = "".join(item.xml() for item in items)
    return f"<rss version='2.0'><channel>{head}{body}</channel></rss>".encode()


@dataclass
class Inline:
    """Reads in this process; says how often it was asked to, and can be told to fail."""

    now: int = NOON
    read: list[str] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)

    async def __call__(self, feed: Feed, fetched: Fetched) -> Reading:
        self.read.append(feed.source.name)
        if feed.source.name in self.fail:
            raise self.fail[feed.source.name]
        body = Body(
            fetched.body, fetched.url, "text/xml", "", feed.source.timezone, self.now + 10 * DAY
        )
        return read(body, feed.source, unpacked(feed.state.chunks))


@dataclass
class Polling:
    """`now` is the clock. `poll` asks every feed that is on, due or not, unless told else."""

    database: Database
    server: FeedServer
    fetcher: Fetcher
    rules: PollRules
    reader: Inline = field(default_factory=Inline)
    now: int = NOON

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.poller = Poller(self.database, self.fetcher, self.reader, self.rules, lambda: self.now)

    def add(self, name: str, body: bytes | None = None, **particulars: object) -> int:
        source = replace(Source(name, self.server.url(name)), **particulars)  # type: ignore[arg-type]  # by name
        if body is not None:
            self.server.pages[name] = body
        return self.database.write_now(archive_feeds.add, source, self.now)

    def serve(self, name: str, *items: Item) -> None:
        self.server.pages[name] = rss(*items)

    async def poll(self, *, everything: bool = True) -> list[PollResult]:
        return await self.poller.poll(everything=everything)

    async def then(self, name: str, *items: Item, after: int = HOUR) -> PollResult:
        """Later the feed holds these; what became of it."""
        self.now += after
        self.serve(name, *items)
        results = await self.poll()
        return next(result for result in results if result.feed.source.name == name)

    def feed(self, name: str) -> Feed:
        found = self.database.write_now(archive_feeds.all_feeds)
        return next(feed for feed in found if feed.source.name == name)

    def rows(self, sql: str) -> Sequence[tuple[object, ...]]:
        return self.database.write_now(
            lambda connection: [tuple(row) for row in connection.execute(sql).fetchall()]
        )

    def titles(self) -> list[str]:
        """Of all articles, in the order of storing."""
        return [str(row[0]) for row in self.rows("SELECT title FROM articles ORDER BY id")]

    def alerted(self) -> list[str]:
        """Of those that channels may be owed."""
        rows = self.rows("SELECT title FROM articles WHERE alert = 1 ORDER BY id")
        return [str(row[0]) for row in rows]

    def changes(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT what FROM changes ORDER BY id")]


@asynccontextmanager
async def polling(path: Path, rules: PollRules | None = None) -> AsyncIterator[Polling]:
    database = Database(path, (archive_migrations,))
    limits = Limits(timeout_s=2)
    try:
        fetching = Fetcher(limits, LOOPBACK, "aspire-bot test", lambda: NOON)
        async with FeedServer() as server, fetching as fetcher:
            yield Polling(database, server, fetcher, rules or PollRules())
    finally:
        database.close()
