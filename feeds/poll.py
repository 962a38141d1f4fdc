"""One round of polling: claim the due feeds, fetch, read in the worker, store, decide when next."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from feeds import archive, archive_feeds
from feeds.archive_feeds import Feed, FeedState
from feeds.database import Connection, Database
from feeds.fetch import Fetched, Fetcher, FetchError, FetchFault, Unchanged, Validators
from feeds.parse import Body, NotAFeed
from feeds.reading import Reading, read
from feeds.schedule import PollRules, after_failure, after_success
from feeds.stories import StoryIndex
from feeds.storing import Store, Stored
from feeds.worker import Worker, WorkerDied, WorkerTimeout

NOTHING = Stored()
_WRITE_AT_ONCE = 64
"""Outcomes that share one transaction, so that a thousand quiet feeds cost few of them."""
_STORY_WINDOW_S = 3 * 86400


@dataclass(frozen=True)
class PollResult:
    """How one feed fared in a round."""

    feed: Feed
    status: Literal["unchanged", "stored", "failed"]
    stored: Stored = NOTHING
    baseline: bool = False
    """True for the first poll, whose items are stored and not alerted."""
    fault: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of asking one feed, before anything is stored."""

    feed: Feed
    answer: Fetched | Unchanged | None = None
    reading: Reading | None = None
    fault: str = ""
    detail: str = ""
    retry_after_s: int | None = None


