"""From a Discord interaction of any kind to the question it asks, and on to its answer."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord
from discord import app_commands

from adapters import discord_asking, discord_tree
from adapters.discord_asking import Interaction
from adapters.discord_forms import submitted
from adapters.discord_limits import CHOICE, CHOICES
from adapters.discord_presses import Manner, read
from adapters.discord_replies import Replies, Use
from adapters.discord_text import clean, clip, units
from feeds.database import StorageError
from handlers.commands import BY_NAME
from handlers.messages import Choice
from handlers.ports import FrontDesk
from handlers.texts import language_of

log = logging.getLogger(__name__)

COMPLETION_S: Final = 2.0
"""Suggestions that take longer are not worth having; none are shown then."""

_TAG: Final = "tag"
"""What the context menu of a message asks."""


class Answers:
    def __init__(self, desk: FrontDesk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies

    async def handle(self, interaction: Interaction) -> None:
        """Answer one interaction; a ping passes by."""
        data: Mapping[str, Any] = {**(interaction.data or {})}
        kind = interaction.type
        if kind is discord.InteractionType.autocomplete:
            await self._complete(interaction, data)
        elif kind is discord.InteractionType.application_command:
            await self._command(interaction, data)
        elif kind is discord.InteractionType.component:
            await self._press(interaction, str(data.get("custom_id", "")))
        elif kind is discord.InteractionType.modal_submit:
            await self._submit(interaction, data)

    async def _command(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        if data.get("type") == discord_tree.MESSAGE:
            await self._menu(interaction, data)
            return
        asked = discord_tree.read(data, str(interaction.guild_id or ""))
        if asked is None:
            await self._say(interaction, "discord.old_button")
        elif asked.everyone:
            await self._say(interaction, "discord.no_everyone")
        else:
            request = discord_asking.chosen(interaction, asked.command, asked.options)
            await self._replies.answer(Use(interaction, request))

    async def _menu(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        words = discord_asking.words_of(data)
        if not words:
            await self._say(interaction, "discord.nothing_to_read")
            return
        request = discord_asking.chosen(interaction, _TAG, {"text": words})
        await self._replies.answer(Use(interaction, request))

    async def _press(self, interaction: Interaction, custom_id: str) -> None:
        said = await self._meaning(interaction, custom_id, form=False)
        if said is None:
            return
        manner, ask = said
        await self._replies.answer(Use(interaction, discord_asking.typed(interaction, ask), manner))

    async def _submit(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        said = await self._meaning(interaction, str(data.get("custom_id", "")), form=True)
        if said is None:
            return
        command, options = submitted(said[1], data.get("components") or [])
        if command not in BY_NAME:
            await self._say(interaction, "discord.old_button")
            return
        request = discord_asking.chosen(interaction, command, options)
        await self._replies.answer(Use(interaction, request))

    async def _meaning(
        self, interaction: Interaction, custom_id: str, *, form: bool
    ) -> tuple[Manner, str] | None:
        """What a press asks, or a form; None where that is not known, and the asker is told."""
        try:
            said = await read(custom_id, self._desk.recall)
        except StorageError as error:
            log.warning("what a button asks could not be looked up: %s", error)
            await self._say(interaction, "discord.sorry")
            return None
        if said is None or (said[0] is Manner.SUBMIT) is not form:
            await self._say(interaction, "discord.old_button")
            return None
        return said

    async def _complete(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        asked = discord_tree.read(data, str(interaction.guild_id or ""))
        found: Sequence[Choice] = ()
        head = ""
        if asked and asked.focused:
            head, last = _last_word(asked)
            others = {name: text for name, text in asked.options.items() if name != asked.focused}
            request = discord_asking.chosen(interaction, asked.command, others)
            try:
                async with asyncio.timeout(COMPLETION_S):
                    found = await self._desk.complete(request, asked.focused, last)
            except TimeoutError:
                found = ()
        await self._replies.suggest(interaction, suggestions(found, head))

    async def _say(self, interaction: Interaction, key: str) -> None:
        language = language_of(discord_asking.locale(interaction)) or "en"
        await self._replies.say(interaction, key, language)


def _last_word(asked: discord_tree.Asked) -> tuple[str, str]:
    """What is typed already, and the word being typed, where an option takes several topics:
    Discord puts a suggestion in the place of all that was typed.
    """
    typed = asked.options[asked.focused]
    options = {option.name: option for option in BY_NAME[asked.command].options}
    option = options.get(asked.focused)
    if option is None or option.kind != "values" or option.completes != "topic":
        return "", typed
    head, _, last = typed.rpartition(" ")
    return head.strip(), last


def suggestions(found: Sequence[Choice], head: str = "") -> list[app_commands.Choice[str]]:
    """At most 25 choices within Discord's lengths, each continuing `head`, none said already."""
    said = set(head.split())
    made: dict[str, str] = {}
    for choice in found:
        value = f"{head} {choice.value}".strip()
        name = clip(f"{head} {choice.label}", CHOICE, clean)
        if name and choice.value not in said and 0 < units(value) <= CHOICE:
            made.setdefault(value, name)
    return [app_commands.Choice(name=name, value=value) for value, name in made.items()][:CHOICES]
