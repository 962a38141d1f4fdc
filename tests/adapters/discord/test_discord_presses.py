"""Buttons that carry their question, and forms as modals."""

import pytest

from adapters import discord_limits as limits
from adapters.discord_forms import modal, submitted
from adapters.discord_presses import Manner, draw, mint, read
from handlers.messages import Button, Choice, Field, Form
from tests.adapters.discord.desk import SUBSCRIBE
from tests.adapters.discord.fake_rules import check_components, check_modal


async def test_a_button_carries_its_question() -> None:
    """What a button asks is read from its custom id alone, with nothing kept."""
    row = draw((Button("Why", "why 12"), Button("Wrong", "retag 12", "danger", form=True)))
    assert row.view is not None
    assert row.keep == {}
    parts = row.view.to_components()[0]["components"]
    desk: dict[str, str] = {}

    async def recall(name: str) -> str:
        return desk.get(name, "")

    said = [await read(part["custom_id"], recall) for part in parts]
    assert said == [(Manner.ANSWER, "why 12"), (Manner.FORM, "retag 12")]


@pytest.mark.parametrize(("size", "kept"), [(98, 0), (99, 1)])
async def test_a_long_question_is_kept_under_its_hash(size: int, kept: int) -> None:
    """A custom id holds 100 characters with our two; a longer question is remembered instead."""
    keep: dict[str, str] = {}
    ask = "news " + "字" * (size - 5)
    custom_id = mint(Manner.ANSWER, ask, keep)
    assert len(keep) == kept
    assert len(custom_id) <= limits.CUSTOM_ID

    async def recall(name: str) -> str:
        return keep.get(name, "")

    assert await read(custom_id, recall) == (Manner.ANSWER, ask)


@pytest.mark.parametrize("custom_id", ["", "x", "a", "zz:help", "a#0000", "other-bot"])
async def test_strange_buttons_say_nothing(custom_id: str) -> None:
    """A custom id of another program, or one whose text is gone, is not understood."""

    async def recall(_name: str) -> str:
        return ""

    assert await read(custom_id, recall) is None


def test_only_another_page_of_a_private_answer_replaces_it() -> None:
    """A press that asks the same command again updates the answer; others answer beside it."""
    row = draw((Button("Next", "news page 2"), Button("Why", "why 3")), private_answer_to="news")
    assert row.view is not None
    ids = [part["custom_id"] for part in row.view.to_components()[0]["components"]]
    assert ids == ["u:news page 2", "a:why 3"]


def test_buttons_keep_discords_limits() -> None:
    """At most 25, labels of 80, no id twice, no link button without an honest address."""
    buttons = [Button("标" * 200, f"why {place}") for place in range(40)]
    buttons[:0] = [
        Button("Same", "help"),
        Button("Same", "help"),
        Button("Bad", "", url="javascript:alert(1)"),
        Button("Long", "", url="https://a.hk/" + "x" * 600),
        Button("Good", "", url="https://a.hk/x"),
    ]
    row = draw(buttons)
    assert row.view is not None
    components = row.view.to_components()
    check_components(components)
    labels = [part["label"] for line in components for part in line["components"]]
    assert labels[:2] == ["Same", "Good"]
    assert draw(()).view is None


async def test_a_sent_view_is_not_kept_in_memory() -> None:
    """discord.py stores every unfinished view for ever; ours are finished before they are sent."""
    view = draw((Button("Why", "why 12"),)).view
    assert view is not None
    assert view.is_finished()


async def test_a_form_becomes_a_modal_and_comes_back() -> None:
    """Selects with their values chosen; command and fixed options come back with the answers."""
    keep: dict[str, str] = {}
    drawn = modal(SUBSCRIBE, keep)
    body = drawn.to_dict()
    check_modal(body)
    assert drawn.is_finished()
    labels = [label["label"] for label in body["components"]]
    assert labels == ["Topics", "When", "Only with words"]
    topics = body["components"][0]["component"]
    assert [o["value"] for o in topics["options"] if o.get("default")] == ["safeguards"]
    assert (topics["min_values"], topics["max_values"]) == (1, 5)
    components = [
        {"type": 18, "component": {"type": 3, "custom_id": "topics", "values": ["access", "all"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "when", "values": []}},
        {"type": 1, "components": [{"type": 4, "custom_id": "with", "value": " a b "}]},
    ]

    async def recall(name: str) -> str:
        return keep.get(name, "")

    said = await read(body["custom_id"], recall)
    assert said is not None
    assert submitted(said[1], components) == (
        "subscribe",
        {"source": "form & more", "topics": "access all", "when": "", "with": "a b"},
    )


async def test_a_form_keeps_discords_limits() -> None:
    """Long words are cut, too many or too long choices are typed instead, with a hint."""
    many = tuple(Choice(f"Choice {place}", f"c{place}") for place in range(26))
    long = (Choice("x" * 300, "v" * 101),)
    form = Form(
        "settings",
        "題" * 99,
        (
            Field("many", "標" * 99, "choices", many, value=("c1",), hint="h" * 200),
            Field("long", "Long", "choice", long, required=True),
            Field("good", "Good", "choice", (Choice("x" * 300, "v" * 100),)),
            Field("none", "None", "choices"),
            Field("text", "Text", "text", value=("t" * 9000,)),
            Field("sixth", "Sixth", "text"),
        ),
        submit="Save",
        fixed={"item": "9" * 200},
    )
    keep: dict[str, str] = {}
    body = modal(form, keep).to_dict()
    check_modal(body)
    assert len(body["components"]) == limits.FIELDS
    assert [part["component"]["type"] for part in body["components"]] == [4, 4, 3, 4, 4]
    assert len(keep) == 1
