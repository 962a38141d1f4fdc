"""The app manifest: what a team pastes into Slack to create the app.

Limits: docs.slack.dev/reference/app-manifest.
"""

from typing import Any

from adapters.slack_events import SHORTCUT
from adapters.slack_http import EVENTS_PATH
from adapters.slack_install import REDIRECT_PATH
from adapters.slack_limits import cut
from adapters.slack_scopes import EVENTS, scopes
from adapters.slack_settings import Mode
from handlers.commands import COMMANDS
from handlers.texts import say

NAME = "ASPIRe"
COMMAND = "/aspire"
COLOUR = "#12355b"


def manifest(
    mode: Mode, public_url: str = "", *, look_in_history: bool = False, language: str = "en"
) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP with the bot's `public_url`.

    Raises ValueError for HTTP without an https address.
    """
    if mode == "http" and not public_url.startswith("https://"):
        raise ValueError("HTTP mode needs the public https address of the bot")
    base = public_url.rstrip("/")
    return {
        "display_information": {
            "name": NAME,
            "description": say(language, "slack.manifest.description"),
            "long_description": say(language, "slack.manifest.long"),
            "background_color": COLOUR,
        },
        "features": _features(mode, base, language),
        "oauth_config": {
            **({"redirect_urls": [base + REDIRECT_PATH]} if mode == "http" else {}),
            "scopes": {"bot": scopes(look_in_history=look_in_history)},
        },
        "settings": _settings(mode, base),
    }


def _features(mode: Mode, base: str, language: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": say(language, "slack.manifest.command"),
        "usage_hint": cut(" | ".join(one.name for one in COMMANDS), 1_000),
        "should_escape": True,
    }
    if mode == "http":
        command["url"] = base + EVENTS_PATH
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
        "shortcuts": [
            {
                "name": say(language, "slack.manifest.shortcut"),
                "type": "message",
                "callback_id": SHORTCUT,
                "description": say(language, "slack.manifest.shortcut_hint"),
            }
        ],
        "slash_commands": [command],
    }


def _settings(mode: Mode, base: str) -> dict[str, Any]:
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if mode == "http":
        events["request_url"] = interactivity["request_url"] = base + EVENTS_PATH
    return {
        "event_subscriptions": events,
        "interactivity": interactivity,
        "org_deploy_enabled": False,
        "socket_mode_enabled": mode == "socket",
        "token_rotation_enabled": False,
    }
