"""The real adapter between a fake Discord and a core, started and stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.discord_chat import DiscordChat
from adapters.discord_settings import DiscordSettings
from handlers.messages import ChannelRef
from handlers.ports import FrontDesk
from tests.adapters.discord.desk import Desk
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_world import Guild
from tests.adapters.discord.waiting import until

START = 1_790_000_000


class Clock:
    """UTC seconds that stand still until they are moved."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@dataclass
class House:
    """A running bot and all that is around it."""

    discord: FakeDiscord
    desk: Desk
    chat: DiscordChat
    clock: Clock
    guild: Guild
    channel: str

    def ref(self, channel: str = "") -> ChannelRef:
        return ChannelRef("discord", self.guild.id, channel or self.channel)


def settings(discord: FakeDiscord, gateway_url: str = "") -> DiscordSettings:
    return DiscordSettings(discord.token, discord.api_url, gateway_url, requests_per_second=0)


@asynccontextmanager
async def connected(
    discord: FakeDiscord,
    desk: FrontDesk,
    clock: Callable[[], int],
    wanted: DiscordSettings | None = None,
) -> AsyncIterator[DiscordChat]:
    """The adapter, knowing all its servers; at the end it is closed, and must have run well."""
    chat = DiscordChat(wanted or settings(discord), desk, clock)
    await chat.start()
    running = asyncio.create_task(chat.run())
    servers = sum(guild.present for guild in discord.world.guilds.values())
    known = asyncio.create_task(
        until(lambda: discord.gateway.sessions and chat.health()["servers"] == servers)
    )
    try:
        await asyncio.wait({known, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        await known
        yield chat
    finally:
        known.cancel()
        await chat.close()
        await running
