"""What a phase of a benchmark costs: wall, CPU and peak memory, children included."""

import json
import os
import time
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family() -> list[int]:
    """Our own process and its children."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    found = [os.getpid()]
    for task in tasks.iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def cpu_s() -> float:
    """Seconds of processor time of the living family."""
    total = 0
    for process in family():
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def peak_mb() -> float:
    """The sum of the peaks of the family's resident memory."""
    total = 0
    for process in family():
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024


@dataclass
class Phase:
    """Measures from its making to `done`, which prints it as a line of JSON."""

    who: str
    what: str
    feeds: int
    wall_s: float = field(default_factory=time.perf_counter)
    cpu_s: float = field(default_factory=cpu_s)
    articles: int = 0
    peak_mb: float = 0.0

    def done(self, articles: int = 0) -> None:
        self.wall_s = round(time.perf_counter() - self.wall_s, 3)
        self.cpu_s = round(cpu_s() - self.cpu_s, 3)
        self.articles = articles
        self.peak_mb = round(peak_mb(), 1)
        print(json.dumps(asdict(self)), flush=True)


def set_mode(port: int, mode: str) -> None:
    address = f"http://127.0.0.1:{port}/mode/{mode}"
    with urllib.request.urlopen(address) as answer:
        answer.read()
