"""What the console's tests share: a screen on a real pipe, and a clean environment."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

import pytest

from adapters.console_screen import Screen

NOW = 1_783_591_500
"""2026-07-09 18:05 in Hong Kong."""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may force or forbid colours; the tests decide themselves."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Pipe:
    """A screen whose output goes into a real pipe, and what came out of it."""

    screen: Screen
    writer: TextIO
    reader: TextIO

    def text(self) -> str:
        """Everything printed so far. Closes the screen's end."""
        if not self.writer.closed:
            self.writer.close()
        return self.reader.read()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = os.pipe()
    with (
        os.fdopen(ends[0], encoding="utf-8") as reader,
        os.fdopen(ends[1], "w", encoding="utf-8") as writer,
    ):
        yield Pipe(Screen(writer, lambda: NOW, "Asia/Hong_Kong"), writer, reader)
