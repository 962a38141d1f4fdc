"""Small promises that were once broken."""

import pytest

from handlers.messages import Request
from handlers.parsing import parse
from tests.handlers.world import ANN, GENERAL, World, card_text


@pytest.mark.parametrize("text", ["tag SFC share price rules", "news crypto share trading"])
def test_share_among_words_is_a_word(text: str) -> None:
    """`share` asks to share at the end only; among the words of a headline it is one of them."""
    asked = parse(text)
    assert "share" not in asked.options
    assert "share" in " ".join(asked.options.values())


def test_a_mended_request_keeps_the_rest(world: World) -> None:
    """What was meant is offered with everything else that was asked, whatever stood before it."""
    reply = world.ask("aspire subscribe safegards products daily official")
    assert "subscribe safeguards products daily official" in card_text(reply.card)


def test_undo_takes_back_what_is_new_only(world: World) -> None:
    """Undo never removes a subscription that was there before."""
    assert any(b.label == "Undo" for b in world.ask("subscribe safeguards").card.buttons)
    assert not any(b.label == "Undo" for b in world.ask("subscribe s daily").card.buttons)
    (undo,) = [b for b in world.ask("subscribe s p").card.buttons if b.label == "Undo"]
    assert undo.ask == "unsubscribe products"


def test_word_filters_can_be_cleared(world: World) -> None:
    """`with none` takes a filter away."""
    world.ask("subscribe safeguards with custody")
    world.ask("subscribe safeguards with none")
    assert "only with" not in world.text("subscriptions")


def test_a_mention_can_be_seen(world: World) -> None:
    """Whom a subscription mentions is shown."""
    world.ask("subscribe safeguards mention <@&123>")
    assert "<@&123>" in world.text("subscriptions")


def test_a_month_is_not_given_a_day(world: World) -> None:
    """A milestone of which only the month is known shows no day, and how sure it is."""
    milestone = next(one for one in world.roadmap.milestones if one.precision == "month")
    words = milestone.text("en").split()[:4]
    request = Request(GENERAL, ANN, text=f"news {' '.join(words)}")
    reply = world.database.write_now(world.core.answer, request, world.now)
    (line,) = [one for one in reply.card.lines if one.text == milestone.text("en")]
    assert line.when is None
    assert f"{milestone.date:%Y-%m}" in line.after


def test_pages_of_an_initiatives_news_stay_its_news(world: World) -> None:
    """The next page asks for the same initiative as the first."""
    for number in range(10):
        world.publish(f"Staking story {number}", ("products",), initiatives=(8,))
    card = world.ask("news #8 staking").card
    (following,) = [b.ask for b in card.buttons if b.label == "Next page"]
    assert "Staking and lending" in world.ask(following).card.title


def test_none_keeps_what_nobody_doubted(world: World) -> None:
    """Taking all pillars away says nothing about where the item is from."""
    item = world.publish("About something else")
    world.ask(f"retag {item} none")
    assert "set by a person" not in world.text(f"why {item}")
    assert "not seem to be about virtual assets" not in world.text(f"why {item}")


def test_an_initiative_brings_its_pillar(world: World) -> None:
    """Whoever says that an item is about staking says that it is about Products."""
    item = world.publish("Staking for all", pillars=())
    text = card_text(world.ask(f"retag {item} 8").card)
    assert "Products" in text
    assert "Staking and lending" in text
