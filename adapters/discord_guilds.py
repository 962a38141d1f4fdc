"""Tells the core where the bot is and is no more, and greets a server once."""

import logging
from collections.abc import Callable
from typing import Final

import discord

from adapters.discord_asking import PLATFORM
from adapters.discord_permissions import Place, may_send
from feeds.database import StorageError
from handlers.messages import ChannelRef
from handlers.ports import FrontDesk, Refusal, Sender, SendError

log = logging.getLogger(__name__)

SEEN: Final = "discord.seen"
"""Where the core keeps, for us, when we were last connected (UTC seconds)."""
_MENDED: Final = frozenset({Refusal.NO_PERMISSION, Refusal.NOT_INVITED, Refusal.ARCHIVED})
"""Refusals that a change in the server can undo."""


class Guilds:
    """Listens to the comings and goings of servers, channels and permissions."""

    def __init__(self, desk: FrontDesk, clock: Callable[[], int]) -> None:
        self._desk = desk
        self._clock = clock
        self._shut = ShutChannels(desk)
        self.sender: Sender | None = None

    async def refused(self, channel: ChannelRef, refusal: Refusal) -> None:
        """Discord would not let us send there: look again when something changes in its server."""
        if refusal in _MENDED and channel.workspace:
            try:
                await self._shut.add(channel)
            except StorageError as error:  # it is tried again by itself, only later
                log.warning("a channel that refused us could not be noted: %s", error)

    async def on_ready(self) -> None:
        try:
            await self._desk.remember(SEEN, str(self._clock()))
        except StorageError as error:
            log.warning("that we are connected could not be noted: %s", error)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """At each start, and after an outage of Discord's. Servers that were joined while we were
        away are greeted now.
        """
        await self._found(guild)
        try:
            seen = await self._desk.recall(SEEN)
        except StorageError as error:
            log.warning("a server is not greeted, new or not: %s", error)
            return
        joined = guild.me.joined_at
        if joined and joined.timestamp() > float(seen or 0):
            await self._greet(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._found(guild)
        await self._greet(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._desk.workspace_lost(PLATFORM, str(guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        gone = ChannelRef(PLATFORM, str(channel.guild.id), str(channel.id))
        await self._desk.left(gone, Refusal.CHANNEL_GONE)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        gone = ChannelRef(PLATFORM, str(event.guild_id), str(event.thread_id))
        await self._desk.left(gone, Refusal.CHANNEL_GONE)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        await self._look_again(after.guild)

    async def on_thread_update(self, _before: discord.Thread, after: discord.Thread) -> None:
        await self._look_again(after.guild)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        """A thread that comes out of its archive is new to discord.py."""
        await self._look_again(thread.guild)

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        await self._look_again(after.guild)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        if after == after.guild.me:
            await self._look_again(after.guild)

    async def _found(self, guild: discord.Guild) -> None:
        await self._desk.workspace_found(PLATFORM, str(guild.id))
        await self._look_again(guild)

    async def _look_again(self, guild: discord.Guild) -> None:
        """Channels that refused us and now would not: what waits for them goes on."""
        try:
            shut = await self._shut.of(str(guild.id))
        except StorageError as error:
            log.warning("the channels that refused us are not known: %s", error)
            return
        for channel in shut:
            place = guild.get_channel_or_thread(int(channel.channel))
            if place is not None and _open(place, guild.me):
                await self._shut.discard(channel)
                # A greeting that this may return is not sent: it is for those who invite.
                await self._desk.joined(channel, f"#{place.name}")

    async def _greet(self, guild: discord.Guild) -> None:
        """Once, in the server's own channel for such messages, if it has one that we may use."""
        place = guild.system_channel
        if place is None or not may_send(place, guild.me) or self.sender is None:
            return
        channel = ChannelRef(PLATFORM, str(guild.id), str(place.id))
        card = await self._desk.joined(channel, f"#{place.name}")
        if card is None:
            return
        try:
            await self.sender.send(channel, card, f"hi-{guild.id}")
        except SendError as error:
            log.warning("a server could not be greeted: %s", error)


class ShutChannels:
    """The channels that refused us, by server; the core keeps them for us over restarts. Raises
    StorageError where they cannot be read; what cannot be kept is known until the next restart.
    """

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk
        self._known: dict[str, set[str]] = {}

    async def of(self, guild: str) -> list[ChannelRef]:
        return [ChannelRef(PLATFORM, guild, number) for number in sorted(await self._load(guild))]

    async def add(self, channel: ChannelRef) -> None:
        known = await self._load(channel.workspace)
        if channel.channel not in known:
            known.add(channel.channel)
            await self._save(channel.workspace)

    async def discard(self, channel: ChannelRef) -> None:
        (await self._load(channel.workspace)).discard(channel.channel)
        await self._save(channel.workspace)

    async def _load(self, guild: str) -> set[str]:
        if guild not in self._known:
            kept = await self._desk.recall(f"discord.shut.{guild}")
            self._known.setdefault(guild, set(kept.split()))
        return self._known[guild]

    async def _save(self, guild: str) -> None:
        try:
            await self._desk.remember(f"discord.shut.{guild}", " ".join(sorted(self._known[guild])))
        except StorageError as error:
            log.warning("the channels that refused us could not be kept: %s", error)


def _open(place: Place, me: discord.Member) -> bool:
    locked = isinstance(place, discord.Thread) and place.archived and place.locked
    return may_send(place, me) and not locked
