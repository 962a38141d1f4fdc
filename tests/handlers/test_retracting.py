"""A person withdraws an item, and takes that back: what becomes of what was and was not sent."""

from dataclasses import replace

import pytest

from feeds import archive_changes
from handlers import ledger_channels, ledger_views
from handlers.messages import ChannelRef
from handlers.ports import TryLater
from tests.handlers.world import ANN, OTHER, World, card_text


@pytest.fixture
def owed(world: World) -> World:
    """Two channels that follow one pillar."""
    world.ask("subscribe safeguards")
    world.ask("subscribe safeguards", channel=OTHER)
    return world


def dropped(world: World) -> list[str]:
    """Why each delivery that was dropped was dropped."""
    views = world.database.write_now(ledger_views.deliveries, "dropped", 100)
    return [view.why for view in views]


def edits(world: World) -> list[str]:
    """All words of each card as it is edited now."""
    before = len(world.edited)
    assert world.deliver() == [], "nobody may be notified again"
    return [card_text(card) for _, card in world.edited[before:]]


def test_sent_cards_say_that_a_person_withdrew_it(owed: World) -> None:
    """Every card that told it says so, in all channels, without a word of who it was."""
    item = owed.publish("Wrong news")
    owed.deliver()
    assert owed.ask(f"retract {item}").ok
    told = edits(owed)
    assert len(told) == 2
    assert all("A person has withdrawn this item" in text for text in told)
    assert "Ann" not in "".join(told)


def test_no_workspace_silences_the_news_of_another(owed: World) -> None:
    """Where others are subscribed, what all hear is withdrawn by who runs the bot only."""
    item = owed.publish("News for all")
    elsewhere = ChannelRef("test", "W2", "theirs")
    owed.ask("subscribe products", channel=elsewhere)
    reply = owed.ask(f"retract {item}", channel=elsewhere)
    assert not reply.ok
    assert "other workspaces" in card_text(reply.card)
    assert [card.title for card in owed.deliver()] == ["News for all"] * 2
    operator = replace(ANN, runs_the_bot=True)
    assert owed.ask(f"retract {item}", person=operator, channel=elsewhere).ok
    own = owed.publish("Our own news", owner=elsewhere.home)
    assert owed.ask(f"retract {own}", channel=elsewhere).ok


def test_it_is_announced_and_kept_account_of(owed: World) -> None:
    """Who withdrew what, and when, is told in the channel and kept in both books."""
    item = owed.publish("Wrong news")
    reply = owed.ask(f"retract #{item}")
    assert reply.announcement is not None
    assert reply.announcement.title == f"Ann withdrew item {item}."
    assert [button.ask for button in reply.card.buttons] == [f"retract {item} undo"]
    *_, (when, who, action, detail) = owed.database.write_now(ledger_channels.audit)
    assert (when, who, action, detail) == (owed.now, ANN.id, "retract", f"#{item} retracted")
    kept = owed.database.write_now(
        lambda c: [tuple(r) for r in c.execute("SELECT article, undone, person FROM retractions")]
    )
    assert kept == [(item, 0, ANN.id)]


def test_asking_twice_changes_nothing_more(owed: World) -> None:
    """The second `retract`, and the second `undo`, are answered and leave no trace."""
    item = owed.publish("Wrong news")
    for text in (f"retract {item}", f"retract {item} undo"):
        assert owed.ask(text).announcement is not None
        before = owed.database.write_now(ledger_channels.audit)
        again = owed.ask(text)
        assert again.ok
        assert again.announcement is None
        assert owed.database.write_now(ledger_channels.audit) == before


def test_what_waits_is_dropped_with_a_note(owed: World) -> None:
    """A story that is withdrawn before it is sent is not sent as news, and that can be seen."""
    item = owed.publish("Wrong news")
    owed.tick()
    owed.ask(f"retract {item}")
    owed.publish("Next")
    assert owed.titles() == ["Next", "Next"]
    assert dropped(owed) == ["withdrawn before it was sent"] * 2


def test_taken_back_it_is_shown_as_before(owed: World) -> None:
    """`undo` puts the sent cards right, again without notifying anybody."""
    item = owed.publish("Right news after all")
    owed.deliver()
    owed.ask(f"retract {item}")
    edits(owed)
    assert owed.ask(f"retract {item} undo").ok
    told = edits(owed)
    assert len(told) == 2
    assert "withdrawn" not in "".join(told)


def test_taken_back_it_is_sent_where_it_was_dropped(owed: World) -> None:
    """What was left out by mistake is owed again, once."""
    item = owed.publish("Right news after all")
    owed.tick()
    owed.ask(f"retract {item}")
    assert owed.titles() == []
    owed.ask(f"retract {item} undo")
    assert owed.titles() == ["Right news after all"] * 2
    owed.ask(f"retract {item}")
    owed.ask(f"retract {item} undo")
    assert owed.titles() == []


