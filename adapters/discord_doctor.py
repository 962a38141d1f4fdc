"""Looks, by REST alone, whether the bot may send where it is meant to, and names what it lacks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

import discord

from adapters.discord_permissions import Place, missing
from adapters.discord_settings import DiscordSettings
from adapters.discord_wire import Client, logged_in
from handlers.messages import ChannelRef
from handlers.texts import say

State = Literal["fine", "missing", "gone", "not_invited", "locked"]
_WRITABLE: Final = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.ForumChannel,
    discord.Thread,
)


@dataclass(frozen=True)
class Finding:
    """What was found of one channel; `permissions` are the names of those that are missing."""

    channel: ChannelRef
    name: str
    state: State
    permissions: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.state == "fine"

    def sentence(self, language: str) -> str:
        named = [say(language, f"discord.permission.{one}") for one in self.permissions]
        separator = say(language, "discord.permission.list_separator")
        return say(
            language,
            f"discord.doctor.{self.state}",
            channel=self.name,
            permissions=separator.join(named),
        )


async def examine(
    settings: DiscordSettings, channels: Iterable[ChannelRef], clock: Callable[[], int]
) -> Sequence[Finding]:
    """One finding for each channel of a server; direct messages need no permission.

    Raises DiscordRefusedError or DiscordUnreachableError.
    """
    in_servers = sorted(
        (channel for channel in channels if channel.workspace),
        key=lambda channel: (channel.workspace, channel.channel),
    )
    found: list[Finding] = []
    async with logged_in(settings, clock) as client:
        for guild, group in groupby(in_servers, key=lambda channel: channel.workspace):
            found += await _in_server(client, guild, list(group))
    return found


async def _in_server(client: Client, number: str, channels: list[ChannelRef]) -> list[Finding]:
    try:
        guild = await client.fetch_guild(int(number), with_counts=False)
        me = await guild.fetch_member(client.user.id if client.user else 0)
        places: dict[int, Place] = {one.id: one for one in await guild.fetch_channels()}
        places |= {one.id: one for one in await guild.active_threads()}
    except (discord.NotFound, discord.Forbidden):
        return [Finding(channel, channel.channel, "not_invited") for channel in channels]
    return [_finding(channel, places.get(int(channel.channel)), me) for channel in channels]


def _finding(channel: ChannelRef, place: Place | None, me: discord.Member) -> Finding:
    if place is None or not isinstance(place, _WRITABLE):
        return Finding(channel, channel.channel, "gone")
    lacking = missing(place, me)
    if lacking:
        return Finding(channel, place.name, "missing", lacking)
    if isinstance(place, discord.Thread) and place.locked:
        return Finding(channel, place.name, "locked")
    return Finding(channel, place.name, "fine")
