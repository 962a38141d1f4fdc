"""A real terminal for tests: a console of its own process on a pty, typed at and read."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WAIT_S = 30.0
PROMPT = "#general › "
_ESCAPES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>78]")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


@dataclass
class Terminal:
    """The master's end of the pty; `raw` is all that the console has written to it."""

    fd: int
    process: "subprocess.Popen[bytes]"
    asked_file: Path
    raw: bytes = b""
    _seen: int = 0

    def type(self, text: str) -> None:
        data = text.encode()
        while data:
            self._read(0.0)
            if select.select([], [self.fd], [], 0.05)[1]:
                with suppress(BlockingIOError):
                    data = data[os.write(self.fd, data[:512]) :]

    def paste(self, text: str) -> None:
        self.type(f"\x1b[200~{text}\x1b[201~")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def until(self, text: str) -> None:
        """Read until `text` has been shown after what was waited for before, styles aside."""
        self._until(lambda: text in self.shown()[self._seen :], text)
        self._seen = self.shown().index(text, self._seen) + len(text)

    def ask(self, typed: str, shown: str) -> None:
        """Type a line, see the answer, and see the prompt again."""
        self.type(f"{typed}\r")
        self.until(shown)
        self.until(PROMPT)

    def leave(self) -> None:
        """Press Ctrl-D at the prompt and see the console end well."""
        self.type("\x04")
        assert self.ended() == 0

    def ended(self) -> int:
        """The exit code, once the console has left."""
        self._until(lambda: self.process.poll() is not None, "the end")
        return self.process.wait()

    def shown(self) -> str:
        return _ESCAPES.sub("", self.raw.decode("utf-8", "replace"))

    def asked(self) -> list[tuple[str, str, Mapping[str, str]]]:
        """Channel, text and options of all questions that were not completions."""
        rows = json.loads(self.asked_file.read_text())
        return [(row[0], row[1], row[2]) for row in rows if not row[1].startswith("? ")]

    def settings(self) -> list[object]:
        return termios.tcgetattr(self.fd)[:4]

    def _until(self, done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not done():
            assert time.monotonic() < end, f"{what!r} did not come; shown:\n{self.shown()[-3000:]}"
            self._read(0.05)

    def _read(self, wait_s: float) -> None:
        if not select.select([self.fd], [], [], wait_s)[0]:
            return
        try:
            data = os.read(self.fd, 65_536)
        except OSError:  # the console's end is closed
            return
        self.raw += data
        if _WHERE_IS_THE_CURSOR in data:
            os.write(self.fd, b"\x1b[1;1R")


@contextmanager
def terminal(folder: Path, columns: int = 100, **environ: str) -> Iterator[Terminal]:
    """A console with the fake core, ended with the test. History and questions are in `folder`."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    asked = folder / "asked.json"
    plain = {"PATH": os.defpath, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.console.sit", str(asked), str(folder / "history")],
        cwd=ROOT,
        env={**plain, **environ},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    try:
        os.set_blocking(master, False)
        yield Terminal(master, process, asked)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
