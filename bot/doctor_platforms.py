"""The doctor's look at Slack and Discord: tokens, scopes, permissions, channel by channel."""

from collections.abc import AsyncIterator

from bot.app import App
from bot.environment import Surroundings
from bot.findings import Finding
from bot.platforms import Installations, discord_settings, slack_settings
from handlers import ledger_channels
from handlers.messages import ChannelRef
from handlers.texts import say


async def platform_findings(around: Surroundings, app: App) -> AsyncIterator[Finding]:
    """Ask the platforms that have tokens; the others are said not to be used."""
    secrets = around.secrets
    if secrets.slack:
        async for finding in _slack(around, app):
            yield finding
    elif bool(secrets.slack_app_token) != bool(secrets.slack_bot_token):
        missing = "SLACK_BOT_TOKEN" if secrets.slack_app_token else "SLACK_APP_TOKEN"
        yield Finding("Slack", ok=False, note=f"{missing} is missing; Socket Mode needs both")
    else:
        yield Finding("Slack", ok=True, note="not used; for it see docs/slack.md")
    if secrets.discord:
        async for finding in _discord(around, app):
            yield finding
    else:
        yield Finding("Discord", ok=True, note="not used; for it see docs/discord.md")


async def _channels(app: App, platform: str) -> list[ChannelRef]:
    channels = await app.database.read(ledger_channels.platform_channels, platform)
    return [channel.ref for channel in channels]


async def _slack(around: Surroundings, app: App) -> AsyncIterator[Finding]:
    from adapters.slack_doctor import slack_doctor

    known = [ref.channel for ref in await _channels(app, "slack")]
    installed = Installations(app.database, app)
    for one in await slack_doctor(slack_settings(around), installed, known):
        yield Finding("Slack", ok=one.ok, note=say("en", one.key, **one.args))


async def _discord(around: Surroundings, app: App) -> AsyncIterator[Finding]:
    from adapters.discord_doctor import examine
    from adapters.discord_wire import DiscordRefusedError, DiscordUnreachableError

    try:
        found = await examine(discord_settings(around), await _channels(app, "discord"), app.clock)
    except DiscordRefusedError as error:
        yield Finding("Discord", ok=False, note=f"the token is refused ({error}); set a new one")
        return
    except DiscordUnreachableError as error:
        yield Finding("Discord", ok=False, note=f"cannot be reached ({error})")
        return
    yield Finding("Discord", ok=True, note="the token is good")
    for one in found:
        yield Finding("Discord", ok=one.ok, note=one.sentence("en"))
