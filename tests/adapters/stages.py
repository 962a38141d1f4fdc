"""One way to act on every platform: the same scenarios, the real core, the real adapter."""

import asyncio
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.console_chat import ConsoleChat
from adapters.console_chat import Settings as ConsoleSettings
from adapters.console_screen import Screen
from adapters.slack_chat import SlackChat
from bot.platforms import Installations
from feeds.worker import Worker
from handlers.parsing import parse
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_people import Answer as DiscordAnswer
from tests.adapters.discord.house import connected
from tests.adapters.slack.conftest import http_settings, socket_settings
from tests.adapters.slack.fake_slack import FakeSlack
from tests.adapters.slack.fake_slack_payloads import buttons_in
from tests.adapters.slack.fake_slack_world import Message, Sent, View
from tests.house import House, configured, opened

NAMES = ("console", "slack-socket", "slack-http", "discord")


@dataclass
class Shown:
    """What somebody got to see, in words; `raw` is the platform's own."""

    text: str
    private: bool
    buttons: list[str]
    raw: Any


class Stage(ABC):
    """A person in one channel of a platform, and what the channel sees."""

    platform: str

    @abstractmethod
    async def ask(self, text: str, *, stranger: bool = False) -> Shown:
        """Ask by command; a stranger may not manage the channel."""

    @abstractmethod
    async def press(self, on: Shown, label: str, *, stranger: bool = False) -> Shown: ...

    @abstractmethod
    def posts(self) -> list[Shown]:
        """What everybody in the channel sees, oldest first, as it looks now."""

    has_strangers = True


class SlackStage(Stage):
    platform = "slack"

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack

    async def ask(self, text: str, *, stranger: bool = False) -> Shown:
        user = "U1" if stranger else "U3"
        return await self._answer(await self.slack.command("/aspire", text, user=user))

    async def press(self, on: Shown, label: str, *, stranger: bool = False) -> Shown:
        user = "U1" if stranger else "U3"
        return await self._answer(await self.slack.press(on.raw, label, user=user))

    async def _answer(self, sent: Sent) -> Shown:
        return self._shown(await self.slack.answer(sent))

    def _shown(self, raw: Message | View) -> Shown:
        if isinstance(raw, View):
            return Shown(str(raw.blocks), private=True, buttons=[], raw=raw)
        text = f"{raw.text}\n{raw.seen}"
        return Shown(text, bool(raw.only_for), buttons_in(raw.blocks), raw)

    def posts(self) -> list[Shown]:
        return [self._shown(message) for message in self.slack.messages("C1")]


class DiscordStage(Stage):
    platform = "discord"

    def __init__(self, discord: FakeDiscord, channel: str) -> None:
        self.discord = discord
        self.channel = channel
        self.stranger = discord.world.add_user("Eve", manages=False)

    async def ask(self, text: str, *, stranger: bool = False) -> Shown:
        asked = parse(text)
        options = {name: _typed(name, value) for name, value in asked.options.items()}
        user = self.stranger if stranger else None
        answer = await self.discord.command(asked.command.name, options, self.channel, user)
        return self._answer(answer)

    async def press(self, on: Shown, label: str, *, stranger: bool = False) -> Shown:
        user = self.stranger if stranger else None
        return self._answer(await self.discord.press(on.raw, label, user))

    def _answer(self, answer: DiscordAnswer) -> Shown:
        if answer.modal is not None:
            return Shown(str(answer.modal), private=True, buttons=[], raw=answer)
        labels = list(answer.buttons.values())
        return Shown(_words(answer.message), answer.private, labels, answer)

    def posts(self) -> list[Shown]:
        from tests.adapters.discord.fake_world import custom_ids

        return [
            Shown(
                _words(message),
                private=False,
                buttons=list(custom_ids(message).values()),
                raw=message,
            )
            for message in self.discord.messages(self.channel)
        ]


def _typed(name: str, value: str) -> object:
    return True if name in {"share", "undo"} else value


def _words(message: dict[str, Any]) -> str:
    embeds = message.get("embeds", [])
    parts = [message.get("content", "")]
    for embed in embeds:
        parts += [embed.get("title", ""), embed.get("description", "")]
        parts += [f"{field['name']}\n{field['value']}" for field in embed.get("fields", [])]
        parts.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(part for part in parts if part)


class ConsoleStage(Stage):
    platform = "console"
    has_strangers = False

    def __init__(self, keyboard: TextIO, screen: Path) -> None:
        self.keyboard = keyboard
        self.screen = screen
        self.read = 0

    async def ask(self, text: str, *, stranger: bool = False) -> Shown:
        del stranger
        return await self._type(text)

    async def press(self, on: Shown, label: str, *, stranger: bool = False) -> Shown:
        del stranger
        return await self._type(_numbered(on.text)[label])

    async def _type(self, line: str) -> Shown:
        """Type a line, and one more whose answer marks the end of the first one's."""
        self._new()
        self.keyboard.write(f"{line}\n/nothing-of-the-kind\n")
        self.keyboard.flush()
        end = time.monotonic() + 10
        text = ""
        while "nothing-of-the-kind" not in text:
            assert time.monotonic() < end, text
            await asyncio.sleep(0.01)
            text += self._new()
        answer = text[: text.index("nothing-of-the-kind")].rsplit("\n", 1)[0]
        return Shown(answer, private=True, buttons=list(_numbered(answer)), raw=answer)

    def posts(self) -> list[Shown]:
        text = self.screen.read_text(encoding="utf-8")
        parts = text.split("#general  ")[1:]
        return [
            Shown(part, private=False, buttons=list(_numbered(part)), raw=part) for part in parts
        ]

    def _new(self) -> str:
        text = self.screen.read_text(encoding="utf-8")
        new, self.read = text[self.read :], len(text)
        return new


