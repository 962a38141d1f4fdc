"""What a typed line means in the console: its own few words, a button's number, or a question."""

import re
import unicodedata
from dataclasses import dataclass

from adapters.console_text import clean
from handlers.command_words import ALIASES
from handlers.commands import BY_NAME
from handlers.messages import ChannelRef

NAME = "/aspire"
OWN = ("/join", "/channels", "/help", "/quit")
LONGEST = 20_000
"""Characters in one line; more is not asked."""

_LONGEST_NUMBER = 6
_CHANNEL = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class Own:
    """One of the console's own words, with what was typed after it."""

    word: str
    rest: str = ""


@dataclass(frozen=True)
class Press:
    """The button of that number."""

    number: int


@dataclass(frozen=True)
class Ask:
    """A question to the bot."""

    text: str


@dataclass(frozen=True)
class NotKnown:
    """A word after a slash that is neither the console's nor a command's."""

    word: str


Meaning = Own | Press | Ask | NotKnown


def understand(line: str) -> Meaning:
    """What one line means. Any text is fine; full-width slashes and digits count as plain ones."""
    line = clean(line).strip()
    if line.startswith("／"):
        line = f"/{line[1:]}"
    if line.isdecimal() and len(line) <= _LONGEST_NUMBER:
        return Press(int(line))
    if not line.startswith("/"):
        return Ask(line)
    word, _, rest = line.partition(" ")
    return _slashed(unicodedata.normalize("NFKC", word).lower(), rest.strip(), line)


def _slashed(word: str, rest: str, line: str) -> Meaning:
    if word == NAME:
        return Ask(rest)
    if word in OWN:
        return Own(word, rest)
    if word[1:] in BY_NAME or word[1:] in ALIASES:
        return Ask(line[1:])
    return NotKnown(word)


def channel_named(name: str) -> ChannelRef | None:
    """The console's channel of that name: 1 to 40 letters (of any language), digits, - and _.

    Small and capital letters are the same; a leading # is allowed. None for any other name.
    """
    plain_name = unicodedata.normalize("NFKC", name).strip().removeprefix("#").lower()
    if not _CHANNEL.fullmatch(plain_name):
        return None
    return ChannelRef(platform="console", workspace="", channel=plain_name)