def test_withdrawn_before_anybody_was_owed_it(owed: World) -> None:
    """A withdrawal so early that no delivery was written yet can be taken back like any other."""
    item = owed.publish("Right news after all")
    owed.ask(f"retract {item}")
    assert owed.titles() == []
    owed.ask(f"retract {item} undo")
    assert owed.titles() == ["Right news after all"] * 2


def _dropped_before_the_next(owed: World) -> int:
    """An item that was withdrawn before it was sent, while other news waits; the item's number."""
    item = owed.publish("Right news after all")
    owed.tick()
    owed.ask(f"retract {item}")
    owed.deliver()
    owed.publish("Next")
    owed.tick()
    return item


def test_what_was_dropped_waits_for_what_is_under_way(owed: World) -> None:
    """A delivery that is owed again is not claimed beside the one that is being sent."""
    item = _dropped_before_the_next(owed)
    jobs = owed.claim()
    owed.ask(f"retract {item} undo")
    owed.tick()
    assert owed.claim() == []
    for job in jobs:
        owed.settle(job)
    assert [job.card.title for job in owed.claim()] == ["Right news after all"] * 2


def test_what_was_dropped_keeps_the_wait_of_its_channel(owed: World) -> None:
    """What is owed again goes before what waits, and not before the platform will have it."""
    item = _dropped_before_the_next(owed)
    for job in owed.claim():
        owed.settle(job, TryLater("slow down", 60.0))
    owed.ask(f"retract {item} undo")
    owed.tick()
    owed.now += 59
    assert owed.claim() == []
    owed.now += 2
    assert owed.titles() == [*["Right news after all"] * 2, *["Next"] * 2]


def test_the_rest_of_a_list_goes_out(world: World) -> None:
    """A list is sent without what was withdrawn; taken back, it is added to the sent list."""
    world.ask("subscribe safeguards")
    items = [world.publish(f"Story {number}") for number in range(8)]
    world.tick()
    world.ask(f"retract {items[6]}")
    *_, rest = world.deliver()
    assert [line.text for line in rest.lines] == ["Story 5", "Story 7"]
    world.ask(f"retract {items[6]} undo")
    assert world.deliver() == []
    ((_, card),) = world.edited
    assert [line.text for line in card.lines] == ["Story 5", "Story 6", "Story 7"]


@pytest.mark.parametrize("kind", ["list", "summary"])
def test_what_was_never_told_is_not_told_as_withdrawn(world: World, kind: str) -> None:
    """What left without a withdrawn story is not edited to name it, until that is taken back."""
    world.ask("subscribe safeguards" if kind == "list" else "subscribe safeguards daily")
    world.ask("daily 12:30" if kind == "summary" else "daily off")
    items = [world.publish(f"Story {number}") for number in range(8)]
    world.now += 1800
    world.tick()
    world.ask(f"retract {items[6]}")
    jobs = []
    while claimed := world.claim():  # before the change is followed
        jobs += claimed
        for job in claimed:
            world.settle(job)
    world.tick()
    assert not any("Story 6" in card_text(job.card) for job in jobs)
    assert edits(world) == []
    world.ask(f"retract {items[5]}")
    (text,) = edits(world)
    assert "Story 6" not in text
    assert "withdrawn" in text
    world.ask(f"retract {items[6]} undo")
    (text,) = edits(world)
    assert "Story 6" in text
    world.ask(f"retract {items[6]}")
    (text,) = edits(world)
    assert "Story 6" in text, "now it was told"


def test_a_list_of_which_nothing_stands_is_dropped(world: World) -> None:
    """And is sent, with what stands again, when some of it is taken back."""
    world.ask("subscribe safeguards")
    items = [world.publish(f"Story {number}") for number in range(7)]
    world.tick()
    for item in items[5:]:
        world.ask(f"retract {item}")
    assert world.titles() == [f"Story {number}" for number in range(5)]
    assert dropped(world) == ["withdrawn before it was sent"]
    world.ask(f"retract {items[6]} undo")
    assert world.titles() == ["Story 6"]


@pytest.mark.parametrize("sent", [False, True])
def test_a_story_that_others_tell_is_told_by_them(world: World, *, sent: bool) -> None:
    """Where another report still stands, the card leads with that, and names what was withdrawn."""
    world.ask("subscribe safeguards")
    first = world.publish("First report")
    world.publish("Second report", kind="press", story=first)
    world.tick()
    if sent:
        world.deliver()
    world.ask(f"retract {first}")
    cards = world.deliver()
    card = world.edited[-1][1] if sent else cards[0]
    assert card.title == "Second report"
    assert "Withdrawn, from SFC: First report" in card_text(card)


def test_news_that_joins_a_dropped_story_is_told(world: World) -> None:
    """A later report of what was withdrawn before it was sent stands for the story."""
    world.ask("subscribe safeguards")
    first = world.publish("First report")
    world.tick()
    world.ask(f"retract {first}")
    assert world.titles() == []
    second = world.publish("Second report", kind="press", story=first)
    world.database.write_now(archive_changes.record_change, second, "joined", world.now)
    assert world.titles() == ["Second report"]


