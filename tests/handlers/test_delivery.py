"""What becomes of a delivery after each thing that a platform can say."""

import pytest

from feeds.database import Connection
from handlers import delivery, ledger, ledger_channels
from handlers.ledger_channels import Channel
from handlers.ports import Never, Refusal, TryLater, Unknown
from tests.handlers.world import GENERAL, OTHER, World


@pytest.fixture
def owed(world: World) -> World:
    """A channel that is owed one story."""
    world.ask("subscribe safeguards")
    world.publish("Custody rules")
    world.tick()
    return world


def counts(world: World) -> dict[str, int]:
    return world.database.write_now(ledger.counts)


def channel_of(world: World) -> Channel:
    found = world.database.write_now(ledger_channels.find_channel, GENERAL)
    assert found is not None
    return found


def test_try_later_waits_as_long_as_asked(owed: World) -> None:
    """A wait that the platform asks for is kept, and then it is sent."""
    (job,) = owed.claim()
    owed.settle(job, TryLater("rate limited", 30))
    assert owed.claim() == []
    owed.now += 29
    assert owed.claim() == []
    owed.now += 3
    assert owed.titles() == ["Custody rules"]


def test_back_off_doubles_and_is_bounded(owed: World) -> None:
    """Failure after failure waits longer, up to a quarter of an hour and its jitter."""
    waits = []
    for _ in range(15):
        while not (jobs := owed.claim()):
            owed.now += 1
        began = owed.now
        owed.settle(jobs[0], TryLater("server error"))
        while not owed.database.write_now(_is_due, owed.now):
            owed.now += 1
        waits.append(owed.now - began)
    assert waits[0] <= 5
    assert waits[3] > waits[1]
    assert delivery.MOST_WAIT_S <= waits[-1] <= delivery.MOST_WAIT_S * 5 // 4 + 1


def _is_due(connection: Connection, now: int) -> bool:
    row = connection.execute("SELECT min(due) FROM deliveries WHERE state = 'queued'").fetchone()
    return bool(row[0] <= now)


@pytest.mark.parametrize("refusal", [one for one in Refusal if one is not Refusal.PAYLOAD])
def test_a_channel_that_cannot_be_reached_is_paused_not_forgotten(
    owed: World, refusal: Refusal
) -> None:
    """The channel pauses with its reason, says so, and resumes by itself; nothing is lost."""
    (job,) = owed.claim()
    owed.settle(job, Never(refusal))
    assert counts(owed) == {"paused": 1}
    assert "Paused" in owed.text("status")
    assert "Paused" in owed.text("subscriptions")
    assert owed.titles() == []
    assert owed.database.write_now(delivery.resume, channel_of(owed), owed.manners, owed.now)
    assert owed.titles() == ["Custody rules"]


def test_a_paused_channel_collects_and_gets_one_list(owed: World) -> None:
    """What came while a channel was paused comes as one list, all of it."""
    owed.claim()
    owed.database.write_now(delivery.pause, channel_of(owed).id, Refusal.ARCHIVED, owed.now)
    owed.now += 3600
    for number in range(10):
        owed.publish(f"Story {number}")
        owed.tick()
        owed.now += 3600
    owed.database.write_now(delivery.resume, channel_of(owed), owed.manners, owed.now)
    cards = owed.deliver()
    told = [line.text for card in cards for line in card.lines] + [card.title for card in cards]
    assert all(f"Story {number}" in told for number in range(10))
    assert len(cards) <= 3


def test_a_refused_payload_gets_a_plain_second_try_and_then_fails(owed: World) -> None:
    """The platform will not take the card: plain text once, then failed, never lost silently."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.PAYLOAD, "invalid_blocks"))
    (job,) = owed.claim()
    assert job.delivery.plain
    owed.settle(job, Never(Refusal.PAYLOAD, "invalid_blocks"))
    assert counts(owed) == {"failed": 1}
    assert "1 failed" in owed.text("status")
    assert owed.database.write_now(ledger.retry, job.delivery.id, owed.now)
    assert owed.titles() == ["Custody rules"]


def test_unknown_is_settled_not_sent_anew(owed: World) -> None:
    """What may have been sent is claimed again as such, with the same key."""
    (job,) = owed.claim()
    owed.settle(job, Unknown("connection lost"))
    owed.now += 60
    (again,) = owed.claim()
    assert again.claimed.unsure
    assert again.delivery.key == job.delivery.key
    owed.settle(again, TryLater("busy", 5))
    owed.now += 60
    (third,) = owed.claim()
    assert third.claimed.unsure, "still not known, however often it has to wait"


def test_a_lease_that_ran_out_is_unknown(owed: World) -> None:
    """A process that died in the middle of a send may have sent it."""
    (job,) = owed.claim()
    assert owed.claim() == []
    owed.now += delivery.LEASE_S + 1
    (again,) = owed.claim()
    assert again.claimed.unsure
    assert again.delivery.key == job.delivery.key


def test_a_workspaces_wait_holds_its_channels_and_no_others(world: World) -> None:
    """A wait covers just what the platform says it covers."""
    elsewhere = OTHER.__class__("test", "W2", "far")
    for ref in (GENERAL, OTHER, elsewhere):
        world.ask("subscribe safeguards", channel=ref)
    world.publish("Custody rules")
    world.tick()
    jobs = {job.ref: job for job in world.claim()}
    world.settle(jobs[GENERAL], TryLater("limited", 60, scope="workspace"))
    world.settle(jobs[OTHER], TryLater("limited", 1))
    world.settle(jobs[elsewhere], TryLater("limited", 1))
    world.now += 5
    assert [job.ref for job in world.claim()] == [elsewhere]


def test_gone_for_thirty_days_is_closed_with_a_note(owed: World) -> None:
    """A channel is closed after thirty days away, not before, and the audit says so."""
    channel = channel_of(owed)
    owed.database.write_now(delivery.pause, channel.id, Refusal.CHANNEL_GONE, owed.now)
    owed.now += 30 * 86400 - 60
    assert owed.database.write_now(delivery.close_lost, owed.manners, owed.now) == 0
    owed.now += 120
    assert owed.database.write_now(delivery.close_lost, owed.manners, owed.now) == 1
    actions = [row[2] for row in owed.database.write_now(ledger_channels.audit)]
    assert actions[-2:] == ["paused", "closed"]
