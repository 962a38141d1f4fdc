"""`aspire poll`: one round of polling, told as a table, and what became owed to the console."""

import asyncio
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from adapters.console_screen import ConsoleSender, Screen, supports_links
from bot.environment import Surroundings
from bot.session import FAULT, complain, opened, surroundings
from feeds import archive_feeds
from feeds.database import DatabaseError
from feeds.poll import PollResult


def poll_once(config: str | None, *, force: bool) -> int:
    """Poll, print, deliver to the console. The exit code is 0 unless nothing could be polled."""
    around = surroundings(config)
    if around is None:
        return FAULT
    try:
        results = asyncio.run(_poll(around, force=force))
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return FAULT
    return 1 if results and all(result.status == "failed" for result in results) else 0


async def _poll(around: Surroundings, *, force: bool) -> Sequence[PollResult]:
    out, err = Console(), Console(stderr=True)
    async with opened(around) as app:
        screen = Screen(
            sys.stdout,
            app.clock,
            around.config.bot.timezone,
            links=supports_links(os.environ),
        )
        app.attach(ConsoleSender(screen))
        due = await app.database.read(archive_feeds.feeds)
        with _progress(err) as progress:
            task = progress.add_task("polling", total=sum(feed.source.enabled for feed in due))
            results = await app.poll(everything=force, on_result=lambda _: progress.advance(task))
            progress.update(task, total=len(results), completed=len(results))
        out.print(
            _table(results) if results else "No feed is due. To poll all: aspire poll --force"
        )
        await app.courier.drain()
    return results


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _table(results: Sequence[PollResult]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("feed")
    table.add_column("result")
    table.add_column("new", justify="right")
    table.add_column("changed", justify="right")
    table.add_column("what was wrong", overflow="fold")
    for result in sorted(results, key=lambda one: one.feed.id):
        status = "baseline" if result.baseline and result.status == "stored" else result.status
        table.add_row(
            result.feed.source.name,
            status,
            str(result.stored.new),
            str(result.stored.changed),
            " ".join(filter(None, [result.fault, result.detail])),
        )
    table.add_section()
    failed = sum(result.status == "failed" for result in results)
    table.add_row(
        f"{len(results)} feeds",
        f"{failed} failed",
        str(sum(result.stored.new for result in results)),
        str(sum(result.stored.changed for result in results)),
        "",
    )
    return table
