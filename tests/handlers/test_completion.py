"""What is offered while somebody types."""

import pytest

from handlers.messages import Person, Request
from tests.handlers.world import GENERAL, World


def offered(world: World, command: str, option: str, typed: str, language: str = "") -> list[str]:
    request = Request(GENERAL, Person("U1", language=language), command=command)
    found = world.database.write_now(world.core.complete, request, option, typed)
    assert len(found) <= 25
    return [choice.value for choice in found]


@pytest.mark.parametrize("typed", ["saf", "Safe", "保", "保障", "s"])
def test_pillars_complete_by_any_of_their_names(world: World, typed: str) -> None:
    """A pillar is offered by what it is called in any language."""
    assert "safeguards" in offered(world, "pillar", "pillar", typed)


def test_the_last_word_is_completed_and_the_others_kept(world: World) -> None:
    """Where several words may be given, only the last one is being typed."""
    assert "safeguards products" in offered(world, "subscribe", "topics", "safeguards prod")


def test_zones_complete_by_their_city(world: World) -> None:
    """A zone is found by a part of its name, the usual ones first."""
    assert offered(world, "daily", "timezone", "")[0] == "Asia/Hong_Kong"
    assert offered(world, "daily", "timezone", "hong")[0] == "Asia/Hong_Kong"


def test_items_and_feeds_complete_by_their_titles(world: World) -> None:
    """Recent items and feeds are offered by words of their titles."""
    item = world.publish("Custody rules for platforms")
    assert offered(world, "why", "item", "custody") == [str(item)]
    assert offered(world, "feeds", "target", "sfc") == ["1"]


def test_choices_are_in_the_askers_language(world: World) -> None:
    """Fixed choices are labelled in the asker's language."""
    request = Request(GENERAL, Person("U1", language="zh-TW"), command="summary")
    found = world.database.write_now(world.core.complete, request, "period", "")
    assert [choice.label for choice in found] == ["今日", "昨日", "本週"]
