"""discord.py's client set up for us: where Discord stands, and what became of each request."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord_guard import Guard
from adapters.discord_settings import DiscordSettings
from handlers.ports import PlatformRefusedError

_LONGEST_WAIT_S: Final = 30.0
"""Rate limits longer than this are handed back instead of slept on (discord.py's least)."""
SERVER_ERROR: Final = 500
_NOT_REACHED: Final = frozenset({521, 522, 523, 525, 526, 530})
"""Discord's front could not reach what is behind it (Cloudflare's own codes): nothing was done."""


class DiscordRefusedError(PlatformRefusedError):
    """Discord will not have us: the token is wrong or revoked, or an intent is not allowed."""


class DiscordUnreachableError(Exception):
    """Discord did not answer, or not with anything of use."""


class SaidOnce(Exception):
    """A request that must not be repeated got an answer after which discord.py would repeat it."""


@dataclass
class Attempt:
    """What became of the requests that one call made, however often discord.py repeated them."""

    once: bool = False
    """Stop at a server's error instead of letting discord.py try again."""
    pending: bool = False
    """A request has left and is not answered."""
    met: bool = False
    """One that had left was answered by a yes, by a server's error, or by silence."""

    @property
    def doubt(self) -> bool:
        """Whether Discord may have done what was asked, should the call end in an error."""
        return self.pending or self.met


CURRENT: Final[ContextVar[Attempt | None]] = ContextVar("discord_attempt", default=None)
"""The attempt that requests of this task belong to."""


def watch(guard: Guard) -> aiohttp.TraceConfig:
    """Hooks on every request of a client: tells the guard, and fills in the current attempt."""

    async def left(*_: object) -> None:
        attempt = CURRENT.get()
        if attempt:
            attempt.pending = True

    async def answered(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        response = params.response
        guard.saw(response.status, response.headers.get("X-RateLimit-Scope", ""))
        attempt = CURRENT.get()
        if attempt is None:
            return
        attempt.pending = False
        failed = response.status >= SERVER_ERROR and response.status not in _NOT_REACHED
        attempt.met = attempt.met or response.ok or failed
        if attempt.once and failed:
            response.close()
            raise SaidOnce(f"HTTP {response.status}")

    async def broke(*_: object) -> None:
        attempt = CURRENT.get()
        if attempt and attempt.pending:
            attempt.pending, attempt.met = False, True
            if attempt.once:
                raise SaidOnce("the connection broke")

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(left)
    trace.on_request_end.append(answered)
    trace.on_request_exception.append(broke)
    return trace


class Client(discord.AutoShardedClient):
    """An auto-sharded client that caches no members and no messages."""

    def __init__(self, settings: DiscordSettings, guard: Guard) -> None:
        # The bot never speaks; that it could not is no warning for whoever starts it.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_WAIT_S,
            http_trace=watch(guard),
            enable_debug_events=True,  # the only public sign of each gateway frame, pings included
        )
        self._settings = settings
        self._heard: float | None = None
        # discord.py keeps the API's address in one class variable that every Route reads as it
        # is made; there is no way to give it to one client. A process has one Discord, so setting
        # it here changes nobody else's; it equals the default except against a stand-in.
        Route.BASE = settings.api_url

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connects a shard to the configured gateway, else to the one that the API named."""
        if self.is_closed():  # discord.py would go on trying, every 5 seconds, for ever
            return
        gateway = yarl.URL(self._settings.gateway_url) if self._settings.gateway_url else gateway
        # After an invalid session discord.py identifies anew at this class variable: it must be
        # the gateway in use, not the address built into the library.
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def on_socket_raw_receive(self, _frame: object) -> None:
        self._heard = asyncio.get_running_loop().time()

    def silent_s(self) -> float | None:
        """Seconds since the last frame from the gateway; None before the first."""
        now = asyncio.get_running_loop().time()
        return None if self._heard is None else now - self._heard

    def is_logged_in(self) -> bool:
        return self.application_id is not None and not self.is_closed()

    async def start_afresh(self) -> None:
        """After a failed login: drop its session, which discord.py would leak at the next."""
        await self.http.close()
        self.http.connector = discord.utils.MISSING  # closed with its session; login makes another


@asynccontextmanager
async def logged_in(settings: DiscordSettings, clock: Callable[[], int]) -> AsyncIterator[Client]:
    """A client for REST alone, without a gateway, closed at the end.

    Raises DiscordRefusedError, or DiscordUnreachableError for whatever goes wrong with a request.
    """
    client = Client(settings, Guard(clock))
    try:
        async with client:
            await client.login(settings.token)
            yield client
    except discord.LoginFailure as error:
        raise DiscordRefusedError(str(error)) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise DiscordUnreachableError(str(error)) from error
