"""One Web API client for each workspace, with the token that the workspace gave."""

import logging
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack_install import InstallationPort, Installed
from adapters.slack_settings import SlackSettings

QUIET = logging.getLogger("adapters.slack.sdk")
"""For the libraries: their own loggers print whole requests."""
QUIET.setLevel(logging.ERROR)

CONNECTIONS = 50
CONNECT_S = 5.0
IDLE_S = 15.0
"""Idle connections are dropped before Slack drops them under a request."""


class NotInstalled(Exception):
    """The workspace has given no token, or taken it back."""


@dataclass(frozen=True)
class Identity:
    """Who the bot's own token is, as auth.test says."""

    team: str
    team_name: str
    bot_user: str


class Workspaces:
    """Tokens by workspace: the configured one for its own, installed ones for the others."""

    def __init__(self, settings: SlackSettings, installations: InstallationPort | None) -> None:
        self._settings = settings
        self._installations = installations
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, AsyncWebClient] = {}
        self.own: Identity | None = None
        """Of the configured token; None until Slack has told."""

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

    def with_token(self, token: str) -> AsyncWebClient:
        """A client that never retries by itself: a retried post could be a second message."""
        return AsyncWebClient(
            token=token,
            base_url=self._settings.api_url,
            session=self.session,
            logger=QUIET,
            retry_handlers=[],
        )

    async def introduce(self) -> Identity:
        """Learn whose the configured token is. Raises what the call raises."""
        answer = await self.with_token(self._settings.bot_token).auth_test()
        self.own = Identity(
            str(answer["team_id"]), str(answer.get("team") or ""), str(answer["user_id"])
        )
        return self.own

    async def client(self, team: str) -> AsyncWebClient:
        """Raises NotInstalled."""
        if team not in self._clients:
            self._clients[team] = self.with_token(await self._token(team))
        return self._clients[team]

    async def _token(self, team: str) -> str:
        ours = self._settings.bot_token
        if ours and self.own and self.own.team == team:
            return ours
        found = await self._installations.find(team) if self._installations else ""
        if found:
            return Installed.from_json(found).bot_token
        if ours and self.own is None:
            return ours
        raise NotInstalled(team)

    def forget(self, team: str) -> None:
        """Read the token anew next time: it was replaced or revoked."""
        self._clients.pop(team, None)
