"""What becomes of a delivery after each thing that a platform can say."""

from dataclasses import replace
from itertools import pairwise

import pytest

from feeds import archive, archive_changes
from feeds.database import Connection
from handlers import delivery, heartbeat, ledger, ledger_clock, ledger_queue
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown
from tests.handlers.world import GENERAL, LEASE_S, OTHER, World, card_text


@pytest.fixture
def owed(world: World) -> World:
    """A channel that is owed one story."""
    world.ask("subscribe safeguards")
    world.publish("Custody rules")
    world.tick()
    return world


def counts(world: World) -> dict[str, int]:
    return world.database.write_now(ledger.counts)


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


def test_a_refused_payload_gets_a_plain_second_try_and_then_fails(owed: World) -> None:
    """The platform will not take the card: plain text once, then failed, never lost silently."""
    (job,) = owed.claim()
    owed.settle(job, Never(Refusal.PAYLOAD, "invalid_blocks"))
    (job,) = owed.claim()
    assert job.delivery.plain
    owed.settle(job, Never(Refusal.PAYLOAD, "invalid_blocks"))
    assert counts(owed) == {"failed": 1}
    assert "1 failed" in owed.text("status")
    assert owed.database.write_now(ledger_queue.retry, job.delivery.id)
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


@pytest.mark.parametrize("error", [Unknown("broke"), TryLater("busy")], ids=["unknown", "later"])
def test_what_may_have_arrived_is_settled_within_minutes(owed: World, error: SendError) -> None:
    """However often it was tried: platforms know a message again for some minutes only."""
    for _ in range(9):
        (job,) = owed.claim()
        owed.settle(job, TryLater("busy", 1.0))
        owed.now += 3
    (job,) = owed.claim()
    owed.settle(job, Unknown("broke"))
    for _ in range(3):
        owed.now += 61
        (job,) = owed.claim()
        assert job.claimed.unsure
        owed.settle(job, error)


def test_a_lease_that_ran_out_is_unknown(owed: World) -> None:
    """A process that died in the middle of a send may have sent it."""
    (job,) = owed.claim()
    assert owed.claim() == []
    owed.now += LEASE_S + 1
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


def test_a_platforms_wait_holds_the_platform(world: World) -> None:
    """When the whole platform is out of reach nothing more is tried there until the wait is over,
    and what is tried in vain again and again waits longer each time.
    """
    for number in range(20):
        world.ask("subscribe safeguards", channel=replace(OTHER, channel=f"c{number:02}"))
    world.publish("Custody rules")
    world.tick()
    tried = []
    for _ in range(6):
        while not (jobs := world.claim(limit=2)):
            world.now += 1
        tried.append(world.now)
        for job in jobs:
            world.settle(job, TryLater("unreachable", scope="platform"))
    gaps = [later - before for before, later in pairwise(tried)]
    assert gaps == [2, 4, 8, 16, 32]
    world.now += 64
    world.settle(world.claim(limit=1)[0])
    assert len(world.claim()) >= 13, "and all is forgotten with the first that goes through"


def test_an_edits_wait_holds_edits_only(world: World) -> None:
    """A limit on edits delays no message."""
    for ref in (GENERAL, OTHER):
        world.ask("subscribe safeguards", channel=ref)
    item = world.publish("Custody rules")
    world.deliver()
    world.ask(f"retag {item} safeguards 3")
    world.tick()
    first, second = world.claim()
    assert first.edit
    assert second.edit
    for job in (first, second):
        world.settle(job, TryLater("limited", 60, scope="workspace"))
    world.publish("Another")
    assert world.titles() == ["Another", "Another"]
    assert world.edited == []
    world.now += 62
    world.deliver()
    assert len(world.edited) == 2


def test_workspaces_take_turns(world: World) -> None:
    """A workspace with a hundred channels owed something keeps no other waiting."""
    crowd = [replace(OTHER, workspace="W1", channel=f"c{number}") for number in range(30)]
    small = [replace(OTHER, workspace=name, channel="c") for name in ("W0", "W2", "W3")]
    for ref in [*crowd, *small]:
        world.ask("subscribe safeguards", channel=ref)
    world.publish("Custody rules")
    world.tick()
    first = [job.ref.workspace for job in world.claim(limit=8, after="W1")]
    assert first == ["W2", "W3", "W0", "W1", "W1", "W1", "W1", "W1"]


def test_who_lost_the_lease_changes_nothing(owed: World) -> None:
    """A process whose lease ran out and was taken over cannot undo what the other one does."""
    (slow,) = owed.claim(worker="slow")
    owed.now += LEASE_S + 1
    (taken,) = owed.claim(worker="other")
    owed.settle(slow, TryLater("busy", 5))
    assert counts(owed) == {"sending": 1}
    owed.settle(taken)
    owed.settle(slow, Unknown("late"))
    assert counts(owed) == {"sent": 1}


