"""The workspace at a glance shows each person what they may see."""

from handlers import at_home
from handlers.messages import Request
from tests.handlers.world import ANN, GENERAL, OTHER, World, card_text


def home(world: World, channels: str) -> str:
    request = Request(GENERAL, ANN, options={"channels": channels})
    cards = world.database.write_now(at_home.cards, world.core, request, world.now)
    assert len(cards) == 3
    return card_text(cards[1])


def test_only_the_askers_channels_are_shown(world: World) -> None:
    """A channel that the asker is not in is not shown, nor what it follows."""
    world.ask("subscribe safeguards", channel=GENERAL)
    world.ask("subscribe products", channel=OTHER)
    text = home(world, "general")
    assert "Safeguards" in text
    assert "Products" not in text
    assert "Products" in home(world, "general other")
    assert "No channel" in home(world, "")
