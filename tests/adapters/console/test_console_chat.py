"""A conversation over real pipes: plain lines in, plain cards out, with one person asking."""

import os
import threading

import pytest

from adapters.console_chat import CHANNELS, ConsoleChat, Settings
from feeds.database import StorageError
from handlers.messages import Card, ChannelRef, Person
from handlers.texts import LANGUAGES, catalogue
from tests.adapters.console.conftest import Pipe
from tests.adapters.console.desk import ALERT, FakeDesk

GENERAL = ChannelRef("console", "", "general")
LEGAL = ChannelRef("console", "", "legal")


async def converse(pipe: Pipe, desk: FakeDesk, typed: str | bytes, language: str = "") -> str:
    """Everything that is printed while `typed` is piped in, to its end."""
    data = typed.encode() if isinstance(typed, str) else typed
    ends = os.pipe()
    feeder = threading.Thread(target=_feed, args=(ends[1], data))
    feeder.start()
    with os.fdopen(ends[0], encoding="utf-8") as stdin:
        await ConsoleChat(desk, pipe.screen, stdin, Settings("Kit", language)).run()
    feeder.join()
    return pipe.text()


def _feed(fd: int, data: bytes) -> None:
    with os.fdopen(fd, "wb") as stdin:
        stdin.write(data)


def settled() -> FakeDesk:
    """A core that has greeted #general already."""
    return FakeDesk(known={GENERAL})


async def test_each_line_is_answered_in_order(pipe: Pipe) -> None:
    """With or without /aspire each line is one question, its answer one card, none lost."""
    desk = settled()
    text = await converse(pipe, desk, "why 1\n\n  /aspire why 2\r\nnonsense")
    assert text == ("You asked: why 1\n\nYou asked: why 2\n\nNot understood: nonsense\n\n")
    assert [request.text for request in desk.asked] == ["why 1", "why 2", "nonsense"]
    first = desk.asked[0]
    assert (first.channel, first.channel_name) == (GENERAL, "#general")
    assert first.person == Person("console", "Kit", may_manage=True, runs_the_bot=True)


class Forgetful(FakeDesk):
    """Keeps nothing: the disk is full."""

    async def recall(self, name: str) -> str:
        raise StorageError(f"{name}: the database is locked")

    async def remember(self, name: str, value: str) -> None:
        raise StorageError(f"{name}: no room for {value}")


async def test_a_full_disk_does_not_end_the_conversation(pipe: Pipe) -> None:
    """Which channels were joined is not kept then; what is asked is answered."""
    text = await converse(pipe, Forgetful(known={GENERAL}), "/join legal\nwhy 1")
    assert text.endswith("You asked: why 1\n\n")


async def test_the_greeting_comes_once(pipe: Pipe) -> None:
    """A channel is greeted when the core sees it first, and not again."""
    desk = FakeDesk()
    text = await converse(pipe, desk, "/join legal\n/join general\n/join LEGAL\n")
    assert text == (
        "#general  2026-07-09 18:05 HKT\nHello #general\n\nAsk: pillar safeguards\n\n"
        "#legal  2026-07-09 18:05 HKT\nHello #legal\n\nAsk: pillar safeguards\n\n"
        "You are now in #legal.\n\nYou are now in #general.\n\nYou are now in #legal.\n\n"
    )


async def test_channels_are_joined_switched_and_listed(pipe: Pipe) -> None:
    """What is asked after /join comes from that channel; bad names get a sentence."""
    desk = FakeDesk(known={GENERAL, LEGAL})
    text = await converse(pipe, desk, "/join legal\nwhy 1\n/channels\n/join two words\nwhy 2\n")
    assert [request.channel for request in desk.asked] == [LEGAL, LEGAL]
    assert "- #general\n- #legal · you are here\n" in text
    assert "A channel's name is 1 to 40 letters, digits, - or _" in text


async def test_channels_are_open_again_next_time(pipe: Pipe) -> None:
    """Channels of an earlier conversation are joined at the start, so their deliveries resume."""
    desk = FakeDesk(kept={CHANNELS: "general legal ../x"})
    await converse(pipe, desk, "/join risk\n")
    assert {channel.channel for channel in desk.known} == {"general", "legal", "risk"}
    assert desk.kept[CHANNELS] == "general legal risk"