def test_that_it_was_sent_is_true_whoever_says_so(owed: World) -> None:
    """A send that succeeds after its lease ran out is sent, and not sent again."""
    (slow,) = owed.claim(worker="slow")
    owed.now += LEASE_S + 1
    (taken,) = owed.claim(worker="other")
    owed.settle(slow)
    owed.settle(taken, Unknown("broke"))
    assert counts(owed) == {"sent": 1}
    owed.now += 3600
    assert owed.claim() == []


def test_what_may_be_sent_stays_unsure_when_the_channel_pauses(owed: World) -> None:
    """A channel that refuses the look for a lost message does not make it a new one."""
    (job,) = owed.claim()
    owed.settle(job, Unknown("connection lost"))
    owed.now += 60
    (again,) = owed.claim()
    owed.settle(again, Never(Refusal.NOT_INVITED))
    owed.now += 86400
    (probe,) = [job for job in owed.claim() if job.ref == GENERAL]
    assert probe.claimed.unsure


def test_a_change_while_it_is_being_sent_is_shown(owed: World) -> None:
    """What changed between drawing and sending is edited in, not forgotten."""
    (job,) = owed.claim()
    article = owed.database.write_now(archive.article, 1 + archive_before(owed))
    assert article is not None
    owed.database.write_now(archive_changes.revise, article, "Better rules", "", article.tags)
    owed.database.write_now(archive_changes.record_change, article.id, "revised", owed.now)
    owed.tick()
    owed.settle(job)
    assert owed.titles() == []
    assert [card.title for _, card in owed.edited] == ["Better rules"]


def archive_before(world: World) -> int:
    """The last item before the world's own ones: the roadmap's milestones come first."""
    rows = world.database.write_now(lambda c: c.execute("SELECT max(id) FROM articles").fetchone())
    return int(rows[0]) - 1


def test_a_lost_message_that_shows_what_was_true_is_edited(owed: World) -> None:
    """A message that is found again after its story changed is brought up to date."""
    (job,) = owed.claim()
    owed.settle(job, Unknown("connection lost"))
    article = owed.database.write_now(archive.article, 1 + archive_before(owed))
    assert article is not None
    owed.database.write_now(archive_changes.revise, article, "Better rules", "", article.tags)
    owed.now += 60
    (again,) = owed.claim()
    owed.settle(again)  # it was there all along, with the old words
    owed.deliver()
    assert [card.title for _, card in owed.edited] == ["Better rules"]


def test_three_attempts_of_which_the_first_arrived(owed: World) -> None:
    """Whichever of the cards that were tried stands there, in the end it shows what is true."""
    owed.claim()  # arrives, and whoever sent it dies
    owed.ask(f"retag {archive_before(owed) + 1} products")
    owed.now += LEASE_S + 1
    owed.claim()  # dies before it has looked
    owed.now += LEASE_S + 1
    (job,) = owed.claim()
    owed.settle(job)
    owed.deliver()
    assert [[chip.topic for chip in card.chips] for _, card in owed.edited] == [["products"]]


def test_two_attempts_and_a_change_back_to_the_first(owed: World) -> None:
    """The second card arrived; that the first one is true again does not mean that it stands."""
    item = archive_before(owed) + 1
    (job,) = owed.claim()
    owed.settle(job, Unknown("connection lost"))
    owed.ask(f"retract {item}")
    owed.tick()
    owed.now += 100
    (again,) = owed.claim()
    assert "withdrawn" in card_text(again.card)
    owed.ask(f"retract {item} undo")
    owed.tick()
    owed.settle(again)
    owed.deliver()
    assert [card == job.card for _, card in owed.edited] == [True]


def test_an_edit_that_may_have_arrived_is_not_taken_for_undone(owed: World) -> None:
    """An edit that was lost on its way back, and whose reason is gone meanwhile: the card is
    drawn anew, though it is the one that the ledger knows to have been sent.
    """
    owed.deliver()
    item = archive_before(owed) + 1
    owed.ask(f"retract {item}")
    owed.tick()
    (job,) = owed.claim()
    owed.settle(job, Unknown("broke"))
    owed.ask(f"retract {item} undo")
    owed.now += 600
    owed.deliver()
    ((_, card),) = owed.edited
    assert "withdrawn" not in card_text(card)


def test_what_cannot_be_drawn_fails_alone(owed: World) -> None:
    """A delivery that this version cannot draw is failed for people to see; others go on."""
    owed.database.write_now(
        lambda c: c.execute("UPDATE deliveries SET kind = 'summary', payload = '{}'")
    )
    owed.publish("Next")
    assert owed.titles() == ["Next"]
    assert counts(owed) == {"failed": 1, "sent": 1}