def _numbered(text: str) -> dict[str, str]:
    """Label -> number of the buttons as plain text shows them: "[1] Subscribe  [2] Help"."""
    found = re.findall(r"\[(\d+)\] (.+?)(?=  \[\d+\] |$)", text, re.MULTILINE)
    return {label.strip(): number for number, label in found}


class LiveClock:
    """The wall clock, and ahead of it when it is turned."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead


@dataclass
class Theatre:
    """A stage and the house behind it."""

    stage: Stage
    house: House

    clock: LiveClock

    async def deliver(self) -> list[Shown]:
        """Write down and send all that is owed; return the posts that are new."""
        before = len(self.stage.posts())
        self.clock.ahead += 3  # past any pause that a platform wants between two messages
        await self.house.app.tick()
        await self.house.app.courier.drain()
        return self.stage.posts()[before:]

    async def settled(self, part: str) -> None:
        """Wait until the channel has been told something with these words."""
        end = time.monotonic() + 5
        while not any(part in post.text for post in self.stage.posts()):
            assert time.monotonic() < end, [post.text for post in self.stage.posts()]
            await asyncio.sleep(0.01)

    async def ask(self, text: str) -> Shown:
        """Ask for a change, and wait until the channel was told of it."""
        shown = await self.stage.ask(text)
        if self.stage.platform != "console":  # one person, one screen: the answer tells
            await self.settled("subscribed this channel to")
        return shown


@asynccontextmanager
async def theatre(name: str, path: Path, worker: Worker) -> AsyncIterator[Theatre]:
    """The named platform with the real adapter and the real core."""
    clock = LiveClock()
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            opened(path / "aspire.db", configured(()), clock, worker)
        )
        builders = {"console": _console, "discord": _discord}
        build = builders.get(name, _slack_http if name == "slack-http" else _slack_socket)
        stage = await build(stack, house, path)
        yield Theatre(stage, house, clock)


async def _slack_socket(stack: AsyncExitStack, house: House, _: Path) -> Stage:
    slack = await stack.enter_async_context(FakeSlack())
    chat = slack_chat(house, slack, http=False)
    stack.push_async_callback(chat.close)
    await chat.start()
    await slack.connected(1)
    return SlackStage(slack)


async def _slack_http(stack: AsyncExitStack, house: House, _: Path) -> Stage:
    slack = await stack.enter_async_context(FakeSlack())
    chat = slack_chat(house, slack, http=True)
    app = web.Application()
    app.add_routes(chat.routes())
    server = TestServer(app)
    stack.push_async_callback(server.close)
    stack.push_async_callback(chat.close)
    await chat.start()
    await server.start_server()
    slack.request_url = str(server.make_url("/slack/events"))
    return SlackStage(slack)


def slack_chat(house: House, slack: FakeSlack, *, http: bool) -> SlackChat:
    """The adapter to that Slack, with its sender attached; only admins may change channels."""
    from dataclasses import replace

    settings = http_settings(slack) if http else socket_settings(slack)
    settings = replace(settings, who_may_manage="admins")
    app = house.app
    chat = SlackChat(settings, app.service, app.clock, Installations(app.database, app))
    app.attach(chat.sender)
    return chat


async def _discord(stack: AsyncExitStack, house: House, _: Path) -> Stage:
    discord = await stack.enter_async_context(FakeDiscord(now=time.time))
    guild = discord.world.add_guild("Acme")
    channel = discord.world.add_channel(guild, "compliance")
    chat = await stack.enter_async_context(connected(discord, house.app.service, house.app.clock))
    house.app.attach(chat.sender)
    return DiscordStage(discord, channel)


async def _console(stack: AsyncExitStack, house: House, path: Path) -> Stage:
    ends = os.pipe()
    stdin = stack.enter_context(os.fdopen(ends[0], encoding="utf-8"))
    keyboard = stack.enter_context(os.fdopen(ends[1], "w", encoding="utf-8"))
    output = path / "screen.txt"
    stdout = stack.enter_context(output.open("w", encoding="utf-8"))
    screen = Screen(stdout, house.app.clock, "Asia/Hong_Kong")
    chat = ConsoleChat(house.app.service, screen, stdin, ConsoleSettings(user="Ann"))
    house.app.attach(chat.sender)
    talk = asyncio.create_task(chat.run())

    async def leave() -> None:
        keyboard.write("/quit\n")
        keyboard.flush()
        await talk

    stack.push_async_callback(leave)
    return ConsoleStage(keyboard, output)
