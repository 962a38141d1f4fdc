"""`aspire poll` as a process of its own, killed again and again while it stores recorded feeds."""

import asyncio
import json
import os
import random
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end_to_end.test_recorded_feeds import (
    DAYS,
    REPLAY,
    assert_each_once,
    feeds_of,
    serve,
)
from tests.feed_server import FeedServer

ANY = "SELECT title, url, published, date_only FROM articles WHERE seeded = 0 LIMIT 1"
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not REPLAY.is_dir(), reason="the recorded feeds are not here")


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as server:
        yield server


def configure(folder: Path, server: FeedServer) -> None:
    lines = ["[bot]", "database = 'aspire.db'", "[fetch]", "allow_addresses = ['127.0.0.0/8']"]
    for feed in feeds_of(server).feeds:
        lines += ["[[feeds]]", f"name = {json.dumps(feed.name)}", f"url = '{feed.url}'"]
        lines += ["kind = 'official'", "hong_kong = true"]
    (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")


async def poll(folder: Path, kill_after_s: float | None = None) -> int:
    """The exit code of one poll of all feeds; killed, unless it was quicker, after so long."""
    with (folder / "poll.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--config", str(folder / "config.toml")),
            *("poll", "--force"),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        return await asyncio.wait_for(process.wait(), kill_after_s)
    except TimeoutError:
        process.kill()
        return await process.wait()


def rows(folder: Path, sql: str) -> list[tuple[str, str, int, int]]:
    connection = sqlite3.connect(folder / "aspire.db", timeout=10)
    try:
        found = connection.execute(sql).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [1, pytest.param(12, marks=pytest.mark.slow)])
async def test_every_item_is_stored_once_however_often_polling_is_killed(
    tmp_path: Path, server: FeedServer, kills: int
) -> None:
    """SIGKILL at random moments of the polls of three days: each item is there once, as dated."""
    configure(tmp_path, server)
    chance = random.Random(kills)
    killed = midway = 0
    for day in DAYS:
        serve(server, day)
        for _ in range(kills):
            hit = await poll(tmp_path, chance.uniform(0.4, 1.6)) < 0
            killed += hit
            with suppress(sqlite3.OperationalError):  # killed before there were tables
                # What a killed process had claimed is free after ten minutes: they have passed.
                rows(tmp_path, "UPDATE feeds SET lease_until = 0")
                midway += hit and bool(rows(tmp_path, ANY))
        assert await poll(tmp_path) == 0
    print(f"killed {killed} of {len(DAYS) * kills} times, {midway} of them with articles stored")
    if kills > 1:
        assert killed
        assert midway
    assert_each_once(
        rows(
            tmp_path,
            "SELECT title, url, published, date_only FROM articles WHERE seeded = 0",
        )
    )
