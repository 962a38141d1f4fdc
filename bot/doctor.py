"""`aspire doctor`: is everything as it must be, and if not, what to do."""

import asyncio
import sys
from collections.abc import Iterator

from bot.doctor_platforms import platform_findings
from bot.environment import Surroundings
from bot.findings import Finding
from bot.session import FAULT, opened, surroundings
from feeds import archive, archive_feeds
from feeds.archive_feeds import Feed
from feeds.database import DatabaseError
from feeds.outcome import GONE
from feeds.schedule import is_too_slow_for
from handlers.feed_health import health, is_merely_quiet, worries


def examine(config: str | None) -> int:
    """Print the findings; the exit code is 1 if something wants mending, and 0 if all is well but
    for hints.
    """
    around = surroundings(config)
    if around is None:
        return FAULT
    findings = asyncio.run(_all(around))
    for one in findings:
        mark = "ok  " if one.ok else "hint" if one.hint else "look"
        sys.stdout.write(f"{mark}  {one.what}: {one.note}\n")
    return 0 if all(one.ok or one.hint for one in findings) else 1


async def _all(around: Surroundings) -> list[Finding]:
    findings = [Finding("configuration", ok=True, note=f"{around.config_path} is valid")]
    try:
        async with opened(around) as app:
            count = await app.database.read(archive.count)
            note = f"{around.database} opens and holds {count} articles"
            findings.append(Finding("database", ok=True, note=note))
            feeds = await app.database.read(archive_feeds.all_feeds)
            findings += [one async for one in platform_findings(around, app)]
            findings += _feeds(feeds, app.clock())
    except DatabaseError as error:
        findings.append(Finding("database", ok=False, note=str(error)))
    return findings


def _feeds(feeds: list[Feed], now: int) -> Iterator[Finding]:
    on = [feed for feed in feeds if feed.source.enabled]
    if not on:
        yield Finding("feeds", ok=False, note="none is switched on; add [[feeds]] to config.toml")
    for feed in feeds:
        if feed.source.enabled or feed.state.fault == GONE:
            yield _feed(feed, now)


def _feed(feed: Feed, now: int) -> Finding:
    state = feed.state
    notes = health(feed, now, "en")
    if state.last_good is None and not state.failures:
        notes.append("try aspire poll")
    if state.failures and state.fault_detail:
        notes.append(state.fault_detail)
    if state.fault == GONE:
        notes.append("no longer polled; change its address in config.toml, or aspire poll --force")
    if is_too_slow_for(feed.source, state, now):
        notes.append(f"it is polled every {_interval(feed)} minutes: give it a shorter interval")
    if state.moved_times > 1 and not feed.source.owner:
        notes.append("change its address in config.toml")
    well = not state.failures and not worries(feed, now, "en")
    hint = is_merely_quiet(feed, now)
    return Finding(f"feed {feed.source.name}", ok=well, note="; ".join(notes), hint=hint)


def _interval(feed: Feed) -> int:
    state = feed.state
    seconds = feed.source.interval_s or state.next_poll - (state.last_good or state.next_poll)
    return max(seconds // 60, 1)
