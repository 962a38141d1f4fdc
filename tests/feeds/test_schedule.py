"""When a feed is polled next, and what its silence means."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.archive_feeds import FeedState
from feeds.fetch import FetchFault
from feeds.items import Source
from feeds.schedule import (
    PASSING,
    PollRules,
    after_failure,
    after_success,
    is_old,
    is_silent,
    is_too_slow_for,
    longest_gap,
    turnover,
    turnover_at_first,
)

NOW = 1_780_286_400
DAY = 86_400
RULES = PollRules()
FEED = Source("SFC", "https://sfc.example/feed")
CALM = FeedState(baseline_at=NOW - DAY, last_good=NOW, window_items=50)

spans = st.integers(0, 400 * DAY)


def wait(state: FeedState = CALM, source: Source = FEED, fresh_for_s: int | None = None) -> int:
    return after_success(source, state, RULES, NOW, fresh_for_s) - NOW


def near(seconds: int) -> object:
    """So long, or up to a tenth more."""
    return pytest.approx(seconds * 1.05, rel=0.051)


def test_the_usual_interval() -> None:
    """A feed that says nothing is polled at the configured interval, with some jitter."""
    assert wait() == near(900)
    assert wait(source=replace(FEED, interval_s=600)) == near(600)
    waits = {wait(source=replace(FEED, url=f"https://x.example/{n}")) for n in range(50)}
    assert len(waits) > 20


@pytest.mark.parametrize(
    ("fresh", "ttl", "seconds"),
    [(None, 0, 900), (0, 0, 900), (1800, 0, 1800), (30 * DAY, 0, 3600), (0, 1200, 1200)],
)
def test_freshness_is_honoured_and_capped(fresh: int | None, ttl: int, seconds: int) -> None:
    """Cache-Control, Expires and <ttl> put off the next poll, by an hour at most."""
    assert wait(replace(CALM, ttl_s=ttl), fresh_for_s=fresh) == near(seconds)


def test_an_interval_in_the_configuration_is_kept() -> None:
    """Whoever runs the bot knows better than a server's cache header."""
    assert wait(source=replace(FEED, interval_s=600), fresh_for_s=DAY) == near(600)


def test_quiet_feeds_are_polled_less_but_not_tiny_ones() -> None:
    """A feed silent for weeks is polled half or a quarter as often, unless its window is tiny."""
    quiet = replace(CALM, last_new=NOW - 15 * DAY)
    assert wait(quiet) == near(1800)
    assert wait(replace(quiet, last_new=NOW - 40 * DAY)) == near(3600)
    assert wait(replace(quiet, window_items=5)) == near(900)


def test_a_fast_window_is_looked_at_three_times() -> None:
    """Every item is seen three times while it is in the window, however long the interval."""
    fast = replace(CALM, turnover_s=1800)
    assert wait(fast) == near(600)
    assert wait(fast, replace(FEED, interval_s=3600)) == near(600)
    assert wait(replace(CALM, turnover_s=60)) == near(RULES.least_s)


def test_a_burst_brings_the_next_look_nearer() -> None:
    """When much of the window is new at once the next poll comes sooner, and once it was found
    wholly new, for a week.
    """
    assert wait(replace(CALM, window_items=6, window_new=2)) == near(900)
    assert wait(replace(CALM, window_items=6, window_new=4)) == near(450)
    assert wait(replace(CALM, overrun_at=NOW - DAY)) == near(450)
    assert wait(replace(CALM, overrun_at=NOW - 8 * DAY)) == near(900)


@given(spans, spans, spans, st.integers(0, 500), st.integers(0, 500))
def test_the_next_poll_lies_between_the_bounds(
    fresh: int, turnover_s: int, interval: int, items: int, new: int
) -> None:
    """Whatever is remembered, the next poll is neither sooner than the least nor later than the
    most (and a tenth).
    """
    state = replace(CALM, turnover_s=turnover_s, window_items=items, window_new=new)
    seconds = wait(state, replace(FEED, interval_s=interval), fresh)
    assert RULES.least_s <= seconds <= RULES.most_s * 1.1


def failed(times: int, fault: str = "slow", retry_after_s: int | None = None) -> int:
    state = replace(CALM, failures=times, fault=fault)
    return after_failure(FEED, state, RULES, NOW, retry_after_s) - NOW


def test_failures_back_off() -> None:
    """Passing faults are tried again soon and then each hour, others from the interval on."""
    assert [failed(n) for n in (1, 2, 3)] == [near(120), near(240), near(480)]
    assert failed(50) == near(3600)
    assert failed(1, "blocked") == near(900)
    assert failed(50, "blocked") == near(6 * 3600)
    state = replace(CALM, failures=20, fault="blocked", turnover_s=3600)
    assert after_failure(FEED, state, RULES, NOW, None) - NOW == near(1200)


def test_retry_after_is_honoured_and_capped() -> None:
    """A server that asks for time gets it, up to a day."""
    assert failed(1, "server", 7200) == 7200
    assert failed(1, "too_many", 30) == near(900)
    assert failed(1, "server", 90 * DAY) == DAY


def test_passing_faults_exist() -> None:
    """The faults that are thought to pass are among those that occur."""
    own = {"reader_died", "too_slow_to_read"}
    assert {fault.value for fault in FetchFault} >= PASSING - own


def test_old_is_measured_against_the_feed() -> None:
    """An item is old by the newest that the feed showed, never by the clock."""
    assert not is_old(NOW - 30 * DAY, None, RULES)
    assert not is_old(None, NOW, RULES)
    assert is_old(NOW - 4 * DAY, NOW, RULES)
    assert not is_old(NOW - 2 * DAY, NOW, RULES)


def test_turnover_is_measured() -> None:
    """How long a window lasts: by its dates at first, then by how fast items come."""
    assert turnover_at_first([NOW - day * DAY for day in range(7)], 7) == 7 * DAY
    assert turnover_at_first([NOW, NOW], 2) is None
    assert turnover_at_first([], 5) is None
    state = replace(CALM, last_new=NOW - 3600, turnover_s=4 * 3600)
    assert turnover(state, 8, 2, NOW) == 4 * 3600
    assert turnover(state, 8, 0, NOW) == 4 * 3600
    assert turnover(replace(state, turnover_s=None), 10, 5, NOW) == 2 * 3600


def test_unusual_silence() -> None:
    """A feed is silent after thrice its longest gap and a week at least, or when it is empty."""
    state = replace(CALM, newest=NOW - 8 * DAY, last_new=NOW - 8 * DAY, gap_s=DAY)
    assert is_silent(state, NOW)
    assert not is_silent(replace(state, gap_s=5 * DAY), NOW)
    assert not is_silent(replace(state, newest=NOW - DAY), NOW)
    assert not is_silent(replace(state, failures=1), NOW)
    assert is_silent(replace(state, window_items=0, gap_s=None), NOW)
    assert not is_silent(FeedState(), NOW)
    assert longest_gap([NOW, NOW - DAY, NOW - 4 * DAY]) == 3 * DAY
    assert longest_gap([NOW]) is None


def test_a_window_that_is_too_fast() -> None:
    """The doctor warns of windows that turn over in less than three intervals."""
    source = replace(FEED, interval_s=3600)
    assert is_too_slow_for(source, replace(CALM, turnover_s=2 * 3600), NOW)
    assert not is_too_slow_for(source, replace(CALM, turnover_s=4 * 3600), NOW)
    assert not is_too_slow_for(source, CALM, NOW)
    assert is_too_slow_for(source, replace(CALM, overrun_at=NOW - DAY), NOW)
