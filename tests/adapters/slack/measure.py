"""Figures of the Slack adapter, printed: `python -m tests.adapters.slack.measure`.

The fake Slack shares our process for the answers, which come from the real core, so that its time
is counted too; for the rest it is a process of its own. The last figure is the memory of `aspire
run`, connected to both platforms.
"""

import asyncio
import json
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.slack_chat import SlackChat
from adapters.slack_settings import SlackSettings
from feeds.worker import Worker
from handlers.messages import ChannelRef
from tests.adapters.discord.measure import elsewhere as discord_elsewhere
from tests.adapters.discord.measure import quantiles
from tests.adapters.slack.conftest import socket_settings
from tests.adapters.slack.desk import PILLAR, FakeDesk
from tests.adapters.slack.fake_slack import TEAM, FakeSlack
from tests.adapters.stages import LiveClock
from tests.house import configured, opened

COMMANDS = 500
SENDS = 3_000
SETTLED_S = 8.0
"""After this long both platforms are connected and nothing more is loaded."""


async def answers() -> str:
    """From a person's command to the acknowledgement, and to the real core's answer."""
    acked, answered = [], []
    async with FakeSlack() as slack, _real_house(slack):
        for number in range(COMMANDS + 20):
            started = time.perf_counter()
            sent = await slack.command("/aspire", "pillar s")
            await slack.answer(sent)
            if number >= 20:  # the first ones load what is loaded when first needed
                acked.append(sent.acked_after)
                answered.append(time.perf_counter() - started)
    return (
        f"{COMMANDS} commands over the socket: acknowledged {quantiles(acked)}; "
        f"answered {quantiles(answered)}"
    )


@asynccontextmanager
async def _real_house(slack: FakeSlack) -> AsyncIterator[None]:
    """The real core behind the adapter, on a real file."""
    worker, clock = Worker(), LiveClock()
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder) / "aspire.db", configured(()), clock, worker) as house:
            chat = SlackChat(socket_settings(slack), house.app.service, clock)
            await chat.start()
            await slack.connected(1)
            yield
            await chat.close()
    await worker.close()


@asynccontextmanager
async def elsewhere() -> AsyncIterator[dict[str, Any]]:
    """A fake Slack in a process of its own; what it said of itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.adapters.slack.fake_slack",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def rate(at_once: int) -> str:
    """Cards a second into a Slack without limits, so many under way at any time."""
    async with elsewhere() as fake:
        settings = SlackSettings(bot_token=fake["bot_token"], api_url=fake["api_url"])
        chat = SlackChat(settings, FakeDesk(), lambda: int(time.time()))
        gate = asyncio.Semaphore(at_once)

        async def send(number: int) -> None:
            async with gate:
                channel = ChannelRef("slack", TEAM, f"C{number % 3 + 1}")
                await chat.sender.send(channel, PILLAR, f"k{number}")

        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send(number) for number in range(SENDS)))
        took, busy = time.perf_counter() - started, time.process_time() - cpu
        await chat.close()
    return (
        f"{SENDS} cards, {at_once} under way: {SENDS / took:.0f} a second, "
        f"{busy / SENDS * 1000:.2f} ms of CPU each"
    )


async def memory() -> str:
    """Resident memory of the whole bot with both platforms connected (Linux only)."""
    async with elsewhere() as slack, discord_elsewhere(channels=10) as discord:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "config.toml"
            config.write_text(
                f'[slack]\napi_url = "{slack["api_url"]}"\n'
                f'[discord]\napi_url = "{discord["api_url"]}"\n',
                encoding="utf-8",
            )
            tokens = {
                "SLACK_APP_TOKEN": slack["app_token"],
                "SLACK_BOT_TOKEN": slack["bot_token"],
                "DISCORD_TOKEN": "bot-token",
            }
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "--config", str(config), "run"),
                env={**os.environ, **tokens},
                stderr=asyncio.subprocess.DEVNULL,
            )
            await asyncio.sleep(SETTLED_S)
            resident = _resident_mb(process.pid)
            started = time.perf_counter()
            process.terminate()
            code = await process.wait()
    return (
        f"the bot on both platforms: {resident:.0f} MB; stopped by "
        f"SIGTERM in {time.perf_counter() - started:.1f} s with exit code {code}"
    )


def _resident_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


async def main() -> None:
    logging.disable(logging.WARNING)
    print(await answers())
    for at_once in (1, 16, 50):
        print(await rate(at_once))
    print(await memory())


if __name__ == "__main__":
    asyncio.run(main())
