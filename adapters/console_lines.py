"""Where typed lines come from: the port, and plain lines from a pipe or a dumb terminal."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Protocol, TextIO, TypeVar

from adapters.console_words import LONGEST
from handlers.messages import Form

T = TypeVar("T")
_CHUNK = 65_536
_KEPT = 4 * (LONGEST + 1)  # a character has up to 4 bytes; one more shows that it is too long


class GaveUpError(Exception):
    """The person pressed Ctrl-C instead of answering or waiting."""


class Reader(Protocol):
    """Where a conversation gets its lines from."""

    def open(self) -> AbstractContextManager[None]:
        """What must surround the whole conversation."""

    async def read(self, channel: str, language: str) -> str:
        """What was typed: one line, or several at once. Raises EOFError at the end."""

    async def fill(self, form: Form, language: str) -> Mapping[str, str] | None:
        """The form's answers by field; None where questions cannot be asked one by one.
        Raises GaveUpError.
        """

    async def wait(self, work: Awaitable[T], language: str) -> T:
        """The result of `work`. Raises GaveUpError if the person would not wait for it."""


class LineReader:
    """Lines of UTF-8 from a pipe, a file, or a terminal that can only print."""

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        self._fd = stdin.fileno()
        self._stdout = stdout
        self._prompts = stdin.isatty() and stdout.isatty()
        self._unread = b""

    def open(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def read(self, channel: str, language: str) -> str:
        """One line, or its first `LONGEST` characters and at least one more."""
        del language
        if self._prompts:
            self._stdout.write(f"#{channel} > ")
            self._stdout.flush()
        line = await self._line()
        return line.decode("utf-8", "replace")

    async def fill(self, form: Form, language: str) -> None:
        """None: whoever types into a pipe does not wait for questions."""

    async def wait(self, work: Awaitable[T], language: str) -> T:
        del language
        return await work

    async def _line(self) -> bytes:
        kept = b""
        while b"\n" not in self._unread:
            kept = (kept + self._unread)[:_KEPT]
            self._unread = await _in_background(self._fd)
            if not self._unread:
                if kept:
                    return kept
                raise EOFError
        line, _, self._unread = self._unread.partition(b"\n")
        return (kept + line)[:_KEPT]


async def _in_background(fd: int) -> bytes:
    """Read from `fd` in a thread that does not keep the program from ending.

    Neither a worker of the loop's pool (it is joined at the end, and a terminal may never
    answer) nor the loop itself (it cannot watch a regular file) would do.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[bytes] = loop.create_future()

    def settle(data: bytes) -> None:
        if not result.done():
            result.set_result(data)

    def work() -> None:
        try:
            data = os.read(fd, _CHUNK)
        except OSError:  # the terminal has hung up: the same as its end
            data = b""
        with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody waits
            loop.call_soon_threadsafe(settle, data)

    threading.Thread(target=work, name="console-lines", daemon=True).start()
    return await result
