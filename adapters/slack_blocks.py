"""Card -> Block Kit, always within Slack's limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.slack_fallback import fallback_text
from adapters.slack_limits import (
    BLOCKS_IN_MESSAGE,
    BUTTON_LABEL,
    CONTEXT_ELEMENTS,
    HEADER,
    MESSAGE_JSON,
    OPTION_LABEL,
    OPTION_VALUE,
    PLACEHOLDER,
    TITLE,
    Json,
    cut,
    json_width,
    width,
)
from adapters.slack_rich import link_element, rich_text
from adapters.slack_text import clean, date_token, mention_of, web_address
from handlers.messages import Button, Card, Chip, Line
from handlers.texts import say

PILLAR_SQUARES = {
    "access": "🟦",
    "safeguards": "🟩",
    "products": "🟨",
    "infrastructure": "🟪",
    "relationships": "🟧",
}
"""The colours of Discord's edges, so that a pillar looks alike everywhere."""
TONES = {"plain": "", "good": "✅ ", "warning": "⚠️ ", "error": "⛔ "}

FOOTER = 300
CHIP = 75
BUTTONS = 5
"""Shown as buttons; what is more goes into a menu beside them."""
MENU = 12
ADDRESS_IN_BUTTON = 500
RICH_TEXT_LINES = 20
"""Lines in one block, so that long cards stay easy on the clients."""


@dataclass(frozen=True)
class Room:
    """How much a payload may hold."""

    blocks: int = BLOCKS_IN_MESSAGE
    characters: int = MESSAGE_JSON


@dataclass(frozen=True)
class Drawn:
    """What Slack is sent for a card: blocks for the eye, text for everybody else."""

    text: str
    blocks: list[Json]


def draw(card: Card) -> Drawn:
    return Drawn(fallback_text(card), card_blocks(card))


def card_blocks(card: Card, room: Room = Room(), name: str = "card") -> list[Json]:
    """The card's blocks within `room`; lines that do not fit are left out and counted.

    `name` makes the block ids unique where several cards share a view.
    """
    most = len(card.lines)
    fewest = 0
    if _fits(blocks := _blocks(card, most, name), room):
        return blocks
    while fewest < most - 1:
        middle = (fewest + most) // 2
        fewest, most = (
            (middle, most) if _fits(_blocks(card, middle, name), room) else (fewest, middle)
        )
    return _blocks(card, fewest, name)


def _fits(blocks: Sequence[Json], room: Room) -> bool:
    return len(blocks) <= room.blocks and json_width(blocks) <= room.characters


def _blocks(card: Card, shown: int, name: str) -> list[Json]:
    """The card with its first `shown` lines."""
    left_out = len(card.lines) - shown
    parts = [
        _mention(card.mention),
        _title(card),
        *_chips(card.chips),
        *_body(card.lines[:shown], card.language),
        _note(say(card.language, "slack.left_out", count=left_out)) if left_out else None,
        _footer(card),
        _actions(card.buttons, card.language, name),
    ]
    return [part for part in parts if part]


def _mention(who: str) -> Json | None:
    element = mention_of(who)
    return _flow(element) if element else None


def _flow(element: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [element]}],
    }


def _title(card: Card) -> Json:
    """A header; but a linked or a long title as bold rich text, which can hold it."""
    title = TONES[card.tone] + cut(clean(card.title) or "…", TITLE)
    if width(title) <= HEADER and not web_address(card.url):
        return {"type": "header", "text": plain(title)}
    return _flow(link_element(title, card.url, bold=True))


def plain(text: str, limit: int = HEADER, *, emoji: bool = False) -> Json:
    """A plain_text object. Slack shows it as it is, so nothing is escaped."""
    return {"type": "plain_text", "text": cut(text, limit), "emoji": emoji}


def _chips(chips: tuple[Chip, ...]) -> list[Json]:
    elements = [plain(chip_text(chip), CHIP) for chip in chips]
    rows = range(0, len(elements), CONTEXT_ELEMENTS)
    return [{"type": "context", "elements": elements[row : row + CONTEXT_ELEMENTS]} for row in rows]


def chip_text(chip: Chip) -> str:
    words = f"{clean(chip.letter)} {clean(chip.label)}"
    return " ".join(filter(None, (PILLAR_SQUARES.get(chip.topic), words)))


def _body(lines: tuple[Line, ...], language: str) -> list[Json]:
    """Lines in order: plain notes small and grey, all else as rich text."""
    blocks: list[Json] = []
    run: list[Line] = []
    for line in lines:
        small = line.kind == "note" and not line.url
        if run and (small or len(run) == RICH_TEXT_LINES):
            blocks.append(rich_text(tuple(run), language))
            run = []
        if small:
            blocks.append(_small(line, language))
        else:
            run.append(line)
    if run:
        blocks.append(rich_text(tuple(run), language))
    return blocks


def _small(line: Line, language: str) -> Json:
    said = " ".join(filter(None, (clean(line.label), clean(line.text))))
    words = " · ".join(filter(None, (said, clean(line.after))))
    elements = [plain(words or " ", 1_000)]
    if line.when:
        elements.append({"type": "mrkdwn", "text": date_token(line.when, language)})
    return {"type": "context", "elements": elements}


def _note(text: str) -> Json:
    return {"type": "context", "elements": [plain(text)]}


def _footer(card: Card) -> Json | None:
    elements = [plain(cut(clean(card.footer), FOOTER), FOOTER)] if clean(card.footer) else []
    if card.when:
        elements.append({"type": "mrkdwn", "text": date_token(card.when, card.language)})
    return {"type": "context", "elements": elements} if elements else None


def _actions(buttons: tuple[Button, ...], language: str, name: str) -> Json | None:
    """Buttons; beyond a handful the rest as a menu, which takes less room than a wall of them."""
    usable = [button for button in buttons if _usable(button)]
    shown = len(usable) if len(usable) <= BUTTONS else BUTTONS - 1
    elements = [_button(button, index) for index, button in enumerate(usable[:shown])]
    if menu := _menu(usable[shown:], language):
        elements.append(menu)
    if not elements:
        return None
    return {"type": "actions", "block_id": f"{name}:actions", "elements": elements}


def _menu(buttons: Sequence[Button], language: str) -> Json | None:
    """Slack takes each value once, and a menu cannot open addresses."""
    options = {
        button.ask: {"text": plain(clean(button.label), OPTION_LABEL), "value": button.ask}
        for button in buttons
        if button.ask
    }
    if not options:
        return None
    return {
        "type": "static_select",
        "action_id": "ask:menu",
        "placeholder": plain(say(language, "slack.menu"), PLACEHOLDER),
        "options": list(options.values())[:MENU],
    }


def _usable(button: Button) -> bool:
    if not clean(button.label):
        return False
    if button.url:
        return 0 < width(web_address(button.url)) <= ADDRESS_IN_BUTTON
    return 0 < width(button.ask) <= OPTION_VALUE


def _button(button: Button, index: int) -> Json:
    element: Json = {
        "type": "button",
        "text": plain(clean(button.label), BUTTON_LABEL, emoji=True),
    }
    if button.style != "plain":
        element["style"] = button.style
    if button.url:
        return {**element, "action_id": f"open:{index}", "url": web_address(button.url)}
    return {**element, "action_id": f"ask:{index}", "value": button.ask}
