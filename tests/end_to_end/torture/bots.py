"""The bot as a process: started, killed, its disk filled, what it says kept in a file."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CAN_FILL_DISK = hasattr(resource, "prlimit")
"""Linux alone can change a limit of a process that runs."""
FULL_BYTES = 1024
"""No file may be written behind this many bytes while the disk is full."""


@dataclass
class Clock:
    """The bots' wall clock, as far as it is ahead of the real one."""

    file: Path
    ahead_s: int = 0

    def __post_init__(self) -> None:
        self.set(0)

    def set(self, by_s: int) -> None:
        """Set it ahead, or back."""
        self.ahead_s += by_s
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(self.ahead_s), encoding="ascii")
        fresh.replace(self.file)


@dataclass
class Bots:
    """Starts `aspire run` on one folder's configuration and database."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock
    started: int = 0

    async def start(self) -> "Bot":
        self.started += 1
        launch = ["-m", "tests.end_to_end.torture.launch", str(self.clock.file)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *launch,
            "--config",
            str(self.folder / "config.toml"),
            "run",
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return Bot(process, self.folder / f"bot-{self.started:03}.log")


@dataclass
class Bot:
    process: asyncio.subprocess.Process
    log: Path
    felt_full: int = 0
    """How often it said that it could not write."""
    _listening: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Through a pipe: the bot's own disk may be full."""
        assert self.process.stderr is not None
        with self.log.open("wb") as log:
            async for line in self.process.stderr:
                log.write(line)
                self.felt_full += b"disk I/O error" in line or b"disk is full" in line

    @property
    def runs(self) -> bool:
        return self.process.returncode is None

    async def end(self, how: signal.Signals) -> int:
        """Its exit code. It must have been running until now."""
        assert self.runs, f"it ended by itself with {self.process.returncode}: {self.log}"
        self.process.send_signal(how)
        code = await asyncio.wait_for(self.process.wait(), 40)
        await self._listening
        return code

    def fill_disk(self, *, full: bool) -> None:
        """From now on it can write nothing, or can again; nothing happens where it is ended, or
        where that cannot be done.
        """
        if not (CAN_FILL_DISK and self.runs):
            return
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        soft = FULL_BYTES if full else hard
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
