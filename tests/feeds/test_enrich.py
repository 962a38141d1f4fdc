"""Official texts: a help when they come in time, never a condition."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config, FeedSection, FetchSection
from feeds import enrich
from feeds.worker import Worker
from tests.feed_server import FeedServer, rss
from tests.house import LOOPBACK, Clock, opened

TITLE = "SFC concludes consultation"
TEXT = "<p>The regime covers <b>virtual asset custodian</b> services.</p><script>x()</script>"
CONTENT = "api/news/content"
JUNE = 1_780_300_000


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as server:
        server.pages["feed"] = rss(("26PR1", "An older release"))
        yield server


def config(server: FeedServer) -> Config:
    feed = FeedSection(
        name="SFC", url=server.url("feed"), kind="official", hong_kong=True, enrich="sfc"
    )
    return Config(
        fetch=FetchSection(allow_addresses=LOOPBACK, sfc_api=server.url("api")), feeds=(feed,)
    )


async def stored(tmp_path: Path, server: FeedServer, worker: Worker) -> dict[str, str]:
    """Poll a baseline and then one new release; return title -> summary of the new ones."""
    clock = Clock(JUNE)
    async with opened(tmp_path / "a.db", config(server), clock, worker) as house:
        await house.poll()
        server.pages["feed"] = rss(("26PR2", TITLE), ("26PR1", "An older release"))
        clock.now += 3600
        await house.poll()
        clock.now += 3600
        server.pages["feed"] += b"\n"
        await house.poll()
        rows = await house.app.database.read(
            lambda c: c.execute(
                "SELECT title, summary, tags FROM articles WHERE seeded = 0"
            ).fetchall()
        )
        return {row["title"]: row["summary"] + row["tags"] for row in rows}


async def test_the_text_is_added_and_tagged(
    tmp_path: Path, server: FeedServer, worker: Worker
) -> None:
    """A title that says nothing gets its pillars from the official text, which stays."""
    server.pages[CONTENT] = json.dumps({"newsRefNo": "26PR2", "html": TEXT}).encode()
    found = (await stored(tmp_path, server, worker))[TITLE]
    assert found.startswith("The regime covers virtual asset custodian services.")
    assert '"virtual_asset":true' in found


@pytest.mark.parametrize(
    "answer",
    [b"", b"not json", b"[]", b'{"html": null}', b'{"html": 7}', None],
)
async def test_without_a_text_the_title_must_do(
    tmp_path: Path, server: FeedServer, worker: Worker, answer: bytes | None
) -> None:
    """Whatever the service answers, the item is stored under its title."""
    if answer is not None:
        server.pages[CONTENT] = answer
    assert TITLE in await stored(tmp_path, server, worker)


async def test_a_slow_service_delays_nothing(
    tmp_path: Path, server: FeedServer, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline is for all texts together; then the titles are stored as they are."""
    monkeypatch.setattr(enrich, "DEADLINE_S", 0.0)
    server.pages[CONTENT] = json.dumps({"html": TEXT}).encode()
    found = (await stored(tmp_path, server, worker))[TITLE]
    assert not found.startswith("The regime")
