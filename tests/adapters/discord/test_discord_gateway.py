"""The connection: hello, identify, heartbeats, resume, invalid session, reconnect, refusal."""

import asyncio
from functools import partial
from operator import add

import pytest

from adapters.discord_chat import DiscordChat
from adapters.discord_wire import Client, DiscordRefusedError
from handlers.messages import Card
from handlers.ports import TryLater
from tests.adapters.discord.desk import Desk
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_gateway import GUILDS
from tests.adapters.discord.house import Clock, House, connected, settings
from tests.adapters.discord.waiting import until


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py rests 5 seconds before each identify but the first; the fake does not mind."""

    async def at_once(_client: Client, _shard: int | None, *, initial: bool = False) -> None:
        del initial

    monkeypatch.setattr(Client, "before_identify_hook", at_once)


async def works(house: House) -> None:
    """A command comes in by the gateway and is answered."""
    answer = await house.discord.command("status", {}, house.channel)
    assert answer.embed["title"] == "status"


async def test_it_asks_for_guilds_and_nothing_privileged(house: House) -> None:
    """The bot identifies once, with the one intent that it needs."""
    assert house.discord.gateway.identifies == 1
    assert house.discord.gateway.intents == GUILDS


async def test_health_tells_how_long_ago_the_gateway_was_heard(house: House) -> None:
    """Ready, with all shards open and its servers known, heard within the last second."""
    await house.chat.wait_until_ready()
    health = house.chat.health()
    assert health["ready"] is True
    assert (health["shards"], health["shards_connected"], health["servers"]) == (1, 1, 1)
    silent_s = health["seconds_since_heard"]
    assert isinstance(silent_s, float)
    assert 0 <= silent_s < 5


async def test_a_heartbeat_is_sent_when_asked_for(house: House) -> None:
    """The gateway may ask for a heartbeat at any time and gets it."""
    before = house.discord.gateway.heartbeats
    await house.discord.gateway.ask_for_heartbeat()
    await until(lambda: house.discord.gateway.heartbeats > before)


async def test_it_beats_at_the_pace_it_was_told(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """With an interval of 50 ms there are many heartbeats in little time."""
    discord.gateway.heartbeat_ms = 50
    async with connected(discord, desk, clock):
        await until(lambda: discord.gateway.heartbeats >= 5)


async def test_a_dropped_socket_is_resumed(house: House) -> None:
    """After a cut cable the session goes on: no second identify, and nothing missed is lost."""
    house.discord.gateway.cut()
    await works(house)
    assert (house.discord.gateway.identifies, house.discord.gateway.resumes) == (1, 1)


async def test_a_request_to_reconnect_is_obeyed(house: House) -> None:
    """Op 7 makes the bot connect anew and resume."""
    await house.discord.gateway.ask_to_reconnect()
    await until(lambda: house.discord.gateway.resumes == 1)
    await works(house)


async def test_a_resumable_invalid_session_is_resumed(house: House) -> None:
    """Op 9 with true: the same session again."""
    await house.discord.gateway.invalidate(resumable=True)
    await until(lambda: house.discord.gateway.resumes == 1)
    assert house.discord.gateway.identifies == 1
    await works(house)


@pytest.mark.usefixtures("eager")
async def test_an_invalid_session_is_identified_anew(house: House) -> None:
    """Op 9 with false: a new session, at the gateway in use and not at Discord's own."""
    await house.discord.gateway.invalidate(resumable=False)
    await until(lambda: house.discord.gateway.identifies == 2, within_s=20)
    await until(lambda: house.chat.health()["servers"] == 1)
    await works(house)


