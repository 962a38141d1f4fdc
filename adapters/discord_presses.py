"""Buttons, and what a press says: the question travels in the button itself, so that it works
after a restart and for as long as the message stands.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import discord

from adapters import discord_limits as limits
from adapters.discord_text import address, clean, clip, units
from handlers.messages import Button

Recall = Callable[[str], Awaitable[str]]

STYLES: Final = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}
_KEPT: Final = "#"
"""Stands before a hash where the text itself was too long for a custom id."""


class Manner(Enum):
    """How the answer to a press comes: the first letter of a custom id."""

    ANSWER = "a"
    """As a message of its own."""
    UPDATE = "u"
    """In the place of the private message that was pressed: pages."""
    FORM = "f"
    """Perhaps as a form, which can only be the very first response."""
    SUBMIT = "m"
    """Not a button: a form that was sent back."""


@dataclass(frozen=True)
class Row:
    """Buttons ready to send, and the texts that must be remembered before they are."""

    view: discord.ui.View | None = None
    keep: Mapping[str, str] = field(default_factory=dict)


def draw(buttons: Sequence[Button], private_answer_to: str = "") -> Row:
    """The buttons of a card. On a private answer to a command, a press that asks the same
    command again (another page) shall update that answer.
    """
    view = discord.ui.View(timeout=None)
    keep: dict[str, str] = {}
    seen: set[str] = set()
    for button in buttons[: limits.BUTTONS]:
        words = clip(button.label, limits.BUTTON_LABEL, clean) or "…"
        if button.url:
            url = address(button.url)
            if url and units(url) <= limits.BUTTON_URL:
                view.add_item(discord.ui.Button(label=words, url=url))
            continue
        custom_id = mint(_manner(button, private_answer_to), button.ask, keep)
        if custom_id not in seen:  # Discord refuses a message with the same id twice
            seen.add(custom_id)
            style = STYLES[button.style]
            view.add_item(discord.ui.Button(label=words, style=style, custom_id=custom_id))
    view.stop()  # discord.py would else keep every message's view in memory for good
    return Row(view if view.children else None, keep)


def _manner(button: Button, private_answer_to: str) -> Manner:
    if button.form:
        return Manner.FORM
    same = private_answer_to and button.ask.split()[:1] == [private_answer_to]
    return Manner.UPDATE if same else Manner.ANSWER


def mint(manner: Manner, text: str, keep: dict[str, str]) -> str:
    """A custom id that says `text`; one too long goes into `keep` under its hash."""
    custom_id = f"{manner.value}:{text}"
    if units(custom_id) <= limits.CUSTOM_ID:
        return custom_id
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    keep[f"discord.ask.{digest}"] = text
    return f"{manner.value}{_KEPT}{digest}"


async def read(custom_id: str, recall: Recall) -> tuple[Manner, str] | None:
    """What a custom id says; None if it is not one of ours or what it stood for is gone."""
    letter, mark, text = custom_id[:1], custom_id[1:2], custom_id[2:]
    if mark not in {":", _KEPT} or letter not in {manner.value for manner in Manner}:
        return None
    if mark == _KEPT:
        text = await recall(f"discord.ask.{text}")
        if not text:
            return None
    return Manner(letter), text
