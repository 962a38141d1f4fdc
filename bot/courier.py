"""Takes what is owed to the platforms and writes down what became of it, without end."""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from feeds.database import Connection, Database, StorageError
from handlers import delivery, ledger
from handlers.delivery import LEASE_S, Draw, Job, Outcome
from handlers.ledger import Claim
from handlers.ports import Sender, SendError

_log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 60.0
"""Longer than this a send is unknown; well within the lease."""
IDLE_S = 30.0
FINISH_S = 5.0
"""How long a send that is under way may take when the bot is told to stop."""
AGAIN_S = 5.0
"""After the database failed, the next try."""


class Courier:
    """Sends for the platforms it has senders for; others' deliveries wait for theirs.

    At most `at_once` messages of a platform are under way. A channel's next message is claimed
    only when the one before it is settled, so order holds within a channel and nothing else
    waits for it.
    """

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        draw: Draw,
        clock: Callable[[], int],
        at_once: int = 100,
    ) -> None:
        self._database = database
        self._senders = senders
        self._draw = draw
        self._clock = clock
        self._at_once = at_once
        self._worker = secrets.token_hex(4)
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._busy: dict[asyncio.Task[Outcome], tuple[str, int]] = {}
        """The platform and the delivery that each task under way is for."""
        self._unsettled: list[Outcome] = []

    def wake(self) -> None:
        """Something may be owed: look at once."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.drain()
                wait = await self._wait_s()
            except StorageError:
                _log.exception("deliveries wait: the database cannot be used")
                wait = AGAIN_S
            # Not wait_for: on 3.11 it can swallow a cancellation that meets the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def drain(self) -> int:
        """Deliver all that is due now; return how many sends succeeded.

        Raises StorageError where the database fails; what the platforms said meanwhile is kept
        and written down by the next drain, and nothing of it is sent again.
        """
        sent = 0
        try:
            await self._turn()
            while self._under_way:
                done, _ = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
                sent += self._take(done)
                await self._turn()
        except asyncio.CancelledError:
            await self._finish()
            raise
        return sent

    def _take(self, done: Iterable[asyncio.Task[Outcome]]) -> int:
        """Note what came of some sends; return how many succeeded."""
        outcomes = [task.result() for task in done]
        self._under_way -= set(done)
        self._unsettled += outcomes
        return sum(outcome.error is None for outcome in outcomes)

    async def _finish(self) -> None:
        """Told to stop: let what is under way come to its end, within seconds, and note it. What
        does not end is left to its lease: it becomes unknown, not lost.
        """
        if self._under_way:
            done, pending = await asyncio.wait(self._under_way, timeout=FINISH_S)
            self._take(done)
            for task in pending:
                task.cancel()
            self._under_way.clear()
        if self._unsettled:
            await self._database.write(self._settle_and_claim, tuple(self._unsettled), {})
            self._unsettled.clear()

    async def _turn(self) -> None:
        """Settle and claim in one transaction, so that a busy queue costs few of them. Each
        platform has places of its own: one that hangs takes none of another's.
        """
        taken = Counter(platform for platform, _ in self._busy.values())
        room = {name: self._at_once - taken[name] for name in self._senders}
        outcomes = tuple(self._unsettled)
        jobs = await self._database.write(self._settle_and_claim, outcomes, room)
        del self._unsettled[: len(outcomes)]
        for job in jobs:
            task = asyncio.create_task(self._carry(job))
            self._busy[task] = (job.ref.platform, job.delivery.id)
            task.add_done_callback(self._busy.pop)
            self._under_way.add(task)

    def _settle_and_claim(
        self, connection: Connection, outcomes: Sequence[Outcome], room: Mapping[str, int]
    ) -> list[Job]:
        now = self._clock()
        spacing = {name: sender.spacing_s for name, sender in self._senders.items()}
        delivery.settle(connection, outcomes, now, spacing)
        busy = {identifier for _, identifier in self._busy.values()}
        jobs: list[Job] = []
        for platform, places in room.items():
            if places > 0:
                wanted = Claim(self._worker, platform, now, now + LEASE_S, places, frozenset(busy))
                jobs += delivery.claim_jobs(connection, self._draw, wanted)
        return jobs

    async def _carry(self, job: Job) -> Outcome:
        sender = self._senders[job.ref.platform]
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                return Outcome(job, message=await _send(sender, job))
        except SendError as error:
            _log.info("delivery %s: %s (%s)", job.delivery.id, type(error).__name__, error)
            return Outcome(job, error=error)
        except TimeoutError:
            return Outcome(job, error=delivery.timed_out(SEND_TIMEOUT_S))

    async def _wait_s(self) -> float:
        now = self._clock()
        due = await self._database.read(ledger.next_due, now)
        return IDLE_S if due is None else min(max(due - now, 0.05), IDLE_S)


async def _send(sender: Sender, job: Job) -> str:
    claimed = job.claimed
    if job.edit:
        await sender.edit(job.ref, job.delivery.message, job.card)
        return job.delivery.message
    if claimed.unsure:
        return await sender.settle(job.ref, job.card, job.delivery.key)
    if job.delivery.plain:
        return await sender.send_plain(job.ref, job.card, job.delivery.key)
    return await sender.send(job.ref, job.card, job.delivery.key)
