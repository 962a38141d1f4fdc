"""From what was typed to a command and its options, by the table of commands alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from handlers.command_words import ALIASES
from handlers.commands import BY_NAME, COMMANDS, Command, Option
from handlers.errors import Misunderstood
from handlers.messages import Request

MAX_TEXT = 2000
"""Characters of a typed request that are read."""
_MANY_WORDS = {"with", "without"}
_FALSE = {"", "no", "false", "0"}


@dataclass(frozen=True)
class Asked:
    """A command with its options; an option that was not given is missing."""

    command: Command
    options: Mapping[str, str]


def understand(request: Request) -> Asked:
    """What a request asks. Raises Misunderstood."""
    if request.command:
        command = BY_NAME[request.command]
        return Asked(command, _checked(command, request.options))
    return parse(request.text)


def parse(text: str) -> Asked:
    """What a typed line asks. Raises Misunderstood with what was meant, as far as it is near."""
    words = text[:MAX_TEXT].replace("\u3000", " ").split()
    if words and words[0].casefold() in {"/aspire", "aspire"}:
        words = words[1:]
    if not words:
        return Asked(BY_NAME["help"], {})
    command = find_command(words[0])
    if command is None:
        raise Misunderstood(
            "core.unknown_command", word=words[0], suggestions=nearest_commands(words)
        )
    return Asked(command, _Words(command, words[1:]).options())


def find_command(word: str) -> Command | None:
    word = word.casefold()
    return BY_NAME.get(word) or BY_NAME.get(ALIASES.get(word, ""))


def nearest_commands(words: list[str]) -> tuple[str, ...]:
    names = [command.name for command in COMMANDS]
    near = get_close_matches(words[0].casefold(), [*names, *ALIASES], n=3, cutoff=0.6)
    asks = (" ".join([name, *words[1:]]) if name in BY_NAME else ALIASES[name] for name in near)
    return tuple(dict.fromkeys(asks))


class _Words:
    """The words after a command's name, being given to its options one after another."""

    def __init__(self, command: Command, words: list[str]) -> None:
        self._command = command
        self._words = words
        self._found: dict[str, list[str]] = {}
        self._positional = [o for o in command.options if o.kind in {"value", "values"}]

    def options(self) -> Mapping[str, str]:
        while self._words:
            self._take()
        given = {name: " ".join(values) for name, values in self._found.items()}
        return _checked(self._command, given)

    def _take(self) -> None:
        choice = self._choice()
        if choice is not None and not self._wanted_as_topic(self._words[0]):
            option, value, used = choice
            if option.name in self._found:
                raise Misunderstood(
                    "core.said_twice", option=option.name, word=" ".join(self._words[:used])
                )
            self._found[option.name] = [value]
            del self._words[:used]
            return
        word = self._words.pop(0)
        marker = self._marker(word)
        if marker is not None:
            self._found[marker.name] = list(self._after(marker, word))
            return
        self._place(word)

    def _wanted_as_topic(self, word: str) -> bool:
        """`all` is a topic as long as no topic was named, and a scope after that."""
        first = self._positional[0] if self._positional else None
        return (
            word.casefold() == "all"
            and first is not None
            and first.completes == "topic"
            and first.name not in self._found
        )

    def _choice(self) -> tuple[Option, str, int] | None:
        two = " ".join(self._words[:2]).casefold()
        one = self._words[0].casefold()
        for option in self._command.options:
            if option.kind != "choice":
                continue
            if two in option.aliases and len(self._words) > 1:
                return option, option.aliases[two], 2
            value = option.aliases.get(one, one)
            if value in option.choices:
                return option, value, 1
        return None

    def _marker(self, word: str) -> Option | None:
        """The keyword or flag that a word is. Among free words a flag is one only at the end:
        "share prices" are words, "prices share" asks to share.
        """
        for option in self._command.options:
            if word.casefold() not in {option.name, *option.names}:
                continue
            if option.kind == "keyword":
                return option
            if option.kind == "flag":
                return None if self._words and self._free_words else option
        return None

    @property
    def _free_words(self) -> bool:
        return any(option.kind == "values" for option in self._positional)

    def _after(self, option: Option, word: str) -> Iterator[str]:
        if option.kind == "flag":
            yield "yes"
            return
        if not self._words:
            raise Misunderstood("core.keyword_needs_words", word=word)
        yield self._words.pop(0)
        while option.name in _MANY_WORDS and self._words:
            word = self._words.pop(0)
            ends = self._marker(word) is not None
            self._words.insert(0, word)
            if ends or self._choice() is not None:
                return
            yield self._words.pop(0)

    def _place(self, word: str) -> None:
        for option in self._positional:
            if option.kind == "values" or option.name not in self._found:
                self._found.setdefault(option.name, []).append(word)
                return
        choices = [c for o in self._command.options for c in o.choices]
        near = get_close_matches(word.casefold(), choices, n=1)
        raise Misunderstood(
            "core.unexpected_word",
            word=word,
            command=self._command.name,
            usage=usage(self._command),
            suggestions=tuple(f"{self._command.name} {one}" for one in near),
        )


def usage(command: Command) -> str:
    return f"{command.name} {command.usage}".strip()


def _checked(command: Command, given: Mapping[str, str]) -> Mapping[str, str]:
    """Only known options with allowed values. What is required and missing is the family's to
    ask for: some commands then answer with a form.
    """
    checked: dict[str, str] = {}
    for option in command.options:
        value = given.get(option.name, "").strip()
        if not value:
            continue
        if option.kind == "flag":
            if value.casefold() not in _FALSE:
                checked[option.name] = "yes"
        else:
            checked[option.name] = _checked_value(command, option, value)
    return checked


def _checked_value(command: Command, option: Option, value: str) -> str:
    if not option.choices:
        return value
    for choice in option.choices:
        if choice.casefold() == option.aliases.get(value.casefold(), value.casefold()).casefold():
            return choice
    raise Misunderstood(
        "core.not_a_choice",
        word=value,
        option=option.name,
        command=command.name,
        choices=", ".join(option.choices),
    )
