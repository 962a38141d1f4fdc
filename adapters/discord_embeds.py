"""A card drawn as Discord shows it: an embed in its pillar's colour, and a plain-text form.

Embeds rather than Components V2: a message that carries the V2 flag can never have content or an
embed again, so that the plain form, the one allowed mention and later edits would each need a
message of another kind; an embed keeps its coloured edge and its own timestamp in all of them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import discord

from adapters import discord_limits as limits
from adapters.discord_text import address, clean, clip, escape, link, units
from handlers.messages import Card, Chip, Line, Moment
from handlers.texts import say

LOOKS: Final = {
    "access": (0x3B82F6, "🟦"),
    "safeguards": (0x22A45D, "🟩"),
    "products": (0xE8C317, "🟨"),
    "infrastructure": (0xA855F7, "🟪"),
    "relationships": (0xF08A24, "🟧"),
}
"""The one table of pillar colours: an embed's edge, and the square beside the pillar's letter."""

TONES: Final = {"plain": 0x5B6472, "good": 0x22A45D, "warning": 0xE8A317, "error": 0xD83C3E}
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MENTION_ROOM: Final = 32
_PICTURE_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")


def embed(card: Card) -> discord.Embed:
    """The card within all of Discord's limits; what did not fit is counted in its last line."""
    title = clip(card.title, limits.TITLE) or "—"
    footer = _footer(card)
    room = min(limits.DESCRIPTION, limits.EMBED_SUM - units(title) - units(footer))
    drawn = discord.Embed(
        title=title,
        url=address(card.url) or None,
        description=limits.fit(list(_lines(card)), room, _rest(card)) or None,
        colour=colour(card),
    )
    if footer:
        drawn.set_footer(text=footer)
    if card.when and not card.when.date_only:
        drawn.timestamp = datetime.fromtimestamp(card.when.at, UTC)
    if card.picture:
        drawn.set_image(url=f"attachment://{picture_name(card.picture.name)}")
    return drawn


def plain(card: Card) -> str:
    """The card in words and links only, for a channel that would not take its embed."""
    title = f"**{clip(card.title, limits.TITLE) or '—'}**"
    url = address(card.url)
    lines = [title, *([f"<{url}>"] if url else []), *_lines(card)]
    footer = _footer(card)
    if footer:
        lines.append(f"-# {escape(footer)}")
    return limits.fit(lines, limits.CONTENT - _MENTION_ROOM, _rest(card))


def colour(card: Card) -> int:
    """The pillar's; without one the tone's."""
    return LOOKS[card.topic][0] if card.topic in LOOKS else TONES[card.tone]


def picture_name(name: str) -> str:
    """A name that an attachment keeps as it is, so that the embed finds it."""
    stem = _PICTURE_NAME.sub("-", name.removesuffix(".png")).strip("-")
    return f"{stem or 'picture'}.png"


def moment(when: Moment, language: str) -> str:
    """A time that each reader sees in their own zone; a date as that date everywhere."""
    return day(when, language) if when.date_only else f"<t:{when.at}:f>"


def day(when: Moment, language: str) -> str:
    """The calendar day in the moment's own zone, in words."""
    local = datetime.fromtimestamp(when.at, _zone(when.timezone))
    return say(
        language,
        "discord.day",
        day=local.day,
        month=local.month,
        month_name=_MONTHS[3 * local.month - 3 : 3 * local.month],
        year=local.year,
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _footer(card: Card) -> str:
    words = [clip(card.footer, limits.FOOTER - 40, clean)] if card.footer else []
    if card.when and card.when.date_only:
        words.append(day(card.when, card.language))
    return " · ".join(word for word in words if word)


def _rest(card: Card) -> limits.Rest:
    return lambda count: f"-# {say(card.language, 'discord.left_out', count=count)}"


def _lines(card: Card) -> Iterator[str]:
    if card.chips:
        yield " · ".join(map(_chip, card.chips))
    for line in card.lines:
        yield _line(line, card.language)


def _chip(chip: Chip) -> str:
    square = f"{LOOKS[chip.topic][1]} " if chip.topic in LOOKS else ""
    return f"{square}{_bold(chip.letter)} {clip(chip.label, limits.BUTTON_LABEL)}".strip()


def _line(line: Line, language: str) -> str:
    parts = [_bold(line.label), link(line.text, line.url, limits.LINE)]
    said = " ".join(part for part in parts if part)
    after = [clip(line.after, limits.LINE), moment(line.when, language) if line.when else ""]
    whole = " · ".join(part for part in [said, *after] if part)
    return _KINDS[line.kind].format(whole) if whole else ""


_KINDS: Final = {
    "text": "{}",
    "heading": "### {}",
    "bullet": "- {}",
    "note": "-# {}",
    "quote": "> {}",
}


def _bold(text: str) -> str:
    words = clip(text, limits.TITLE)
    return f"**{words}**" if words else ""
