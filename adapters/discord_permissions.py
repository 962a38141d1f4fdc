"""What the bot must be allowed to do, and what it lacks where."""

from typing import Final

import discord

NEEDED: Final = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
)
"""All that is asked for on installing: to see a channel, to send cards there, in threads and in
forums, with embeds and pictures. No reading of messages, no mention of everyone.
"""

_ALWAYS: Final = ("view_channel", "embed_links", "attach_files")

Place = discord.abc.GuildChannel | discord.Thread


def to_invite() -> discord.Permissions:
    return discord.Permissions(**dict.fromkeys(NEEDED, True))


def missing(place: Place, me: discord.Member) -> tuple[str, ...]:
    """The names, out of NEEDED, of what `me` lacks for sending cards there; empty if nothing."""
    allowed = place.permissions_for(me)
    wanted = [*_ALWAYS]
    if isinstance(place, discord.Thread):
        wanted.append("send_messages_in_threads")
    else:
        wanted.append("send_messages")
    if isinstance(place, discord.ForumChannel):
        wanted.append("send_messages_in_threads")
    return tuple(name for name in NEEDED if name in wanted and not getattr(allowed, name))


def may_send(place: Place, me: discord.Member) -> bool:
    return not missing(place, me)
