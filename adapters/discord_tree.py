"""Discord's command list, made from the one table of commands, and what came of a use of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from handlers.commands import BY_NAME, COMMANDS, Command, Option
from handlers.texts import say

ROOT: Final = "aspire"
LOCALES: Final = {"zh-TW": "zh-Hant", "zh-CN": "zh-Hans"}
"""Discord's locales that we speak, beside its default."""

CHAT_INPUT: Final = 1
MESSAGE: Final = 3
SUBCOMMAND: Final = 1
STRING: Final = 3
BOOLEAN: Final = 5
MENTIONABLE: Final = 9

_GUILD_INSTALL: Final = 0
_IN_GUILD: Final = 0
_IN_BOT_DM: Final = 1
_WHERE: Final = {"integration_types": [_GUILD_INSTALL], "contexts": [_IN_GUILD, _IN_BOT_DM]}


@dataclass(frozen=True)
class Asked:
    """What a person chose in Discord's menus: a command of the table and its options as text."""

    command: str
    options: Mapping[str, str] = field(default_factory=dict)
    focused: str = ""
    """While still typing: the option being typed, whose text so far is among the options."""
    everyone: bool = False
    """Whether the role to mention is the one that everybody has."""


def payload() -> list[dict[str, Any]]:
    """The whole command list for Discord's bulk overwrite.

    It sets no `default_member_permissions`: look-ups are for all, who may change a channel is
    asked at each change, and a server's admins can override both per command, role and channel.
    """
    root = {"name": ROOT, "type": CHAT_INPUT, **_WHERE, **_texts("description", "discord.about")}
    root["options"] = [_subcommand(command) for command in COMMANDS]
    return [root, {"type": MESSAGE, **_WHERE, **_texts("name", "discord.menu")}]


def fingerprint(commands: Sequence[Mapping[str, Any]], application: int) -> str:
    """Changes whenever what was registered, or for which application, is not this any more."""
    body = json.dumps(commands, sort_keys=True, ensure_ascii=True)
    return f"{application}:{hashlib.sha256(body.encode()).hexdigest()}"


def _texts(name: str, key: str) -> dict[str, Any]:
    localised = {locale: say(language, key) for locale, language in LOCALES.items()}
    return {name: say("en", key), f"{name}_localizations": localised}


def _named(name: str, key: str) -> dict[str, Any]:
    return {**_texts("name", key), "name": name}


def _subcommand(command: Command) -> dict[str, Any]:
    options = [_option(command, option) for option in command.options]
    return {
        "type": SUBCOMMAND,
        **_named(command.name, f"discord.command.{command.name}"),
        **_texts("description", f"commands.{command.name}.what"),
        "options": sorted(options, key=lambda option: not option["required"]),
    }


def _option(command: Command, option: Option) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _kind(option),
        **_named(option.name, f"discord.option.{option.name}"),
        **_texts("description", f"commands.{command.name}.option.{option.name}"),
        "required": _required(command, option),
    }
    if option.choices:
        made["choices"] = [
            {**_texts("name", f"commands.choice.{choice}"), "value": choice}
            for choice in option.choices
        ]
    elif option.completes:
        made["autocomplete"] = True
    return made


def _kind(option: Option) -> int:
    if option.kind == "flag":
        return BOOLEAN
    return MENTIONABLE if option.name == "mention" else STRING


def _required(command: Command, option: Option) -> bool:
    """A command that answers with a form when asked with nothing can be asked with nothing."""
    return option.required and not (command.form and option.kind == "values")


def read(data: Mapping[str, Any], guild: str) -> Asked | None:
    """What an `/aspire` interaction's data asks; None for a command that is not ours (any more).

    A flag that is on reads "yes"; a role or person reads as Discord mentions it.
    """
    given = data.get("options") or []
    if data.get("name") != ROOT or not given or given[0].get("name") not in BY_NAME:
        return None
    options: dict[str, str] = {}
    focused, everyone = "", False
    for option in given[0].get("options") or []:
        name, value = option["name"], option.get("value", "")
        if option["type"] == BOOLEAN:
            value = "yes" if value else ""
        elif option["type"] == MENTIONABLE and str(value).isdigit():
            everyone = everyone or str(value) == guild
            is_role = str(value) in (data.get("resolved") or {}).get("roles", {})
            value = f"<@{'&' if is_role else ''}{value}>"
        options[name] = str(value)
        focused = name if option.get("focused") else focused
    return Asked(given[0]["name"], options, focused, everyone)
