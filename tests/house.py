"""The whole house for tests: the real app on a real file, with a clock to turn and a channel
that keeps what was sent to it.
"""

import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import App, Parts, fetcher_of, open_database
from bot.config import Config, FeedSection, FetchSection
from feeds.worker import Worker
from handlers import heartbeat
from handlers.messages import Card, ChannelRef, Person, Reply, Request
from handlers.ports import NO_SPACING, Spacing

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@dataclass
class Clock:
    """UTC seconds, turned by hand."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass
class Recorder:
    """A platform that takes everything and keeps it."""

    platform: str = "console"
    spacing: Spacing = NO_SPACING
    sent: list[tuple[str, Card, str]] = field(default_factory=list)
    edits: list[tuple[str, Card]] = field(default_factory=list)

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        self.sent.append((channel.channel, card, key))
        return f"m{len(self.sent)}"

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self.send(channel, card, key)

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self.send(channel, card, key)

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        self.edits.append((message, card))


def configured(feeds: Sequence[FeedSection]) -> Config:
    """A configuration with these feeds, which may live on loopback."""
    return Config(fetch=FetchSection(allow_addresses=LOOPBACK), feeds=tuple(feeds))


@dataclass
class House:
    """An open app and its recorder."""

    app: App
    recorder: Recorder

    async def poll(self) -> list[Card]:
        """Poll all feeds and deliver what became owed; return the cards sent now."""
        before = len(self.recorder.sent)
        self.results = await self.app.poll(everything=True)
        await self.deliver()
        return [card for _, card, _ in self.recorder.sent[before:]]

    async def deliver(self) -> None:
        await self.app.tick()
        await self.caught_up()
        await self.app.courier.drain()

    async def caught_up(self) -> None:
        """All feeds are polled: what was missed while the bot was away may be told."""
        await self.app.database.write(heartbeat.caught_up, self.app.clock())

    async def ask(self, text: str, channel: str = "compliance") -> Reply:
        request = Request(
            ChannelRef("console", "", channel),
            Person("U1", "Ann", may_manage=True),
            text=text,
            channel_name=channel,
        )
        return await self.app.service.answer(request)


@asynccontextmanager
async def opened(
    path: Path, config: Config, clock: Callable[[], int], worker: Worker
) -> AsyncIterator[House]:
    """The app on that file, ready, with the recorder as its console; closed afterwards."""
    database = open_database(path)
    try:
        async with fetcher_of(config, clock) as fetcher:
            app = App(Parts(config, database, fetcher, worker, clock))
            await app.prepare()
            recorder = Recorder()
            app.attach(recorder)
            yield House(app, recorder)
    finally:
        database.close()
