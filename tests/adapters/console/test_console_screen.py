"""The console as a Sender, its numbered buttons, and which terminals know hyperlinks."""

import os
from dataclasses import replace
from io import StringIO

import pytest

from adapters.console_screen import ConsoleSender, Presses, Screen, supports_links
from handlers.messages import Button, Card, ChannelRef
from handlers.ports import Never, Refusal, Sender
from tests.adapters.console.conftest import NOW, Pipe
from tests.adapters.console.desk import ALERT, CHINESE, HOSTILE

LEGAL = ChannelRef("console", "", "legal")
RISK = ChannelRef("console", "", "risk")


async def test_a_post_stands_under_its_channels_name(pipe: Pipe) -> None:
    """Sending prints the card with channel and time, and gives each message an id of its own."""
    sender: Sender = ConsoleSender(pipe.screen)
    assert sender.platform == "console"
    assert await sender.send(LEGAL, Card("One"), "k1") == "c1"
    assert await sender.send(RISK, replace(Card("Two"), mention="risk-team"), "k2") == "c2"
    assert pipe.text() == (
        "#legal  2026-07-09 18:05 HKT\nOne\n\n#risk  2026-07-09 18:05 HKT  @risk-team\nTwo\n\n"
    )


async def test_an_edit_is_printed_as_updated(pipe: Pipe) -> None:
    """What stands on a screen cannot be changed, so the new card comes with a word that says so."""
    sender = ConsoleSender(pipe.screen)
    await sender.edit(LEGAL, "c1", Card("One, corrected"))
    await sender.edit(LEGAL, "c1", Card("已更正", language="zh-Hant"))
    assert pipe.text() == (
        "#legal  2026-07-09 18:05 HKT  updated\nOne, corrected\n\n"
        "#legal  2026-07-09 18:05 HKT  已更新\n已更正\n\n"
    )


async def test_an_unknown_send_is_settled_once(pipe: Pipe) -> None:
    """A key that this screen has printed is not printed again; any other is."""
    sender = ConsoleSender(pipe.screen)
    assert await sender.send(LEGAL, Card("One"), "k1") == "c1"
    assert await sender.settle(LEGAL, Card("One"), "k1") == "c1"
    assert await sender.settle(LEGAL, Card("Two"), "k2") == "c2"
    assert pipe.text().count("One") == 1


async def test_plain_posts(pipe: Pipe) -> None:
    """The second try is plain text under the channel's name."""
    assert await ConsoleSender(pipe.screen).send_plain(LEGAL, ALERT, "k1") == "c1"
    assert pipe.text().splitlines()[:2] == ["#legal", f"{ALERT.title} <{ALERT.url}>"]


async def test_a_screen_that_is_gone_refuses() -> None:
    """When the reader has left, nothing is said to be sent and the channel is to be paused."""
    ends = os.pipe()
    os.close(ends[0])
    writer = os.fdopen(ends[1], "w", encoding="utf-8")
    sender = ConsoleSender(Screen(writer, lambda: NOW, "Asia/Hong_Kong"))
    for verb in (sender.send, sender.send_plain, sender.settle):
        with pytest.raises(Never) as caught:
            await verb(LEGAL, ALERT, "k1")
        assert caught.value.refusal is Refusal.CHANNEL_GONE
    with pytest.raises(Never):
        await sender.edit(LEGAL, "c1", ALERT)
    with pytest.raises(BrokenPipeError):
        writer.close()


async def test_letters_that_the_stream_cannot_write() -> None:
    """On a stream that knows no Chinese the card is printed with question marks, not lost."""
    ends = os.pipe()
    with os.fdopen(ends[0], "rb") as reader:
        with os.fdopen(ends[1], "w", encoding="ascii") as writer:
            screen = Screen(writer, lambda: NOW, "Asia/Hong_Kong")
            await ConsoleSender(screen).send(LEGAL, CHINESE, "k1")
        assert b"[S] ??" in reader.read()


async def test_a_hostile_channel_and_mention(pipe: Pipe) -> None:
    """Neither the channel's name nor the mention can command the terminal."""
    channel = ChannelRef("console", "", "a\x1b[2J\nb")
    await ConsoleSender(pipe.screen).send(channel, HOSTILE, "k1")
    assert pipe.text().splitlines()[0] == "#a[2J b  2026-07-09 18:05 HKT  @[0m<@U1>"


def test_numbers_keep_their_meaning_until_the_next_answer() -> None:
    """Buttons of posts that arrive unasked count on from those of the answer before."""
    presses = Presses()
    card = Card("", buttons=(Button("one", "news"), Button("two", "status")))
    assert list(presses.number(LEGAL, card)) == [1, 2]
    assert list(presses.number(RISK, card)) == [3, 4]
    assert presses.find(1) == (LEGAL, card.buttons[0])
    assert presses.find(4) == (RISK, card.buttons[1])
    presses.start_over()
    assert presses.find(1) is None
    assert list(presses.number(RISK, card)) == [1, 2]


def test_numbers_are_forgotten_after_a_thousand() -> None:
    """A console that nobody types into does not grow with every post."""
    presses = Presses()
    card = Card("", buttons=(Button("one", "news"),))
    for _ in range(1500):
        presses.number(LEGAL, card)
    assert presses.find(500) is None
    assert presses.find(501) is not None
    assert presses.find(1500) is not None


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "7006"}, True),
        ({"VTE_VERSION": "3802"}, False),
        ({"VTE_VERSION": "x"}, False),
        ({"WT_SESSION": "1"}, True),
        ({"WT_SESSION": "1", "TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({}, False),
    ],
)
def test_terminals_that_know_hyperlinks(environ: dict[str, str], known: bool) -> None:
    """Only terminals that are known to understand OSC 8 are sent it."""
    assert supports_links(environ) is known


def test_a_file_gets_plain_text() -> None:
    """A stream that is not a terminal is not drawn on."""
    assert not Screen(StringIO(), lambda: NOW, "Asia/Hong_Kong").drawn
