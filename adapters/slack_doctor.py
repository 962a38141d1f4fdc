"""What is missing before the bot can work on Slack, each thing as a sentence key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack_errors import FAILURES, error_name
from adapters.slack_install import InstallationPort
from adapters.slack_scopes import scopes
from adapters.slack_settings import SlackSettings
from adapters.slack_workspaces import Workspaces


class Finding(NamedTuple):
    ok: bool
    key: str
    """Of a sentence: say(language, key, **args)."""
    args: Mapping[str, str] = {}


async def slack_doctor(
    settings: SlackSettings,
    installations: InstallationPort | None = None,
    channels: Sequence[str] = (),
) -> list[Finding]:
    """Ask Slack about every token, and whether the bot is in `channels` (ids, of the workspace of
    the configured token). Never raises for what Slack answers.
    """
    workspaces = Workspaces(settings, installations)
    try:
        findings = _settings(settings)
        if settings.app_token:
            findings.append(await _app_token(workspaces.with_token(settings.app_token)))
        if settings.bot_token:
            client = workspaces.with_token(settings.bot_token)
            findings += await _bot_token(client, settings)
            findings += [await _channel(client, channel) for channel in channels]
        for team in await installations.list() if installations else ():
            findings += await _bot_token(await workspaces.client(team), settings)
        return findings
    finally:
        await workspaces.close()


def _settings(settings: SlackSettings) -> list[Finding]:
    """What is wrong before anybody is asked."""
    if settings.mode == "socket":
        faults = {
            "slack.doctor.app_token_shape": not settings.app_token.startswith("xapp-"),
            "slack.doctor.no_bot_token": not settings.bot_token,
        }
    else:
        faults = {
            "slack.doctor.no_signing_secret": not settings.signing_secret,
            "slack.doctor.no_public_url": not settings.public_url.startswith("https://"),
            "slack.doctor.nobody_can_install": not (settings.bot_token or settings.can_install),
        }
    if settings.bot_token and not settings.bot_token.startswith("xoxb-"):
        faults["slack.doctor.bot_token_shape"] = True
    return [Finding(ok=False, key=key) for key, wrong in faults.items() if wrong]


async def _app_token(client: AsyncWebClient) -> Finding:
    try:
        await client.apps_connections_open(app_token=client.token or "")
    except FAILURES as failure:
        return Finding(ok=False, key="slack.doctor.app_token_bad", args={"why": _why(failure)})
    return Finding(ok=True, key="slack.doctor.app_token_ok")


async def _bot_token(client: AsyncWebClient, settings: SlackSettings) -> list[Finding]:
    try:
        answer = await client.auth_test()
    except FAILURES as failure:
        return [Finding(ok=False, key="slack.doctor.bot_token_bad", args={"why": _why(failure)})]
    args = {
        "team": str(answer.get("team") or answer.get("team_id")),
        "bot": str(answer.get("user")),
    }
    granted = {name.strip() for name in answer.headers.get("x-oauth-scopes", "").split(",")}
    return [
        Finding(ok=True, key="slack.doctor.bot_token_ok", args=args),
        _scopes(granted, scopes(look_in_history=settings.look_in_history), args["team"]),
    ]


def _scopes(granted: set[str], wanted: Iterable[str], team: str) -> Finding:
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        args = {"team": team, "scopes": ", ".join(missing)}
        return Finding(ok=False, key="slack.doctor.scopes_missing", args=args)
    return Finding(ok=True, key="slack.doctor.scopes_ok", args={"team": team})


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    try:
        told = (await client.conversations_info(channel=channel))["channel"] or {}
    except FAILURES as failure:
        args = {"channel": channel, "why": _why(failure)}
        return Finding(ok=False, key="slack.doctor.channel_unknown", args=args)
    args = {"channel": f"#{told.get('name') or channel}"}
    if not told.get("is_member"):
        return Finding(ok=False, key="slack.doctor.not_invited", args=args)
    return Finding(ok=True, key="slack.doctor.channel_ok", args=args)


def _why(failure: Exception) -> str:
    name = error_name(failure) if isinstance(failure, SlackApiError) else ""
    return name or type(failure).__name__
