"""The process-wide guard on invalid requests, and the pace of our own.

Discord bans an address for a while after 10,000 answers of 401, 403 or 429 in 10 minutes
(rate-limits.mdx). We stop sending long before, and count 404 too: asking again for what is gone
is the same mistake.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

INVALID: Final = frozenset({401, 403, 404, 429})
WINDOW_S: Final = 600
MOST: Final = 1000
BAN_S: Final = 3600
"""How long to keep still when Discord's front refuses us without saying for how long."""


class Guard:
    """Counts invalid answers in the last 10 minutes. `clock` gives UTC seconds."""

    def __init__(self, clock: Callable[[], int], most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._when: deque[int] = deque()
        self._still_until = 0

    def saw(self, status: int, scope: str = "") -> None:
        """An answer came; `scope` is its X-RateLimit-Scope (shared limits are nobody's fault)."""
        if status in INVALID and scope != "shared":
            self._when.append(self._clock())

    def keep_still(self, seconds: int = BAN_S) -> None:
        """Discord's front has shut us out: send nothing for so long."""
        self._still_until = max(self._still_until, self._clock() + seconds)

    @property
    def count(self) -> int:
        """Invalid answers in the window."""
        oldest = self._clock() - WINDOW_S
        while self._when and self._when[0] <= oldest:
            self._when.popleft()
        return len(self._when)

    def wait_s(self) -> int:
        """How long until sending is allowed again; 0 for now."""
        still = max(0, self._still_until - self._clock())
        excess = self.count - self._most
        if excess < 0:
            return still
        return max(still, self._when[excess] + WINDOW_S - self._clock())


class Pace:
    """Spreads requests evenly, at most `per_second`; 0 lets all through at once."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Returns when the caller may send."""
        if not self._gap:
            return
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self._gap
        await asyncio.sleep(mine - now)
