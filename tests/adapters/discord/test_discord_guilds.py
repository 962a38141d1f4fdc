"""Servers, channels and permissions come and go; the core hears of it, and a server is greeted."""

import re
from functools import partial
from pathlib import Path

import pytest

from adapters.discord_doctor import examine
from adapters.discord_invite import address, address_of
from adapters.discord_permissions import NEEDED
from adapters.discord_wire import DiscordRefusedError, DiscordUnreachableError
from handlers.messages import Card, ChannelRef
from handlers.ports import Never
from handlers.texts import say
from tests.adapters.discord.desk import Desk
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_world import FORUM, Guild
from tests.adapters.discord.house import Clock, House, connected, settings
from tests.adapters.discord.waiting import until

DOCS = Path(__file__).resolve().parents[3] / "docs" / "discord.md"


def new_guild(discord: FakeDiscord) -> Guild:
    """A server with a channel for the messages of newcomers."""
    guild = discord.world.add_guild("Newcomer")
    guild.system_channel = discord.world.add_channel(guild, "welcome")
    return guild


def titles(discord: FakeDiscord, guild: Guild) -> list[str]:
    said = discord.messages(guild.system_channel or "")
    return [one["embeds"][0]["title"] for one in said]


async def test_a_server_is_greeted_once(house: House) -> None:
    """On joining, in the server's own channel; not again when the bot is invited a second time."""
    guild = new_guild(house.discord)
    for times in (1, 2):
        await house.discord.join(guild)
        await until(partial(house.desk.heard, "workspace_found", "discord", guild.id, times=times))
        await until(lambda: titles(house.discord, guild))
        await house.discord.leave(guild)
        await until(partial(house.desk.heard, "workspace_lost", "discord", guild.id, times=times))
    assert titles(house.discord, guild) == ["Hello"]


async def test_nobody_is_greeted_where_the_bot_may_not_write(house: House) -> None:
    """Without permission there, or without such a channel, it keeps quiet."""
    muted, bare = new_guild(house.discord), house.discord.world.add_guild("Bare")
    house.discord.world.forbid(muted.system_channel or "", "send_messages")
    for guild in (muted, bare):
        await house.discord.join(guild)
        await until(partial(house.desk.heard, "workspace_found", "discord", guild.id))
    assert not [told for told in house.desk.told if told[0] == "joined"]
    assert titles(house.discord, muted) == []


async def test_a_server_joined_while_away_is_greeted_at_the_start(
    discord: FakeDiscord, desk: Desk, clock: Clock
) -> None:
    """Who invites the bot while it is down is greeted when it is up; others are not again."""
    old = new_guild(discord)
    async with connected(discord, desk, clock) as chat:
        await chat.wait_until_ready()
        await until(lambda: titles(discord, old) and desk.kept.get("discord.seen"))
    clock.now += 100
    young = new_guild(discord)
    clock.now += 100
    asked = len(desk.told)
    async with connected(discord, desk, clock):
        await until(lambda: titles(discord, young))
    assert titles(discord, old) == ["Hello"]
    assert [told[1] for told in desk.told[asked:] if told[0] == "joined"] == [young.id]


async def test_leaving_a_server_pauses_it(house: House) -> None:
    """Thrown out of a server, the core hears that it is lost."""
    await house.discord.leave(house.guild)
    await until(lambda: ("workspace_lost", "discord", house.guild.id) in house.desk.told)


async def test_an_outage_of_discords_is_no_loss(house: House) -> None:
    """A server that is unavailable for a while is found again, and never lost."""
    await house.discord.outage(house.guild)
    await until(partial(house.desk.heard, "workspace_found", "discord", house.guild.id, times=2))
    assert not [told for told in house.desk.told if told[0] == "workspace_lost"]


async def test_a_deleted_channel_and_thread_are_gone(house: House) -> None:
    """The core hears of each deleted channel and thread."""
    thread = house.discord.world.add_thread(house.channel, "side")
    for place in (thread, house.channel):
        await house.discord.remove_channel(place)
        await until(partial(house.desk.heard, "left", house.guild.id, place, "channel_gone"))


async def test_a_channel_that_may_be_written_in_again_resumes(house: House) -> None:
    """After a refusal, the permission's coming back is told; before that nothing is."""
    await house.discord.forbid(house.channel, "send_messages")
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(), Card("x"), "d1")
    await house.discord.forbid(house.channel, "embed_links")
    await house.discord.forbid(house.channel)
    await until(lambda: any(told[0] == "joined" for told in house.desk.told))
    joined = [told for told in house.desk.told if told[0] == "joined"]
    assert joined == [("joined", house.guild.id, house.channel, "#compliance")]
    assert house.discord.messages(house.channel) == []


async def test_a_channel_resumes_though_that_cannot_be_noted(house: House) -> None:
    """A full disk changes neither the refusal that the core is told nor what follows from it."""
    await house.discord.forbid(house.channel, "send_messages")
    house.desk.full = True
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(), Card("x"), "d1")
    house.desk.full = False
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(), Card("x"), "d1")
    house.desk.full = True
    await house.discord.forbid(house.channel)
    await until(lambda: any(told[0] == "joined" for told in house.desk.told))


