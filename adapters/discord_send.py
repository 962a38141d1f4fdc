"""Puts cards into Discord channels, threads and forums, and says truly what became of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import discord

from adapters import discord_parts
from adapters.discord_errors import FOREIGN, MESSAGE_GONE, NOT_TEXT, judge, shut_out
from adapters.discord_forums import GroupPosts, Posting, find, open_post
from adapters.discord_guard import Guard, Pace
from adapters.discord_presses import Row, draw
from adapters.discord_wire import CURRENT, Attempt, Client
from handlers.messages import Card, ChannelRef
from handlers.ports import FrontDesk, Never, Refusal, Spacing, TryLater

T = TypeVar("T")

LONGEST_S: Final = 45.0
"""No call takes longer. discord.py may wait 30 s for a rate limit, and repeats a 500, 502, 504 or
524 four times over 25 s; with the nonce its repetitions double nothing.
"""
UNSEEN: Final = "0"
"""The id of a message that was sent, and deleted before we learnt its id."""
_LOST_POST: Final = frozenset({Refusal.CHANNEL_GONE, Refusal.ARCHIVED})

Refused = Callable[[ChannelRef, Refusal], Awaitable[None]]


@dataclass(frozen=True)
class Surroundings:
    """What a sender works with. `refused` hears of each channel that will not take messages."""

    client: Client
    desk: FrontDesk
    guard: Guard
    pace: Pace
    clock: Callable[[], int]
    refused: Refused


class DiscordSender:
    """The `Sender` of Discord. A forum's message ids read "post/message", all others plainly."""

    platform = "discord"
    spacing = Spacing(channel_s=1.0)
    """A channel's bucket holds five messages in five seconds. discord.py keeps within it by itself,
    but what waits inside it takes a place from channels that need not wait.
    """

    def __init__(self, around: Surroundings, longest_s: float = LONGEST_S) -> None:
        self.around = around
        self._posts = GroupPosts(around.desk)
        self._longest_s = longest_s

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        row = await self._row(card)
        parts = partial(discord_parts.message, card, row, channel.workspace)
        return await self._deliver(_Job(channel, card, key, parts))

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        parts = partial(discord_parts.words, card, channel.workspace)
        return await self._deliver(_Job(channel, card, key, parts))

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        """The same nonce again: Discord then answers with the message that it already has. It
        keeps nonces for minutes only; an outcome settled later may double.
        """
        row = await self._row(card)
        parts = partial(discord_parts.message, card, row, channel.workspace)
        return await self._deliver(_Job(channel, card, key, parts, settling=True))

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        post, _, inner = message.rpartition("/")
        if message == UNSEEN or not inner.isdecimal():
            raise Never(Refusal.PAYLOAD, "the message is gone")
        row = await self._row(card)
        place = self._place(channel, int(post) if post else _number(channel))
        changes = discord_parts.changes(card, row, channel.workspace)
        target = place.get_partial_message(int(inner))
        try:
            await self._call(channel, lambda: target.edit(**changes), repeatable=True)
        except Never as never:
            if post and never.refusal in _LOST_POST:  # this post, not the forum
                raise Never(Refusal.PAYLOAD, never.reason) from never
            raise

    async def _row(self, card: Card) -> Row:
        row = draw(card.buttons)
        for name, value in row.keep.items():
            await self.around.desk.remember(name, value)
        return row

    async def _deliver(self, job: "_Job") -> str:
        forum = self._forum(job.channel)
        if forum is None:
            try:
                return await self._message(job, _number(job.channel))
            except Never as never:
                forum = await self._forum_after_all(job.channel, never)
        posting = Posting(forum, job.card, job.parts, partial(self._message, job))
        return await self._post(job, posting)

    async def _message(self, job: "_Job", place: int) -> str:
        where = self._place(job.channel, place)

        async def send() -> str:
            try:
                sent = await where.send(nonce=job.key, **job.parts())
            except discord.NotFound as missing:
                if missing.code == MESSAGE_GONE:  # this nonce was sent, and then deleted
                    return UNSEEN
                raise
            return str(sent.id)

        return await self._call(job.channel, send)

    async def _post(self, job: "_Job", posting: Posting) -> str:
        post = await self._posts.recall(posting) if job.card.group else None
        if post is not None:
            try:
                return f"{post}/{await posting.reply(post)}"
            except Never as never:
                if never.refusal not in _LOST_POST:
                    raise
        if post is None and (job.settling or job.card.group):
            now = self.around.clock()
            found = await self._call(
                job.channel, lambda: find(posting.forum, posting.name, now), repeatable=True
            )
            if found is not None:
                await self._posts.remember(posting, found)
                inner = str(found) if job.settling else await posting.reply(found)
                return f"{found}/{inner}"
        made = await self._call(job.channel, lambda: open_post(posting), once=True)
        await self._posts.remember(posting, made)
        return f"{made}/{made}"

    def _place(self, channel: ChannelRef, number: int) -> discord.PartialMessageable:
        guild = int(channel.workspace) if channel.workspace.isdecimal() else None
        return self.around.client.get_partial_messageable(number, guild_id=guild)

    def _guild(self, channel: ChannelRef) -> discord.Guild | None:
        known = channel.workspace.isdecimal()
        return self.around.client.get_guild(int(channel.workspace)) if known else None

    def _forum(self, channel: ChannelRef) -> discord.ForumChannel | None:
        guild = self._guild(channel)
        found = guild.get_channel(_number(channel)) if guild else None
        return found if isinstance(found, discord.ForumChannel) else None

    async def _forum_after_all(self, channel: ChannelRef, never: Never) -> discord.ForumChannel:
        """The forum behind a channel that the gateway has not told us of yet, if it is one."""
        cause = never.__cause__
        if isinstance(cause, discord.HTTPException) and cause.code in NOT_TEXT:
            client = self.around.client
            found = await self._call(
                channel, lambda: client.fetch_channel(_number(channel)), repeatable=True
            )
            if isinstance(found, discord.ForumChannel):
                return found
        raise never

    async def _call(
        self,
        channel: ChannelRef,
        work: Callable[[], Awaitable[T]],
        *,
        once: bool = False,
        repeatable: bool = False,
    ) -> T:
        """The result of `work`, all that can go wrong with it put in the core's words.

        `once`: without a nonce, so stop discord.py from repeating it. `repeatable`: doing it twice
        is as good as once, so that no outcome is unknown.
        """
        self._refuse_if_it_must_wait()
        attempt = Attempt(once=once)
        token = CURRENT.set(attempt)
        try:
            async with asyncio.timeout(self._longest_s):
                await self.around.pace.turn()
                return await work()
        except FOREIGN as error:
            if shut_out(error):
                self.around.guard.keep_still()
            invited = not self.around.client.is_ready() or bool(self._guild(channel))
            said = judge(
                error,
                doubt=attempt.doubt and not repeatable,
                invited=invited or not channel.workspace,
            )
            if isinstance(said, Never) and said.refusal is not Refusal.PAYLOAD:
                await self.around.refused(channel, said.refusal)
            raise said from error
        except RuntimeError as error:
            if not self.around.client.is_closed():
                raise
            raise TryLater("the connection was closed", scope="platform") from error
        finally:
            CURRENT.reset(token)

    def _refuse_if_it_must_wait(self) -> None:
        wait_s = self.around.guard.wait_s()
        if wait_s:
            raise TryLater("too many invalid requests", float(wait_s), scope="platform")
        if not self.around.client.is_logged_in():
            raise TryLater("not connected", scope="platform")


@dataclass(frozen=True)
class _Job:
    channel: ChannelRef
    card: Card
    key: str
    parts: Callable[[], dict[str, Any]]
    settling: bool = False


def _number(channel: ChannelRef) -> int:
    if not channel.channel.isdecimal():
        raise Never(Refusal.CHANNEL_GONE, "not a Discord channel")
    return int(channel.channel)
