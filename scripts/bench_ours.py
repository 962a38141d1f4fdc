"""The bot's poller on the synthetic feeds, all that it does with them; see bench_feeds."""

import asyncio
import ipaddress
import sys
from pathlib import Path

from bot.session import TURN_S
from feeds import archive_feeds
from feeds.archive_schema import archive_migrations
from feeds.database import Connection, Database
from feeds.fetch import Fetcher, Limits
from feeds.items import Source
from feeds.poll import Poller, WorkerReader
from feeds.schedule import PollRules
from feeds.worker import Worker
from scripts.bench_measure import Phase, set_mode
from scripts.bench_server import NEWEST, url

WORKERS = 2


def now() -> int:
    return NEWEST + 3600


def add_all(connection: Connection, port: int, feeds: int) -> None:
    for feed in range(feeds):
        archive_feeds.add(connection, Source(f"Feed {feed}", url(port, feed)), 0)


async def polled(port: int, feeds: int, folder: Path) -> None:
    sys.setswitchinterval(TURN_S)
    database = Database(folder / "ours.db", (archive_migrations,))
    worker = Worker(WORKERS)
    await database.write(add_all, port, feeds)
    loopback = [ipaddress.ip_network("127.0.0.0/8")]
    async with Fetcher(Limits(), loopback, "aspire-bot bench", now=now) as fetcher:
        poller = Poller(database, fetcher, WorkerReader(worker, now), PollRules(), now)
        for what, mode in (
            ("all new", "plain"),
            ("unchanged, 304", "plain"),
            ("unchanged, 200", "deaf"),
            ("one new each", "one"),
        ):
            set_mode(port, mode)
            phase = Phase("aspire", what, feeds)
            results = await poller.poll(everything=True)
            phase.done(sum(result.stored.new for result in results))
            failed = [result for result in results if result.status == "failed"]
            if failed or len(results) != feeds:
                sys.exit(f"{len(failed)} of {len(results)} failed: {failed[:1]}")
    await worker.close()
    database.close()


def main(port: int, feeds: int, folder: Path) -> None:
    asyncio.run(polled(port, feeds, folder))
