"""One round of polling: claim the due feeds, fetch, read in the worker, store, decide when next."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol
from urllib.parse import urlsplit

from feeds import archive_feeds
from feeds.archive_feeds import Feed, unpacked
from feeds.database import Connection, Database
from feeds.fetch import Fetched, Fetcher, FetchError, FetchFault, Unchanged, Validators
from feeds.outcome import GONE, Outcome, PollResult, asked_at, failed, succeeded
from feeds.parse import Body, NotAFeed
from feeds.reading import Reading, read
from feeds.schedule import PollRules
from feeds.storing import Stored, store_reading
from feeds.storing_items import Visit
from feeds.story_memory import StoryMemory
from feeds.worker import Worker, WorkerDied, WorkerTimeout

__all__ = ["PollResult", "Poller", "Reader", "WorkerReader"]

_log = logging.getLogger(__name__)

_OUTCOMES_AT_ONCE = 64
"""Outcomes that share one transaction, so that a thousand quiet feeds cost few of them."""
_OUTCOMES_WAITING = 32
"""Outcomes that wait for storing: further documents are not read before, so that many large ones
do not fill the memory.
"""
_ENTRIES_AT_ONCE = 500
"""Entries that do, so that nobody else who writes waits long."""
_NO_ANSWER = {FetchFault.SLOW.value, FetchFault.UNREACHABLE.value}


class Reader(Protocol):
    """Turns what was fetched into entries with tags; may add texts from elsewhere."""

    async def __call__(self, feed: Feed, fetched: Fetched) -> Reading: ...


@dataclass
class _Round:
    """What is under way between claiming and the last result."""

    everything: bool
    until: float
    """On the event loop's clock: no further feed is asked after."""
    on_result: Callable[[PollResult], None] | None
    outcomes: "asyncio.Queue[Outcome | None]"
    results: list[PollResult] = field(default_factory=list)

    def add(self, results: Sequence[PollResult]) -> None:
        for result in results:
            self.results.append(result)
            if self.on_result:
                self.on_result(result)


