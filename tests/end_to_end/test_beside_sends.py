"""People are answered while deliveries flood or hang: look-ups never wait behind sends."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.slack_install import Installed
from bot.pacing import PLACES
from feeds.database import Connection
from feeds.worker import Worker
from handlers import ledger_channels, ledger_notes
from handlers.ledger_channels import Habits, Subscription
from handlers.messages import ChannelRef
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.waiting import until
from tests.adapters.slack.fake_slack_world import Channel
from tests.adapters.stages import DiscordStage, SlackStage, Stage, Theatre, theatre
from tests.adapters.test_contract import publish

WORKSPACES = 4
CHANNELS = 20
"""In each, so that all places of the platform are taken."""
SOON_S = 3.0
"""After so long a platform tells the person that nothing came."""


def crowd(stage: Stage, connection: Connection, now: int) -> list[ChannelRef]:
    """Many channels in other workspaces than the one that is asked in."""
    found: list[ChannelRef] = []
    for number in range(WORKSPACES):
        if isinstance(stage, SlackStage):
            one = stage.slack.world.add_workspace(f"T{number}CROWD", "Crowd")
            kept = Installed(one.id, "Crowd", one.token, one.bot_user, "", "U1", now)
            ledger_notes.save_installation(connection, "slack", one.id, kept.to_json(), now)
            for name in (f"C{number}{place:03}" for place in range(CHANNELS)):
                one.channels[name] = Channel(name, name.lower(), members={one.bot_user})
                found.append(ChannelRef("slack", one.id, name))
        elif isinstance(stage, DiscordStage):
            guild = stage.discord.world.add_guild("Crowd")
            places = [stage.discord.world.add_channel(guild, f"c{n}") for n in range(CHANNELS)]
            found += [ChannelRef("discord", guild.id, place) for place in places]
    for ref in found:
        channel = ledger_channels.ensure_channel(connection, ref, ref.channel, Habits(), now)
        ledger_channels.subscribe(connection, channel.id, Subscription("safeguards"))
    return found


def hang(stage: Stage) -> tuple[Callable[[], int], Callable[[], object]]:
    """Let all sends hang; how many do, and how to let them go."""
    if isinstance(stage, SlackStage):
        api = stage.slack.api
        stage.slack.fail("chat.postMessage", "hang", times=1000)
        return lambda: api.calls["chat.postMessage"], api.released.set
    assert isinstance(stage, DiscordStage)
    fault = Fault("POST", r"/channels/\d+/messages$", late_s=4.0, drop=True, times=PLACES.platform)
    stage.discord.fail(fault)
    return lambda: fault.met, lambda: None


async def asked(play: Theatre, text: str) -> float:
    """Seconds until the answer stood there."""
    began = time.monotonic()
    shown = await play.stage.ask(text)
    assert shown.private
    return time.monotonic() - began


@pytest.mark.parametrize("name", ["slack-socket", "discord"])
async def test_answers_come_while_all_sends_hang(name: str, tmp_path: Path, worker: Worker) -> None:
    """Not one of the places for sends is free, and people are answered as always."""
    async with theatre(name, tmp_path, worker) as play:
        app = play.house.app
        await app.database.write(lambda c: crowd(play.stage, c, app.clock()))
        hanging, release = hang(play.stage)
        await publish(play, "Custody rules for platforms")
        await app.tick()
        courier = asyncio.create_task(app.courier.run())
        await until(lambda: hanging() >= PLACES.platform)
        took = [await asked(play, text) for text in ("roadmap", "news", "subscriptions")]
        took += await asyncio.gather(*(asked(play, "pillar safeguards") for _ in range(5)))
        print(f"{name}: {max(took):.2f} s at most")
        assert max(took) < SOON_S
        release()
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)


async def test_answers_come_while_deliveries_flood(tmp_path: Path, worker: Worker) -> None:
    """Thousands of deliveries are being written down and claimed, and no look-up waits for it."""
    async with theatre("discord", tmp_path, worker) as play:
        app = play.house.app
        refs = await app.database.write(lambda c: crowd(play.stage, c, app.clock()))
        for number in range(30):
            await publish(play, f"Custody rules, part {number}")
        courier = asyncio.create_task(app.courier.run())
        ticking = asyncio.create_task(app.tick())
        took: list[float] = []
        while not ticking.done() or len(took) < 30:
            took.append(await asked(play, "pillar safeguards"))
        print(f"{len(took)} answers beside {len(refs)} channels' news: {max(took):.2f} s at most")
        assert max(took) < SOON_S
        courier.cancel()
        await asyncio.gather(courier, ticking, return_exceptions=True)
