"""Figures of the Discord adapter, printed: `python -m tests.adapters.discord.measure`.

The fake Discord is a process of its own for the sending rate; for the answers it shares ours, so
that both its time and ours are counted.
"""

import asyncio
import json
import logging
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.discord_chat import DiscordChat
from adapters.discord_settings import DiscordSettings
from handlers.messages import Card, ChannelRef, Chip, Line
from tests.adapters.discord.desk import Desk
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.house import Clock, connected
from tests.adapters.discord.waiting import until

CARD = Card(
    "SFC grants a licence to a virtual asset trading platform",
    url="https://apps.sfc.hk/edistributionWeb/gateway/EN/news-and-announcements/news/",
    lines=(Line("證監會今日向一家虛擬資產交易平台批出牌照。", after="SFC"),),
    chips=(Chip("access", "A", "Access"),),
    footer="SFC · item 12",
    topic="access",
)


def quantiles(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms"


async def answers(times: int = 1000) -> str:
    """From a person's command to the bot's first response, one after another."""
    desk = Desk()
    async with FakeDiscord() as discord:
        guild = discord.world.add_guild("Acme")
        channel = discord.world.add_channel(guild, "general")
        async with connected(discord, desk, Clock()):
            taken = [
                (await discord.command("pillar", {"pillar": "s"}, channel)).after_s
                for _ in range(times)
            ]
    return f"interaction to first response, {times} in a row: {quantiles(taken)}"


async def crowd(people: int = 200) -> str:
    """The same when many ask in the same moment."""
    async with FakeDiscord() as discord:
        guild = discord.world.add_guild("Acme")
        channel = discord.world.add_channel(guild, "general")
        async with connected(discord, Desk(), Clock()):
            asked = [discord.command("status", {}, channel) for _ in range(people)]
            taken = [answer.after_s for answer in await asyncio.gather(*asked)]
    return f"interaction to first response, {people} at once: {quantiles(taken)}"


@asynccontextmanager
async def elsewhere(channels: int, guilds: int = 1) -> AsyncIterator[dict[str, Any]]:
    """A fake Discord in a process of its own; what it said of itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.adapters.discord.fake_discord",
        f"--channels={channels}",
        f"--guilds={guilds}",
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def rate(messages: int, channels: int, at_once: int) -> str:
    """Cards a second into a platform without limits, so many under way at any time."""
    async with elsewhere(channels) as fake:
        settings = DiscordSettings("bot-token", fake["api_url"], requests_per_second=0)
        chat = DiscordChat(settings, Desk(), lambda: int(time.time()))
        await chat.start()
        [(guild, places)] = fake["guilds"].items()
        refs = [ChannelRef("discord", guild, place) for place in places]
        gate = asyncio.Semaphore(at_once)

        async def send(number: int) -> None:
            async with gate:
                await chat.sender.send(refs[number % channels], CARD, f"m{number}")

        start, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send(number) for number in range(messages)))
        taken, busy = time.perf_counter() - start, time.process_time() - cpu
        await chat.close()
    return (
        f"{messages} cards into {channels} channels, {at_once} under way: "
        f"{messages / taken:.0f} a second, {busy / messages * 1000:.2f} ms of CPU each"
    )


async def memory(guilds: int, channels: int) -> str:
    """Memory of this process, connected to so many servers."""
    async with elsewhere(channels, guilds) as fake:
        settings = DiscordSettings("bot-token", fake["api_url"])
        chat = DiscordChat(settings, Desk(), lambda: int(time.time()))
        await chat.start()
        running = asyncio.create_task(chat.run())
        await until(lambda: chat.health()["servers"] == guilds, within_s=60)
        rss = resident_mb()
        await chat.close()
        await running
    return f"memory, connected to {guilds} servers of {channels} channels: {rss:.0f} MB"


def resident_mb() -> float:
    """Linux tells it; elsewhere the peak must do."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main() -> None:
    logging.disable(logging.WARNING)
    print(await memory(1, 10))
    print(await memory(1000, 20))
    print(await answers())
    print(await crowd())
    for channels, at_once in ((1, 1), (1, 50), (500, 50), (5000, 200)):
        print(await rate(5000, channels, at_once))


if __name__ == "__main__":
    asyncio.run(main())
