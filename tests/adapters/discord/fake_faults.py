"""How the fake's API misbehaves when told to, and the limits it keeps when told to."""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.adapters.discord.fake_rules import Json


@dataclass
class Fault:
    """What to do with the next `times` requests of this method and path (a regular expression).

    With `done` the request is carried out first, so that only its answer goes wrong.
    """

    method: str
    path: str
    status: int = 0
    code: int = 0
    retry_after: float = 0.0
    everywhere: bool = False
    """A 429 that is global."""
    from_front: bool = False
    """Answered by the front (Cloudflare): a page, without Discord's headers."""
    drop: bool = False
    """Break the connection instead of answering."""
    late_s: float = 0.0
    done: bool = False
    times: int = 1
    met: int = 0
    _path: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self._path = re.compile(self.path)

    def meets(self, method: str, path: str) -> bool:
        hit = self.met < self.times and method == self.method and bool(self._path.search(path))
        self.met += hit
        return hit

    def body(self) -> Json:
        if self.status == 429:
            return {
                "message": "You are being rate limited.",
                "retry_after": self.retry_after,
                "global": self.everywhere,
            }
        return {"message": f"fault {self.status}", "code": self.code}

    def headers(self) -> dict[str, str]:
        if self.from_front:
            return {"Content-Type": "text/html", "Retry-After": "3600"}
        if self.status != 429:
            return {"Content-Type": "application/json"}
        made = {"Content-Type": "application/json", "Via": "1.1 google"}
        made["Retry-After"] = str(int(self.retry_after) + 1)
        made["X-RateLimit-Scope"] = "global" if self.everywhere else "user"
        if self.everywhere:
            made["X-RateLimit-Global"] = "true"
        return made


class Limits:
    """Discord's rate limits: so many messages per channel in a window, so many requests in all.

    Off unless set; then answers carry the headers of a bucket that is never empty.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.per_channel: tuple[int, float] | None = None
        """Messages, seconds."""
        self.per_second: int | None = None
        self._windows: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
        self._all: deque[float] = deque()

    def too_fast(self, channel: str) -> tuple[Fault | None, dict[str, str]]:
        """Whether a message to a channel is one too many, and the headers of its answer."""
        now = self._now()
        if self.per_second is not None:
            while self._all and self._all[0] <= now - 1:
                self._all.popleft()
            if len(self._all) >= self.per_second:
                wait = self._all[0] + 1 - now
                return Fault("", "", 429, retry_after=wait, everywhere=True), {}
            self._all.append(now)
        if self.per_channel is None:
            return None, _bucket(1_000_000, 999_999, 1.0)
        return self._in_channel(channel, now, *self.per_channel)

    def _in_channel(
        self, channel: str, now: float, most: int, window: float
    ) -> tuple[Fault | None, dict[str, str]]:
        ends, used = self._windows[channel]
        if now >= ends:
            ends, used = now + window, 0
        if used >= most:
            return Fault("", "", 429, retry_after=ends - now), _bucket(most, 0, ends - now)
        self._windows[channel] = (ends, used + 1)
        return None, _bucket(most, most - used - 1, ends - now)


def _bucket(limit: int, remaining: int, reset_after: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        "X-RateLimit-Bucket": "messages",
    }


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def keep(self, these: Callable[[Fault], bool]) -> None:
        self._faults = [fault for fault in self._faults if these(fault)]

    def find(self, method: str, path: str) -> Fault | None:
        return next((fault for fault in self._faults if fault.meets(method, path)), None)


async def late(fault: Fault | None) -> None:
    if fault and fault.late_s:
        await asyncio.sleep(fault.late_s)