class Poller:
    """Polls feeds into the archive. Safe beside other processes: feeds are claimed by lease."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        reader: Reader,
        rules: PollRules,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._reader = reader
        self._rules = rules
        self._clock = clock
        self._stories = StoryMemory()

    async def poll(
        self, *, everything: bool = False, on_result: Callable[[PollResult], None] | None = None
    ) -> list[PollResult]:
        """Poll what is due (or all that is on). A feed's failure is a result.

        Raises what the database raises. Whatever was claimed and has no result when this ends,
        by an error or a cancellation too, is free and due again.
        """
        due = await self._database.write(
            archive_feeds.claim_due, self._clock(), self._rules.lease_s, everything=everything
        )
        until = asyncio.get_running_loop().time() + self._rules.round_s
        turn = _Round(everything, until, on_result, asyncio.Queue(_OUTCOMES_WAITING))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._record_all(turn))
                await self._ask_all(due, turn)
                await turn.outcomes.put(None)
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        finally:
            left = {feed.id for feed in due} - {result.feed.id for result in turn.results}
            if left:
                await self._database.write(archive_feeds.release, left)
        return turn.results

    async def _ask_all(self, due: Sequence[Feed], turn: _Round) -> None:
        """All hosts beside each other, the feeds of one in turn."""
        hosts: dict[str, list[Feed]] = defaultdict(list)
        for feed in due:
            hosts[urlsplit(asked_at(feed, self._rules)).netloc].append(feed)
        places = asyncio.Semaphore(self._rules.at_once)
        async with asyncio.TaskGroup() as group:
            for feeds in hosts.values():
                group.create_task(self._ask_host(feeds, turn, places))

    async def _ask_host(
        self, feeds: Sequence[Feed], turn: _Round, places: asyncio.Semaphore
    ) -> None:
        """One after another. Where the host does not answer, or time is up, the rest waits for
        the next round, so that no host holds up a round for long.
        """
        clock = asyncio.get_running_loop().time
        for feed in feeds:
            async with places:
                if clock() > turn.until and not turn.everything:
                    return
                outcome = await self._ask(feed)
            await turn.outcomes.put(outcome)
            if outcome.fault in _NO_ANSWER and not turn.everything:
                return

    async def _ask(self, feed: Feed) -> Outcome:
        state = feed.state
        known = Validators(state.etag, state.last_modified, state.body_hash)
        try:
            answer = await self._fetcher.get(asked_at(feed, self._rules), known)
        except FetchError as error:
            return Outcome(
                feed,
                fault=error.kind.value,
                detail=error.detail,
                retry_after_s=error.retry_after_s,
            )
        if isinstance(answer, Unchanged):
            return Outcome(feed, answer)
        return await self._read(feed, answer)

    async def _read(self, feed: Feed, answer: Fetched) -> Outcome:
        try:
            return Outcome(feed, answer, await self._reader(feed, answer))
        except NotAFeed as error:
            return Outcome(feed, fault=f"not_a_feed.{error.reason}", detail=str(error))
        except WorkerTimeout:
            return Outcome(feed, fault="too_slow_to_read")
        except WorkerDied as error:
            return Outcome(feed, fault="reader_died", detail=str(error))
        except Exception as error:  # noqa: BLE001 - logged, and no other feed is to suffer by it
            _log.exception("reading %s failed", feed.source.name)
            return Outcome(feed, fault="reader_died", detail=type(error).__name__)

    async def _record_all(self, turn: _Round) -> None:
        going = True
        while going:
            batch: list[Outcome] = []
            entries = 0
            while going and not (batch and turn.outcomes.empty()):
                outcome = await turn.outcomes.get()
                if outcome is None:
                    going = False
                    continue
                batch.append(outcome)
                entries += len(outcome.reading.entries) if outcome.reading else 0
                if len(batch) >= _OUTCOMES_AT_ONCE or entries >= _ENTRIES_AT_ONCE:
                    break
            if batch:
                turn.add(await self._recorded(batch))

    async def _recorded(self, batch: Sequence[Outcome]) -> list[PollResult]:
        try:
            return await self._database.write(self._record, batch)
        except BaseException:
            self._stories.forget()
            raise

    def _record(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[PollResult]:
        now = self._clock()
        return [self._record_one(connection, outcome, now) for outcome in outcomes]

    def _record_one(self, connection: Connection, outcome: Outcome, now: int) -> PollResult:
        if outcome.answer is None:
            return self._record_failure(connection, outcome, now)
        try:
            with archive_feeds.apart(connection):
                return self._record_answer(connection, outcome, outcome.answer, now)
        except (ValueError, ArithmeticError) as error:  # what it holds cannot be stored
            _log.exception("storing %s failed", outcome.feed.source.name)
            self._stories.forget()
            fault = replace(outcome, answer=None, fault="reader_died", detail=type(error).__name__)
            return self._record_failure(connection, fault, now)

    def _record_answer(
        self, connection: Connection, outcome: Outcome, answer: Fetched | Unchanged, now: int
    ) -> PollResult:
        feed = outcome.feed
        stored = Stored(newest=feed.state.newest)
        if outcome.reading is not None:
            index = self._stories.level(connection, now)
            visit = Visit(feed, self._rules, now)
            stored = store_reading(connection, index, outcome.reading, visit)
            self._stories.stored(connection)
        state = succeeded(outcome, answer, stored, self._rules, now)
        archive_feeds.save_state(connection, feed.id, state)
        if feed.state.fault == GONE:
            archive_feeds.switch(connection, feed.id, on=True)
        status: Literal["unchanged", "stored"] = "stored" if outcome.reading else "unchanged"
        return PollResult(feed, status, stored, baseline=feed.state.baseline_at is None)

    def _record_failure(self, connection: Connection, outcome: Outcome, now: int) -> PollResult:
        feed = outcome.feed
        archive_feeds.save_state(connection, feed.id, failed(outcome, self._rules, now))
        if outcome.fault == GONE:
            archive_feeds.switch(connection, feed.id, on=False)
        return PollResult(feed, "failed", fault=outcome.fault, detail=outcome.detail)


def _first(error: BaseException) -> BaseException:
    """What went wrong first, out of its wrappings."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@dataclass(frozen=True)
class WorkerReader:
    """Reads in the worker process, so that a bad feed cannot hold up an answer."""

    worker: Worker
    clock: Callable[[], int]
    timeout_s: float = 30.0

    async def __call__(self, feed: Feed, fetched: Fetched) -> Reading:
        body = Body(
            body=fetched.body,
            url=fetched.url,
            content_type=fetched.content_type,
            charset=fetched.charset,
            timezone=feed.source.timezone,
            now=self.clock(),
        )
        seen = unpacked(feed.state.chunks)
        return await self.worker.run(read, body, feed.source, seen, timeout_s=self.timeout_s)
