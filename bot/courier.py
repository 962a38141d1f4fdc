"""Takes what is owed to the platforms and writes down what became of it, without end."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence

from feeds.database import Connection, Database
from handlers import delivery, ledger
from handlers.delivery import LEASE_S, Draw, Job, Outcome
from handlers.ledger import Claim
from handlers.ports import Sender, SendError

_log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 60.0
"""Longer than this a send is unknown; well within the lease."""
IDLE_S = 30.0


class Courier:
    """Sends for the platforms it has senders for; others' deliveries wait for theirs.

    At most `at_once` messages are under way. A channel's next message is claimed only when the
    one before it is settled, so order holds within a channel and nothing else waits for it.
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

    def wake(self) -> None:
        """Something may be owed: look at once."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._wake.clear()
            await self.drain()
            wait = await self._wait_s()
            # Not wait_for: on 3.11 it can swallow a cancellation that meets the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def drain(self) -> int:
        """Deliver all that is due now; return how many sends succeeded."""
        sent = 0
        try:
            await self._turn([])
            while self._under_way:
                done, _ = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
                self._under_way -= done
                outcomes = [task.result() for task in done]
                sent += sum(outcome.error is None for outcome in outcomes)
                await self._turn(outcomes)
        finally:
            for task in self._under_way:
                task.cancel()  # their leases run out: they become unknown, not lost
            self._under_way.clear()
        return sent

    async def _turn(self, outcomes: Sequence[Outcome]) -> None:
        """Settle and claim in one transaction, so that a busy queue costs few of them."""
        room = self._at_once - len(self._under_way)
        for job in await self._database.write(self._settle_and_claim, outcomes, room):
            self._under_way.add(asyncio.create_task(self._carry(job)))

    def _settle_and_claim(
        self, connection: Connection, outcomes: Sequence[Outcome], room: int
    ) -> list[Job]:
        now = self._clock()
        spacing = {name: sender.spacing_s for name, sender in self._senders.items()}
        delivery.settle(connection, outcomes, now, spacing)
        wanted = Claim(self._worker, tuple(self._senders), now, now + LEASE_S, room)
        return delivery.claim_jobs(connection, self._draw, wanted) if room else []

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
