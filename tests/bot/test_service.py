"""The front desk when the database cannot be used."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import service
from feeds.database import StorageError
from feeds.worker import Worker
from handlers import ledger_channels
from handlers.messages import ChannelRef
from handlers.ports import Refusal
from tests.adapters.discord.waiting import until
from tests.house import Clock, House, configured, opened


async def test_a_request_without_a_database_gets_a_sentence(
    tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a locked file is said to the asker; nothing is changed, nothing breaks."""
    async with opened(tmp_path / "a.db", configured(()), Clock(1_780_000_000), worker) as house:

        async def full(*_: object) -> None:
            raise StorageError("database or disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(house.app.database, "write", full)
            reply = await house.ask("subscribe safeguards")
        assert not reply.ok
        assert "did not work" in reply.card.title
        assert "not subscribed" in (await house.ask("subscriptions")).card.title


HERE = ChannelRef("console", "", "compliance")


@pytest.fixture
async def locked(
    tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[House, sqlite3.Connection]]:
    """A house with a subscribed channel, whose file another program holds until it rolls back."""
    monkeypatch.setattr(service, "FIRST_PAUSE_S", 0.01)
    async with opened(tmp_path / "a.db", configured(()), Clock(1_780_000_000), worker) as house:
        await house.ask("subscribe safeguards")
        await house.app.database.write(lambda c: c.execute("PRAGMA busy_timeout = 5").fetchone())
        with contextlib.closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield house, other


async def state(house: House) -> str:
    channel = await house.app.database.read(ledger_channels.find_channel, HERE)
    return channel.state if channel else ""


async def test_what_a_platform_tells_is_not_lost(
    locked: tuple[House, sqlite3.Connection], caplog: pytest.LogCaptureFixture
) -> None:
    """News of a channel waits until it can be written down, and ends nothing."""
    house, other = locked
    desk = house.app.service
    left = asyncio.create_task(desk.left(HERE, Refusal.ARCHIVED))
    await until(lambda: caplog.text.count("next try") >= 2)
    assert await state(house) == "active"
    other.execute("ROLLBACK")
    await left
    assert await state(house) == "paused"


async def test_what_a_platform_tells_is_written_in_order(
    locked: tuple[House, sqlite3.Connection],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The later news is not written first because the earlier news waits longer by then."""
    monkeypatch.setattr(service, "FIRST_PAUSE_S", 0.2)
    house, other = locked
    desk = house.app.service
    lost = asyncio.create_task(desk.workspace_lost(HERE.platform, HERE.workspace))
    await until(lambda: caplog.text.count("next try") >= 2)
    found = asyncio.create_task(desk.workspace_found(HERE.platform, HERE.workspace))
    await asyncio.sleep(0.05)
    other.execute("ROLLBACK")
    await asyncio.gather(lost, found)
    assert await state(house) == "active"


async def test_what_an_adapter_keeps_does_not_wait(
    locked: tuple[House, sqlite3.Connection],
) -> None:
    """Sends and answers hold their place meanwhile: whoever keeps a note hears that it failed."""
    house, other = locked
    desk = house.app.service
    with pytest.raises(StorageError):
        await desk.remember("name", "value")
    other.execute("ROLLBACK")
    await desk.remember("name", "value")
    assert await desk.recall("name") == "value"


async def test_people_are_not_kept_waiting(locked: tuple[House, sqlite3.Connection]) -> None:
    """An event that cannot be noted is acted on: the answer then says what is wrong."""
    house, _ = locked
    assert await house.app.service.first_time("event")
    assert not await house.app.service.first_time("event", unsure=False)
    assert not (await house.ask("subscribe products")).ok
