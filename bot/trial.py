"""Trying a feed's address before anybody adds it: fetched and read like any other.

Anybody may ask for a trial, and polling needs the same worker: so trials take their time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from feeds.fetch import Fetched, Fetcher, FetchError
from feeds.items import Source
from feeds.parse import Body, NotAFeed
from feeds.reading import Reading, read
from feeds.worker import Worker, WorkerDied, WorkerTimeout
from handlers.context import Trial

READING_S = 5.0
"""Of the worker's time, for one trial."""
PAUSE = 9
"""After a trial was read the next one waits so many times as long, up to LONGEST_PAUSE_S: however
many people try how many addresses, most of the worker's time is left to polling.
"""
LONGEST_PAUSE_S = 5.0
"""Somebody waits for the answer, and what takes so long to read is rare."""
FETCHED_AT_ONCE = 4
MOST_AT_ONCE = 10
"""Under way, all of them; who comes then is asked to come again."""
LONGEST_WAIT_S = 20.0
"""Who would have to wait for longer, as things go, is asked to come again too."""


@dataclass
class Trials:
    fetcher: Fetcher
    worker: Worker
    clock: Callable[[], int]
    _under_way: int = 0
    _fetching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHED_AT_ONCE))
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _free_at: float = 0.0
    """On the event loop's clock."""
    _turn_s: float = 0.0
    """What the last one took of the others' time: the wait for the worker, reading, the pause."""

    async def try_feed(self, url: str) -> Trial:
        """What the address gives now; what is wrong with it is part of the result."""
        expected = self._under_way * self._turn_s
        if self._under_way >= MOST_AT_ONCE or expected > LONGEST_WAIT_S:
            return Trial(url, fault="busy")
        self._under_way += 1
        try:
            return await self._tried(url)
        finally:
            self._under_way -= 1

    async def _tried(self, url: str) -> Trial:
        try:
            async with self._fetching:
                fetched = await self.fetcher.get(url)
            if not isinstance(fetched, Fetched):
                return Trial(url, fault="bad_status")
            return Trial(url, reading=await self._read(url, fetched))
        except FetchError as error:
            return Trial(url, fault=error.kind.value, detail=error.detail)
        except NotAFeed as error:
            return Trial(url, fault="not_a_feed", detail=str(error), not_a_feed=error)
        except WorkerTimeout:
            return Trial(url, fault="too_slow_to_read")
        except WorkerDied as error:
            return Trial(url, fault="reader_died", detail=str(error))

    async def _read(self, url: str, fetched: Fetched) -> Reading:
        """One at a time, and never more of them than leaves the worker to polling."""
        body = Body(
            body=fetched.body,
            url=fetched.url,
            content_type=fetched.content_type,
            charset=fetched.charset,
            timezone="Asia/Hong_Kong",
            now=self.clock(),
        )
        async with self._reading:
            return await self._in_turn(body, Source(name=url, url=url))

    async def _in_turn(self, body: Body, source: Source) -> Reading:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._free_at - clock()))
        asked = clock()
        begun: list[float] = []  # when the worker was free: what it did before was no trial
        try:
            return await self.worker.run(
                read,
                body,
                source,
                timeout_s=READING_S,
                begun=lambda: begun.append(clock()),
            )
        finally:
            ended = clock()
            took = ended - begun[0] if begun else 0.0
            self._free_at = ended + min(PAUSE * took, LONGEST_PAUSE_S)
            self._turn_s = self._free_at - asked
