"""The chat platforms that the environment has tokens for, each behind the same few verbs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from bot.app import App
from bot.environment import Surroundings
from feeds.database import Database
from handlers import ledger_notes
from handlers.ports import Sender

if TYPE_CHECKING:
    from adapters.discord_settings import DiscordSettings
    from adapters.slack_settings import SlackSettings


class Platform(Protocol):
    """What the bot does with an adapter."""

    @property
    def sender(self) -> Sender: ...

    async def start(self) -> None: ...

    async def run(self) -> None:
        """Serve until cancelled or closed."""

    async def close(self) -> None: ...

    def health(self) -> Mapping[str, object]: ...


def platforms(around: Surroundings, app: App) -> list[Platform]:
    """One for each platform with a token. Importing them is left until here: both are heavy."""
    found: list[Platform] = []
    if around.secrets.slack:
        found.append(_slack(around, app))
    if around.secrets.discord:
        found.append(_discord(around, app))
    return found


def routes(running: Sequence[Platform]) -> list[web.RouteDef]:
    """What the platforms want mounted on the bot's own HTTP server."""
    mounted: list[web.RouteDef] = []
    for platform in running:
        give = getattr(platform, "routes", None)
        mounted += give() if give else []
    return mounted


def _slack(around: Surroundings, app: App) -> Platform:
    from adapters.slack_chat import SlackChat

    installed = Installations(app.database, app)
    return SlackChat(slack_settings(around), app.service, app.clock, installed)


def slack_settings(around: Surroundings) -> "SlackSettings":
    from adapters.slack_settings import SlackSettings

    section, secrets = around.config.slack, around.secrets
    return SlackSettings(
        app_token=secrets.slack_app_token.get_secret_value(),
        bot_token=secrets.slack_bot_token.get_secret_value(),
        signing_secret=secrets.slack_signing_secret.get_secret_value(),
        client_id=secrets.slack_client_id.get_secret_value(),
        client_secret=secrets.slack_client_secret.get_secret_value(),
        api_url=section.api_url,
        who_may_manage=section.who_may_manage,
        look_in_history=section.look_in_history,
        public_url=section.public_url,
    )


def _discord(around: Surroundings, app: App) -> Platform:
    from adapters.discord_chat import DiscordChat

    return DiscordChat(discord_settings(around), app.service, app.clock)


def discord_settings(around: Surroundings) -> "DiscordSettings":
    from adapters.discord_settings import DiscordSettings

    section = around.config.discord
    return DiscordSettings(
        token=around.secrets.discord_token.get_secret_value(),
        api_url=section.api_url,
        gateway_url=section.gateway_url,
        requests_per_second=section.requests_per_second,
    )


class Installations:
    """Slack's installations in the bot's own database."""

    def __init__(self, database: Database, app: App) -> None:
        self._database = database
        self._clock = app.clock

    async def save(self, team: str, text: str) -> None:
        await self._database.write(
            ledger_notes.save_installation, "slack", team, text, self._clock()
        )

    async def find(self, team: str) -> str:
        return await self._database.read(ledger_notes.installation, "slack", team)

    async def delete(self, team: str) -> None:
        await self._database.write(ledger_notes.delete_installation, "slack", team)

    async def list(self) -> Sequence[str]:
        return await self._database.read(ledger_notes.installations, "slack")
