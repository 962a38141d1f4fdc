"""Who is owed which story: once, in order, and nothing else."""

from dataclasses import replace

import pytest

from feeds import archive, archive_changes
from feeds.items import Tags
from handlers import alerts, heartbeat, ledger
from tests.handlers.world import ANN, GENERAL, OTHER, World, card_text


def test_a_story_reaches_who_asked_for_it_once(world: World) -> None:
    """A channel hears of the pillar it follows, once, and of nothing else."""
    world.ask("subscribe safeguards")
    world.publish("Custody rules", ("safeguards",))
    world.publish("New token", ("products",))
    assert world.titles() == ["Custody rules"]
    assert world.titles() == []


@pytest.mark.parametrize("crash_after", ["publish", "tick", "claim"])
def test_a_restart_between_any_two_steps_repeats_nothing(world: World, crash_after: str) -> None:
    """Restarting after any step loses nothing and repeats nothing."""
    world.ask("subscribe safeguards")
    world.publish("Custody rules")
    if crash_after in {"tick", "claim"}:
        world.tick()
    if crash_after == "claim":
        world.claim()
        world.now += 200  # its lease has run out
    world.restart()
    assert world.titles() == ["Custody rules"]
    world.restart()
    assert world.titles() == []


def test_what_was_stored_before_the_subscription_is_not_news(world: World) -> None:
    """A subscription begins now."""
    world.publish("Yesterday's news")
    world.tick()
    world.ask("subscribe safeguards")
    assert world.titles() == []


def test_milestones_and_baselines_are_never_alerted(world: World) -> None:
    """The roadmap's milestones and a feed's first poll alert nobody."""
    world.ask("subscribe all all")
    world.publish("From the baseline", alert=False)
    assert world.titles() == []
    assert "From the baseline" in world.text("news baseline")


@pytest.mark.parametrize(
    ("how", "title", "kind", "hong_kong", "hears"),
    [
        ("", "Custody", "press", True, True),
        ("", "Custody", "press", False, False),
        ("all", "Custody", "press", False, True),
        ("official", "Custody", "press", True, False),
        ("official", "Custody", "official", True, True),
        ("press", "Custody", "official", True, False),
        ("with stablecoin", "Custody", "press", True, False),
        ("with stablecoin custody", "Custody", "press", True, True),
        ("with ETF", "現貨ETF獲批", "press", True, True),
        ("with ETF", "ETFs approved", "press", True, False),
        ("with 穩定幣", "监管稳定币新规", "press", True, True),
        ("without 穩定幣", "监管稳定币新规", "press", True, False),
        ("without custody", "Custody", "press", True, False),
        ('with "custody rules"', "Custody and rules", "press", True, False),
        ("daily", "Custody", "press", True, False),
    ],
)
def test_filters(
    world: World,
    how: str,
    title: str,
    kind: str,
    hong_kong: bool,
    hears: bool,
) -> None:
    """Scope, sources and words decide what a subscription hears of; Chinese needs no borders."""
    world.ask(f"subscribe safeguards {how}")
    world.publish(title, kind=kind, hong_kong=hong_kong)  # type: ignore[arg-type]  # a table's text
    assert world.titles() == ([title] if hears else [])


def test_two_topics_one_card(world: World) -> None:
    """A story of two pillars that are both followed comes once."""
    world.ask("subscribe safeguards products 3")
    world.publish("Both", ("safeguards", "products"), initiatives=(3,))
    assert world.titles() == ["Both"]


def test_the_same_story_from_another_source_is_no_second_alert(world: World) -> None:
    """Another source's report of a story joins the first card instead of a second one."""
    world.ask("subscribe safeguards")
    first = world.publish("SFC acts")
    assert world.titles() == ["SFC acts"]
    second = world.publish("Regulator acts", kind="press", story=first)
    world.database.write_now(archive_changes.record_change, second, "joined", world.now)
    assert world.titles() == []
    ((_, card),) = world.edited
    assert card.title == "SFC acts"
    assert "Daily Coin" in card_text(card)


