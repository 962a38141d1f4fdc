"""The front desk: what adapters ask of the core, each call in its own short transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.trial import Trials
from feeds.database import Connection, Database, StorageError
from handlers import at_home, ledger_channels, ledger_notes, pausing
from handlers.channels import greeting
from handlers.context import Manners, Trial
from handlers.core import Core
from handlers.messages import Card, ChannelRef, Choice, Reply, Request
from handlers.ports import Refusal

_log = logging.getLogger(__name__)

T = TypeVar("T")
FIRST_PAUSE_S = 1.0
MOST_PAUSE_S = 30.0


class Service:
    """Implements handlers.ports.FrontDesk on the database.

    What a platform has to tell is told once: while the database cannot be used (the disk is full,
    the file is locked) it waits here until it is written down, all of it in the order in which it
    came. Nothing else waits: neither people nor what an adapter keeps for itself.
    """

    def __init__(
        self,
        database: Database,
        core: Core,
        trials: Trials,
        clock: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._core = core
        self._trials = trials
        self._clock = clock
        self._wake = wake
        self._telling = asyncio.Lock()

    @property
    def _manners(self) -> Manners:
        return self._core.manners

    async def answer(self, request: Request) -> Reply:
        trial: Trial | None = None
        address = self._core.fetches(request)
        if address:
            trial = await self._trials.try_feed(address)
        run = self._database.write if self._core.writes(request) else self._database.read
        try:
            reply = await run(self._core.answer, request, self._clock(), trial)
        except StorageError:
            _log.exception("a request could not be answered")
            return self._core.apology(request)
        if reply.announcement is not None:
            self._wake()
        return reply

    async def complete(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        return await self._database.read(self._core.complete, request, option, typed)

    async def home(self, request: Request) -> Sequence[Card]:
        return await self._database.read(at_home.cards, self._core, request, self._clock())

    async def joined(self, channel: ChannelRef, name: str) -> Card | None:
        card = await self._told(lambda: self._database.write(self._joined, channel, name))
        self._wake()
        return card

    def _joined(self, connection: Connection, ref: ChannelRef, name: str) -> Card | None:
        now = self._clock()
        channel = ledger_channels.ensure_channel(connection, ref, name, self._manners.habits, now)
        pausing.resume(connection, channel, self._manners, now)
        if channel.greeted:
            return None
        ledger_channels.mark_greeted(connection, channel.id)
        return greeting(channel.language)

    async def left(self, channel: ChannelRef, refusal: Refusal) -> None:
        await self._told(lambda: self._database.write(self._left, channel, refusal))

    def _left(self, connection: Connection, ref: ChannelRef, refusal: Refusal) -> None:
        channel = ledger_channels.find_channel(connection, ref)
        if channel is not None:
            pausing.pause(connection, channel.id, refusal, self._clock())

    async def workspace_lost(self, platform: str, workspace: str) -> None:
        await self._told(lambda: self._database.write(self._workspace_lost, platform, workspace))

    def _workspace_lost(self, connection: Connection, platform: str, workspace: str) -> None:
        pausing.pause_workspace(connection, platform, workspace, self._clock())

    async def workspace_found(self, platform: str, workspace: str) -> None:
        await self._told(lambda: self._database.write(self._workspace_found, platform, workspace))
        self._wake()

    def _workspace_found(self, connection: Connection, platform: str, workspace: str) -> None:
        pausing.resume_workspace(connection, platform, workspace, self._manners, self._clock())

    async def first_time(self, event: str, *, unsure: bool = True) -> bool:
        try:
            return await self._database.write(ledger_notes.first_time, event, self._clock())
        except StorageError:
            # Whoever asks is told so by `answer`, which could change nothing either.
            _log.exception("an event could not be noted")
            return unsure

    async def recall(self, name: str) -> str:
        return await self._database.read(ledger_notes.recall, name)

    async def remember(self, name: str, value: str) -> None:
        await self._database.write(ledger_notes.remember, name, value)

    async def _told(self, work: Callable[[], Awaitable[T]]) -> T:
        """Write down what a platform tells, after all that was told before it."""
        async with self._telling:
            return await _surely(work)


async def _surely(work: Callable[[], Awaitable[T]]) -> T:
    """Try until the database can be used."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except StorageError as error:
            _log.error("%s; next try in %.0f s", error, pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, MOST_PAUSE_S)
