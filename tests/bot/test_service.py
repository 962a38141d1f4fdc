"""The front desk when the database cannot be used."""

from pathlib import Path

import pytest

from feeds.database import StorageError
from feeds.worker import Worker
from tests.house import Clock, configured, opened


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
