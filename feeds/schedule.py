"""When a feed is polled next: pure decisions over what is remembered of it."""

import hashlib
from dataclasses import dataclass

from feeds.archive_feeds import FeedState
from feeds.items import Source

_DAY = 86400


@dataclass(frozen=True)
class PollRules:
    """All in seconds but the counts."""

    interval_s: int = 900
    """Between polls of a feed that says nothing of its own."""
    least_s: int = 120
    most_s: int = 6 * 3600
    lease_s: int = 600
    """How long a claimed feed stays claimed if its process dies."""
    old_after_s: int = 3 * _DAY
    """An item that first appears this much older than the newest known is not alerted."""
    revise_within_s: int = _DAY
    """A change of words within this time edits the cards that were sent."""
    remember_move_after: int = 3
    """Permanent redirects to the same place in a row that change the address."""
    at_once: int = 50
    """Feeds fetched at the same time."""
    quiet_after_s: int = 14 * _DAY
    """Nothing new for so long: polled half as often, a quarter as often after twice that."""


def after_success(
    source: Source, state: FeedState, rules: PollRules, now: int, fresh_for_s: int | None
) -> int:
    """When to poll again after a good answer (UTC seconds)."""
    wanted = source.interval_s or rules.interval_s
    if not source.interval_s:
        wanted = max(_unhurried(wanted, state, rules, now), min(fresh_for_s or 0, rules.most_s))
    if state.turnover_s:
        # Three looks while an item is in the window: one may fail and nothing is missed.
        wanted = min(wanted, state.turnover_s // 3)
    wanted = min(max(wanted, rules.least_s), rules.most_s)
    return now + _jittered(wanted, source.url, now)


def _unhurried(wanted: int, state: FeedState, rules: PollRules, now: int) -> int:
    silent = now - (state.last_new or state.baseline_at or now)
    if silent >= 2 * rules.quiet_after_s:
        return wanted * 4
    return wanted * 2 if silent >= rules.quiet_after_s else wanted


def after_failure(
    source: Source, failures: int, rules: PollRules, now: int, retry_after_s: int | None
) -> int:
    """When to try again after `failures` failures in a row: doubling, but not before the server
    allows it.
    """
    wanted = (source.interval_s or rules.interval_s) * 2 ** min(failures - 1, 10)
    wanted = min(max(wanted, rules.least_s), rules.most_s)
    return now + max(_jittered(wanted, source.url, now), min(retry_after_s or 0, 7 * _DAY))


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
