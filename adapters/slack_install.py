"""Installing the app into workspaces over the web: OAuth, its state, and the tokens kept."""

import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from logging import Logger
from typing import Protocol

from slack_bolt.error import BoltError
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack_scopes import scopes
from adapters.slack_settings import SlackSettings
from handlers.ports import FrontDesk

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_S = 600


class InstallationPort(Protocol):
    """Where installations are kept: one small secret text for each workspace."""

    async def save(self, team: str, text: str) -> None:
        """Replaces what was kept for `team`."""

    async def find(self, team: str) -> str:
        """What is kept for `team`, or an empty text."""

    async def delete(self, team: str) -> None: ...

    async def list(self) -> Sequence[str]:
        """The teams for which something is kept."""


@dataclass(frozen=True)
class Installed:
    """What is kept of one installation."""

    team: str
    team_name: str
    bot_token: str = field(repr=False)
    bot_user: str
    scopes: str
    installer: str
    at: int
    """UTC seconds."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Installed":
        return cls(**json.loads(text))


class Installations(AsyncInstallationStore):
    """Bolt's installation store on the port; only what its OAuth flow needs."""

    def __init__(
        self,
        port: InstallationPort,
        found: Callable[[str], Awaitable[None]],
        clock: Callable[[], int],
        logger: Logger,
    ) -> None:
        self._port = port
        self._found = found
        self._clock = clock
        self._logger = logger

    @property
    def logger(self) -> Logger:
        return self._logger

    async def async_save(self, installation: Installation) -> None:
        """Keeps it, then says that the workspace is there. Raises BoltError for an installation
        into a whole organisation, which has no one workspace to serve.
        """
        if not installation.team_id or not installation.bot_token:
            raise BoltError("only installations into one workspace are supported")
        kept = Installed(
            team=installation.team_id,
            team_name=installation.team_name or "",
            bot_token=installation.bot_token,
            bot_user=installation.bot_user_id or "",
            scopes=",".join(installation.bot_scopes or ()),
            installer=installation.user_id or "",
            at=self._clock(),
        )
        await self._port.save(kept.team, kept.to_json())
        await self._found(kept.team)


class SignedStates(AsyncOAuthStateStore):
    """OAuth states that expire, cannot be made up and are good for one use: for none while that
    use cannot be noted.
    """

    def __init__(
        self, secret: str, desk: FrontDesk, clock: Callable[[], int], logger: Logger
    ) -> None:
        self._secret = secret.encode()
        self._desk = desk
        self._clock = clock
        self._logger = logger

    @property
    def logger(self) -> Logger:
        return self._logger

    async def async_issue(self, *_args: object, **_options: object) -> str:
        body = f"{self._clock() + STATE_S}.{secrets.token_urlsafe(16)}"
        return f"{body}.{self._signature(body)}"

    async def async_consume(self, state: str) -> bool:
        body, _, signature = state.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return False
        expires = int(body.partition(".")[0])
        if expires < self._clock():
            return False
        return await self._desk.first_time(f"slack-state:{body}", unsure=False)

    def _signature(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), sha256).hexdigest()


def oauth_flow(
    settings: SlackSettings, client: AsyncWebClient, store: Installations, states: SignedStates
) -> AsyncOAuthFlow:
    """Bolt's flow with our stores. It calls Slack with `client`."""
    return AsyncOAuthFlow(
        client=client,
        logger=store.logger,
        settings=AsyncOAuthSettings(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=scopes(look_in_history=settings.look_in_history),
            redirect_uri=settings.public_url.rstrip("/") + REDIRECT_PATH,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=store,
            state_store=states,
            state_expiration_seconds=STATE_S,
            logger=store.logger,
        ),
    )