@pytest.mark.slow
async def test_a_zombie_connection_is_given_up(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """A gateway that acknowledges no heartbeat is left, and the session resumed."""
    discord.gateway.heartbeat_ms = 1000
    async with connected(discord, desk, clock):
        discord.gateway.acknowledges = False
        await until(lambda: discord.gateway.resumes, within_s=90)
        discord.gateway.acknowledges = True


@pytest.mark.usefixtures("eager")
async def test_several_shards_serve_their_own_servers(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """With two shards each server's interactions come by its own shard."""
    discord.gateway.shards = 2
    channels = []
    for milliseconds in range(2):  # a server's shard follows from its id, which is a time
        discord.world.now = partial(add, clock.now, milliseconds / 1000)
        guild = discord.world.add_guild("Acme")
        channels.append(discord.world.add_channel(guild, "general"))
    async with connected(discord, desk, clock):
        await until(lambda: discord.gateway.identifies == 2)
        await until(lambda: len(desk.told) == 2)
        for channel in channels:
            answer = await discord.command("status", {}, channel)
            assert answer.embed["title"] == "status"


async def test_a_wrong_token_is_refused_at_once(discord: FakeDiscord, desk: Desk) -> None:
    """A login that Discord refuses is told to whoever starts the bot, without the token."""
    discord.rest.token = "another"
    chat = DiscordChat(settings(discord), desk, Clock())
    with pytest.raises(DiscordRefusedError) as refused:
        await chat.start()
    await chat.close()
    assert discord.token not in str(refused.value)
    assert discord.token not in repr(settings(discord))


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_gateway_that_refuses_ends_the_run(
    discord: FakeDiscord, desk: Desk, code: int
) -> None:
    """A token revoked, or an intent refused, is not tried again for ever."""
    discord.gateway.refuses_with = code
    chat = DiscordChat(settings(discord), desk, Clock())
    await chat.start()
    with pytest.raises(DiscordRefusedError):
        await asyncio.wait_for(chat.run(), 20)
    await chat.close()


async def test_discord_being_down_at_the_start_is_waited_for(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """A first login without an answer is no failure; sends wait, and the next try serves."""
    guild = discord.world.add_guild("Acme")
    channel = discord.world.add_channel(guild, "general")
    discord.fail(Fault("GET", "/users/@me", drop=True, times=2))  # aiohttp repeats a GET
    async with connected(discord, desk, clock):
        answer = await discord.command("status", {}, channel)
        assert answer.embed["title"] == "status"


async def test_before_the_login_sends_wait(discord: FakeDiscord, house: House) -> None:
    """A bot that is not connected says try later, for the whole platform."""
    chat = DiscordChat(settings(discord), house.desk, house.clock)
    with pytest.raises(TryLater) as later:
        await chat.sender.send(house.ref(), Card("x"), "k")
    assert later.value.scope == "platform"
    await chat.close()


async def test_the_configured_gateway_is_used(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """`gateway_url` wins over the address that the API names."""
    async with FakeDiscord(token=discord.token) as other:
        guild = other.world.add_guild("Elsewhere")
        wanted = settings(discord, gateway_url=f"ws://127.0.0.1:{other.port}/gateway")
        chat = DiscordChat(wanted, desk, clock)
        await chat.start()
        running = asyncio.create_task(chat.run())
        await until(lambda: chat.health()["servers"] == 1)
        assert (discord.gateway.identifies, other.gateway.identifies) == (0, 1)
        assert guild.present
        await chat.close()
        await running


async def test_commands_are_registered_only_when_they_changed(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """Two starts register once; a changed fingerprint registers again."""
    for _ in range(2):
        async with connected(discord, desk, clock):
            assert len(discord.world.commands) == 2
    assert len(discord.statuses("PUT", "/commands")) == 1
    desk.kept["discord.commands"] = "another"
    async with connected(discord, desk, clock):
        pass
    assert len(discord.statuses("PUT", "/commands")) == 2


async def test_a_full_disk_does_not_stop_the_bot(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """It starts without its notes; its commands are registered again when they can be kept."""
    desk.full = True
    async with connected(discord, desk, clock) as chat:
        await chat.wait_until_ready()
    assert desk.kept == {}
    desk.full = False
    async with connected(discord, desk, clock):
        assert "discord.commands" in desk.kept


async def test_commands_that_cannot_be_registered_do_not_stop_the_bot(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """A refused list leaves the old commands; it is tried again when the gateway is ready."""
    discord.fail(Fault("PUT", "/commands", status=400, code=50035))
    async with connected(discord, desk, clock) as chat:
        await chat.wait_until_ready()
        await until(lambda: desk.kept.get("discord.commands"))
    assert discord.statuses("PUT", "/commands") == [400, 200]
