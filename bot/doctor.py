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
from handlers.texts import say


def examine(config: str | None) -> int:
    """Print the findings; the exit code is 0 if all is well, 1 if something wants mending."""
    around = surroundings(config)
    if around is None:
        return FAULT
    findings = asyncio.run(_all(around))
    for one in findings:
        sys.stdout.write(f"{'ok  ' if one.ok else 'look'}  {one.what}: {one.note}\n")
    return 0 if all(one.ok for one in findings) else 1


async def _all(around: Surroundings) -> list[Finding]:
    findings = [Finding("configuration", ok=True, note=f"{around.config_path} is valid")]
    try:
        async with opened(around) as app:
            count = await app.database.read(archive.count)
            note = f"{around.database} opens and holds {count} articles"
            findings.append(Finding("database", ok=True, note=note))
            feeds = await app.database.read(archive_feeds.all_feeds)
            findings += [one async for one in platform_findings(around, app)]
            findings += _feeds(feeds)
    except DatabaseError as error:
        findings.append(Finding("database", ok=False, note=str(error)))
    return findings


def _feeds(feeds: list[Feed]) -> Iterator[Finding]:
    on = [feed for feed in feeds if feed.source.enabled]
    if not on:
        yield Finding("feeds", ok=False, note="none is switched on; add [[feeds]] to config.toml")
    for feed in on:
        yield _feed(feed)


def _feed(feed: Feed) -> Finding:
    what = f"feed {feed.source.name}"
    state = feed.state
    if state.failures:
        why = say("en", f"feeds.fault.{state.fault.split('.')[0]}")
        detail = f" ({state.fault_detail})" if state.fault_detail else ""
        return Finding(what, ok=False, note=f"failed {state.failures} times: {why}{detail}")
    if state.last_good is None:
        return Finding(what, ok=True, note="not polled yet; try aspire poll")
    interval = feed.source.interval_s
    if state.turnover_s is not None and interval and state.turnover_s < 2 * interval:
        note = (
            f"its {state.window_items} items turn over in about {state.turnover_s // 60} minutes, "
            f"and it is polled every {interval // 60}: give it a shorter interval"
        )
        return Finding(what, ok=False, note=note)
    return Finding(what, ok=True, note=f"good, {state.window_items} items")
