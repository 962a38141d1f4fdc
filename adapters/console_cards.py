"""Cards drawn for a terminal with rich, and a picture of them for the README."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.text import Text

from adapters.console_text import DOT, address, clean, footer_text, moment_text
from adapters.console_wrap import wrap_points
from handlers.messages import Button, Card, Chip, Line

WIDEST = 96
"""Cells: longer rows are hard to read, however wide the window."""

PILLAR_COLOURS = {
    "access": "#3b82f6",
    "safeguards": "#22a45d",
    "products": "#e8c317",
    "infrastructure": "#a855f7",
    "relationships": "#f08a24",
}
"""The same as Discord's edges, so that a pillar looks alike everywhere."""

_NO_BREAK = "\u00a0"
_GREY = "#8b949e"
_INK = "#101418"
_TONES = {"plain": "", "good": "#22a45d", "warning": "#e8a317", "error": "#d83c3e"}
_SIGNS = {"plain": "", "good": "✓ ", "warning": "! ", "error": "✗ "}
_PLAINER = str.maketrans({"✓": "+", "✗": "x", "┃": "|", "•": "-", "│": "|", "·": "-", "↗": ">"})
_BUTTON_STYLES = {"plain": "", "primary": "bold", "danger": _TONES["error"]}
_FONT_FACES = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


@dataclass(frozen=True)
class _Row:
    """One line of a card before it is wrapped: what stands before it, and its words."""

    words: Text
    before: str = ""
    address: str = ""
    """Shown below on a row of its own; empty where the words are a link."""


@dataclass(frozen=True)
class CardView:
    """A card for rich's console: a bar in the pillar's colour, and the card's lines beside it.

    `numbers` stand before the buttons; without them buttons are not drawn. With `links` titles
    are OSC 8 hyperlinks, without it addresses are written out.
    """

    card: Card
    numbers: Sequence[int] = ()
    links: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        plainer = options.ascii_only
        bar = Text("| " if plainer else "┃ ", style=_colour(self.card))
        width = max(min(options.max_width - 1, WIDEST) - 2, 1)
        for row in self._rows(coloured=bool(console.color_system) and not console.no_color):
            for text in _wrapped(row, width):
                if plainer:
                    text.plain = text.plain.translate(_PLAINER)
                yield Text.assemble(bar, text, no_wrap=True, overflow="ignore")

    def _rows(self, *, coloured: bool) -> Iterator[_Row]:
        yield from self._head(coloured=coloured)
        above = bool(self.card.title or self.card.chips)
        if above and self.card.lines and self.card.lines[0].kind != "heading":
            yield _Row(Text())
        for line in self.card.lines:
            if line.kind == "heading" and above:
                yield _Row(Text())
            yield self._line(line)
            above = bool(line.text or line.label)
        yield from self._foot()

    def _head(self, *, coloured: bool) -> Iterator[_Row]:
        card = self.card
        if card.title:
            sign = Text(_SIGNS[card.tone], style=_colour(card))
            title = self._linked(card.title, card.url, "bold")
            yield _Row(Text.assemble(sign, title), address="" if self.links else address(card.url))
        if card.chips:
            yield _Row(Text("  ").join(_chip(chip, coloured=coloured) for chip in card.chips))

    def _line(self, line: Line) -> _Row:
        look, before = _LOOKS[line.kind]
        label = Text(clean(line.label), style="bold")
        said = _joined(" ", label, self._linked(line.text, line.url, look))
        after = Text(clean(line.after), style="dim")
        when = Text(_unbroken(moment_text(line.when)) if line.when else "", style="dim")
        words = _joined(DOT, said, after, when) if after else _joined(" ", said, when)
        return _Row(words, before, "" if self.links else address(line.url))

    def _foot(self) -> Iterator[_Row]:
        card, footer = self.card, footer_text(self.card)
        if (card.title or card.chips or card.lines) and (footer or self.numbers):
            yield _Row(Text())
        if footer:
            yield _Row(Text(footer, style="dim"))
        if self.numbers:
            pairs = zip(self.numbers, card.buttons, strict=True)
            yield _Row(Text("  ").join(_button(number, button) for number, button in pairs))

    def _linked(self, text: str, url: str, look: str) -> Text:
        link = address(url) if self.links else ""
        style = Style.parse(look or "none")
        return Text(clean(text), style=style + Style(link=link) if link else style)


_LOOKS = {
    "text": ("", ""),
    "heading": ("bold", ""),
    "bullet": ("", "• "),
    "note": ("dim", ""),
    "quote": ("italic", "│ "),
}


def _colour(card: Card) -> str:
    return _TONES[card.tone] or PILLAR_COLOURS.get(card.topic, _GREY)


def _chip(chip: Chip, *, coloured: bool) -> Text:
    letter = _unbroken(clean(chip.letter))
    style = f"bold {_INK} on {PILLAR_COLOURS.get(chip.topic, _GREY)}"
    badge = Text(f"{_NO_BREAK}{letter}{_NO_BREAK}", style) if coloured else Text(f"[{letter}]")
    return Text.assemble(badge, _NO_BREAK, _unbroken(clean(chip.label)))


def _button(number: int, button: Button) -> Text:
    label = _unbroken(clean(button.label)) + (" ↗" if button.url else "")
    return Text.assemble(
        (f"[{number}]", "bold cyan"), _NO_BREAK, (label, _BUTTON_STYLES[button.style])
    )


def _joined(by: str, *parts: Text) -> Text:
    return Text(by).join(part for part in parts if part)


def _unbroken(text: str) -> str:
    return text.replace(" ", _NO_BREAK)


def _wrapped(row: _Row, width: int) -> Iterator[Text]:
    before = row.before
    room = max(width - len(before), 1)
    for part in row.words.divide(wrap_points(row.words.plain, room)):
        part.rstrip()
        part.plain = part.plain.replace(_NO_BREAK, " ")
        yield Text.assemble((before, "dim"), part)
        before = row.before if row.before.startswith("│") else " " * len(row.before)
    if row.address:
        yield Text.assemble(" " * len(row.before), (row.address, "dim"))


def picture(shown: Iterable[Card | str], title: str, width: int = 92) -> str:
    """An SVG of a terminal in which `shown` stands: cards, and words as somebody typed them.

    It fetches nothing: the letters are whatever fixed-width font the reader has.
    """
    console = Console(
        record=True,
        width=width,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    for part in shown:
        if isinstance(part, str):
            console.print(Text.assemble(("› ", "bold cyan"), clean(part)))
        else:
            console.print(CardView(part, range(1, len(part.buttons) + 1)), "", crop=False)
    svg = _FONT_FACES.sub("", console.export_svg(title=clean(title)))
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some drop spaces without it