def test_withdrawn_while_it_is_being_sent(world: World) -> None:
    """What leaves as news at that very moment is edited as soon as it is known to be there."""
    world.ask("subscribe safeguards")
    item = world.publish("Wrong news")
    world.tick()
    (job,) = world.claim()
    world.ask(f"retract {item}")
    world.tick()
    world.settle(job)
    assert "withdrawn" in edits(world)[0]


def test_a_summary_leaves_it_out(world: World) -> None:
    """Neither a summary that is asked for nor one that is owed already tells what was withdrawn."""
    world.ask("subscribe safeguards daily")
    world.ask("daily 12:30")
    items = [world.publish(title) for title in ("Wrong news", "Right news")]
    world.now += 1800
    world.tick()
    world.ask(f"retract {items[0]}")
    assert "Wrong news" not in world.text("summary today")
    (card,) = world.deliver()
    assert "Right news" in card_text(card)
    assert "Wrong news" not in card_text(card)


def test_a_sent_summary_says_so(world: World) -> None:
    """The summary that told it is edited, and put right when it is taken back."""
    world.ask("subscribe safeguards daily")
    world.ask("daily 12:30")
    items = [world.publish(title) for title in ("Wrong news", "Right news")]
    world.now += 1800
    world.deliver()
    world.ask(f"retract {items[0]}")
    (text,) = edits(world)
    told = [line for line in text.splitlines() if "news" in line]
    assert [("Wrong" in line, "withdrawn" in line) for line in told] in (
        [(False, False), (True, True)],
        [(True, True), (False, False)],
    )
    world.ask(f"retract {items[0]} undo")
    (text,) = edits(world)
    assert "withdrawn" not in text
    world.ask(f"retag {items[1]} products")
    assert edits(world) == [], "a summary says how it was; only what is withdrawn is said there"


def test_a_summary_tells_what_still_stands_of_a_story(world: World) -> None:
    """A story of which one report stands is in the summary with that report."""
    world.ask("subscribe safeguards daily")
    first = world.publish("First report")
    world.publish("Second report", kind="press", story=first)
    world.ask(f"retract {first}")
    text = world.text("summary today")
    assert "Second report" in text
    assert "First report" not in text


def test_what_its_source_withdrew_stays_so(world: World) -> None:
    """No person takes back what the source itself took back, before or after a person did."""
    item = world.publish("Wrong news")
    world.ask(f"retract {item}")
    world.database.write_now(archive_changes.withdraw, item, world.now)
    reply = world.ask(f"retract {item} undo")
    assert not reply.ok
    assert "source itself" in reply.card.title
    assert world.ask(f"retract {item}").card.buttons == ()
    assert "The source has withdrawn" in world.text(f"why {item}")


def test_a_milestone_cannot_be_withdrawn(world: World) -> None:
    """The roadmap's own record is nobody's to withdraw in chat."""
    reply = world.ask("retract 1")
    assert not reply.ok
    assert "milestone" in reply.card.title.casefold()


def test_it_can_be_asked_for_in_chinese(world: World) -> None:
    """撤回 is understood, and `news` and `why` say what came of it."""
    item = world.publish("Wrong news")
    assert world.ask(f"撤回 {item}").ok
    assert "withdrawn" in world.text("news wrong")
    assert "A person has withdrawn" in world.text(f"why {item}")


def test_what_was_dropped_is_no_part_of_a_burst(world: World) -> None:
    """Stories that were withdrawn before they were sent leave the others their cards."""
    world.ask("subscribe safeguards")
    for item in [world.publish(f"Wrong {number}") for number in range(world.manners.burst)]:
        world.ask(f"retract {item}")
    assert world.titles() == []
    for number in range(3):
        world.publish(f"Right {number}")
    assert world.titles() == ["Right 0", "Right 1", "Right 2"]


def test_the_past_is_not_sent_again(owed: World) -> None:
    """What was dropped so long ago that its card would not be edited any more stays dropped."""
    item = owed.publish("Old")
    owed.tick()
    owed.ask(f"retract {item}")
    owed.deliver()
    owed.now += owed.manners.edit_within_s + 1
    owed.ask(f"retract {item} undo")
    assert "Old" not in owed.titles()


def test_a_change_to_what_stays_withdrawn_does_not_make_it_new(owed: World) -> None:
    """Only what stands again is queued again: else a dropped card would grow young with each
    change, and be sent long after its time.
    """
    item = owed.publish("Old")
    owed.tick()
    owed.ask(f"retract {item}")
    owed.deliver()
    owed.now += owed.manners.edit_within_s - 60
    owed.ask(f"retag {item} products")
    assert "Old" not in owed.titles()
    owed.now += 120
    owed.ask(f"retract {item} undo")
    assert "Old" not in owed.titles()
