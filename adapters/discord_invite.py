"""The address by which a server's manager installs the bot."""

from typing import Final

import discord

from adapters.discord_permissions import to_invite

SCOPES: Final = ("bot", "applications.commands")


def address(application_id: int | str) -> str:
    """Asks for exactly the permissions that the bot needs, and for its commands."""
    return discord.utils.oauth_url(int(application_id), permissions=to_invite(), scopes=SCOPES)
