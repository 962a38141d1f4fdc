"""Lines typed at a real terminal: a prompt that stays whole while cards are printed above it."""

import asyncio
import contextvars
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session, run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from adapters import console_form
from adapters.console_lines import GaveUpError
from adapters.console_screen import Screen
from adapters.console_text import clean
from handlers.messages import Field, Form
from handlers.texts import say

T = TypeVar("T")
SLOW_S = 1.0
"""Seconds after which a person is told that an answer takes time."""

_STYLE = Style.from_dict(
    {
        "channel": "bold ansicyan",
        "arrow": "ansibrightblack",
        "bottom-toolbar": "noreverse ansibrightblack",
        "auto-suggestion": "ansibrightblack",
        "completion-menu": "bg:#2b3138 #e6e6e6",
        "completion-menu.completion.current": "noreverse bold bg:#1f6f8b #ffffff",
        "completion-menu.meta.completion": "bg:#23282e #a9b1ba",
        "completion-menu.meta.completion.current": "noreverse bg:#1b5d75 #ffffff",
    }
)


def history_in(file: Path | None) -> tuple[History, OSError | None]:
    """The lines typed before, kept in `file` for its owner's eyes only.

    In memory where there is no file, or none can be written; then with the reason.
    """
    if file is None:
        return InMemoryHistory(), None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600, exist_ok=True)
        with file.open("ab"):
            pass
    except OSError as error:
        return InMemoryHistory(), error
    return FileHistory(str(file)), None


class PromptReader:
    """A prompt with history and completion. While it is open, whatever is printed by `screen`,
    or by anybody to standard output and error, goes above it and leaves the typed text alone.

    Ctrl-C clears the line; at an empty one it leaves when pressed again. Ctrl-D leaves.
    """

    def __init__(
        self, screen: Screen, stdin: TextIO, completer: Completer, history: History
    ) -> None:
        self._screen = screen
        self._input: Input = create_input(stdin)
        self._output: Output = create_output(screen.stream)
        self._language = "en"
        self._session: PromptSession[str] = PromptSession(
            completer=completer,
            history=history,
            auto_suggest=AutoSuggestFromHistory(),
            key_bindings=self._keys(),
            style=_STYLE,
            input=self._input,
            output=self._output,
        )
        self._session.default_buffer.on_text_changed += self._disarm

    @contextmanager
    def open(self) -> Iterator[None]:
        with create_app_session(self._input, self._output), patch_stdout():
            context = contextvars.copy_context()  # by which others find the prompt that is open

            async def above_prompt(write: Callable[[], None]) -> None:
                # Shielded: a print that is cancelled half-way would block all that come after.
                await asyncio.shield(context.run(run_in_terminal, write))

            with self._screen.writing_through(above_prompt):
                yield

    async def read(self, channel: str, language: str) -> str:
        self._language = language
        self._disarm()
        return await self._session.prompt_async(_prompt(f"#{channel}"), set_exception_handler=False)

    async def fill(self, form: Form, language: str) -> Mapping[str, str]:
        return await console_form.fill(form, language, self._screen.tell, self._ask)

    async def wait(self, work: Awaitable[T], language: str) -> T:
        """The result of `work`, with a sentence if it is slow. Raises GaveUpError at Ctrl-C."""
        task = asyncio.ensure_future(work)
        try:
            with _on_interrupt(task.cancel):
                await asyncio.wait({task}, timeout=SLOW_S)
                if not task.done():
                    await self._screen.note(say(language, "console.waiting"))
                return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is None or current.cancelling():
                raise
            await self._screen.note("")  # the terminal has just printed ^C
            raise GaveUpError from None
        finally:
            task.cancel()

    async def _ask(self, field: Field) -> str:
        words = [*console_form.marks(field), *(choice.value for choice in field.choices)]
        session: PromptSession[str] = PromptSession(
            completer=WordCompleter(words, ignore_case=True),
            complete_while_typing=False,
            style=_STYLE,
            input=self._input,
            output=self._output,
        )
        present = clean(" ".join(field.value)) if field.kind == "text" else ""
        try:
            return await session.prompt_async(
                _prompt(clean(field.label)), default=present, set_exception_handler=False
            )
        except (KeyboardInterrupt, EOFError) as error:
            raise GaveUpError from error

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c", filter=has_focus(DEFAULT_BUFFER))
        @keys.add("<sigint>")
        def _(event: KeyPressEvent) -> None:
            if event.current_buffer.text:
                event.current_buffer.reset()
            elif self._session.bottom_toolbar:
                event.app.exit(exception=EOFError())
            else:
                self._session.bottom_toolbar = say(self._language, "console.press_again")

        return keys

    def _disarm(self, _: Buffer | None = None) -> None:
        self._session.bottom_toolbar = None


def _prompt(words: str) -> FormattedText:
    return FormattedText([("class:channel", words), ("class:arrow", " › ")])


@contextmanager
def _on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """While inside, Ctrl-C does `act` and nothing else, where the system can do that."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    try:
        loop.add_signal_handler(signal.SIGINT, act)
    except (NotImplementedError, ValueError, RuntimeError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
