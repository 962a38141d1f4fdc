"""The bot as a process of its own, killed again and again while it delivers to both platforms."""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import open_database
from feeds import archive
from feeds.archive import NewArticle
from feeds.database import Connection, Database
from feeds.items import Tags
from feeds.roadmap import load_roadmap
from handlers import alerts
from handlers.context import Manners
from handlers.core import Core
from handlers.messages import ChannelRef, Person, Request
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.slack.fake_slack import TEAM, FakeSlack
from tests.adapters.slack.fake_slack_world import Channel

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = 12
STORIES = 12


class Bot:
    """`aspire run` on a folder's configuration, to be killed and started again."""

    def __init__(self, folder: Path, slack: FakeSlack, discord: FakeDiscord) -> None:
        self.folder = folder
        (folder / "config.toml").write_text(
            f"[bot]\ndatabase = 'aspire.db'\n[alerts]\nburst = 50\n"
            f"[slack]\napi_url = '{slack.api_url}'\nlook_in_history = true\n"
            f"[discord]\napi_url = '{discord.api_url}'\nrequests_per_second = 0\n",
            encoding="utf-8",
        )
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "DISCORD_TOKEN": discord.token,
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        log = (self.folder / "bot.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "--config",
            str(self.folder / "config.toml"),
            "run",
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()

    async def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 30)


def subscribe_all(connection: Connection, refs: Sequence[ChannelRef], now: int) -> None:
    core = Core(load_roadmap(), Manners(burst=50))
    for ref in refs:
        person = Person("U1", "Ann", may_manage=True)
        request = Request(ref, person, text="subscribe safeguards instant", channel_name="#x")
        assert core.answer(connection, request, now).ok


def publish(connection: Connection, number: int) -> None:
    now = int(time.time())
    new = NewArticle(
        feed=None,
        owner="",
        title=f"Story {number:03}",
        url=f"https://www.sfc.hk/{number}",
        summary="",
        source="SFC",
        kind="official",
        language="en",
        published=now,
        date_only=False,
        timezone="Asia/Hong_Kong",
        first_seen=now,
        alert=True,
        tags=Tags(virtual_asset=True, hong_kong=True, pillars=("safeguards",)),
        tagger="test",
    )
    archive.store(connection, new)


@asynccontextmanager
async def platforms() -> AsyncIterator[tuple[FakeSlack, FakeDiscord, list[ChannelRef]]]:
    """Both fakes with their channels, and what the core calls those."""
    async with FakeSlack() as slack, FakeDiscord(now=time.time) as discord:
        workspace = slack.workspace()
        refs = []
        for number in range(CHANNELS):
            name = f"C9{number:03}"
            workspace.channels[name] = Channel(name, name.lower(), members={workspace.bot_user})
            refs.append(ChannelRef("slack", TEAM, name))
        guild = discord.world.add_guild("Acme")
        refs += [
            ChannelRef("discord", guild.id, discord.world.add_channel(guild, f"c{number}"))
            for number in range(CHANNELS)
        ]
        yield slack, discord, refs


def arrived(slack: FakeSlack, discord: FakeDiscord, ref: ChannelRef) -> list[str]:
    """The titles of the stories in a channel, in their order."""
    if ref.platform == "slack":
        texts = [message.text for message in slack.messages(ref.channel)]
    else:
        texts = [
            embed.get("title", "")
            for message in discord.messages(ref.channel)
            for embed in message.get("embeds", [])
        ]
    return ["Story " + text.split("Story ")[1][:3] for text in texts if "Story " in text]


async def everything_there(
    slack: FakeSlack, discord: FakeDiscord, refs: Sequence[ChannelRef], within_s: float
) -> None:
    wanted = {f"Story {number:03}" for number in range(STORIES)}
    end = time.monotonic() + within_s
    while any(set(arrived(slack, discord, ref)) != wanted for ref in refs):
        missing = {ref.channel: len(arrived(slack, discord, ref)) for ref in refs}
        assert time.monotonic() < end, f"after {within_s} s: {missing}"
        await asyncio.sleep(0.2)


async def stories_appear(database: Database, pause_s: float) -> None:
    for number in range(STORIES):
        await database.write(publish, number)
        await asyncio.sleep(pause_s)


@pytest.mark.timeout(420)
@pytest.mark.parametrize(("kills", "seed"), [(3, 1), pytest.param(25, 2, marks=pytest.mark.slow)])
async def test_killed_while_it_delivers(tmp_path: Path, kills: int, seed: int) -> None:
    """However often it is killed: every channel has each story, in order; once on Discord, and
    once on Slack, whose history it may read.
    """
    chance = random.Random(seed)
    async with platforms() as (slack, discord, refs):
        bot = Bot(tmp_path, slack, discord)
        database = open_database(tmp_path / "aspire.db")
        await database.write(alerts.start_cursors)
        await database.write(subscribe_all, refs, int(time.time()))
        appearing = asyncio.create_task(stories_appear(database, 0.4 * kills / 3))
        for _ in range(kills):
            await bot.start()
            await asyncio.sleep(2.0 + chance.random() * 2.5)
            await bot.end(signal.SIGKILL)
            # What was under way is settled when its lease has run out: let it, at once.
            await database.write(_leases_run_out)
        await appearing
        connections = slack.sockets.opened
        await bot.start()
        await slack.connected(connections + 1)
        await everything_there(slack, discord, refs, within_s=120)
        assert await bot.end(signal.SIGTERM) == 0
        database.close()
        for ref in refs:
            titles = arrived(slack, discord, ref)
            twice = [title for title, many in Counter(titles).items() if many > 1]
            assert twice == [], f"seed {seed}: {ref.platform} {ref.channel}"
            assert titles == sorted(titles), f"seed {seed}: {ref.platform} out of order"
        print(f"seed {seed}: {kills} kills, {len(refs)} channels, {STORIES} stories, all once")


def _leases_run_out(connection: Connection) -> None:
    connection.execute(
        "UPDATE lanes SET ready = 0 WHERE delivery IN"
        " (SELECT id FROM deliveries WHERE state = 'sending')"
    )
