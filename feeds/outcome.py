"""What came of asking a feed, and what is remembered of it: pure."""

from dataclasses import dataclass, replace
from typing import Literal

from feeds.archive_feeds import Feed, FeedState, packed
from feeds.fetch import Fetched, FetchFault, Unchanged
from feeds.reading import Reading
from feeds.schedule import (
    PollRules,
    after_failure,
    after_success,
    longest_gap,
    turnover,
    turnover_at_first,
)
from feeds.storing import Stored

GONE = FetchFault.GONE.value
NOTHING = Stored()
_FORGET_GAPS = 16
_LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Outcome:
    """What came of asking one feed, before anything is stored."""

    feed: Feed
    answer: Fetched | Unchanged | None = None
    reading: Reading | None = None
    fault: str = ""
    detail: str = ""
    retry_after_s: int | None = None


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


def asked_at(feed: Feed, rules: PollRules) -> str:
    """Where the feed is asked: at its own address, or where that has led often enough."""
    moved = feed.state.moved_to and feed.state.moved_times >= rules.remember_move_after
    return feed.state.moved_to if moved else feed.source.url


def failed(outcome: Outcome, rules: PollRules, now: int) -> FeedState:
    """The feed's state after a failure: of what it held nothing is forgotten. It is asked at
    its own address again.
    """
    state = replace(
        outcome.feed.state,
        last_try=now,
        failures=outcome.feed.state.failures + 1,
        failing_since=outcome.feed.state.failing_since or now,
        fault=outcome.fault,
        fault_detail=outcome.detail[:_LONGEST_DETAIL],
        moved_to="",
        moved_times=0,
    )
    due = after_failure(outcome.feed.source, state, rules, now, outcome.retry_after_s)
    return replace(state, next_poll=due)


def succeeded(
    outcome: Outcome, answer: Fetched | Unchanged, stored: Stored, rules: PollRules, now: int
) -> FeedState:
    """The feed's state after a good answer."""
    state = replace(
        outcome.feed.state,
        last_try=now,
        last_good=now,
        failures=0,
        failing_since=None,
        fault="",
        fault_detail="",
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        body_hash=answer.validators.body_hash,
        window_new=stored.new,
    )
    state = _moved(outcome.feed, answer.moved_to, state, rules)
    if outcome.reading is not None:
        state = _after_reading(outcome.reading, stored, state, now)
    if stored.doubtful:
        # The next answer is read whole, even if it is the same.
        state = replace(state, etag="", last_modified="", body_hash="", chunks=b"")
    due = after_success(outcome.feed.source, state, rules, now, answer.fresh_for_s)
    return replace(state, next_poll=due)


def _moved(feed: Feed, moved_to: str, state: FeedState, rules: PollRules) -> FeedState:
    if asked_at(feed, rules) != feed.source.url:
        if not moved_to:
            return state
        # It moved on: its own address is asked again until that is as sure.
        return replace(state, moved_to=moved_to, moved_times=1)
    times = state.moved_times + 1 if moved_to == state.moved_to else 1
    return replace(state, moved_to=moved_to, moved_times=times if moved_to else 0)


def _after_reading(reading: Reading, stored: Stored, state: FeedState, now: int) -> FeedState:
    parsed = reading.parsed
    first = state.baseline_at is None
    wholly_new = not first and parsed.total > 1 and stored.new >= parsed.total - parsed.skipped
    lasts = (
        turnover_at_first(stored.dates, parsed.total)
        if first
        else turnover(state, parsed.total, stored.new, now)
    )
    return replace(
        state,
        chunks=packed(parsed.chunks),
        baseline_at=now if first else state.baseline_at,
        newest=stored.newest,
        last_new=now if stored.new and not first else state.last_new,
        guids_shared=not stored.habits.guids_unique,
        links_shared=not stored.habits.links_unique,
        window_items=parsed.total,
        turnover_s=lasts,
        overrun_at=now if wholly_new else state.overrun_at,
        gap_s=longest_gap(stored.dates) if first else _gap(state, stored.newest),
        ttl_s=parsed.ttl_s or 0,
    )


def _gap(state: FeedState, newest: int | None) -> int | None:
    """The longest silence, with those of long ago slowly forgotten."""
    if newest is None or state.newest is None or newest <= state.newest:
        return state.gap_s
    known = state.gap_s or 0
    return max(newest - state.newest, known - known // _FORGET_GAPS)