async def test_what_is_mended_while_away_resumes_at_the_start(house: House) -> None:
    """A refusal is remembered over a restart: a permission given meanwhile is found."""
    await house.discord.forbid(house.channel, "send_messages")
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(), Card("x"), "d1")
    await house.chat.close()
    house.discord.world.forbid(house.channel)
    async with connected(house.discord, house.desk, house.clock):
        heard = partial(house.desk.heard, "joined", house.guild.id, house.channel, "#compliance")
        await until(heard)


async def test_an_invitation_after_a_refusal_resumes(house: House) -> None:
    """Thrown out, refused, and invited again: what waits for the channel goes on."""
    await house.discord.leave(house.guild)
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(), Card("x"), "d1")
    await house.discord.join(house.guild)
    await until(partial(house.desk.heard, "joined", house.guild.id, house.channel, "#compliance"))


async def test_a_locked_thread_that_is_opened_again_resumes(house: House) -> None:
    """The same for a thread that was archived and locked."""
    thread = house.discord.world.add_thread(house.channel, "side")
    await house.discord.join(house.guild)
    await house.discord.archive(thread, locked=True)
    with pytest.raises(Never):
        await house.chat.sender.send(house.ref(thread), Card("x"), "d1")
    await house.discord.archive(thread, locked=False, archived=False)
    await until(lambda: ("joined", house.guild.id, thread, "#side") in house.desk.told)


async def test_permissions_that_change_without_a_refusal_mean_nothing(house: House) -> None:
    """A channel that never refused anything is not reported."""
    await house.discord.forbid(house.channel, "embed_links")
    await house.discord.forbid(house.channel)
    await house.discord.command("status", {}, house.channel)
    assert not [told for told in house.desk.told if told[0] == "joined"]


def test_the_invite_asks_for_exactly_what_is_needed() -> None:
    """Two scopes, five permissions, and none that reads or moderates."""
    made = address(123)
    assert made == (
        "https://discord.com/oauth2/authorize?client_id=123"
        "&scope=bot+applications.commands&permissions=274877959168"
    )
    assert 274877959168 == 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 38
    assert len(NEEDED) == 5


def test_the_docs_explain_the_invites_permissions_and_no_others() -> None:
    """The table of docs/discord.md is what the invite asks for, in its words and its order."""
    text = DOCS.read_text(encoding="utf-8").partition("## What it asks for, and why")[2]
    rows = re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", text.partition("\n## ")[0], re.MULTILINE)
    assert rows == [say("en", f"discord.permission.{one}") for one in NEEDED]


async def test_the_invite_is_known_after_the_login(house: House) -> None:
    """The running bot names the address for its own application."""
    assert f"client_id={house.discord.world.application_id}&" in house.chat.invite()


async def test_the_invite_can_be_had_without_running_the_bot(
    discord: FakeDiscord, clock: Clock
) -> None:
    """With the token alone, by REST, no gateway is opened."""
    made = await address_of(settings(discord), clock)
    assert made == address(discord.world.application_id)
    assert discord.gateway.identifies == 0


async def test_the_doctor_names_what_is_missing_where(house: House) -> None:
    """By REST alone: each channel fine, without a permission, gone, locked, or not invited."""
    world = house.discord.world
    forum = world.add_channel(house.guild, "updates", FORUM)
    locked = world.add_thread(house.channel, "old")
    muted = world.add_channel(house.guild, "muted")
    world.forbid(forum, "send_messages_in_threads")
    world.forbid(muted, "embed_links", "attach_files")
    await house.discord.archive(locked, locked=True, archived=False)
    elsewhere = ChannelRef("discord", "77", "5")
    places = [house.ref(), house.ref(forum), house.ref(locked), house.ref(muted), house.ref("1")]
    found = await examine(
        settings(house.discord), [*places, elsewhere, ChannelRef("discord", "", "9")], house.clock
    )
    said = {finding.channel: finding.sentence("en") for finding in found}
    assert [said[place] for place in [*places, elsewhere]] == [
        "#compliance: all permissions are there",
        "#updates: missing Send Messages in Threads",
        "#old: the thread is locked",
        "#muted: missing Embed Links, Attach Files",
        "1: no such channel any more, or not one that can be posted to",
        "5: the bot is not in that server",
    ]
    assert [finding.ok for finding in found].count(True) == 1
    chinese = next(finding for finding in found if finding.channel == house.ref(muted))
    assert chinese.sentence("zh-Hant") == "#muted：欠缺嵌入連結、附加檔案"


async def test_the_doctor_tells_refused_from_unreachable(
    discord: FakeDiscord, clock: Clock
) -> None:
    """A wrong token and an API out of reach are different troubles."""
    discord.fail(Fault("GET", "/users/@me", drop=True, times=2))  # aiohttp repeats a GET
    with pytest.raises(DiscordUnreachableError):
        await examine(settings(discord), [], clock)
    discord.rest.token = "another"
    with pytest.raises(DiscordRefusedError):
        await examine(settings(discord), [], clock)
