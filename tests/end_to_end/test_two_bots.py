"""Two bots on one database, by mistake or by design: they share the work; nothing comes twice."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from bot.app import open_database
from feeds import archive
from handlers import alerts
from tests.end_to_end.torture import servers
from tests.end_to_end.torture.bots import Bots, Clock
from tests.end_to_end.torture.run import waiting
from tests.end_to_end.torture.stories import Story
from tests.end_to_end.torture.verdict import Owed, Trial, judge

STORIES = [
    Story(number, "safeguards", official=True, hong_kong=True, custody=False)
    for number in range(12)
]


@pytest.mark.timeout(120)
async def test_two_bots_on_one_database_send_nothing_twice(tmp_path: Path) -> None:
    """No lock keeps the second one out: leases do, also where the platform could not tell."""
    async with servers.servers(channels=40) as made:
        (tmp_path / "config.toml").write_text(made.configuration(), encoding="utf-8")
        bots = Bots(tmp_path, made.environment(), Clock(tmp_path / "ahead"))
        pair = await asyncio.gather(bots.start(), bots.start())  # on a file that neither has made
        database = open_database(tmp_path / "aspire.db")
        await database.write(alerts.start_cursors)
        await database.write(servers.prepare, made, int(time.time()))
        for story in STORIES:
            await database.write(archive.store, story.article(int(time.time())))
            await asyncio.sleep(0.4)
        end = time.monotonic() + 60
        held = True
        while left := await database.read(waiting):
            assert time.monotonic() < end, left
            if held and "articles" not in left:
                held = False
                bots.clock.set(alerts.LIST_WAIT_S)  # so long the last list is held for more
            await asyncio.sleep(0.2)
        assert [await bot.end(signal.SIGTERM) for bot in pair] == [0, 0]
        database.close()
        for place in made.places:
            wanted = tuple(story.number for story in STORIES if place.taste.wants(story))
            owed = Owed(place.ref.channel, place.tells, wanted)
            assert judge(owed, made.messages(place), Trial()) == ([], 0)
