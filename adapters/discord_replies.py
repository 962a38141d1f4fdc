"""Shows the core's replies to interactions, the first word always within Discord's 3 seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import app_commands

from adapters import discord_parts
from adapters.discord_asking import PLATFORM, Interaction
from adapters.discord_errors import FOREIGN
from adapters.discord_forms import modal
from adapters.discord_presses import Manner, draw
from feeds.database import StorageError
from handlers.commands import BY_NAME
from handlers.messages import Button, Card, ChannelRef, Form, Reply, Request
from handlers.ports import FrontDesk, Sender, SendError
from handlers.texts import language_of, say

log = logging.getLogger(__name__)

PATIENCE_S: Final = 1.5
"""How long the core may take before Discord is told that the answer takes longer."""
FORM_PATIENCE_S: Final = 2.2
"""The same where the answer may be a form, which cannot be opened any more after that."""

_TOO_LATE: Final = frozenset({10062, 40060, 10015, 50027})
"""Unknown interaction (its three seconds are over), answered already, token over or unknown."""
_BAD_REQUEST: Final = 400


@dataclass(frozen=True)
class Use:
    """One use of the bot, and how its answer should come."""

    interaction: Interaction
    request: Request
    manner: Manner = Manner.ANSWER

    @property
    def command(self) -> str:
        return self.request.command or " ".join(self.request.text.split()[:1])

    @property
    def guild(self) -> str:
        return self.request.channel.workspace

    @property
    def language(self) -> str:
        return language_of(self.request.person.language) or "en"

    @property
    def may_open(self) -> bool:
        """Whether a form can be opened: as the first response only, and not from a form."""
        from_form = self.interaction.type is discord.InteractionType.modal_submit
        return not from_form and not self.interaction.response.is_done()

    @property
    def patience_s(self) -> float:
        known = BY_NAME.get(self.command)
        may_be_form = self.manner is Manner.FORM or (known is not None and known.form)
        return FORM_PATIENCE_S if may_be_form else PATIENCE_S


class Replies:
    """Asks the core, and shows what it says to the asker and to the channel."""

    def __init__(self, desk: FrontDesk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender
        self.late = 0
        """Interactions that Discord had given up before our first word, or our last."""

    async def answer(self, use: Use) -> None:
        """Ask the core and show its reply. A fault of the core is told to the asker and raised."""
        asking = asyncio.create_task(self._ask(use))
        await asyncio.wait({asking}, timeout=use.patience_s)
        if not asking.done():
            await self._try(self._defer(use))
        try:
            reply = await asking
        except Exception:
            await self.say(use.interaction, "discord.sorry", use.language)
            raise
        if reply is not None:
            await self._show(use, reply)

    async def say(self, interaction: Interaction, key: str, language: str) -> None:
        """One sentence of the adapter's own, for the asker only."""
        words = say(language, key)
        try:
            if interaction.response.is_done():
                await interaction.followup.send(words, ephemeral=True)
            else:
                await interaction.response.send_message(words, ephemeral=True)
        except FOREIGN as error:
            self._note(error)

    async def suggest(
        self, interaction: Interaction, choices: Sequence[app_commands.Choice[str]]
    ) -> None:
        await self._try(interaction.response.autocomplete(choices))

    async def _ask(self, use: Use) -> Reply | None:
        """The core's reply; None for an interaction that was delivered, and asked, before."""
        if not await self._desk.first_time(f"{PLATFORM}:{use.interaction.id}"):
            return None
        return await self._desk.answer(use.request)

    async def _defer(self, use: Use) -> None:
        if use.manner is Manner.UPDATE:
            await use.interaction.response.defer()
        else:
            await use.interaction.response.defer(ephemeral=True, thinking=True)

    async def _show(self, use: Use, reply: Reply) -> None:
        card = reply.card
        if reply.form and use.may_open:
            if await self._try(self._open(use, reply.form)):
                return
        elif reply.form:
            ask = " ".join([reply.form.command, *reply.form.fixed.values()])
            again = Button(say(use.language, "discord.open_form"), ask, "primary", form=True)
            card = replace(card, buttons=(again, *card.buttons))
        shown = await self._try(self._card(use, card, public=reply.public))
        if reply.announcement and use.interaction.guild_id is not None:
            await self._announce(use, reply.announcement, possible=shown)

    async def _open(self, use: Use, form: Form) -> None:
        keep: dict[str, str] = {}
        drawn = modal(form, keep)
        await self._keep(keep)
        await use.interaction.response.send_modal(drawn)

    async def _card(self, use: Use, card: Card, *, public: bool) -> None:
        """Shown as an embed, or in plain words where Discord refuses that."""
        try:
            await self._embedded(use, card, public=public)
        except discord.HTTPException as error:
            if error.status != _BAD_REQUEST:
                raise
            log.error("Discord refused the answer to %s: %s", use.command, error.text)  # noqa: TRY400 - its words, not our stack
            words = discord_parts.words(replace(card, mention=""), use.guild)
            if use.interaction.response.is_done():
                await use.interaction.followup.send(wait=True, ephemeral=not public, **words)
            else:
                await use.interaction.response.send_message(ephemeral=not public, **words)

    async def _embedded(self, use: Use, card: Card, *, public: bool) -> None:
        row = draw(card.buttons, "" if public else use.command)
        await self._keep(row.keep)
        interaction = use.interaction
        card = replace(card, mention="")  # an answer notifies nobody
        if public:
            await self._publish(interaction, discord_parts.message(card, row, use.guild))
        elif interaction.response.is_done():
            changes = discord_parts.changes(card, row, use.guild)
            await interaction.edit_original_response(**changes)
        elif use.manner is Manner.UPDATE:
            await interaction.response.edit_message(**discord_parts.changes(card, row, use.guild))
        else:
            parts = discord_parts.message(card, row, use.guild)
            await interaction.response.send_message(ephemeral=True, **parts)

    async def _publish(self, interaction: Interaction, parts: Mapping[str, Any]) -> None:
        if not interaction.response.is_done():
            await interaction.response.send_message(**parts)
            return
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            language = language_of(str(interaction.locale)) or "en"
            await interaction.edit_original_response(content=say(language, "discord.shared"))
        await interaction.followup.send(wait=True, **parts)

    async def _announce(self, use: Use, card: Card, *, possible: bool) -> None:
        """What was changed is said in the channel, by a message of our own if need be."""
        row = draw(card.buttons)
        await self._keep(row.keep)
        parts = discord_parts.message(replace(card, mention=""), row, use.guild)
        if possible and await self._try(use.interaction.followup.send(wait=True, **parts)):
            return
        here = ChannelRef(PLATFORM, use.guild, str(use.interaction.channel_id or ""))
        try:
            await self._sender.send(here, replace(card, mention=""), f"a{use.interaction.id}")
        except SendError as error:
            log.warning("a change could not be announced in its channel: %s", error)

    async def _try(self, work: Awaitable[object]) -> bool:
        """Whether Discord took it; if not, that is counted and logged."""
        try:
            await work
        except FOREIGN as error:
            self._note(error)
            return False
        return True

    def _note(self, error: BaseException) -> None:
        if isinstance(error, discord.HTTPException) and error.code in _TOO_LATE:
            self.late += 1
            log.warning("Discord had given up an interaction before our answer: %s", error.text)
        else:
            log.warning("an interaction could not be answered: %s", error)

    async def _keep(self, texts: Mapping[str, str]) -> None:
        """For the buttons and the form. If it cannot be kept, the answer is shown all the same, and
        a press on one of them is told that nobody knows it.
        """
        try:
            for name, text in texts.items():
                await self._desk.remember(name, text)
        except StorageError as error:
            log.warning("what the buttons ask could not be kept: %s", error)