def test_a_withdrawn_story_is_not_sent(owed: World) -> None:
    """What was withdrawn before it was sent is dropped, with a note; what was sent says so."""
    item = archive_before(owed) + 1
    owed.database.write_now(archive_changes.withdraw, item, owed.now)
    owed.publish("Next")
    assert owed.titles() == ["Next"]
    owed.database.write_now(archive_changes.withdraw, item + 1, owed.now)
    owed.deliver()
    ((_, card),) = owed.edited
    assert "withdrawn" in card.lines[0].text


def test_a_withdrawn_story_leaves_the_list(world: World) -> None:
    """A list that is not sent yet tells only what still stands."""
    world.ask("subscribe safeguards")
    items = [world.publish(f"Story {number}") for number in range(10)]
    world.tick()
    world.database.write_now(archive_changes.withdraw, items[7], world.now)
    *_, rest = world.deliver()
    assert [line.text for line in rest.lines] == [f"Story {n}" for n in (5, 6, 8, 9)]


def test_a_clock_set_back_delays_nothing(owed: World) -> None:
    """Waits and leases end when they would have, though the clock went back a day."""
    owed.ask("subscribe safeguards", channel=OTHER)
    (job,) = owed.claim()
    owed.settle(job, TryLater("busy", 60))
    owed.publish("Second")
    owed.tick()
    owed.now += 31
    owed.tick()
    leased = [one.ref for one in owed.claim()]
    assert leased == [OTHER]
    owed.now -= 86400
    owed.tick()
    owed.now += 62
    assert [one.ref for one in owed.claim()] == [GENERAL]
    owed.now += LEASE_S
    assert [one.claimed.unsure for one in owed.claim()] == [True, True]


def test_a_clock_set_back_leaves_what_is_new_alone(world: World) -> None:
    """A story that comes after the clock was set back is sent at once, and as a card."""
    world.ask("subscribe safeguards")
    for number in range(world.manners.burst):
        world.publish(f"Before {number}")
    world.deliver()
    world.now -= 3 * 86400
    world.publish("After")
    assert world.titles() == ["After"]


def test_after_a_leap_of_the_clock_leases_begin_anew(owed: World) -> None:
    """A lease that seems to have run out because the clock leapt is not taken over."""
    owed.claim()
    owed.now += 86400
    owed.database.write_now(ledger_clock.renew_leases, owed.now + LEASE_S)
    assert owed.claim(worker="other") == []
    owed.now += LEASE_S
    assert [job.claimed.unsure for job in owed.claim(worker="other")] == [True]


def test_a_retry_does_not_make_what_may_be_sent_new(owed: World) -> None:
    """Whoever asks to try again gets no second message where the first may have arrived."""
    (job,) = owed.claim()
    owed.settle(job, Unknown("connection lost"))
    assert owed.database.write_now(ledger_queue.retry, job.delivery.id)
    (again,) = owed.claim()
    assert again.claimed.unsure


def test_a_retry_waits_for_what_is_under_way(world: World) -> None:
    """A failed message that is tried again never goes out beside another one of its channel."""
    world.ask("subscribe safeguards")
    world.publish("First")
    world.publish("Second")
    world.tick()
    for _ in range(2):
        (job,) = world.claim()
        world.settle(job, Never(Refusal.PAYLOAD))
    (second,) = world.claim()
    assert world.database.write_now(ledger_queue.retry, job.delivery.id)
    assert world.claim() == []
    world.settle(second)
    assert world.titles() == ["First"]


def test_a_retry_keeps_the_wait_of_its_channel(owed: World) -> None:
    """A failed delivery that is tried again is sent when the platform will have it."""
    for _ in range(2):
        (job,) = owed.claim()
        owed.settle(job, Never(Refusal.PAYLOAD, "invalid_blocks"))
    owed.publish("Next")
    owed.tick()
    (next_one,) = owed.claim()
    owed.settle(next_one, TryLater("slow down", 60))
    assert owed.database.write_now(ledger_queue.retry, job.delivery.id)
    owed.now += 59
    assert owed.claim() == []
    owed.now += 2
    assert owed.titles() == ["Custody rules", "Next"]


def test_status_says_what_is_stuck_and_why(owed: World) -> None:
    """Whoever asks for the status reads what the platform said, and when it is tried again."""
    (job,) = owed.claim()
    owed.settle(job, TryLater("server_on_fire", 60))
    assert "server_on_fire" in owed.text("status")


def test_heartbeats_are_few(world: World) -> None:
    """A bot with nothing to do writes nothing for most of its ticks."""
    world.tick()
    before = world.database.write_now(ledger.cursor, heartbeat.HEARTBEAT)
    world.now += 10
    world.tick()
    assert world.database.write_now(ledger.cursor, heartbeat.HEARTBEAT) == before
