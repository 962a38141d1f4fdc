"""`aspire feeds`: the news sources as a table or JSON, and lists of them in and out."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from bot.app import App
from bot.environment import Surroundings
from bot.session import FAULT, complain, opened, surroundings
from feeds import archive_feeds
from feeds.archive_feeds import IMPORTED, Feed
from feeds.database import Connection, DatabaseError
from feeds.identity import address
from feeds.opml import MOST_BYTES, FeedList, NotOpml, read_opml, write_opml
from handlers.feed_health import health

T = TypeVar("T")
_BAD = 1


def _with_app(config: str | None, work: Callable[[App, Surroundings], Awaitable[T]]) -> T | None:
    """What `work` returns; None where the bot cannot start, which is then said."""

    async def run(around: Surroundings) -> T:
        async with opened(around) as app:
            return await work(app, around)

    around = surroundings(config)
    if around is None:
        return None
    try:
        return asyncio.run(run(around))
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return None


def list_feeds(config: str | None, *, as_json: bool) -> int:
    """All sources, those of workspaces too, with their health. 1 if one of them fails."""

    async def work(app: App, around: Surroundings) -> list[Feed]:
        feeds = await app.database.read(archive_feeds.all_feeds)
        now = app.clock()
        if as_json:
            rows = [as_row(feed, now) for feed in feeds]
            print(json.dumps(rows, ensure_ascii=False, indent=2))  # noqa: T201 - the answer
        else:
            Console().print(_table(feeds, now, ZoneInfo(around.config.bot.timezone)))
        return feeds

    feeds = _with_app(config, work)
    if feeds is None:
        return FAULT
    return _BAD if any(feed.state.failures for feed in feeds if feed.source.enabled) else 0


def as_row(feed: Feed, now: int) -> Mapping[str, object]:
    """What is known of a feed, for programs: times in UTC seconds, null for never."""
    source, state = feed.source, feed.state
    return {
        "id": feed.id,
        "name": source.name,
        "url": source.url,
        "moved_to": state.moved_to,
        "kind": source.kind,
        "language": source.language,
        "owner": source.owner,
        "enabled": source.enabled,
        "health": health(feed, now, "en"),
        "fault": state.fault,
        "fault_detail": state.fault_detail,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "last_try": state.last_try,
        "last_good": state.last_good,
        "last_new": state.last_new,
        "next_poll": state.next_poll if source.enabled else None,
        "window_items": state.window_items,
        "turnover_s": state.turnover_s,
        "overrun_at": state.overrun_at,
    }


def _table(feeds: Sequence[Feed], now: int, zone: ZoneInfo) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("no.", "feed", "health", "last good", "next poll"):
        table.add_column(name, overflow="fold")
    for feed in feeds:
        on = feed.source.enabled
        words = health(feed, now, "en") if on or feed.state.failures else []
        table.add_row(
            str(feed.id),
            " ".join(filter(None, [feed.source.name, feed.source.owner])),
            "; ".join(words if on else ["off", *words]),
            _when(feed.state.last_good, zone),
            _when(feed.state.next_poll or None, zone) if on else "",
        )
    return table


def _when(at: int | None, zone: ZoneInfo) -> str:
    if at is None:
        return "–"
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%d %b %H:%M")


def export_feeds(config: str | None, path: str) -> int:
    """Write everybody's sources that are on as OPML to a file, or with "-" to the output."""

    async def work(app: App, _: Surroundings) -> list[Feed]:
        return await app.database.read(archive_feeds.feeds)

    feeds = _with_app(config, work)
    if feeds is None:
        return FAULT
    text = write_opml(feed.source for feed in feeds if feed.source.enabled)
    if path == "-":
        sys.stdout.write(text)
        return 0
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}")
        return FAULT
    return 0


def import_feeds(config: str | None, path: str) -> int:
    """Add the sources of an OPML file for everybody. Each that cannot be taken is told with its
    line; the exit code is 1 if there was any.
    """
    try:
        with Path(path).open("rb") as file:
            listed = read_opml(file.read(MOST_BYTES + 1))
    except OSError as error:
        complain(f"{path} cannot be read: {error.strerror}")
        return FAULT
    except NotOpml as error:
        complain(f"{path} cannot be used: {error}")
        return FAULT

    async def work(app: App, _: Surroundings) -> tuple[int, list[str]]:
        return await app.database.write(add_all, listed, app.clock())

    done = _with_app(config, work)
    if done is None:
        return FAULT
    added, refused = done
    for line in refused:
        complain(line)
    sys.stdout.write(f"{added} added, {len(refused)} left out\n")
    return _BAD if refused else 0


def add_all(connection: Connection, listed: FeedList, now: int) -> tuple[int, list[str]]:
    """How many were added, and a sentence for each that was not."""
    refused = [f"line {bad.line}: {bad.name or 'no name'}: {bad.why}" for bad in listed.bad]
    known = {address(feed.source.url) for feed in archive_feeds.feeds(connection)}
    added = 0
    for source in listed.sources:
        if address(source.url) in known:
            refused.append(f"{source.name}: is there already")
        else:
            known.add(address(source.url))
            archive_feeds.add(connection, source, now, IMPORTED)
            added += 1
    return added, refused


def remove_feed(config: str | None, number: int) -> int:
    """Poll a source no more. One of config.toml is refused: it would be back at the next start."""

    async def work(app: App, _: Surroundings) -> tuple[bool, str]:
        return await app.database.write(_removed, number)

    done = _with_app(config, work)
    if done is None:
        return FAULT
    removed, sentence = done
    if not removed:
        complain(sentence)
        return _BAD
    sys.stdout.write(f"{sentence}\n")
    return 0


def _removed(connection: Connection, number: int) -> tuple[bool, str]:
    """Whether it was removed, and what to say."""
    feed = archive_feeds.feed(connection, number)
    if feed is None:
        return False, f"there is no feed number {number}; aspire feeds lists them"
    name = feed.source.name
    if not feed.source.owner and feed.added_by != IMPORTED:
        return False, f"{name} stands in config.toml: take it out there"
    archive_feeds.disable(connection, number)
    return True, f"{name} ({feed.source.url}) is removed; what it brought stays"
