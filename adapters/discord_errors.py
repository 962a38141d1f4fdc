"""What went wrong with a request to Discord, in the core's three words: later, never, unknown."""

from typing import Final

import aiohttp
import discord

from adapters.discord_guard import BAN_S
from adapters.discord_wire import SERVER_ERROR, SaidOnce
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown

FOREIGN: Final = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, SaidOnce)
"""All that discord.py lets out of a request."""

MESSAGE_GONE: Final = 10008
"""Unknown Message."""
NOT_TEXT: Final = frozenset({50008, 50024})
"""No messages in a channel of this type."""

_REFUSALS: Final = {
    10003: Refusal.CHANNEL_GONE,  # Unknown Channel
    10004: Refusal.NOT_INVITED,  # Unknown Guild
    50001: Refusal.NO_PERMISSION,  # Missing Access
    50013: Refusal.NO_PERMISSION,  # Missing Permissions
    50007: Refusal.NO_PERMISSION,  # a person who takes no messages from us
    50278: Refusal.NO_PERMISSION,  # a person with whom we share no server any more
    50083: Refusal.ARCHIVED,  # the thread is archived, and not ours to open
    160005: Refusal.ARCHIVED,  # the thread is locked
}
_TOO_MANY: Final = {
    30046: 3600.0,  # edits of messages older than an hour
    160006: 3600.0,  # active threads in this server
    160007: 3600.0,  # active announcement threads in this server
}
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_FAST: Final = 429


def judge(error: BaseException, *, doubt: bool, invited: bool = True) -> SendError:
    """The core's word for `error`.

    `doubt`: a request had left and Discord may have done it. `invited`: the bot is in the guild.
    """
    if isinstance(error, discord.HTTPException) and error.status < SERVER_ERROR:
        return _refused(error, doubt=doubt, invited=invited)
    reason = f"{type(error).__name__}: {error}".rstrip(": ")
    if doubt:
        return Unknown(reason)
    if isinstance(error, discord.RateLimited):
        return TryLater(reason, error.retry_after)
    slow = isinstance(error, TimeoutError)  # still waiting for its turn: other channels may not be
    return TryLater(reason, scope="channel" if slow else "platform")


def shut_out(error: BaseException) -> bool:
    """Whether Discord's front has banned this address: its 429 comes without the API's mark."""
    return (
        isinstance(error, discord.HTTPException)
        and error.status == _TOO_FAST
        and "Via" not in error.response.headers
    )


def _refused(error: discord.HTTPException, *, doubt: bool, invited: bool) -> SendError:
    """A plain answer below 500: certain, unless an earlier try of the same call was not."""
    reason = f"HTTP {error.status}, code {error.code}: {error.text}"[:300]
    if doubt:
        return Unknown(reason)
    return _passing(error, reason) or Never(_refusal(error, invited=invited), reason)


def _passing(error: discord.HTTPException, reason: str) -> TryLater | None:
    """What time will mend, else None."""
    if shut_out(error):
        return TryLater(reason, float(BAN_S), scope="platform")
    if error.status == _TOO_FAST:  # still, after discord.py had waited and tried again
        everywhere = error.response.headers.get("X-RateLimit-Scope") == "global"
        after_s = float(error.response.headers.get("Retry-After", 5))
        return TryLater(reason, after_s, scope="platform" if everywhere else "channel")
    if error.code in _TOO_MANY:
        return TryLater(reason, _TOO_MANY[error.code])
    if error.status in {_FORBIDDEN, _NOT_FOUND} and error.code == 0:
        # a firewall's or a proxy's page, not the API's word on this channel
        return TryLater(reason, 600.0, scope="platform")
    return None


def _refusal(error: discord.HTTPException, *, invited: bool) -> Refusal:
    if error.status == _UNAUTHORISED:
        return Refusal.TOKEN_REVOKED
    if error.code in NOT_TEXT:
        return Refusal.CHANNEL_GONE
    refusal = _REFUSALS.get(error.code)
    if refusal is None and error.status == _FORBIDDEN and error.code not in _CONTENT:
        refusal = Refusal.NO_PERMISSION
    if refusal is Refusal.NO_PERMISSION and not invited:
        refusal = Refusal.NOT_INVITED
    return refusal or Refusal.PAYLOAD


_CONTENT: Final = frozenset({20009, 200000, 200001, 240000})
"""Refused for what it says: explicit content, AutoMod's rules, harmful links."""
