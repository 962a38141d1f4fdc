"""Takes what is owed to the platforms and writes down what became of it, without end."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.pacing import PLACES, Line, Places
from feeds.database import Connection, Database, StorageError
from feeds.roadmap import Roadmap
from handlers import delivery, ledger, ledger_clock
from handlers.context import Manners
from handlers.delivery import Job, Outcome
from handlers.ledger_turns import Claim, Share
from handlers.ports import Never, Refusal, Sender, SendError, TryLater, Unknown

_log = logging.getLogger(__name__)

LEAP_S = 15.0
"""A wall clock that runs so far ahead of the process's own within one turn has been set."""
_FIRST_PAUSE_S = 0.5
_MOST_PAUSE_S = 30.0


@dataclass(frozen=True)
class Times:
    """Seconds. A lease outlives every send, so that what is under way is nobody else's."""

    lease: int = 90
    send: float = 50.0
    """Longer than this a send is unknown."""
    idle: float = 30.0
    finish: float = 10.0
    """How long sends under way may take when the bot is told to stop."""


@dataclass(frozen=True)
class Duties:
    """What a courier works with. Senders may be added while it runs."""

    database: Database
    senders: Mapping[str, Sender]
    roadmap: Roadmap
    manners: Manners
    clock: Callable[[], int]


@dataclass(frozen=True)
class _Wish:
    """What one platform has room for now."""

    room: int
    after: str
    sends: Share
    edits: Share


@dataclass(frozen=True)
class _Turn:
    """What came of one transaction: jobs to do, and seconds until there is more."""

    jobs: Sequence[Job]
    wait_s: int | None
    more: bool
    """Something was ready and had to wait for its workspace's or its channel's turn."""


@dataclass(frozen=True)
class _Writing:
    """A transaction under way, and the outcomes that it writes down."""

    turn: asyncio.Future[_Turn]
    outcomes: Sequence[Outcome]


