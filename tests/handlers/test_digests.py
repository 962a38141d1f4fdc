"""The summary: its window, its order, its hour."""

from datetime import UTC, datetime

import pytest

from handlers import ledger_channels, pausing
from handlers.ledger_channels import ensure_channel
from handlers.ports import Refusal
from handlers.times import next_due
from tests.handlers.world import GENERAL, NOON, World, card_text


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("zone", "at", "now", "due"),
    [
        ("Asia/Hong_Kong", "09:00", "2026-06-01T00:00", "2026-06-01T01:00"),
        ("Asia/Hong_Kong", "09:00", "2026-06-01T01:00", "2026-06-02T01:00"),
        # New York leaves 02:30 out on 8 March 2026: the later instant, 03:30 summer time.
        ("America/New_York", "02:30", "2026-03-08T06:00", "2026-03-08T07:30"),
        # and has 01:30 twice on 1 November 2026: the first of them, once.
        ("America/New_York", "01:30", "2026-11-01T04:00", "2026-11-01T05:30"),
        ("America/New_York", "01:30", "2026-11-01T05:30", "2026-11-02T06:30"),
    ],
)
def test_the_hour_follows_the_local_clock(zone: str, at: str, now: str, due: str) -> None:
    """A time that is left out moves to the later instant; one that comes twice fires once."""
    assert next_due(at, "everyday", zone, utc(now)) == utc(due)


def test_weekdays_pass_over_the_weekend() -> None:
    """Friday's summary is followed by Monday's."""
    friday = utc("2026-06-05T01:00")
    assert next_due("09:00", "weekdays", "Asia/Hong_Kong", friday) == utc("2026-06-08T01:00")


def test_off_is_never() -> None:
    """No hour, no summary."""
    assert next_due("", "everyday", "UTC", 0) is None


def test_each_story_once_by_pillar_official_first(world: World) -> None:
    """By pillar, official before press, several sources before one, each story once."""
    world.ask("subscribe safeguards products daily")
    world.now += 10
    press = world.publish("Press alone", ("products",), kind="press")
    official = world.publish("Official word", ("products", "safeguards"))
    world.publish("Another on it", ("products",), kind="press", story=press)
    world.publish("Plain press", ("products",), kind="press")
    card = world.ask("summary").card
    bullets = [line.text for line in card.lines if line.kind == "bullet"]
    assert bullets == ["Official word", "Press alone", "Plain press"]
    assert official
    assert "3 stories" in card.title


def test_a_summary_comes_at_its_hour_once(world: World) -> None:
    """At the channel's hour, one summary; a restart brings no second."""
    world.ask("subscribe safeguards daily")
    world.ask("daily 13:00")
    world.publish("Custody rules")
    assert world.titles() == []
    world.now = NOON + 3600
    (card,) = world.deliver()
    assert "Custody rules" in card_text(card)
    assert "late" not in card_text(card)
    world.restart()
    assert world.titles() == []


def test_the_window_is_since_the_last_one_sent(world: World) -> None:
    """Every story is in exactly one daily summary, whenever it came."""
    world.ask("subscribe safeguards daily")
    world.ask("daily 13:00")
    texts = []
    for hour in range(0, 96, 5):
        world.now = NOON + hour * 3600
        world.publish(f"Story {hour:03}")
        texts += [card_text(card) for card in world.deliver()]
    world.now = NOON + 121 * 3600
    texts += [card_text(card) for card in world.deliver()]
    for hour in range(0, 96, 5):
        assert sum(f"Story {hour:03}" in text for text in texts) == 1


def test_late_is_late_and_not_lost(world: World) -> None:
    """A summary that missed its hour comes once, and says that it is late."""
    world.ask("subscribe safeguards daily")
    world.ask("daily 13:00")
    world.publish("Custody rules")
    world.now = NOON + 3600 + 30 * 3600
    (card,) = world.deliver()
    assert "late" in card_text(card)
    assert "Custody rules" in card_text(card)


def test_nothing_new_in_one_line_or_silence(world: World) -> None:
    """An empty summary is one line, or nothing where the channel chose silence."""
    world.ask("subscribe safeguards")
    world.ask("daily 13:00")
    world.now = NOON + 3600
    (card,) = world.deliver()
    assert "Nothing new" in card_text(card)
    world.ask("settings quiet yes")
    world.now += 86400
    assert world.deliver() == []


def test_instant_subscriptions_are_not_in_the_daily_summary(world: World) -> None:
    """`instant` asked for alerts only."""
    world.ask("subscribe safeguards instant")
    world.ask("daily 13:00")
    world.publish("Custody rules")
    assert world.titles() == ["Custody rules"]
    world.now = NOON + 3600
    assert world.titles() == []


@pytest.mark.parametrize(
    ("period", "expected"), [("today", {"Now"}), ("yesterday", {"Then"}), ("week", {"Now"})]
)
def test_periods_are_local_days(world: World, period: str, expected: set[str]) -> None:
    """Today, yesterday and this week (from Monday on) by the channel's own clock."""
    world.publish("Now")
    world.now -= 86400
    world.publish("Then")
    world.now += 86400
    card = world.ask(f"summary {period}").card
    assert {line.text for line in card.lines if line.kind == "bullet"} == expected


def test_a_greeted_channel_gets_its_summary_like_any_other(world: World) -> None:
    """Having been greeted first takes nothing from the first subscription."""
    world.database.write_now(ensure_channel, GENERAL, "#general", world.manners.habits, world.now)
    assert "09:00" in world.text("subscribe safeguards daily")
    world.publish("Custody rules")
    world.now += 86400
    (card,) = world.deliver()
    assert "Custody rules" in card_text(card)


def test_after_a_pause_one_summary_not_a_dump(world: World) -> None:
    """A channel that was paused for days gets one late summary that says it all."""
    world.ask("subscribe safeguards daily")
    channel = world.database.write_now(ledger_channels.find_channel, GENERAL)
    assert channel is not None
    world.database.write_now(pausing.pause, channel.id, Refusal.NOT_INVITED, world.now)
    world.deliver()  # who subscribed is told
    for day in range(10):
        world.publish(f"Story {day}")
        world.now += 86400
        assert world.deliver() == []
    world.database.write_now(pausing.resume, channel, world.manners, world.now)
    (card,) = world.deliver()
    text = card_text(card)
    assert all(f"Story {day}" in text for day in range(10))
    assert "late" in text
