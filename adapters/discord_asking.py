"""A Discord interaction as the core's request: who asks, where, and what."""

from collections.abc import Mapping
from typing import Any, Final

import discord

from handlers.messages import ChannelRef, Person, Request

PLATFORM: Final = "discord"
LONGEST_TEXT: Final = 1900
"""Characters of a message that the context menu passes on."""

Interaction = discord.Interaction[discord.Client]


def channel(interaction: Interaction) -> ChannelRef:
    """Where it was asked. A post of a forum stands for the forum: nobody can ask in the forum
    itself, and what is subscribed there comes as posts.
    """
    guild = str(interaction.guild_id or "")
    here = interaction.channel
    if isinstance(here, discord.Thread) and isinstance(here.parent, discord.ForumChannel):
        return ChannelRef(PLATFORM, guild, str(here.parent.id))
    return ChannelRef(PLATFORM, guild, str(interaction.channel_id or ""))


def channel_name(interaction: Interaction) -> str:
    here = interaction.channel
    if isinstance(here, discord.Thread) and isinstance(here.parent, discord.ForumChannel):
        here = here.parent
    name = getattr(here, "name", None)  # a direct message has none
    return f"#{name}" if name else ""


def person(interaction: Interaction) -> Person:
    """Discord tells the asker's permissions in that very channel with each interaction, presses
    and forms included. In a direct message everybody manages their own.
    """
    manages = interaction.guild_id is None or interaction.permissions.manage_channels
    return Person(
        id=str(interaction.user.id),
        name=interaction.user.display_name,
        may_manage=manages,
        language=locale(interaction),
    )


def locale(interaction: Interaction) -> str:
    return str(interaction.locale)


def typed(interaction: Interaction, text: str) -> Request:
    """As if `text` had been typed after the command's name."""
    return Request(
        channel=channel(interaction),
        person=person(interaction),
        text=text,
        channel_name=channel_name(interaction),
    )


def chosen(interaction: Interaction, command: str, options: Mapping[str, str]) -> Request:
    return Request(
        channel=channel(interaction),
        person=person(interaction),
        command=command,
        options=dict(options),
        channel_name=channel_name(interaction),
    )


def words_of(data: Mapping[str, Any]) -> str:
    """The text of the message that a context menu was opened on, its embeds' titles included."""
    messages = (data.get("resolved") or {}).get("messages") or {}
    target = messages.get(str(data.get("target_id"))) or {}
    titles = [str(embed.get("title") or "") for embed in target.get("embeds") or []]
    parts = [str(target.get("content") or ""), *titles]
    return "\n".join(part for part in parts if part.strip())[:LONGEST_TEXT]