async def test_numbers_press_buttons(pipe: Pipe) -> None:
    """A number asks what its button asks, prints its address, or is told that there is none."""
    desk = settled()
    text = await converse(pipe, desk, "pillar s\n3\n1\n1\n")
    assert [request.text for request in desk.asked] == ["pillar s", "subscribe safeguards"]
    assert "\nhttps://www.sfc.hk/en/\n\nSubscribed to safeguards.\n" in text
    assert text.endswith("No button has the number 1 now.\n\n")


async def test_a_button_acts_where_its_card_stands(pipe: Pipe) -> None:
    """Pressing a button of a post asks in the post's channel, not where the person now is."""
    desk = settled()

    class Posting(FakeDesk):
        async def joined(self, channel: ChannelRef, name: str) -> Card | None:
            return ALERT if channel == LEGAL else None

    posting = Posting(asked=desk.asked, kept={CHANNELS: "legal"})
    await converse(pipe, posting, "1\n")
    assert [(r.channel, r.channel_name, r.text) for r in desk.asked] == [
        (LEGAL, "#legal", "why 12")
    ]


async def test_what_changes_is_announced(pipe: Pipe) -> None:
    """A change is told to the asker and then posted in the channel; `share` posts the answer."""
    text = await converse(pipe, settled(), "subscribe access\npillar s share\n")
    heading = "#general  2026-07-09 18:05 HKT\n"
    assert text.startswith(
        f"Subscribed to access.\n\n{heading}Kit subscribed this channel to access.\n\n"
        f"{heading}Safeguards <https"
    )


async def test_a_form_is_words_in_a_pipe(pipe: Pipe) -> None:
    """Where nobody can be asked, the card says what to type instead of the form."""
    text = await converse(pipe, settled(), "subscribe\n")
    assert text == "Say what to subscribe to\n\n- subscribe safeguards\n\n"


async def test_quit_ends_the_conversation(pipe: Pipe) -> None:
    """After /quit nothing more is asked."""
    desk = settled()
    assert await converse(pipe, desk, "/quit\nwhy 1\n") == ""
    assert desk.asked == []


async def test_help_names_every_word_of_its_own(pipe: Pipe) -> None:
    """/help lists what the console itself knows; an unknown one is told so."""
    text = await converse(pipe, settled(), "/help\n/jion legal\n")
    assert all(f"- {word} " in text for word in ("/join", "/channels", "/help", "/quit"))
    assert "/jion is not known here. The console knows /join, /channels, /help, /quit" in text


async def test_long_lines(pipe: Pipe) -> None:
    """Ten thousand characters are asked whole; one that is too long is refused."""
    desk = settled()
    long = "tag " + "資" * 10_000
    text = await converse(pipe, desk, f"{long}\n{'x' * 300_000}\nwhy 1\n")
    assert [request.text for request in desk.asked] == [long, "why 1"]
    assert "That line is longer than 20000 characters, so it was not asked." in text


async def test_bytes_that_are_no_text(pipe: Pipe) -> None:
    """Broken UTF-8 and control characters are asked as harmless letters."""
    desk = settled()
    await converse(pipe, desk, b"why \xff\xfe\x1b[2J\x00\xe8\n")
    assert [request.text for request in desk.asked] == ["why \ufffd\ufffd[2J\ufffd"]


async def test_the_console_speaks_the_readers_language(pipe: Pipe) -> None:
    """Its own sentences are in the language given, then in that of the last answer."""
    text = await converse(pipe, settled(), "9\nsettings language en\n9\n", language="zh-HK")
    assert text.startswith("現在沒有 9 號按鈕。\n")
    assert text.endswith("No button has the number 9 now.\n\n")


async def test_a_reader_who_left_ends_the_conversation(pipe: Pipe) -> None:
    """When the pipe that takes the answers is closed, the conversation is over, without a noise."""
    desk = settled()
    pipe.reader.close()
    ends = os.pipe()
    os.write(ends[1], b"why 1\nwhy 2\n")
    with os.fdopen(ends[0], encoding="utf-8") as stdin:
        await ConsoleChat(desk, pipe.screen, stdin, Settings()).run()
    os.close(ends[1])
    assert [request.text for request in desk.asked] == ["why 1"]
    with pytest.raises(BrokenPipeError):
        pipe.writer.close()


def fields(text: str) -> set[str]:
    """The words that a sentence wants filled in."""
    return {part.split("}")[0] for part in text.split("{")[1:]}


def test_all_languages_say_the_same() -> None:
    """Every sentence of the console is there in each language, with the same words to fill in."""
    tables = [
        {
            key: fields(text)
            for key, text in catalogue(language).items()
            if key.startswith("console.")
        }
        for language in LANGUAGES
    ]
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) > 20
