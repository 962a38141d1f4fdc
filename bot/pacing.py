"""How much may be under way at once, and how fast: per platform, per workspace, per channel.

All of it is this process's own and goes by a clock that never leaps; what a platform asks for
itself (Retry-After) is in the ledger, for all processes.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor

from handlers.delivery import Job
from handlers.ledger_turns import Share
from handlers.ports import Spacing


@dataclass(frozen=True)
class Places:
    """How many messages may be under way: to a platform, and at most to one workspace of it, so
    that one which hangs does not keep the others waiting.
    """

    platform: int = 48
    workspace: int = 16


PLACES = Places()


class Rate:
    """A workspace's calls of one kind, `gap_s` apart on average, a second's worth at once."""

    def __init__(self, gap_s: float, time: Callable[[], float]) -> None:
        self._gap_s = gap_s
        self._slack_s = max(1.0 - gap_s, 0.0)
        self._time = time
        self._next: dict[str, float] = {}
        """When the next call would be if they came evenly."""

    def took(self, workspace: str) -> None:
        if self._gap_s:
            now = self._time()
            self._next[workspace] = max(self._next.get(workspace, now), now) + self._gap_s

    def left(self) -> Iterator[tuple[str, int]]:
        """How many calls may be made now, of workspaces that made some lately."""
        now = self._time()
        for workspace, at in list(self._next.items()):
            if at <= now:
                del self._next[workspace]
            else:
                yield workspace, max(floor((now + self._slack_s - at) / self._gap_s) + 1, 0)

    def frees(self) -> Iterator[float]:
        """When each workspace that may make no call now may make the next one."""
        now = self._time()
        for at in self._next.values():
            if at - self._slack_s > now:
                yield at - self._slack_s

    @property
    def most(self) -> int:
        return int(self._slack_s / self._gap_s) + 1 if self._gap_s else 1_000_000


class Line:
    """One platform's messages and edits under way, and when the next may leave."""

    def __init__(self, spacing: Spacing, places: Places, time: Callable[[], float]) -> None:
        self._spacing = spacing
        self._places = places
        self._time = time
        self._busy: Counter[str] = Counter()
        self._channels: set[int] = set()
        self._resting: dict[int, float] = {}
        self._sends = Rate(spacing.workspace_s, time)
        self._edits = Rate(spacing.edit_s, time)
        self.after = ""
        """The workspace whose turn it was last."""

    @property
    def room(self) -> int:
        return self._places.platform - self._busy.total()

    @property
    def rest_s(self) -> int:
        """Whole seconds that a channel rests, for the ledger, whose seconds are whole."""
        return ceil(self._spacing.channel_s)

    def begin(self, job: Job) -> None:
        self._busy[job.ref.workspace] += 1
        self.after = job.ref.workspace
        if job.edit:
            self._edits.took(job.ref.workspace)
        else:
            self._sends.took(job.ref.workspace)
            self._channels.add(job.delivery.channel)

    def end(self, job: Job) -> None:
        self._busy[job.ref.workspace] -= 1
        if not job.edit:
            self._channels.discard(job.delivery.channel)
            if self._spacing.channel_s:
                self._resting[job.delivery.channel] = self._time() + self._spacing.channel_s

    def sends(self) -> Share:
        """What may be claimed for sending now."""
        now = self._time()
        for channel, until in list(self._resting.items()):
            if until <= now:
                del self._resting[channel]
        return self._share(self._sends, frozenset({*self._channels, *self._resting}))

    def edits(self) -> Share:
        return self._share(self._edits, frozenset())

    def _share(self, rate: Rate, resting: frozenset[int]) -> Share:
        places = self._places.workspace
        left = {one: places - many for one, many in self._busy.items() if many}
        for workspace, many in rate.left():
            left[workspace] = min(left.get(workspace, places), many)
        return Share(min(places, rate.most), left, resting)

    def next_free(self) -> float | None:
        """When a channel or workspace that has to rest may be served again."""
        now = self._time()
        resting = (until for until in self._resting.values() if until > now)
        frees = [*resting, *self._sends.frees(), *self._edits.frees()]
        return min(frees, default=None)