class Courier:
    """Sends for the platforms it has senders for; others' deliveries wait for theirs.

    Each turn is one transaction that settles what has come back and claims what there is room for.
    An outcome that cannot be written is kept and written later; until then its delivery is not
    touched. A channel's next message is claimed only when the one before it is settled.
    """

    def __init__(self, duties: Duties, times: Times = Times(), places: Places = PLACES) -> None:
        self._duties = duties
        self._times = times
        self._places = places
        self._worker = secrets.token_hex(4)
        self._bell = asyncio.Event()
        self._lines: dict[str, Line] = {}
        self._under_way: dict[asyncio.Task[Outcome], Job] = {}
        self._back: list[Outcome] = []
        """Outcomes that are not written down yet."""
        self._writing: _Writing | None = None
        self._clocks: tuple[int, float] | None = None

    def wake(self) -> None:
        """Something may be owed: look at once."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled; then let what is under way end, for some seconds."""
        pause_s = _FIRST_PAUSE_S
        try:
            while True:
                self._bell.clear()
                try:
                    turn = await self._take_turn()
                except StorageError as error:
                    _log.error("%s; %d outcomes wait to be written", error, len(self._back))
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, _MOST_PAUSE_S)
                else:
                    pause_s = _FIRST_PAUSE_S
                    await self._rest(turn)
        finally:
            await self._finish()

    async def drain(self) -> int:
        """Deliver all that is due now; return how many sends succeeded. Raises StorageError."""
        sent = 0
        try:
            while True:
                self._bell.clear()
                sent += sum(outcome.error is None for outcome in self._back)
                turn = await self._take_turn()
                paced = turn.more and any(line.next_free() for line in self._lines.values())
                if not (self._under_way or self._back or paced):
                    return sent
                await self._rest(turn)
        finally:
            await self._finish()

    async def _rest(self, turn: _Turn) -> None:
        """Until something comes back, or is owed, or may be sent."""
        now = asyncio.get_running_loop().time()
        waits = [self._times.idle]
        waits += [turn.wait_s] if turn.wait_s is not None else []
        waits += [
            free - now for line in self._lines.values() if (free := line.next_free()) is not None
        ]
        # Not wait_for: on 3.11 it can swallow a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(min(waits), 0.01)):
                await self._bell.wait()

    async def _take_turn(self) -> _Turn:
        """Settle and claim. Raises StorageError, and then nothing has changed."""
        outcomes = list(self._back)
        work = self._duties.database.write(
            self._settle_and_claim, outcomes, self._wishes(), leapt=self._leapt()
        )
        self._writing = _Writing(asyncio.ensure_future(work), outcomes)
        try:
            # A transaction cannot be cancelled; `_finish` waits for what it claims.
            turn = await asyncio.shield(self._writing.turn)
        except Exception:
            self._writing = None
            raise
        self._written(outcomes)
        for job in turn.jobs:
            self._begin(job)
        return turn

    def _written(self, outcomes: Sequence[Outcome]) -> None:
        self._writing = None
        del self._back[: len(outcomes)]

    def _begin(self, job: Job) -> None:
        self._lines[job.ref.platform].begin(job)
        task = asyncio.create_task(self._carry(job))
        self._under_way[task] = job
        task.add_done_callback(self._came_back)

    def _came_back(self, task: asyncio.Task[Outcome]) -> None:
        job = self._under_way.pop(task)
        line = self._lines[job.ref.platform]
        line.end(job)
        outcome = Outcome(job, error=Unknown("cut off")) if task.cancelled() else task.result()
        self._back.append(replace(outcome, rest_s=line.rest_s))
        self._bell.set()

    def _wishes(self) -> dict[str, _Wish]:
        wishes = {}
        for platform, sender in self._duties.senders.items():
            if platform not in self._lines:
                time = asyncio.get_running_loop().time
                self._lines[platform] = Line(sender.spacing, self._places, time)
            line = self._lines[platform]
            wishes[platform] = _Wish(line.room, line.after, line.sends(), line.edits())
        return wishes

    def _settle_and_claim(
        self,
        connection: Connection,
        outcomes: Sequence[Outcome],
        wishes: Mapping[str, _Wish],
        *,
        leapt: bool,
    ) -> _Turn:
        duties, now = self._duties, self._duties.clock()
        until = now + self._times.lease
        if leapt:
            ledger_clock.renew_leases(connection, until)
        for one in delivery.settle(connection, outcomes, duties.manners, now):
            _log.warning("delivery %d was settled by somebody else", one.job.delivery.id)
        jobs: list[Job] = []
        for platform, wish in wishes.items():
            if wish.room > 0:
                wanted = Claim(
                    self._worker, (platform,), now, until, wish.room, wish.after, wish.sends
                )
                jobs += delivery.claim_jobs(connection, duties.roadmap, wanted, wish.edits)
        ready = ledger.next_ready(connection, list(wishes), now)
        more = ledger.anything_ready(connection, list(wishes), now)
        return _Turn(jobs, None if ready is None else ready - now, more)

    def _leapt(self) -> bool:
        """Whether the wall clock was set ahead since the last turn."""
        wall, own = self._duties.clock(), asyncio.get_running_loop().time()
        before, self._clocks = self._clocks, (wall, own)
        return before is not None and (wall - before[0]) - (own - before[1]) > LEAP_S

    async def _carry(self, job: Job) -> Outcome:
        sender = self._duties.senders[job.ref.platform]
        try:
            async with asyncio.timeout(self._times.send):
                return Outcome(job, message=await _send(sender, job))
        except SendError as error:
            _log.info("delivery %d: %s (%s)", job.delivery.id, type(error).__name__, error)
            return Outcome(job, error=error)
        except TimeoutError:
            return Outcome(job, error=delivery.timed_out(self._times.send))
        except StorageError as error:  # the sender keeps notes, before the send or after it
            return Outcome(job, error=Unknown(f"the database could not be used: {error}"))
        except Exception as error:  # noqa: BLE001 - a fault of ours: it fails this delivery, for people to see, and not all others
            _log.exception("delivery %d cannot be sent", job.delivery.id)
            return Outcome(job, error=error)

    async def _finish(self) -> None:
        """Let what is under way end, and write down what became of it."""
        claimed: Sequence[Job] = ()
        if self._writing is not None:
            try:
                claimed = (await self._writing.turn).jobs
                self._written(self._writing.outcomes)
            except StorageError as error:
                _log.error("%s", error)
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._times.finish)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._back += [Outcome(job, error=TryLater("stopped", 0.0)) for job in claimed]
        if self._back:
            await self._settle_last()

    async def _settle_last(self) -> None:
        duties, outcomes = self._duties, list(self._back)
        try:
            await duties.database.write(delivery.settle, outcomes, duties.manners, duties.clock())
            self._written(outcomes)
        except StorageError as error:
            # They stay leased, and so become unknown, not lost.
            _log.error("%s; %d outcomes are not written", error, len(outcomes))


async def _send(sender: Sender, job: Job) -> str:
    claimed, key = job.claimed, job.delivery.key
    if job.edit:
        await sender.edit(job.ref, job.delivery.message, job.card)
        return job.delivery.message
    if claimed.unsure:
        try:
            return await sender.settle(job.ref, job.card, key)
        except Never as never:
            if never.refusal is not Refusal.PAYLOAD or not job.delivery.plain:
                raise
            # The card was refused before: what may have been sent is its plain text.
    if job.delivery.plain:
        return await sender.send_plain(job.ref, job.card, key)
    return await sender.send(job.ref, job.card, key)
