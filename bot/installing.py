"""`aspire slack-manifest` and `aspire discord-invite`: what installing the bot needs."""

import base64
import binascii
import json
import sys

from bot.session import FAULT, complain, surroundings

BAD_INPUT = 1


def print_manifest(config: str | None, mode: str) -> int:
    """Print Slack's app manifest, for Socket Mode or for HTTP at `[slack] public_url`."""
    from adapters.slack_manifest import manifest

    around = surroundings(config)
    if around is None:
        return FAULT
    section = around.config.slack
    try:
        app = manifest(
            "http" if mode == "http" else "socket",
            section.public_url,
            look_in_history=section.look_in_history,
        )
    except ValueError as error:
        complain(f"{error}: set public_url in the section [slack] of {around.config_path}")
        return BAD_INPUT
    sys.stdout.write(json.dumps(app, ensure_ascii=False, indent=2) + "\n")
    return 0


def print_invite(config: str | None, application: str | None) -> int:
    """Print the address that invites the bot to a Discord server."""
    from adapters.discord_invite import address

    around = surroundings(config)
    if around is None:
        return FAULT
    token = around.secrets.discord_token.get_secret_value()
    identifier = application or application_of(token)
    if not identifier.isdecimal():
        complain(
            "Which application? Give its number (General Information in Discord's developer"
            " portal), or set DISCORD_TOKEN."
        )
        return BAD_INPUT
    sys.stdout.write(address(identifier) + "\n")
    return 0


def application_of(token: str) -> str:
    """The application's number, which is the first part of a bot's token; empty if it is none."""
    first = token.split(".", maxsplit=1)[0]
    try:
        number = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return number if number.isdecimal() else ""
