"""Completion offers what the table of commands allows at the cursor, and asks the core the rest."""

from dataclasses import replace

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from adapters.console_complete import ConsoleCompleter, plan
from handlers.commands import COMMANDS
from handlers.messages import ChannelRef, Person, Request
from tests.adapters.console.desk import PILLARS, FakeDesk

HERE = Request(ChannelRef("console", "", "legal"), Person("console", may_manage=True))


async def offered(before: str, desk: FakeDesk | None = None, language: str = "en") -> list[str]:
    """What each completion at the end of `before` would make of the line, and its meaning."""
    completer = ConsoleCompleter(
        desk or FakeDesk(), lambda: HERE, lambda: ("general", "legal"), lambda: language
    )
    document = Document(before)
    found = [c async for c in completer.get_completions_async(document, CompleteEvent())]
    return [before[: len(before) + one.start_position] + one.text for one in found]


async def test_commands_are_completed() -> None:
    """At the start of a line all commands are offered, and those that begin like the word."""
    assert await offered("") == [command.name for command in COMMANDS]
    assert await offered("sub") == ["subscribe", "subscriptions"]
    assert await offered("/aspire un") == ["/aspire unsubscribe"]
    assert await offered("xyz") == []


async def test_the_consoles_own_words_are_completed() -> None:
    """After a slash the console's own words are offered, after /join its channels."""
    assert await offered("/") == ["/join", "/channels", "/help", "/quit", "/aspire"]
    assert await offered("/join l") == ["/join legal"]


async def test_topics_come_from_the_core() -> None:
    """Topics are the core's; those already in the line are not offered again."""
    desk = FakeDesk()
    assert await offered("subscribe safeguards pro", desk) == ["subscribe safeguards products"]
    assert desk.asked == [
        replace(HERE, command="subscribe", options={"topics": "safeguards"}, text="? topics pro")
    ]
    assert await offered("訂閱 safeguards ") == [
        f"訂閱 safeguards {word}"
        for word in (
            *(name for name in PILLARS if name != "safeguards"),
            *("instant", "daily", "both", "hk", "all", "official", "press", "any"),
            *("with", "without", "mention"),
        )
    ]


@pytest.mark.parametrize(
    ("before", "ask", "words"),
    [
        ("pillar ", ("pillar",), ("share",)),
        (
            "subscribe access both ",
            ("topics",),
            ("hk", "all", "official", "press", "any", "with", "without", "mention"),
        ),
        ("subscribe access with staking w", ("topics",), ("without",)),
        ("subscribe access with ", (), ()),
        ("daily 09:00 ", ("timezone",), ("weekdays", "everyday")),
        ("daily 09:00 Asia/Hong_Kong week", (), ("weekdays",)),
        ("settings language ", (), ("en", "zh-Hant", "zh-Hans")),
        ("settings language en t", (), ("timezone",)),
        ("settings timezone Asia/", ("timezone",), ()),
        ("news since ", (), ()),
        ("news since 7d ", ("words",), ("page", "share")),
        ("why 12 ", (), ("share",)),
        ("help tr", (), ("trends",)),
        ("feeds remove ", ("target",), ()),
        ("nonsense ", (), ()),
    ],
)
def test_what_may_stand_at_the_cursor(
    before: str, ask: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """An option is offered once; a keyword wants its own words first; bare words go in order."""
    found = plan(before)
    assert (found.ask, found.words) == (ask, words)


async def test_completions_say_what_they_are_for() -> None:
    """Every command and every word of the console's own has its description beside it."""
    completer = ConsoleCompleter(FakeDesk(), lambda: HERE, tuple, lambda: "zh-Hant")
    for before in ("", "/"):
        found = completer.get_completions_async(Document(before), CompleteEvent())
        assert all([one.display_meta_text async for one in found])