def test_a_burst_is_a_few_cards_and_one_list(world: World) -> None:
    """Many at once: the first as cards, all others in one list, nothing left out."""
    world.ask("subscribe safeguards")
    titles = [f"Story {number:02}" for number in range(15)]
    for title in titles:
        world.publish(title)
    cards = world.deliver()
    assert len(cards) == world.manners.burst + 1
    assert [card.title for card in cards[:-1]] == titles[: world.manners.burst]
    assert [line.text for line in cards[-1].lines] == titles[world.manners.burst :]
    assert any(button.ask == "news" for button in cards[-1].buttons)


def test_a_flood_is_listed_whole(world: World) -> None:
    """However many there are, every one is listed, in lists that every platform can show whole."""
    world.ask("subscribe safeguards")
    titles = [f"Story {number:03}" for number in range(100)]
    for title in titles:
        world.publish(title)
    lists = world.deliver()[world.manners.burst :]
    assert [line.text for card in lists for line in card.lines] == titles[world.manners.burst :]
    assert max(len(card.lines) for card in lists) == alerts.LIST_MOST


def test_a_burst_in_small_steps_is_a_burst(world: World) -> None:
    """Twenty polls of one item each within minutes are no twenty messages."""
    world.ask("subscribe safeguards")
    titles = [f"Story {number:02}" for number in range(17)]
    for title in titles:
        world.publish(title)
        world.deliver()
        world.now += 5
    assert [card.title for _, card in world.sent] == titles[: world.manners.burst]
    world.now += alerts.LIST_WAIT_S
    (rest,) = world.deliver()
    assert [line.text for line in rest.lines] == titles[world.manners.burst :]


def test_after_a_long_time_down_one_card(world: World) -> None:
    """What was missed while the bot was down comes as one catch-up card a channel."""
    world.ask("subscribe safeguards")
    world.deliver()
    world.now += world.manners.catch_up_after_s + 60
    for number in range(3):
        world.publish(f"Missed {number}")
        assert world.deliver() == []  # the feeds come in one after the other
        world.now += 5
    world.database.write_now(heartbeat.caught_up, world.now)
    (card,) = world.deliver()
    assert "away" in card.title
    assert [line.text for line in card.lines] == ["Missed 0", "Missed 1", "Missed 2"]


def test_catching_up_ends_by_itself(world: World) -> None:
    """What was missed is told even if one feed never answers."""
    world.ask("subscribe safeguards")
    world.deliver()
    world.now += world.manners.catch_up_after_s + 60
    world.publish("Missed")
    assert world.deliver() == []
    world.now += heartbeat.CATCH_UP_S
    assert world.titles() == ["Missed"]
    world.publish("New")
    assert world.titles() == ["New"]


def test_a_correction_reaches_the_sent_card(world: World) -> None:
    """Correcting the pillars edits the card that was sent; nobody is pinged again."""
    world.ask("subscribe safeguards")
    item = world.publish("Misjudged")
    world.deliver()
    reply = world.ask(f"retag {item} products 7")
    assert reply.ok
    assert world.titles() == []
    ((_, card),) = world.edited
    assert [chip.topic for chip in card.chips] == ["products", "7"]
    assert "Misjudged" in world.text("news products misjudged")


def test_a_correction_holds_for_ever(world: World) -> None:
    """A person's tags win over whatever the feed or the tagger says later."""
    item = world.publish("Misjudged")
    world.ask(f"retag {item} none")
    article = world.database.write_now(archive.article, item)
    assert article is not None
    better = Tags(virtual_asset=True, hong_kong=True, pillars=("access",))
    world.database.write_now(archive_changes.revise, article, "New title", "", better)
    again = world.database.write_now(archive.article, item)
    assert again is not None
    assert again.title == "New title"
    assert again.tags.pillars == ()
    assert again.corrected_by == ANN.id


