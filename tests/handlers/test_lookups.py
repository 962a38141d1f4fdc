"""What people look up: the roadmap, a pillar, an initiative, help."""

import pytest

from handlers.commands import COMMANDS
from handlers.messages import Person
from handlers.texts import LANGUAGES
from tests.handlers.world import BOB, World, card_text


@pytest.mark.parametrize("name", ["safeguards", "s", "S", "保障", "Safeguards", "pillar s"])
def test_a_pillar_is_found_by_all_its_names(world: World, name: str) -> None:
    """A pillar goes by word, letter and Chinese name."""
    reply = world.ask(f"pillar {name}".replace("pillar pillar", "pillar"))
    assert reply.ok
    assert "Safeguards" in reply.card.title
    assert "Optimise compliance burdens" in card_text(reply.card)
    assert not reply.public


@pytest.mark.parametrize(("name", "key"), [("re", "Relationships"), ("聯繫", "Relationships")])
def test_re_is_relationships(world: World, name: str, key: str) -> None:
    """The roadmap's last letter is Re."""
    assert key in world.ask(f"pillar {name}").card.title


def test_a_near_miss_is_asked_about(world: World) -> None:
    """A misspelt pillar is not guessed at but asked about, with a button that asks rightly."""
    reply = world.ask("pillar safegards")
    assert not reply.ok
    assert "safegards" in reply.card.title
    assert "Did you mean: pillar safeguards" in card_text(reply.card)
    assert reply.card.buttons[0].ask == "pillar safeguards"


def test_the_roadmap_lists_five_pillars_and_twelve_initiatives(world: World) -> None:
    """`roadmap` shows everything there is, each with where it stands."""
    lines = world.ask("roadmap").card.lines
    assert sum(line.kind == "heading" for line in lines) == 5
    numbered = [line for line in lines if line.label.startswith("#")]
    assert [line.label for line in numbered] == [f"#{n}" for n in range(1, 13)]
    assert all(line.after for line in numbered)


@pytest.mark.parametrize("number", range(1, 13))
def test_every_initiative_answers(world: World, number: int) -> None:
    """Each initiative says what it is, its status and its milestones with sources."""
    reply = world.ask(f"initiative {number}")
    assert reply.ok
    assert reply.card.title.startswith(f"Initiative {number}:")
    dated = [line for line in reply.card.lines if line.when and line.when.date_only]
    assert dated
    assert all(line.after for line in dated), "a milestone names its sources"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_explains_every_command_in_every_language(
    world: World, command: object, language: str
) -> None:
    """Every command has help in every language, with an example that is understood."""
    name = command.name  # type: ignore[attr-defined]
    reply = world.ask(f"help {name}", Person("U1", language=language))
    assert reply.ok
    assert f"/aspire {name}" in card_text(reply.card)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_example_of_help_works(world: World, command: object) -> None:
    """What help offers as an example is understood (but for what needs the network or an item)."""
    world.publish("Item one")
    world.ask("subscribe products")
    name, example = command.name, command.example  # type: ignore[attr-defined]
    if name == "feeds":
        example = "feeds"
    example = example.replace(" 120", " 48").replace(" 12", " 48")
    assert world.ask(example).ok, example


def test_an_unknown_command_is_named_and_mended(world: World) -> None:
    """An unknown command is repeated, with the nearest one and where to find all."""
    reply = world.ask("piller safeguards")
    assert not reply.ok
    text = card_text(reply.card)
    assert "piller" in text
    assert "pillar safeguards" in text
    assert "help" in text


@pytest.mark.parametrize(
    ("language", "word"), [("zh-TW", "沒有"), ("zh-HK", "沒有"), ("zh-CN", "没有"), ("en-GB", "no")]
)
def test_mistakes_are_told_in_the_askers_language(world: World, language: str, word: str) -> None:
    """A mistake is explained in the language of whoever made it."""
    assert word in card_text(world.ask("pillar moon", Person("U1", language=language)).card)


def test_share_makes_an_answer_public(world: World) -> None:
    """An answer is private unless `share` is asked for."""
    assert not world.ask("roadmap").public
    assert world.ask("roadmap share").public
    assert world.ask("pillar s share").public


def test_nothing_typed_is_help(world: World) -> None:
    """`/aspire` alone answers with help."""
    assert world.text("") == world.text("help")


def test_a_look_up_needs_no_permission(world: World) -> None:
    """Everybody may look everything up."""
    for ask in ("roadmap", "pillar a", "news", "summary", "status", "subscriptions", "trends"):
        assert world.ask(ask, BOB).ok, ask
