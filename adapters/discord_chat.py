"""The Discord side of the bot: connects, listens, and hands everything to its translators."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import aiohttp
import discord

from adapters import discord_tree
from adapters.discord_answers import Answers
from adapters.discord_asking import PLATFORM, Interaction
from adapters.discord_guard import Guard, Pace
from adapters.discord_guilds import Guilds
from adapters.discord_invite import address
from adapters.discord_replies import Replies
from adapters.discord_send import DiscordSender, Surroundings
from adapters.discord_settings import DiscordSettings
from adapters.discord_wire import Client, DiscordRefusedError
from feeds.database import StorageError
from handlers.ports import FrontDesk

log = logging.getLogger(__name__)

COMMANDS: Final = "discord.commands"
"""Where the core keeps, for us, the fingerprint of the registered commands."""
_FIRST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 300.0
_TOO_SILENT_S: Final = 120.0
_UNREACHABLE: Final = (
    discord.GatewayNotFound,
    discord.HTTPException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)
_REFUSED: Final = (
    discord.LoginFailure,
    discord.PrivilegedIntentsRequired,
    discord.ConnectionClosed,
)


class DiscordChat:
    """One bot on Discord. `run` serves until `close`; `sender` may be used from `start` on."""

    def __init__(
        self, settings: DiscordSettings, desk: FrontDesk, clock: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._guard = Guard(clock)
        self._client = Client(settings, self._guard)
        self._guilds = Guilds(desk, clock)
        self.sender = DiscordSender(
            Surroundings(
                client=self._client,
                desk=desk,
                guard=self._guard,
                pace=Pace(settings.requests_per_second),
                clock=clock,
                refused=self._guilds.refused,
            )
        )
        self._guilds.sender = self.sender
        self._replies = Replies(desk, self.sender)
        self._answers = Answers(desk, self._replies)
        self._registered = False
        self._begun = False
        self._closing = asyncio.Event()
        self._listen()

    async def start(self) -> None:
        """Log in, and register the commands if they changed. Discord being out of reach is no
        failure: `run` goes on trying. Raises DiscordRefusedError.
        """
        try:
            await self._log_in()
        except _UNREACHABLE as error:
            log.warning("Discord is out of reach for now: %s", error)

    async def run(self) -> None:
        """Serve until `close`. discord.py reconnects and resumes by itself; what it gives up is
        tried again with growing pauses. Raises DiscordRefusedError.
        """
        pause_s = _FIRST_PAUSE_S
        while not self._closing.is_set():
            try:
                await self._log_in()
                await self._serve()
            except _REFUSED as error:
                raise DiscordRefusedError(str(error)) from error
            except _UNREACHABLE as error:
                log.warning("Discord is out of reach, next try in %.0f s: %s", pause_s, error)
                await self._pause(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def close(self) -> None:
        self._closing.set()
        if self._begun:  # discord.py cannot close what was never opened
            await self._client.close()

    async def wait_until_ready(self) -> None:
        """Returns when all servers are known; `run` must have been started."""
        await self._client.wait_until_ready()

    def invite(self) -> str:
        """The address that installs this bot; "" before it has logged in."""
        return address(self._client.application_id) if self._client.application_id else ""

    def health(self) -> Mapping[str, str | float | None]:
        """Facts for readiness and metrics; to be asked for in the bot's event loop.

        `ready`: all servers are known, every shard is connected, and the gateway was heard within
        two minutes (it speaks at least every 45 s or so). `seconds_since_heard` is None before its
        first word. `late_answers` counts interactions that Discord had given up.
        """
        shards = self._client.shards.values()
        connected = sum(not shard.is_closed() for shard in shards)
        silent_s = self._client.silent_s()
        heard = silent_s is not None and silent_s < _TOO_SILENT_S
        known = self._client.is_ready() and not self._client.is_closed()
        return {
            "platform": PLATFORM,
            "ready": known and heard and connected == len(shards),
            "seconds_since_heard": silent_s,
            "shards": len(shards),
            "shards_connected": connected,
            "servers": sum(not guild.unavailable for guild in self._client.guilds),
            "invalid_requests": self._guard.count,
            "held_s": self._guard.wait_s(),
            "late_answers": self._replies.late,
        }

    def _listen(self) -> None:
        async def on_interaction(interaction: Interaction) -> None:
            await self._answers.handle(interaction)

        async def on_ready() -> None:
            await self._register()
            await self._guilds.on_ready()

        guilds = self._guilds
        for listener in (
            on_interaction,
            on_ready,
            guilds.on_guild_available,
            guilds.on_guild_join,
            guilds.on_guild_remove,
            guilds.on_guild_channel_delete,
            guilds.on_raw_thread_delete,
            guilds.on_guild_channel_update,
            guilds.on_thread_update,
            guilds.on_thread_join,
            guilds.on_guild_role_update,
            guilds.on_member_update,
        ):
            self._client.event(listener)

    async def _serve(self) -> None:
        """Returns on `close`, at once even while discord.py waits between two tries."""
        serving = asyncio.create_task(self._client.connect())
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            for task in (serving, closing):
                task.cancel()
            await asyncio.gather(serving, closing, return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _log_in(self) -> None:
        if not self._client.is_logged_in():
            self._begun = True
            try:
                await self._client.login(self._settings.token)
            except discord.LoginFailure as error:
                await self._client.start_afresh()
                raise DiscordRefusedError(str(error)) from error
            except _UNREACHABLE:
                await self._client.start_afresh()
                raise
        await self._register()

    async def _register(self) -> None:
        """Overwrite Discord's list of our commands, only if it is not the one we made last. The
        bot works without: old commands stay, and it is tried again whenever the gateway is ready.
        """
        if self._registered:
            return
        commands = discord_tree.payload()
        application = self._client.application_id or 0
        fingerprint = discord_tree.fingerprint(commands, application)
        try:
            if await self._desk.recall(COMMANDS) != fingerprint:
                await self._client.http.bulk_upsert_global_commands(application, commands)
                await self._desk.remember(COMMANDS, fingerprint)
                log.info("registered %d commands with Discord", len(commands))
        except (*_UNREACHABLE, StorageError) as error:
            log.warning("the commands could not be registered: %s", error)
            return
        self._registered = True
