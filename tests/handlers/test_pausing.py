"""Channels that cannot be reached: paused with notice, tried again, resumed, closed in the end."""

from itertools import pairwise

import pytest

from handlers import ledger, ledger_channels, pausing
from handlers.ledger_channels import Channel
from handlers.messages import ChannelRef
from handlers.ports import Never, Refusal
from tests.handlers.world import ANN, GENERAL, OTHER, World, card_text

PERSON = ChannelRef(GENERAL.platform, GENERAL.workspace, f"@{ANN.id}")
REFUSALS = [one for one in Refusal if one is not Refusal.PAYLOAD]


@pytest.fixture
def owed(world: World) -> World:
    """A channel that is owed one story."""
    world.ask("subscribe safeguards")
    world.publish("Custody rules")
    world.tick()
    return world


def counts(world: World, ref: ChannelRef = GENERAL) -> dict[str, int]:
    return world.database.write_now(ledger.counts, channel_of(world, ref).id)


def channel_of(world: World, ref: ChannelRef = GENERAL) -> Channel:
    found = world.database.write_now(ledger_channels.find_channel, ref)
    assert found is not None
    return found


def resume(world: World) -> bool:
    return world.database.write_now(pausing.resume, channel_of(world), world.manners, world.now)


def titles_in(world: World, ref: ChannelRef) -> list[str]:
    """Deliver; the titles that reached this channel now."""
    before = len(world.sent)
    world.deliver()
    return [card.title for where, card in world.sent[before:] if where == ref]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_channel_that_cannot_be_reached_is_paused_not_forgotten(
    owed: World, refusal: Refusal
) -> None:
    """The channel pauses with its reason, says so, and resumes by itself; nothing is lost."""
    (job,) = owed.claim()
    owed.settle(job, Never(refusal))
    assert counts(owed) == {"paused": 1}
    assert "Paused" in owed.text("status")
    assert "Paused" in owed.text("subscriptions")
    assert titles_in(owed, GENERAL) == []
    assert resume(owed)
    assert titles_in(owed, GENERAL) == ["Custody rules"]


def test_who_subscribed_is_told(owed: World) -> None:
    """The person who subscribed hears, in their own conversation with the bot, once."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.NOT_INVITED))
    owed.deliver()
    ((where, card),) = owed.sent
    assert where == PERSON
    assert "#general" in card.title
    assert "invite it" in card_text(card)
    owed.publish("More")
    owed.deliver()
    assert len(owed.sent) == 1


def test_nobody_is_told_of_what_is_over(owed: World) -> None:
    """A notice that comes too late is not sent."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.NOT_INVITED))
    resume(owed)
    owed.deliver()
    assert [where for where, _ in owed.sent] == [GENERAL]
    assert counts(owed, PERSON) == {}


def test_a_paused_channel_is_tried_again_ever_later(owed: World) -> None:
    """From an hour to a day apart its next message is tried; when it goes through, all goes on."""
    tried = [owed.now]
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.NO_PERMISSION))
    for _ in range(9):
        while not (jobs := [job for job in owed.claim() if job.ref == GENERAL]):
            owed.now += 600
            owed.tick()
        tried.append(owed.now)
        owed.settle(jobs[0], Never(Refusal.NO_PERMISSION))
    waits = [(later - before) / 3600 for before, later in pairwise(tried)]
    assert 1 <= waits[0] < 1.3
    assert 2 <= waits[1] < 2.6
    assert all(24 <= wait < 30.1 for wait in waits[5:])
    owed.publish("Later")
    owed.tick()
    owed.now += 31 * 3600
    assert titles_in(owed, GENERAL) == ["Custody rules", "Later"]
    assert channel_of(owed).state == "active"


def test_one_trial_tells_for_a_whole_workspace(world: World) -> None:
    """A revoked token pauses all channels of its workspace at once, is tried with one message at
    a time, and lets all go on when it is good again.
    """
    refs = [ChannelRef("test", "W1", f"c{number}") for number in range(10)]
    for ref in [*refs, ChannelRef("test", "W2", "c")]:
        world.ask("subscribe safeguards", channel=ref)
    world.publish("Custody rules")
    world.tick()
    jobs = {job.ref: job for job in world.claim(limit=4)}
    world.settle(jobs[refs[0]], Never(Refusal.TOKEN_REVOKED))
    assert {channel_of(world, ref).state for ref in refs} == {"paused"}
    world.settle(jobs[refs[1]], Never(Refusal.TOKEN_REVOKED))
    assert [job.ref.workspace for job in world.claim()] == []
    world.now += 2 * 3600
    (probe, *_) = [job for job in world.claim(limit=1) if job.ref.workspace == "W1"]
    world.settle(probe, Never(Refusal.TOKEN_REVOKED))
    assert [job.ref for job in world.claim() if job.ref.workspace == "W1"] == []
    world.now += 3 * 3600
    (probe, *_) = [job for job in world.claim(limit=1) if job.ref.workspace == "W1"]
    world.settle(probe)
    assert {channel_of(world, ref).state for ref in refs} == {"active"}


