"""The whole house beside a web that means harm: it keeps its time, its memory and its answers."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config, FeedSection, FetchSection
from feeds import archive_feeds
from feeds.worker import Worker
from tests.feed_server import FeedServer, rss
from tests.feeds.hostile_server import MISDEEDS, ODD_BODIES, HostileServer
from tests.house import LOOPBACK, Clock, opened

NOON = 1_780_286_400
TIMEOUT_S = 1
GOOD = "SFC licenses a virtual asset trading platform"
ODD_AND_READABLE = {
    "/truncated",
    "/huge-title",
    "/lying-charset",
    "/comments",
    "/comments-in-cdata",
}


@pytest.fixture
async def hostile() -> AsyncIterator[HostileServer]:
    async with HostileServer() as server:
        yield server


@pytest.fixture
async def good() -> AsyncIterator[FeedServer]:
    async with FeedServer() as server:
        server.pages["good"] = rss(("1", GOOD))
        yield server


def config(hostile: HostileServer, good: FeedServer) -> Config:
    """A good feed among one for every misdeed."""
    bad = [FeedSection(name=path, url=hostile.url(path)) for path in (*MISDEEDS, *ODD_BODIES)]
    fine = FeedSection(name="good", url=good.url("good"), kind="official", hong_kong=True)

    limits = FetchSection(allow_addresses=LOOPBACK, timeout=TIMEOUT_S)
    return Config(fetch=limits, feeds=(*bad[: len(bad) // 2], fine, *bad[len(bad) // 2 :]))


async def test_a_house_among_enemies(
    tmp_path: Path, hostile: HostileServer, good: FeedServer, worker: Worker
) -> None:
    """With a feed for every misdeed each is named, the good one is read, the bot answers in the
    meantime, and memory stays bounded.
    """
    settings = config(hostile, good)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with opened(tmp_path / "aspire.db", settings, Clock(NOON), worker) as house:
        slowest = 0.0
        poll = asyncio.create_task(house.app.poll(everything=True))
        answers = 0
        while not poll.done():
            started = time.monotonic()
            assert (await house.ask("pillar safeguards")).ok
            slowest = max(slowest, time.monotonic() - started)
            answers += 1
            await asyncio.wait({poll}, timeout=0.05)
        results = {one.feed.source.name: one for one in await poll}
        assert results["good"].stored.new == 1
        assert GOOD in str((await house.ask("news licenses")).card)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    print(f"{answers} answers meanwhile, the slowest in {slowest * 1e3:.0f} ms; +{grown:.0f} MB")
    readable = {name for name, one in results.items() if one.status != "failed"}
    assert readable <= ODD_AND_READABLE | {"good"} | LOOPBACK_ALLOWED
    assert slowest < 5
    assert grown < 150
    for path, (_, fault) in MISDEEDS.items():
        if path not in LOOPBACK_ALLOWED:
            assert results[path].fault == fault.value, path


LOOPBACK_ALLOWED = {"/to-other-loopback", "/to-hexadecimal"}
"""Here the whole loopback network is allowed, so that these lead to nobody."""


async def test_health_tells_each_misdeed(
    tmp_path: Path, hostile: HostileServer, good: FeedServer, worker: Worker
) -> None:
    """After a round every bad feed has a fault with a sentence, a next try, and is not lost."""
    settings = config(hostile, good)
    async with opened(tmp_path / "aspire.db", settings, Clock(NOON), worker) as house:
        await house.app.poll(everything=True)
        feeds = await house.app.database.read(archive_feeds.all_feeds)
        for feed in feeds:
            if feed.state.failures:
                assert feed.state.next_poll > NOON
                assert feed.state.fault
        text = str((await house.ask("feeds")).card)
        assert "good · holds 1" in text
        off = [feed.source.name for feed in feeds if not feed.source.enabled]
        assert off == ["/410"]
