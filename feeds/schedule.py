"""When a feed is polled next: pure decisions over what is remembered of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from feeds.archive_feeds import FeedState
from feeds.items import Source

_DAY = 86400
_LOOKS = 3
"""Looks at every item while it is in the window: one may fail and nothing is missed."""
_TINY_WINDOW = 10
_NEWEST_DATES = 20
_SILENT_GAPS = 3
_SILENT_AT_LEAST_S = 7 * _DAY

PASSING = frozenset({"slow", "unreachable", "server", "broken", "reader_died", "too_slow_to_read"})
"""Faults that mend themselves, mostly soon. The others wait for a person."""


@dataclass(frozen=True)
class PollRules:
    """All in seconds but the counts."""

    interval_s: int = 900
    """Between polls of a feed that says nothing of its own."""
    least_s: int = 120
    most_s: int = 6 * 3600
    fresh_most_s: int = 3600
    """A server or feed that says it stays as it is for longer is believed so far."""
    mending_most_s: int = 3600
    """Between tries of a feed with a passing fault."""
    retry_after_most_s: int = _DAY
    lease_s: int = 600
    """How long a claimed feed stays claimed if its process dies."""
    round_s: float = 60.0
    """A round asks no further feed after this; what is left is due in the next one."""
    old_after_s: int = 3 * _DAY
    """An item that first appears this much older than the newest known is not alerted."""
    revise_within_s: int = _DAY
    """A change of words within this time edits the cards that were sent."""
    remember_move_after: int = 3
    """Permanent redirects to the same place in a row after which it is asked there."""
    at_once: int = 50
    """Hosts asked at the same time; of each host, one feed at a time."""
    quiet_after_s: int = 14 * _DAY
    """Nothing new for so long: polled half as often, a quarter as often after twice that."""
    overrun_for_s: int = 7 * _DAY
    """A window that was found wholly new is looked at twice as often for so long."""


def after_success(
    source: Source, state: FeedState, rules: PollRules, now: int, fresh_for_s: int | None
) -> int:
    """When to poll again after a good answer (UTC seconds)."""
    wanted = source.interval_s or max(
        _unhurried(state, rules, now), min(max(fresh_for_s or 0, state.ttl_s), rules.fresh_most_s)
    )
    wanted = _in_time(wanted, state, rules, now)
    return now + _jittered(min(max(wanted, rules.least_s), rules.most_s), source.url, now)


def _unhurried(state: FeedState, rules: PollRules, now: int) -> int:
    silent = now - (state.last_new or state.baseline_at or now)
    if silent < rules.quiet_after_s or 0 < state.window_items <= _TINY_WINDOW:
        return rules.interval_s
    return rules.interval_s * (4 if silent >= 2 * rules.quiet_after_s else 2)


def _in_time(wanted: int, state: FeedState, rules: PollRules, now: int) -> int:
    """Soon enough that no item comes and goes between two polls, as far as can be foreseen."""
    if state.window_new * _LOOKS > state.window_items:
        wanted = wanted * state.window_items // (_LOOKS * state.window_new)
    if state.overrun_at is not None and now - state.overrun_at < rules.overrun_for_s:
        wanted //= 2
    return min(wanted, state.turnover_s // _LOOKS) if state.turnover_s else wanted


def after_failure(
    source: Source, state: FeedState, rules: PollRules, now: int, retry_after_s: int | None
) -> int:
    """When to try again after `state.failures` failures in a row: doubling, from soon for a
    passing fault and from the usual interval for others, but not before the server allows it.
    """
    passing = state.fault in PASSING
    first = rules.least_s if passing else source.interval_s or rules.interval_s
    most = rules.mending_most_s if passing else rules.most_s
    wanted = min(first << min(max(state.failures - 1, 0), 16), most)
    if state.turnover_s:
        wanted = min(wanted, state.turnover_s // _LOOKS)
    wait = _jittered(max(wanted, rules.least_s), source.url, now)
    return now + max(wait, min(retry_after_s or 0, rules.retry_after_most_s))


def _jittered(seconds: int, url: str, now: int) -> int:
    """Up to a tenth more, so that feeds do not march in step; the same inputs give the same."""
    digest = hashlib.blake2b(f"{url} {now}".encode(), digest_size=2).digest()
    return seconds + seconds * int.from_bytes(digest, "big") // (10 * 65536)


def is_old(published: int | None, newest_known: int | None, rules: PollRules) -> bool:
    """Whether an item that appears for the first time is too old to be news.

    Measured against the newest item that the feed had shown, not against the clock: what was
    published while the bot was down is late, not old, and is owed all the same.
    """
    if published is None or newest_known is None:
        return False
    return published < newest_known - rules.old_after_s


def turnover_at_first(dates: Iterable[int], total: int) -> int | None:
    """How long `total` items stay in a window, by the dates of its items; None if those do not
    tell.
    """
    known = sorted(dates)
    span = known[-1] - known[0] if known else 0
    return span * total // (len(known) - 1) if span else None


def turnover(state: FeedState, total: int, new: int, now: int) -> int | None:
    """The same as measured between polls: a slow average, for one busy hour does not make a
    busy feed, and a busy week does.
    """
    if not new or state.baseline_at is None:
        return state.turnover_s
    since = max(now - (state.last_new or state.baseline_at), 1)
    lasts = since * max(total, 1) // new
    return lasts if state.turnover_s is None else (3 * state.turnover_s + lasts) // 4


def longest_gap(dates: Iterable[int]) -> int | None:
    """The longest time between neighbours among a document's newest dates."""
    newest = sorted(dates)[-_NEWEST_DATES:]
    return max((later - earlier for earlier, later in pairwise(newest)), default=None)


def is_silent(state: FeedState, now: int) -> bool:
    """Whether a feed that answers well has brought nothing for unusually long: thrice its
    longest gap lately, and a week at least; or holds nothing any more.
    """
    if state.failures or state.last_good is None:
        return False
    if state.window_items == 0:
        return state.newest is not None
    if state.gap_s is None or state.newest is None:
        return False
    silent = now - max(state.newest, state.last_new or 0)
    return silent > max(_SILENT_GAPS * state.gap_s, _SILENT_AT_LEAST_S)


def is_too_slow_for(source: Source, state: FeedState, now: int) -> bool:
    """Whether items may come and go unseen: the window turns over in less than three of the
    intervals at which it is polled, or was found wholly new in the last 30 days.
    """
    if state.overrun_at is not None and now - state.overrun_at < 30 * _DAY:
        return True
    interval = source.interval_s or (state.next_poll - (state.last_good or state.next_poll))
    return bool(state.turnover_s and state.turnover_s < _LOOKS * interval * 9 // 10)