def test_a_paused_channel_collects_and_gets_one_list(owed: World) -> None:
    """What came while a channel was paused is listed, all of it and in order."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.ARCHIVED))
    for number in range(10):
        owed.now += 3600
        owed.publish(f"Story {number}")
        owed.tick()
    resume(owed)
    before = len(owed.sent)
    owed.deliver()
    first, rest = [card for where, card in owed.sent[before:] if where == GENERAL]
    assert first.title == "Custody rules"
    assert [line.text for line in rest.lines] == [f"Story {number}" for number in range(10)]


def test_a_full_queue_is_gathered_when_the_channel_is_back(world: World) -> None:
    """More cards than a burst that waited for a channel come as one list instead."""
    world.ask("subscribe safeguards")
    world.database.write_now(pausing.pause, channel_of(world).id, Refusal.ARCHIVED, world.now)
    titles = [f"Story {number}" for number in range(11)]
    for title in titles:
        world.publish(title)
    world.tick()
    assert counts(world) == {"paused": world.manners.burst + 1}
    resume(world)
    told = [line.text for card in world.deliver() for line in card.lines]
    assert told == titles
    assert counts(world) == {"sent": 1}


def test_a_pause_makes_no_heap_of_summaries(world: World) -> None:
    """A channel that was paused for days gets one summary of all of them."""
    world.ask("subscribe safeguards daily")
    world.database.write_now(pausing.pause, channel_of(world).id, Refusal.ARCHIVED, world.now)
    for number in range(5):
        world.publish(f"Story {number}")
        world.now += 86400
        world.tick()
    resume(world)
    before = len(world.sent)
    world.deliver()
    (card,) = [card for where, card in world.sent[before:] if where == GENERAL]
    assert all(f"Story {number}" in card_text(card) for number in range(5))


def test_gone_for_thirty_days_is_closed_with_a_note(owed: World) -> None:
    """A channel is closed when it still refuses after thirty days, not before; the audit says so,
    what it is owed is kept, and it comes if the bot is invited again.
    """
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.CHANNEL_GONE))
    end = owed.now + owed.manners.close_after_s
    while channel_of(owed).state == "paused":
        for job in owed.claim():
            if job.ref == GENERAL:
                assert owed.now <= end + 32 * 3600
                owed.settle(job, Never(Refusal.CHANNEL_GONE))
        closed = owed.database.write_now(pausing.close_lost, owed.manners, owed.now)
        assert not closed or owed.now >= end
        owed.now += 3600
    actions = [row[2] for row in owed.database.write_now(ledger_channels.audit)]
    assert actions[-1] == "closed"
    assert [job for job in owed.claim() if job.ref == GENERAL] == []
    owed.publish("Unheard")
    resume(owed)
    assert titles_in(owed, GENERAL) == ["Custody rules"]
    assert channel_of(owed).daily_due is not None


def test_no_leap_of_the_clock_closes_a_channel(owed: World) -> None:
    """A clock that leaps a year ahead makes nobody lost."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.CHANNEL_GONE))
    owed.now += 365 * 86400
    for job in owed.claim():
        owed.settle(job, Never(Refusal.CHANNEL_GONE))
    assert owed.database.write_now(pausing.close_lost, owed.manners, owed.now) == 0


def test_a_removed_bot_loses_nothing_and_tries_nothing(world: World) -> None:
    """Of a channel that the bot was removed from nothing is tried at once, and nothing is lost."""
    world.ask("subscribe safeguards", channel=OTHER)
    world.database.write_now(
        pausing.pause, channel_of(world, OTHER).id, Refusal.NOT_INVITED, world.now
    )
    world.publish("Custody rules")
    world.tick()
    assert [job.ref for job in world.claim() if job.ref == OTHER] == []
    assert counts(world, OTHER) == {"paused": 1}
