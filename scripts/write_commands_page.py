"""Writes docs/commands.md from the table of commands: python -m scripts.write_commands_page."""

from collections.abc import Iterator
from pathlib import Path

from handlers.commands import COMMANDS, Command
from handlers.parsing import usage
from handlers.texts import say

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
_INTRO = """# Commands

Written from the table in `handlers/commands.py`; a test compares them. On Slack and at the console
they are typed (on Slack after `/aspire`); on Discord they are the subcommands of `/aspire`, with
the same options. Chinese words for commands, and for what they take, are understood too
(訂閱 保障 即時, 摘要 本週, 設定 語言 簡體, 撤回 12 復原, …).

Look-ups are private to the asker unless `share` is added. Commands marked *changes the channel* ask
that the person may manage it, are announced there, and are kept in the audit table.

An item of the configured feeds is one and the same everywhere, so what `retag` and `retract` say of
it holds in every channel and workspace of this bot; an item of a workspace's own feed is seen, and
changed, there alone. Where other workspaces have subscriptions, only who runs the bot can `retract`
an item of the configured feeds (`aspire ask "retract 12"`): no workspace silences another's news.
"""


def page() -> str:
    return _INTRO + "".join(f"\n{line}\n" for command in COMMANDS for line in section(command))


def section(command: Command) -> Iterator[str]:
    yield f"## {command.name}"
    marks = " *Changes the channel.*" if command.changes else ""
    yield f"{say('en', f'commands.{command.name}.what')}.{marks}"
    yield f"```\n{usage(command)}\n```"
    if command.example != command.name:
        yield f"For example: `{command.example}`"
    if command.options:
        yield "\n".join(
            f"- `{option.name}`: {say('en', f'commands.{command.name}.option.{option.name}')}"
            + (f" ({', '.join(option.choices)})" if option.choices else "")
            for option in command.options
        )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
