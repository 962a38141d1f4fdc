"""A card as the arguments that discord.py's sends and edits take."""

import io
import re
from typing import Any, Final

import discord

from adapters.discord_embeds import embed, picture_name, plain
from adapters.discord_limits import ALT
from adapters.discord_presses import Row
from adapters.discord_text import clean, clip
from handlers.messages import Card, Picture

_MENTION: Final = re.compile(r"<@(&|!)?(\d{1,20})>")


def message(card: Card, row: Row, guild: str) -> dict[str, Any]:
    """What a new message needs: fresh each time, for a file can be sent only once."""
    content, allowed = mention(card.mention, guild)
    parts: dict[str, Any] = {"embed": embed(card), "allowed_mentions": allowed}
    if content:
        parts["content"] = content
    if row.view:
        parts["view"] = row.view
    if card.picture:
        parts["file"] = _file(card.picture)
    return parts


def words(card: Card, guild: str) -> dict[str, Any]:
    """The same in plain text, of which Discord makes no embeds."""
    content, allowed = mention(card.mention, guild)
    text = f"{content} {plain(card)}".strip()
    return {"content": text, "allowed_mentions": allowed, "suppress_embeds": True}


def changes(card: Card, row: Row, guild: str) -> dict[str, Any]:
    """What replaces a sent message: all of it, and nobody is notified."""
    content, _ = mention(card.mention, guild)
    return {
        "content": content or None,
        "embed": embed(card),
        "view": row.view,
        "attachments": [_file(card.picture)] if card.picture else [],
        "allowed_mentions": discord.AllowedMentions.none(),
    }


def mention(wanted: str, guild: str) -> tuple[str, discord.AllowedMentions]:
    """The one role or person that may be notified, and the permission for exactly that one.

    Nothing for anything else, the role of everybody (whose id is the guild's) included.
    """
    found = _MENTION.fullmatch(wanted)
    if not found or found[2] == guild:
        return "", discord.AllowedMentions.none()
    only = [discord.Object(int(found[2]))]
    if found[1] == "&":
        return found[0], discord.AllowedMentions(
            everyone=False, users=False, roles=only, replied_user=False
        )
    return found[0], discord.AllowedMentions(
        everyone=False, users=only, roles=False, replied_user=False
    )


def _file(picture: Picture) -> discord.File:
    alt = clip(picture.alt, ALT, clean)
    return discord.File(io.BytesIO(picture.png), picture_name(picture.name), description=alt)