def test_an_edit_that_shows_nothing_new_is_not_made(world: World) -> None:
    """A change that the card does not show costs no call."""
    world.ask("subscribe safeguards")
    item = world.publish("Same")
    world.deliver()
    world.database.write_now(archive_changes.record_change, item, "revised", world.now)
    world.deliver()
    assert world.edited == []


def test_old_cards_are_left_alone(world: World) -> None:
    """A card sent longer ago than the limit is not edited any more."""
    world.ask("subscribe safeguards")
    item = world.publish("Old")
    world.deliver()
    world.now += world.manners.edit_within_s + 1
    world.ask(f"retag {item} products")
    world.deliver()
    assert world.edited == []


def test_an_owned_feeds_news_reaches_its_owners_only(world: World) -> None:
    """A workspace's own feed alerts that workspace's channels only."""
    stranger = replace(GENERAL, workspace="W2")
    world.ask("subscribe safeguards")
    world.ask("subscribe safeguards", channel=stranger)
    world.publish("Ours", owner=GENERAL.home)
    world.deliver()
    assert [ref for ref, _ in world.sent] == [GENERAL]


def test_order_is_kept_within_a_channel(world: World) -> None:
    """A channel's second message is not claimed before its first is settled."""
    world.ask("subscribe safeguards")
    world.ask("subscribe safeguards", channel=OTHER)
    world.publish("One")
    world.publish("Two")
    world.tick()
    jobs = world.claim()
    assert [(job.ref.channel, job.card.title) for job in jobs] == [
        ("general", "One"),
        ("other", "One"),
    ]
    assert world.claim() == []
    world.settle(jobs[0])
    assert [(job.ref.channel, job.card.title) for job in world.claim()] == [("general", "Two")]


def test_keys_are_short_and_never_repeat(world: World) -> None:
    """A delivery's key fits every platform and is its own."""
    world.ask("subscribe safeguards")
    for number in range(5):
        world.publish(f"Story {number}")
    world.tick()
    rows = world.database.write_now(lambda c: c.execute("SELECT key FROM deliveries").fetchall())
    keys = [row[0] for row in rows]
    assert len(set(keys)) == len(keys) == 5
    assert all(len(key) <= 25 and key.isascii() for key in keys)
    assert world.database.write_now(ledger.cursor, "fan-out") is not None


def test_the_first_tick_after_a_gap_spends_nothing(world: World) -> None:
    """What is polled minutes after a long gap is still told as what was missed."""
    world.ask("subscribe safeguards")
    world.deliver()
    world.now += world.manners.catch_up_after_s + 60
    world.deliver()
    world.now += 120
    for number in range(3):
        world.publish(f"Missed {number}")
    world.tick()
    world.database.write_now(heartbeat.caught_up, world.now)
    (card,) = world.deliver()
    assert "away" in card.title
    world.now += 3600
    world.publish("Fresh")
    assert world.titles() == ["Fresh"]


def test_no_story_overtakes_a_card_in_the_list_before_it(world: World) -> None:
    """Where a list waits and there is room for a card again, what follows that card is not put
    into the list, which is sent before it.
    """
    world.ask("subscribe safeguards")
    for number in range(world.manners.burst):
        world.publish(f"Story {number}")
    world.deliver()
    world.now += 300
    world.publish("Story 5")
    world.publish("Story 6")
    world.tick()  # both are held in a list
    world.now += world.manners.burst_window_s - 299
    for number in range(7, 15):
        world.publish(f"Story {number}")
    told = []
    for _ in range(3):
        cards = world.deliver()
        told += [word for card in cards for word in (card.title, *(x.text for x in card.lines))]
        world.now += 600
    numbers = [int(word.split()[1]) for word in told if word.startswith("Story ")]
    assert numbers == list(range(5, 15))
