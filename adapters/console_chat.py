"""The conversation at the console: a platform of its own, with one person and one screen."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from adapters.console_complete import ConsoleCompleter
from adapters.console_lines import GaveUpError, LineReader, Reader
from adapters.console_prompt import PromptReader, history_in
from adapters.console_screen import PLATFORM, ConsoleSender, Screen, ScreenGoneError
from adapters.console_text import address
from adapters.console_words import (
    LONGEST,
    OWN,
    Ask,
    NotKnown,
    Own,
    Press,
    channel_named,
    understand,
)
from feeds.database import StorageError
from handlers.messages import Card, ChannelRef, Form, Line, Person, Reply, Request
from handlers.ports import FrontDesk, Sender
from handlers.texts import language_of, say

log = logging.getLogger(__name__)

CHANNELS = "console.channels"
"""The name under which the core keeps the channels that were ever joined, divided by spaces."""

GENERAL = ChannelRef(PLATFORM, "", "general")


@dataclass(frozen=True)
class Settings:
    """Who sits at the console, and where.

    `language` (BCP 47, or empty) is that of the console's own sentences before the first answer.
    The core is told none, so that the channel's own setting holds. Lines are kept in
    `history_file`; None keeps them only as long as the conversation.
    """

    user: str = ""
    language: str = ""
    channel: ChannelRef = GENERAL
    history_file: Path | None = None


class ConsoleChat:
    """A conversation with the core until its end: `/quit`, Ctrl-D, or the end of the input.

    On a terminal it has a prompt, forms and cards in colour; elsewhere it reads plain lines and
    prints plain text. The console's own sentences are in the language of the last answer.
    """

    def __init__(self, desk: FrontDesk, screen: Screen, stdin: TextIO, settings: Settings) -> None:
        self.sender: Sender = ConsoleSender(screen)
        self._desk = desk
        self._screen = screen
        self._stdin = stdin
        self._settings = settings
        self._language = language_of(settings.language) or "en"
        self._here = settings.channel
        self._joined: dict[str, ChannelRef] = {}
        self._reader: Reader
        self._open = True

    async def run(self) -> None:
        """Converse until the end. Returns quietly once nobody can read the answers."""
        interactive = self._screen.drawn and self._stdin.isatty() and self._screen.stream.isatty()
        with suppress(ScreenGoneError):
            if interactive:
                self._reader = await self._prompt()
            else:
                self._reader = LineReader(self._stdin, self._screen.stream)
            await self._converse()

    async def _prompt(self) -> PromptReader:
        completer = ConsoleCompleter(
            self._desk, self._request, lambda: self._joined, lambda: self._language
        )
        history, problem = history_in(self._settings.history_file)
        await self._screen.note(self._say("welcome"))
        if problem:
            await self._screen.note(self._say("no_history", reason=problem))
        return PromptReader(self._screen, self._stdin, completer, history)

    async def _converse(self) -> None:
        with self._reader.open():
            await self._arrive()
            while self._open:
                try:
                    typed = await self._reader.read(self._here.channel, self._language)
                except EOFError:
                    return
                for line in typed.split("\n"):
                    if self._open and line.strip():
                        await self._hear(line)

    async def _arrive(self) -> None:
        """Join where the person sits, and the channels of earlier conversations."""
        try:
            kept = (await self._desk.recall(CHANNELS)).split()
        except StorageError as error:
            log.warning("the channels of earlier conversations are not known: %s", error)
            kept = []
        found = (self._here, *filter(None, map(channel_named, kept)))
        self._joined = {channel.channel: channel for channel in found}
        await self._keep_channels()
        for channel in self._joined.values():
            await self._greet(channel)

    async def _hear(self, line: str) -> None:
        if len(line) > LONGEST:
            await self._warn("too_long", longest=LONGEST)
            return
        match understand(line):
            case Ask(text):
                await self._ask(self._request(text))
            case Press(number):
                await self._press(number)
            case Own("/join", name):
                await self._join(name)
            case Own("/channels"):
                await self._screen.tell(self._channels())
            case Own("/help"):
                await self._screen.tell(self._help())
            case Own("/quit"):
                self._open = False
            case NotKnown(word):
                await self._warn("unknown_word", word=word, known=", ".join(OWN))

    async def _ask(self, request: Request) -> None:
        try:
            reply = await self._reader.wait(self._desk.answer(request), self._language)
        except GaveUpError:
            await self._screen.note(self._say("stopped"))
            return
        self._language = language_of(reply.card.language) or self._language
        self._screen.presses.start_over()
        if reply.form is None or not await self._fill(reply.form, request):
            await self._print(reply, request.channel)

    async def _fill(self, form: Form, request: Request) -> bool:
        """Ask the form's questions and send the answers; False where that cannot be done."""
        try:
            answers = await self._reader.fill(form, self._language)
        except GaveUpError:
            await self._screen.note(self._say("form_cancelled"))
            return True
        if answers is None:
            return False
        options = {**form.fixed, **answers}
        await self._ask(replace(request, text="", command=form.command, options=options))
        return True

    async def _print(self, reply: Reply, channel: ChannelRef) -> None:
        if reply.public:
            await self._screen.post(reply.card, channel)
        else:
            await self._screen.answer(reply.card, channel)
        if reply.announcement:
            await self._screen.post(reply.announcement, channel)

    async def _press(self, number: int) -> None:
        pressed = self._screen.presses.find(number)
        if pressed is None:
            await self._warn("no_button", number=number)
            return
        channel, button = pressed
        if button.url:
            await self._screen.note(address(button.url))
        else:
            await self._ask(self._request(button.ask, channel))

    async def _join(self, name: str) -> None:
        channel = channel_named(name)
        if channel is None:
            await self._warn("bad_channel")
            return
        self._here = channel
        if channel.channel not in self._joined:
            self._joined[channel.channel] = channel
            await self._keep_channels()
            await self._greet(channel)
        await self._screen.note(self._say("now_in", channel=channel.channel))

    async def _keep_channels(self) -> None:
        try:
            await self._desk.remember(CHANNELS, " ".join(self._joined))
        except StorageError as error:
            log.warning("the channels could not be kept: %s", error)

    async def _greet(self, channel: ChannelRef) -> None:
        greeting = await self._desk.joined(channel, f"#{channel.channel}")
        if greeting:
            await self._screen.post(greeting, channel)

    def _request(self, text: str = "", channel: ChannelRef | None = None) -> Request:
        """A request from `channel`, or from where the person now sits."""
        where = channel or self._here
        person = Person("console", self._settings.user, may_manage=True, runs_the_bot=True)
        return Request(where, person, text, channel_name=f"#{where.channel}")

    def _say(self, key: str, **words: object) -> str:
        return say(self._language, f"console.{key}", **words)

    async def _warn(self, key: str, **words: object) -> None:
        sentence = self._say(key, **words)
        await self._screen.tell(Card(sentence, tone="warning", language=self._language))

    def _help(self) -> Card:
        words = [Line(self._say(f"about_{word[1:]}"), "bullet", label=word) for word in OWN]
        lines = (*words, Line(self._say("about_numbers"), "note"))
        return Card(self._say("help"), lines=lines, language=self._language)

    def _channels(self) -> Card:
        here = self._say("you_are_here")
        lines = tuple(
            Line(f"#{name}", "bullet", after=here if channel == self._here else "")
            for name, channel in self._joined.items()
        )
        return Card(self._say("channels"), lines=lines, language=self._language)
