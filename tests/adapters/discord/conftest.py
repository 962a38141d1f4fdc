"""A fake Discord with one server and channel, and the real adapter connected to it."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.desk import Desk
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.house import Clock, House, connected


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def discord(clock: Clock) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(now=lambda: float(clock.now)) as fake:
        yield fake


@pytest.fixture
async def house(discord: FakeDiscord, desk: Desk, clock: Clock) -> AsyncIterator[House]:
    guild = discord.world.add_guild("Acme")
    channel = discord.world.add_channel(guild, "compliance")
    async with connected(discord, desk, clock) as chat:
        yield House(discord, desk, chat, clock, guild, channel)
