"""What a channel hears of, and who may change it."""

import pytest

from handlers import ledger_channels
from handlers.messages import Request
from tests.handlers.world import ANN, BOB, GENERAL, OTHER, World, card_text

CHANGES = [
    "subscribe safeguards",
    "unsubscribe safeguards",
    "daily 08:00",
    "settings language zh-Hant",
    "retag 48 products",
    "retract 48",
    "retract 48 undo",
    "feeds add https://news.example/feed",
    "feeds remove 1",
]


@pytest.mark.parametrize("text", CHANGES)
def test_only_those_who_may_change_a_channel(world: World, text: str) -> None:
    """Whoever may not manage the channel changes nothing, and is told whom to ask."""
    world.publish("An item")
    before = world.database.write_now(ledger_channels.audit)
    reply = world.ask(text, BOB)
    assert not reply.ok
    assert "may not change" in reply.card.title
    assert reply.announcement is None
    assert world.database.write_now(ledger_channels.audit) == before


def test_the_same_rule_holds_for_parsed_options(world: World) -> None:
    """A form or a typed option is no way round the permission."""
    request = Request(GENERAL, BOB, command="subscribe", options={"topics": "safeguards"})
    reply = world.database.write_now(world.core.answer, request, world.now)
    assert not reply.ok


def test_a_subscription_is_announced_and_kept_account_of(world: World) -> None:
    """A change is told to the channel, and written down: who, when, what."""
    reply = world.ask("subscribe safeguards products instant official with stablecoin")
    assert reply.ok
    assert reply.announcement is not None
    assert "Ann" in reply.announcement.title
    ((when, who, action, detail),) = world.database.write_now(ledger_channels.audit)
    assert (when, who, action) == (world.now, ANN.id, "subscribe")
    assert "stablecoin" in detail


def test_what_is_not_said_stays(world: World) -> None:
    """Changing one thing of a subscription leaves the others as they were."""
    world.ask("subscribe safeguards official with custody")
    world.ask("subscribe safeguards daily")
    text = world.text("subscriptions")
    assert "in the daily summary" in text
    assert "official sources only" in text
    assert "custody" in text


def test_all_is_a_topic_and_then_a_scope(world: World) -> None:
    """`subscribe all all`: every topic, from everywhere."""
    text = world.text("subscribe all all")
    assert "everything" in text
    assert "everywhere" in text
    assert "Hong Kong only" in world.text("subscribe s hk")


def test_the_past_month_is_counted(world: World) -> None:
    """Subscribing says what it would have brought in the last 30 days."""
    world.publish("One", ("safeguards",))
    world.publish("Two", ("safeguards",), hong_kong=False)
    assert "1 story" in world.text("subscribe safeguards")
    assert "2 stories" in world.text("subscribe safeguards all")


def test_channels_do_not_share_subscriptions(world: World) -> None:
    """What one channel hears of is no other's business."""
    world.ask("subscribe safeguards")
    assert "not subscribed" in world.text("subscriptions", channel=OTHER)


def test_unsubscribing(world: World) -> None:
    """One topic, or all of them; what was not subscribed is said."""
    world.ask("subscribe safeguards products 3")
    assert "Products" in world.text("unsubscribe products")
    assert "Products" not in world.text("subscriptions")
    assert not world.ask("unsubscribe products").ok
    world.ask("unsubscribe all")
    assert "not subscribed" in world.text("subscriptions")


def test_a_bare_subscribe_is_a_form_and_words(world: World) -> None:
    """Without a topic there is a form to fill, and the same in words to type."""
    reply = world.ask("subscribe")
    assert reply.form is not None
    assert reply.form.command == "subscribe"
    assert len(reply.form.fields) <= 5
    assert "subscribe safeguards" in card_text(reply.card)


def test_a_wrong_topic_changes_nothing(world: World) -> None:
    """One unknown topic among good ones: nothing is subscribed, and the word is named."""
    reply = world.ask("subscribe safeguards prodcts")
    assert not reply.ok
    assert "prodcts" in card_text(reply.card)
    assert "products" in card_text(reply.card)
    assert "not subscribed" in world.text("subscriptions")


@pytest.mark.parametrize("typed", ["25:00", "noon", "9", "09:60", "-1:00"])
def test_a_wrong_time_is_explained(world: World, typed: str) -> None:
    """A time that is none is repeated, with one that is right."""
    reply = world.ask(f"daily {typed}")
    assert not reply.ok
    assert typed in reply.card.title
    assert "09:00" in card_text(reply.card)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("Asia/Hong_Kong", "Asia/Hong_Kong"), ("london", "Europe/London"), ("HKT", "Asia/Hong_Kong")],
)
def test_zones_are_found_by_their_usual_names(world: World, typed: str, zone: str) -> None:
    """A zone goes by its IANA name or its city."""
    assert zone in world.text(f"daily 09:00 {typed}")


def test_a_wrong_zone_is_explained(world: World) -> None:
    """A zone that is none is repeated; the summary's hour stays as it was."""
    world.ask("daily 08:15")
    reply = world.ask("daily 09:00 Mars/Base")
    assert not reply.ok
    assert "Mars/Base" in reply.card.title
    assert "08:15" in world.text("subscriptions") or "08:15" in world.text("settings")


def test_settings_change_the_channels_language(world: World) -> None:
    """From then on the channel is spoken to in its own language."""
    world.ask("settings language zh-Hant")
    assert "證監會" in world.text("roadmap")
    assert "沒有" in world.text("nonsense")
