"""Completion at the console's prompt: which words of the table may stand at the cursor."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from adapters.console_text import clean
from adapters.console_words import NAME, OWN
from handlers.command_words import ALIASES
from handlers.commands import BY_NAME, Command, Option
from handlers.messages import Request
from handlers.ports import FrontDesk
from handlers.texts import has, say

_MANY_WORDS = {"with", "without"}
"""Keywords that take all words up to the next keyword or choice; the others take one."""


@dataclass(frozen=True)
class Plan:
    """What may stand at the cursor."""

    typed: str
    """The word so far, which a completion replaces."""
    words: tuple[str, ...] = ()
    """Words of the table that begin with it."""
    command: str = ""
    ask: tuple[str, ...] = ()
    """Options of `command` whose values only the core knows."""
    given: Mapping[str, str] = field(default_factory=dict)
    """The words before it, by the option that they belong to."""
    channels: bool = False
    """A channel of the console may stand here."""


def plan(before: str) -> Plan:
    """What may stand at the end of `before`, the text up to the cursor."""
    *said, typed = before.replace("\u3000", " ").split(" ")
    said = [word for word in said if word]
    if said and said[0].lower() == NAME:
        said = said[1:]
    elif not said and typed.startswith("/"):
        return Plan(typed, _starting((*OWN, NAME), typed))
    if not said:
        return Plan(typed, _starting(BY_NAME, typed))
    if said == ["/join"]:
        return Plan(typed, channels=True)
    name = said[0].removeprefix("/").casefold()
    command = BY_NAME.get(ALIASES.get(name, name))
    return _within(command, said[1:], typed) if command else Plan(typed)


def _within(command: Command, said: Sequence[str], typed: str) -> Plan:
    given, keyword = _given(command, said)
    if keyword and not given[keyword.name]:
        ask: tuple[str, ...] = (keyword.name,) if keyword.completes else ()
        return Plan(typed, _starting(keyword.choices, typed), command.name, ask, given)
    free = [option for option in command.options if _is_free(option, command, given)]
    ask = tuple(option.name for option in free if _is_asked(option))
    words = [word for option in free for word in _table_words(option)]
    return Plan(typed, _starting(words, typed), command.name, ask, given)


def _given(command: Command, said: Sequence[str]) -> tuple[dict[str, str], Option | None]:
    """The words by option, and the keyword that still waits for words of its own."""
    given: dict[str, str] = {}
    keyword: Option | None = None
    for word in said:
        option = _named(command, word.casefold())
        if option is not None:
            keyword = option if option.kind == "keyword" else None
            given[option.name] = "" if keyword else word
            continue
        target = keyword or _next_bare(command, given)
        if target is not None:
            given[target.name] = f"{given.get(target.name, '')} {word}".strip()
        if keyword and keyword.name not in _MANY_WORDS:
            keyword = None
    return given, keyword


def _named(command: Command, word: str) -> Option | None:
    """The option that this very word names: a keyword, a flag, or a choice by one of its words."""
    for option in command.options:
        if option.kind in {"keyword", "flag"} and option.name == word:
            return option
        if option.kind == "choice" and (word in option.choices or word in option.aliases):
            return option
    return None


def _next_bare(command: Command, given: Mapping[str, str]) -> Option | None:
    """The option to which the next bare word belongs."""
    bare = (option for option in command.options if option.kind in {"value", "values"})
    return next((o for o in bare if o.kind == "values" or o.name not in given), None)


def _is_free(option: Option, command: Command, given: Mapping[str, str]) -> bool:
    if option.kind in {"value", "values"}:
        return option is _next_bare(command, given)
    return option.name not in given


def _is_asked(option: Option) -> bool:
    """Whether the core knows what may stand for a bare word of this option."""
    return option.kind in {"value", "values"} and option.completes not in {"", "command"}


def _table_words(option: Option) -> Iterable[str]:
    if option.kind in {"keyword", "flag"}:
        return (option.name,)
    return BY_NAME if option.completes == "command" else option.choices


def _starting(words: Iterable[str], typed: str) -> tuple[str, ...]:
    return tuple(word for word in words if word.casefold().startswith(typed.casefold()))


class ConsoleCompleter(Completer):
    """Asks the core for what the table does not hold.

    `here` gives a request of the channel and person as they now are, `channels` the names that
    `/join` may be given, `language` that of the descriptions.
    """

    def __init__(
        self,
        desk: FrontDesk,
        here: Callable[[], Request],
        channels: Callable[[], Iterable[str]],
        language: Callable[[], str],
    ) -> None:
        self._desk = desk
        self._here = here
        self._channels = channels
        self._language = language

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Nothing: the core can only be asked asynchronously."""
        del document, complete_event
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        del complete_event
        found = plan(document.current_line_before_cursor)
        start = -len(found.typed)
        for option in found.ask:
            request = replace(self._here(), command=found.command, options=found.given)
            said = found.given.get(option, "").split()
            for choice in await self._desk.complete(request, option, found.typed):
                if choice.value not in said:
                    yield Completion(clean(choice.value), start, display=clean(choice.label))
        for word in found.words:
            yield Completion(word, start, display_meta=self._about(word, found))
        if found.channels:
            for name in _starting(self._channels(), found.typed):
                yield Completion(name, start)

    def _about(self, word: str, found: Plan) -> str:
        """What a word of the table is for, if the locale says it."""
        if found.command and found.command != "help":
            keys = [f"commands.{found.command}.option.{word}", f"commands.choice.{word}"]
        else:
            keys = [f"commands.{word}.what", f"console.about_{word.removeprefix('/')}"]
        language = self._language()
        return next((say(language, key) for key in keys if has(language, key)), "")
