"""Trying addresses leaves the worker to polling, whoever tries how many."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from bot import trial
from bot.trial import Trials
from feeds.fetch import Fetched, Fetcher, Validators
from feeds.parsed import NotAFeed, NotAFeedReason

if TYPE_CHECKING:
    from feeds.worker import Worker


class Fetches:
    """Gives every address the same body, when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()

    async def get(self, url: str) -> Fetched:
        await self.go.wait()
        return Fetched(url, b"x", "text/xml", "", Validators())


class Reads:
    """Does something else at first, takes a while for each and notes when; refuses all of them."""

    def __init__(self, seconds: float, busy: float = 0.0) -> None:
        self.seconds = seconds
        self.busy = busy
        self.spans: list[tuple[float, float]] = []
        self.limits: set[float] = set()

    async def run(self, *_: object, timeout_s: float, begun: Callable[[], object]) -> None:
        await asyncio.sleep(self.busy)
        begun()
        start = time.monotonic()
        await asyncio.sleep(self.seconds)
        self.spans.append((start, time.monotonic()))
        self.limits.add(timeout_s)
        raise NotAFeed(NotAFeedReason.EMPTY)


def trials(fetches: Fetches, reads: Reads) -> Trials:
    return Trials(cast("Fetcher", fetches), cast("Worker", reads), lambda: 0)


async def test_trials_leave_the_worker_to_polling() -> None:
    """Trials are read one at a time and take a tenth of the worker's time at most, however they
    end.
    """
    reads = Reads(0.02)
    desk = trials(Fetches(), reads)
    results = await asyncio.gather(*(desk.try_feed(f"http://n/{n}") for n in range(4)))
    assert {result.fault for result in results} == {"not_a_feed"}
    assert reads.limits == {trial.READING_S}
    for (begun, ended), (next_one, _) in zip(reads.spans, reads.spans[1:], strict=False):
        assert next_one - ended >= trial.PAUSE * (ended - begun) * 0.9


async def test_the_wait_for_a_busy_worker_is_no_reading() -> None:
    """While polling keeps the worker busy trials wait for it, and pause no longer for that."""
    reads = Reads(0.01, busy=0.3)
    desk = trials(Fetches(), reads)
    begun = time.monotonic()
    await asyncio.gather(*(desk.try_feed(f"http://n/{n}") for n in range(3)))
    assert 0.9 < time.monotonic() - begun < 2.5  # with pauses of nine times 0.3 s it were 6


async def test_pauses_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """After what was slow to read nobody waits longer than the longest pause."""
    monkeypatch.setattr(trial, "LONGEST_PAUSE_S", 0.1)
    reads = Reads(0.2)
    desk = trials(Fetches(), reads)
    await asyncio.gather(*(desk.try_feed(f"http://n/{n}") for n in range(3)))
    for (_, ended), (begun, _) in zip(reads.spans, reads.spans[1:], strict=False):
        assert 0.09 < begun - ended < 1


async def test_who_would_wait_too_long_is_asked_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the worker is busy for long only a few may wait for it; an idle desk takes anybody."""
    monkeypatch.setattr(trial, "LONGEST_WAIT_S", 0.35)
    desk = trials(Fetches(), Reads(0.0, busy=0.2))
    assert (await desk.try_feed("http://n/")).fault == "not_a_feed"
    results = await asyncio.gather(*(desk.try_feed("http://n/") for _ in range(5)))
    assert [result.fault for result in results] == ["not_a_feed"] * 2 + ["busy"] * 3
    assert (await desk.try_feed("http://n/")).fault == "not_a_feed"


async def test_too_many_at_once_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """More trials than may wait are told so at once; when there is room again they are taken."""
    monkeypatch.setattr(trial, "PAUSE", 0)
    fetches = Fetches()
    fetches.go.clear()
    desk = trials(fetches, Reads(0))
    asked = [asyncio.create_task(desk.try_feed("http://n/")) for _ in range(trial.MOST_AT_ONCE + 3)]
    done, waiting = await asyncio.wait(asked, timeout=0.05)
    assert [task.result().fault for task in done] == ["busy"] * 3
    fetches.go.set()
    await asyncio.wait(waiting)
    assert (await desk.try_feed("http://n/")).fault == "not_a_feed"
