"""Cards in a forum: a post for each, or one post for all of a group, found again after a crash.

Creating a post carries no nonce, so Discord cannot tell a repetition. Whoever settles an unknown
outcome therefore looks first whether the post is there: by its name, by us, not a day old. Two
different stories of the same name within a day would be taken for one only if the second one's
outcome was unknown too.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import discord

from adapters import discord_limits as limits
from adapters.discord_text import clean, clip
from handlers.messages import Card
from handlers.ports import FrontDesk

_RECENT_S: Final = 86_400


@dataclass(frozen=True)
class Posting:
    """One card for a forum. `parts` makes the message's arguments afresh each time."""

    forum: discord.ForumChannel
    card: Card
    parts: Callable[[], dict[str, Any]]
    reply: Callable[[int], Awaitable[str]]
    """Sends the card into the post of that id; returns the message's id."""

    @property
    def name(self) -> str:
        return clip(self.card.group or self.card.title, limits.POST_NAME, clean) or "—"


async def find(forum: discord.ForumChannel, name: str, now: int) -> int | None:
    """Our own post of that name, opened in the last day and not archived."""
    me = forum.guild.me.id
    oldest = now - _RECENT_S
    for thread in await forum.guild.active_threads():
        ours = thread.parent_id == forum.id and thread.owner_id == me
        if ours and thread.name == name and _opened(thread.id) >= oldest:
            return thread.id
    return None


def _opened(snowflake: int) -> int:
    return int(discord.utils.snowflake_time(snowflake).timestamp())


async def open_post(posting: Posting) -> int:
    """A new post with the card as its first message; returns its id, which is both's."""
    parts = posting.parts()
    made = await posting.forum.create_thread(
        name=posting.name, applied_tags=tags(posting.forum, posting.card), **parts
    )
    return made.thread.id


def tags(forum: discord.ForumChannel, card: Card) -> list[discord.ForumTag]:
    """The forum's tags that are named like the card's pillars and initiatives, in any of the
    words the card has for them; where a tag is demanded and none fits, the first one.
    """
    wanted = {card.topic}
    for chip in card.chips:
        wanted |= {chip.topic, chip.letter, chip.label}
    names = {name.casefold() for name in wanted if name}
    free = [tag for tag in forum.available_tags if not tag.moderated]
    fitting = [tag for tag in free if tag.name.strip().casefold() in names]
    if not fitting and forum.flags.require_tag:
        fitting = free[:1]
    return fitting[: limits.POST_TAGS]


class GroupPosts:
    """Remembers, across restarts, which post of a forum stands for its group of today."""

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk

    async def recall(self, posting: Posting) -> int | None:
        kept = await self._desk.recall(_key(posting.forum))
        post, _, group = kept.partition(" ")
        return int(post) if post.isdigit() and group == posting.card.group else None

    async def remember(self, posting: Posting, post: int) -> None:
        if posting.card.group:
            await self._desk.remember(_key(posting.forum), f"{post} {posting.card.group}")


def _key(forum: discord.ForumChannel) -> str:
    return f"discord.post.{forum.id}"
