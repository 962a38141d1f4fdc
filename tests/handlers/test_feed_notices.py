"""Who is told that a news source fails, when, and how often."""

from dataclasses import replace
from pathlib import Path

import pytest

from feeds import archive_feeds
from feeds.items import Source
from handlers import feed_notices
from handlers.messages import ChannelRef
from tests.handlers.world import GENERAL, NOON, OTHER, World, card_text

HOUR = 3600
DAY = 86_400
ELSEWHERE = ChannelRef("test", "W2", "general")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two channels follow safeguards, a third one products; the SFC brought safeguards."""
    world = World(tmp_path / "aspire.db")
    world.ask("subscribe safeguards", channel=GENERAL)
    world.ask("subscribe safeguards daily", channel=OTHER)
    world.ask("subscribe products", channel=ELSEWHERE)
    world.publish("SFC on custody", alert=False)
    world.deliver()
    state(world, last_good=NOON)
    return world


def state(world: World, feed: int = 0, **changes: object) -> None:
    """Remember this of a feed, the SFC's if none is named."""
    known = world.database.write_now(archive_feeds.feed, feed or world.feed)
    assert known is not None
    changed = replace(known.state, **changes)  # type: ignore[arg-type]  # field by field
    world.database.write_now(archive_feeds.save_state, known.id, changed)


def fail(world: World, feed: int = 0, fault: str = "blocked", failures: int = 5) -> None:
    """It has failed so often by now, for six hours."""
    since = world.now - 6 * HOUR
    state(world, feed, failures=failures, failing_since=since, fault=fault)


def recover(world: World, feed: int = 0) -> None:
    state(world, feed, failures=0, failing_since=None, fault="", last_good=world.now)


def notices(world: World) -> list[tuple[str, str]]:
    """(channel, title) of what is sent now."""
    world.database.write_now(feed_notices.write_due, world.now)
    before = len(world.sent)
    world.deliver()
    sent = ((ref.channel, card.title) for ref, card in world.sent[before:])
    return [pair for pair in sent if "summary" not in pair[1]]


FAILS = "A news source has stopped working"
BACK = "A news source is back"


def test_one_notice_and_one_of_recovery(world: World) -> None:
    """Those whose subscriptions depend on it are told once that it fails and once that it is
    back, over restarts.
    """
    fail(world)
    assert notices(world) == [("general", FAILS), ("other", FAILS)]
    world.restart()
    world.now += HOUR
    fail(world, failures=9)
    assert notices(world) == []
    recover(world)
    assert notices(world) == [("general", BACK), ("other", BACK)]
    assert notices(world) == []


def test_the_notice_says_which_and_why(world: World) -> None:
    """It names the source, what is wrong with it, and for how long, in the channel's language."""
    world.ask("settings language zh-Hant")
    fail(world)
    notices(world)
    told = {ref.channel: card_text(card) for ref, card in world.sent}
    assert "SFC（網站拒絕機械人存取" in told["general"]
    assert "SFC (the site refuses the bot" in told["other"]
    assert "6 hours" in told["other"]


@pytest.mark.parametrize(("failures", "hours"), [(4, 48), (50, 5)])
def test_short_failures_are_nobody_s_business(world: World, failures: int, hours: int) -> None:
    """Nobody is told before it failed both often and for hours."""
    since = world.now - hours * HOUR
    state(world, failures=failures, failing_since=since, fault="blocked")
    assert notices(world) == []


def other_feed(world: World, owner: str = "", url: str = "https://hkma.example/feed") -> int:
    source = Source("HKMA", url, "official", owner=owner)
    return world.database.write_now(archive_feeds.add, source, world.now)


def test_sources_of_one_site_come_in_one_notice(world: World) -> None:
    """What is half-way to a notice comes along with what has arrived there."""
    hkma = other_feed(world)
    world.feed, sfc = hkma, world.feed
    world.publish("HKMA on custody", alert=False)
    world.feed = sfc
    fail(world)
    state(world, hkma, failures=3, failing_since=world.now - 4 * HOUR, fault="blocked")
    assert ("general", "2 news sources have stopped working") in notices(world)
    recover(world)
    assert ("general", BACK) in notices(world)


def test_our_own_network_is_nobody_else_s_fault(world: World) -> None:
    """Where no other source answered since, a source that cannot be reached is not accused."""
    hkma = other_feed(world)
    fail(world, fault="unreachable")
    fail(world, hkma, fault="unreachable")
    assert notices(world) == []
    recover(world, hkma)
    assert len(notices(world)) == 2


def test_gone_is_told_at_once(world: World) -> None:
    """A source that says it is gone for good is told of without delay, once."""
    state(world, failures=1, failing_since=world.now, fault="gone")
    world.database.write_now(archive_feeds.switch, world.feed, on=False)
    told = "A news source is gone for good"
    assert notices(world) == [("general", told), ("other", told)]
    assert notices(world) == []


def test_a_source_that_comes_and_goes_is_not_told_daily_twice(world: World) -> None:
    """Within a day of the last notice the same source is not told of again."""
    fail(world)
    assert len(notices(world)) == 2
    recover(world)
    assert len(notices(world)) == 2
    world.now += 12 * HOUR
    fail(world)
    assert notices(world) == []
    world.now += 12 * HOUR
    assert len(notices(world)) == 2


def test_what_nobody_saw_is_taken_back(world: World) -> None:
    """A notice that still waits when the source is back is dropped, and no recovery told."""
    fail(world)
    world.database.write_now(feed_notices.write_due, world.now)
    world.now += HOUR
    recover(world)
    assert notices(world) == []


def test_a_workspace_s_own_source_concerns_that_workspace(world: World) -> None:
    """The failing of a source that was added in chat is told to its workspace only."""
    own = other_feed(world, owner="test:W2")
    fail(world, own)
    assert notices(world) == [("general", FAILS)]
    assert world.sent[-1][0] == ELSEWHERE


def test_a_source_that_was_removed_is_not_spoken_of(world: World) -> None:
    """Once switched off it is nobody's worry."""
    fail(world)
    world.database.write_now(archive_feeds.disable, world.feed)
    assert notices(world) == []
