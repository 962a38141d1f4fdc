"""One round of polling over the recorded feeds, first and again, as `aspire poll` does it."""

import asyncio
import ipaddress
import sys
import tempfile
from pathlib import Path

from feeds import archive_feeds
from feeds.archive_schema import archive_migrations
from feeds.database import Database
from feeds.fetch import Fetcher, Limits
from feeds.items import Source
from feeds.poll import Poller, WorkerReader
from feeds.schedule import PollRules
from feeds.worker import Worker
from scripts.bench_measure import Phase
from tests.feed_server import FeedServer

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "feeds" / "replay"
NOON = 1_785_556_800
"""2026-08-01 12:00 in Hong Kong."""


async def main() -> None:
    if not RECORDED.is_dir():
        print("the recorded feeds are not here; nothing measured")
        return
    days = sorted(RECORDED.iterdir())
    worker = Worker()
    loopback = [ipaddress.ip_network("127.0.0.0/8")]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "recorded.db", (archive_migrations,))
        fetching = Fetcher(Limits(), loopback, "aspire-bot bench", now=lambda: NOON)
        async with FeedServer() as server, fetching as fetcher:
            reader = WorkerReader(worker, lambda: NOON)
            poller = Poller(database, fetcher, reader, PollRules(), lambda: NOON)
            for day, what in ((days[0], "first"), (days[0], "again"), (days[1], "16 days later")):
                for path in day.glob("*.xml"):
                    server.pages[path.name] = path.read_bytes()
                    source = Source(path.stem, server.url(path.name), "official")
                    await database.write(archive_feeds.add, source, NOON)
                phase = Phase("aspire", f"recorded feeds, {what}", len(server.pages))
                results = await poller.poll(everything=True)
                phase.done(sum(result.stored.new for result in results))
                if any(result.status == "failed" for result in results):
                    sys.exit("a feed failed")
        database.close()
    await worker.close()


if __name__ == "__main__":
    asyncio.run(main())
