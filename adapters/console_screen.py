"""The console's one screen: prints cards, numbers their buttons, and is a Sender."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.text import Text

from adapters.console_cards import CardView
from adapters.console_text import clean, moment_text, plain
from handlers.messages import Button, Card, ChannelRef, Moment
from handlers.ports import NO_SPACING, Never, Refusal
from handlers.texts import language_of, say

PLATFORM = "console"
_REMEMBERED = 1000
_VTE_WITH_LINKS = 5000

Write = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs a function that writes to the terminal, at a moment when it may."""


class ScreenGoneError(Exception):
    """Nobody can read any more: the pipe is closed or the terminal has hung up."""


def supports_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one that is known to understand OSC 8 hyperlinks.

    A terminal cannot be asked, and some print rubbish, so those that can are listed here.
    """
    if environ.get("TMUX") or environ.get("STY"):
        return False  # tmux before 3.4 and GNU screen swallow the address
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"}
        or environ.get("TERM") in {"xterm-kitty", "xterm-ghostty", "alacritty", "foot"}
        or (vte.isdecimal() and int(vte) >= _VTE_WITH_LINKS)
        or bool(environ.get("WT_SESSION") or environ.get("KONSOLE_VERSION"))
    )


class Presses:
    """The numbered buttons on the screen.

    A new answer starts at 1. What arrives unasked after it counts on, so that no number changes
    its meaning while somebody is about to type it. The newest thousand are kept.
    """

    def __init__(self) -> None:
        self._buttons: dict[int, tuple[ChannelRef, Button]] = {}
        self._next = 1

    def start_over(self) -> None:
        self._buttons.clear()
        self._next = 1

    def number(self, channel: ChannelRef, card: Card) -> range:
        first, self._next = self._next, self._next + len(card.buttons)
        for number, button in enumerate(card.buttons, first):
            self._buttons[number] = (channel, button)
            self._buttons.pop(number - _REMEMBERED, None)
        return range(first, self._next)

    def find(self, number: int) -> tuple[ChannelRef, Button] | None:
        return self._buttons.get(number)


class Screen:
    """Where all cards of the console are printed, whichever channel they are for.

    Drawn with colours on a terminal, as plain text into a pipe, a file or a dumb terminal (as
    rich detects them). `clock` gives UTC seconds, `timezone` is that of the headings.
    """

    def __init__(
        self, stream: TextIO, clock: Callable[[], int], timezone: str, *, links: bool = False
    ) -> None:
        self.stream = stream
        self.presses = Presses()
        self._write: Write = _at_once
        self._clock = clock
        self._timezone = timezone
        self._links = links
        self._console = Console(file=stream)
        self.drawn = self._console.is_terminal and not self._console.is_dumb_terminal

    @contextmanager
    def writing_through(self, write: Write) -> Iterator[None]:
        """While inside, everything is printed by `write`, which knows when it may be."""
        before, self._write = self._write, write
        try:
            yield
        finally:
            self._write = before

    async def tell(self, card: Card) -> None:
        """Print a card of the console's own, without buttons. Raises ScreenGoneError."""
        await self._show(card, range(0))

    async def answer(self, card: Card, channel: ChannelRef) -> None:
        """Print a card for the person who sits here. Raises ScreenGoneError."""
        await self._show(card, self.presses.number(channel, card))

    async def post(self, card: Card, channel: ChannelRef, mark: str = "") -> None:
        """Print a card that is for all of `channel`, under its name. Raises ScreenGoneError."""
        when = moment_text(Moment(self._clock(), timezone=self._timezone))
        mention = f"@{clean(card.mention)}" if card.mention else ""
        about = "  ".join(part for part in (when, mark, mention) if part)
        heading = f"#{clean(channel.channel)}", about
        await self._show(card, self.presses.number(channel, card), heading)

    async def post_plain(self, card: Card, channel: ChannelRef) -> None:
        """The same as plain text, whatever the terminal can do."""
        numbers = self.presses.number(channel, card)
        text = f"#{clean(channel.channel)}\n{plain(card, numbers)}\n\n"
        await self._write(lambda: self._put(text))

    async def note(self, text: str) -> None:
        """Print a sentence of the console's own. Raises ScreenGoneError."""
        await self._write(lambda: self._put(self._noted(clean(text))))

    async def _show(self, card: Card, numbers: range, heading: tuple[str, ...] = ()) -> None:
        await self._write(lambda: self._put(self._carded(card, numbers, heading)))

    def _carded(self, card: Card, numbers: range, heading: tuple[str, ...]) -> str:
        if not self.drawn:
            rows = ("  ".join(heading), plain(card, numbers))
            return "\n".join(row for row in rows if row) + "\n\n"
        with self._console.capture() as capture:
            if heading:
                name, about = heading
                self._console.print(Text.assemble((name, "bold cyan"), "  ", (about, "dim")))
            self._console.print(CardView(card, numbers, links=self._links), crop=False)
            self._console.print()
        return capture.get()

    def _noted(self, text: str) -> str:
        if not self.drawn:
            return f"{text}\n\n"
        with self._console.capture() as capture:
            an_address = " " not in text  # to be copied whole, so the terminal may wrap it
            self._console.print(Text(text, style="dim"), soft_wrap=an_address)
            self._console.print()
        return capture.get()

    def _put(self, text: str) -> None:
        encoding = self.stream.encoding or "utf-8"
        try:
            self.stream.write(text.encode(encoding, "replace").decode(encoding))
            self.stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise ScreenGoneError(str(error)) from error


async def _at_once(write: Callable[[], None]) -> None:
    write()


class ConsoleSender:
    """Posts into the console's channels: to all of them, as they share the one screen.

    A post is kept apart from others by its channel's name, so nothing is refused because the
    person has not joined that channel. Raises Never(CHANNEL_GONE) once nobody can read.
    """

    platform = PLATFORM
    spacing = NO_SPACING

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._count = 0
        self._sent: dict[str, str] = {}

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        with _refusing():
            await self._screen.post(card, channel)
        return self._done(key)

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        with _refusing():
            await self._screen.post_plain(card, channel)
        return self._done(key)

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        """The first send's id if this process printed it; a screen of an earlier process cannot
        be read back, so its post is printed again.
        """
        return self._sent.get(key) or await self.send(channel, card, key)

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        """Print the card anew, marked as updated: what stands on a screen cannot be changed."""
        del message
        mark = say(language_of(card.language) or "en", "console.updated")
        with _refusing():
            await self._screen.post(card, channel, mark)

    def _done(self, key: str) -> str:
        self._count += 1
        self._sent[key] = f"c{self._count}"
        if len(self._sent) > _REMEMBERED:
            del self._sent[next(iter(self._sent))]
        return self._sent[key]


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ScreenGoneError as error:
        raise Never(Refusal.CHANNEL_GONE, str(error)) from error
