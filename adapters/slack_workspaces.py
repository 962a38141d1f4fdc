"""One Web API client for each workspace, with the token that the workspace gave."""

import asyncio
import logging

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack_install import InstallationPort, Installed
from adapters.slack_settings import SlackSettings

QUIET = logging.getLogger("adapters.slack.sdk")
"""For the libraries: their own loggers print whole requests."""
QUIET.setLevel(logging.ERROR)

RATE_LIMITS = 2
"""How many in a row an answer waits out."""
CONNECTIONS = 64
"""More than may be sending at once (bot/pacing.py), so that answers find a free one."""
CONNECT_S = 5.0
IDLE_S = 15.0
"""Idle connections are dropped before Slack drops them under a request."""


class NotInstalled(Exception):
    """The workspace has given no token, or taken it back."""


class Workspaces:
    """Tokens by workspace: the configured one for its own, installed ones for the others."""

    def __init__(self, settings: SlackSettings, installations: InstallationPort | None) -> None:
        self._settings = settings
        self._installations = installations
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[tuple[str, bool], AsyncWebClient] = {}
        self.own = ""
        """The configured token's workspace; empty until Slack has told."""
        self.lost = asyncio.Event()
        """Set while the configured token, once known to Slack, is of no use."""

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The one HTTP session of the adapter; made when first needed, inside the event loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(
                    total=self._settings.timeout_s, sock_connect=CONNECT_S
                ),
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
            )
        return self._session

    def with_token(self, token: str, *, waits: bool = False) -> AsyncWebClient:
        """A client that never repeats a call that may have been carried out: a repeated post would
        be a second message. With `waits` it does wait out a rate limit.
        """
        return AsyncWebClient(
            token=token,
            base_url=self._settings.api_url,
            session=self.session,
            logger=QUIET,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(RATE_LIMITS)] if waits else [],
        )

    async def introduce(self) -> str:
        """Learn the configured token's workspace. Raises what the call raises."""
        answer = await self.with_token(self._settings.bot_token).auth_test()
        self.own = str(answer["team_id"])
        self.lost.clear()
        return self.own

    @property
    def known(self) -> bool:
        """Whether Slack takes the configured token, as far as we were told; True without one."""
        return not self._settings.bot_token or bool(self.own and not self.lost.is_set())

    async def client(self, team: str, *, waits: bool = False) -> AsyncWebClient:
        """Raises NotInstalled."""
        if (team, waits) not in self._clients:
            self._clients[team, waits] = self.with_token(await self._token(team), waits=waits)
        return self._clients[team, waits]

    async def _token(self, team: str) -> str:
        ours = self._settings.bot_token
        if ours and self.own == team:
            return ours
        found = await self._installations.find(team) if self._installations else ""
        if found:
            return Installed.from_json(found).bot_token
        if ours and not self.own:
            return ours
        raise NotInstalled(team)

    def forget(self, team: str) -> None:
        """Read the token anew next time: it was replaced or revoked."""
        if team == self.own:
            self.lost.set()
        for waits in (False, True):
            self._clients.pop((team, waits), None)