class Reader(Protocol):
    """Turns what was fetched into entries with tags; may add texts from elsewhere."""

    async def __call__(self, feed: Feed, fetched: Fetched) -> Reading: ...


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
        self._stories = StoryIndex(_STORY_WINDOW_S)
        self._stories_until = 0

    async def poll(
        self, *, everything: bool = False, on_result: Callable[[PollResult], None] | None = None
    ) -> list[PollResult]:
        """Poll what is due (or all that is on). Failures are results, not exceptions."""
        due = await self._database.write(
            archive_feeds.claim_due, self._clock(), self._rules.lease_s, everything=everything
        )
        outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue()
        results: list[PollResult] = []
        writer = asyncio.create_task(self._record_all(outcomes, results, on_result))
        try:
            await self._ask_all(due, outcomes)
        finally:
            await outcomes.put(None)
            await writer
            left = {feed.id for feed in due} - {result.feed.id for result in results}
            if left:
                await self._database.write(archive_feeds.release, left)
        return results

    async def _ask_all(
        self, due: Sequence[Feed], outcomes: "asyncio.Queue[Outcome | None]"
    ) -> None:
        places = asyncio.Semaphore(self._rules.at_once)

        async def one(feed: Feed) -> None:
            async with places:
                await outcomes.put(await self._ask(feed))

        async with asyncio.TaskGroup() as group:
            for feed in due:
                group.create_task(one(feed))

    async def _ask(self, feed: Feed) -> Outcome:
        state = feed.state
        known = Validators(state.etag, state.last_modified, state.body_hash)
        try:
            answer = await self._fetcher.get(feed.source.url, known)
            if isinstance(answer, Unchanged):
                return Outcome(feed, answer)
            return Outcome(feed, answer, await self._reader(feed, answer))
        except FetchError as error:
            return Outcome(
                feed,
                fault=error.kind.value,
                detail=error.detail,
                retry_after_s=error.retry_after_s,
            )
        except NotAFeed as error:
            return Outcome(feed, fault=f"not_a_feed.{error.reason}", detail=str(error))
        except WorkerTimeout:
            return Outcome(feed, fault="too_slow_to_read", detail="")
        except WorkerDied as error:
            return Outcome(feed, fault="reader_died", detail=str(error))

    async def _record_all(
        self,
        outcomes: "asyncio.Queue[Outcome | None]",
        results: list[PollResult],
        on_result: Callable[[PollResult], None] | None,
    ) -> None:
        going = True
        while going:
            batch = [await outcomes.get()]
            while not outcomes.empty() and len(batch) < _WRITE_AT_ONCE:
                batch.append(outcomes.get_nowait())
            going = None not in batch
            some = [outcome for outcome in batch if outcome is not None]
            for result in await self._database.write(self._record, some) if some else ():
                results.append(result)
                if on_result:
                    on_result(result)

    def _record(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[PollResult]:
        now = self._clock()
        self._remember_stories(connection, now)
        return [self._record_one(connection, outcome, now) for outcome in outcomes]

    def _remember_stories(self, connection: Connection, now: int) -> None:
        """Keep the story index level with the log, whichever process wrote it."""
        last = archive.last_id(connection)
        if last > self._stories_until:
            for told in archive.told_after(
                connection, self._stories_until, now - 2 * _STORY_WINDOW_S
            ):
                self._stories.add(told)
            self._stories_until = last
        self._stories.prune(now)

    def _record_one(self, connection: Connection, outcome: Outcome, now: int) -> PollResult:
        feed = outcome.feed
        if outcome.answer is None:
            archive_feeds.save_state(connection, feed.id, failed(outcome, self._rules, now))
            return PollResult(feed, "failed", fault=outcome.fault, detail=outcome.detail)
        stored = Stored(newest=feed.state.newest)
        if outcome.reading is not None:
            store = Store(self._rules, self._stories)
            stored = store.reading(connection, feed, outcome.reading, now)
            self._stories_until = archive.last_id(connection)
        state = succeeded(outcome, stored, self._rules, now)
        if state.moved_times >= self._rules.remember_move_after:
            archive_feeds.move(connection, feed.id, state.moved_to)
            state = replace(state, moved_to="", moved_times=0)
        archive_feeds.save_state(connection, feed.id, state)
        status: Literal["unchanged", "stored"] = "stored" if outcome.reading else "unchanged"
        return PollResult(feed, status, stored, baseline=feed.state.baseline_at is None)


def failed(outcome: Outcome, rules: PollRules, now: int) -> FeedState:
    """The feed's state after a failure: nothing that it knew is forgotten."""
    state = outcome.feed.state
    failures = state.failures + 1
    next_poll = after_failure(outcome.feed.source, failures, rules, now, outcome.retry_after_s)
    if outcome.fault == FetchFault.GONE.value:
        next_poll = now + rules.most_s  # said to be gone for good; looked after, rarely
    return replace(
        state,
        last_try=now,
        failures=failures,
        failing_since=state.failing_since or now,
        fault=outcome.fault,
        fault_detail=outcome.detail,
        next_poll=next_poll,
    )


def succeeded(outcome: Outcome, stored: Stored, rules: PollRules, now: int) -> FeedState:
    """The feed's state after a good answer."""
    answer, state = outcome.answer, outcome.feed.state
    if answer is None:
        raise ValueError("a failed outcome has not succeeded")
    state = replace(
        state,
        last_try=now,
        last_good=now,
        failures=0,
        failing_since=None,
        fault="",
        fault_detail="",
        newest=stored.newest,
        moved_times=_moves(answer.moved_to, state),
        moved_to=answer.moved_to,
    )
    if outcome.reading is not None:
        state = _after_reading(outcome.reading, stored, state, now)
    if isinstance(answer, Fetched):
        state = replace(
            state,
            etag=answer.validators.etag,
            last_modified=answer.validators.last_modified,
            body_hash=answer.validators.body_hash,
        )
    fresh_for_s = answer.fresh_for_s
    if outcome.reading is not None and outcome.reading.parsed.ttl_s:
        fresh_for_s = max(fresh_for_s or 0, outcome.reading.parsed.ttl_s)
    next_poll = after_success(outcome.feed.source, state, rules, now, fresh_for_s)
    return replace(state, next_poll=next_poll)


def _after_reading(reading: Reading, stored: Stored, state: FeedState, now: int) -> FeedState:
    parsed = reading.parsed
    turnover = state.turnover_s
    if state.last_good and stored.new and state.baseline_at is not None:
        since = max(now - (state.last_new or state.baseline_at), 1)
        lasts = since * max(parsed.total, 1) // stored.new
        # A slow average: one busy hour does not make a busy feed, a busy week does.
        turnover = lasts if turnover is None else (3 * turnover + lasts) // 4
    return replace(
        state,
        chunks=parsed.chunks,
        baseline_at=now if state.baseline_at is None else state.baseline_at,
        last_new=now if stored.new else state.last_new,
        guids_shared=not stored.habits.guids_unique,
        links_shared=not stored.habits.links_unique,
        window_items=parsed.total,
        window_new=stored.new,
        turnover_s=turnover,
    )


def _moves(moved_to: str, state: FeedState) -> int:
    if not moved_to:
        return 0
    return state.moved_times + 1 if moved_to == state.moved_to else 1


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
        return await self.worker.run(
            read, body, feed.source, feed.state.chunks, timeout_s=self.timeout_s
        )
