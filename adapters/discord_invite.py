"""The address by which a server's manager installs the bot."""

from collections.abc import Callable
from typing import Final

import discord

from adapters.discord_permissions import to_invite
from adapters.discord_settings import DiscordSettings
from adapters.discord_wire import logged_in

SCOPES: Final = ("bot", "applications.commands")


def address(application_id: int | str) -> str:
    """Asks for exactly the permissions that the bot needs, and for its commands."""
    return discord.utils.oauth_url(int(application_id), permissions=to_invite(), scopes=SCOPES)


async def address_of(settings: DiscordSettings, clock: Callable[[], int]) -> str:
    """The address for the application that the token belongs to.

    Raises DiscordRefusedError or DiscordUnreachableError.
    """
    async with logged_in(settings, clock) as client:
        return address(client.application_id or 0)
