"""Keep the promise: claim what is due, drawn, and decide what becomes of it. The platform is met
only through the outcome of a send.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from feeds.database import Connection
from feeds.roadmap import Roadmap
from handlers import ledger, ledger_edits, ledger_holds, ledger_queue, pausing
from handlers.context import Manners
from handlers.drawing import FAULTS, Draw, Drawn
from handlers.ledger import Delivery
from handlers.ledger_holds import Hold
from handlers.ledger_queue import Sent
from handlers.ledger_turns import EVERYTHING, Claim, Claimed, Share
from handlers.messages import Card, ChannelRef
from handlers.ports import Never, Refusal, TryLater, Unknown

FIRST_WAIT_S = 2
FIRST_UNKNOWN_S = 5
"""What may be on its way is given a moment to arrive before it is looked for."""
MOST_UNKNOWN_S = 60
"""Nor is that put off for long: a platform may know a message again for some minutes only."""
MOST_WAIT_S = 900
EDIT_WAIT_S = 300
"""Between two tries of an edit, which nobody waits for."""


@dataclass(frozen=True)
class Job:
    """A claimed delivery, drawn and ready to send (or, with `edit`, to be shown anew)."""

    claimed: Claimed
    drawn: Drawn
    edit: bool = False

    @property
    def ref(self) -> ChannelRef:
        return self.claimed.ref

    @property
    def delivery(self) -> Delivery:
        return self.claimed.delivery

    @property
    def card(self) -> Card:
        return self.drawn.card


@dataclass(frozen=True)
class Outcome:
    """What the platform said: its message id, or how it failed. The channel rests for `rest_s`."""

    job: Job
    message: str = ""
    error: Exception | None = None
    rest_s: int = 0


def claim_jobs(
    connection: Connection, roadmap: Roadmap, wanted: Claim, edits: Share = EVERYTHING
) -> list[Job]:
    """Claim what is due and draw it, in one transaction: deliveries first, then edits, of which
    workspaces have their own share.
    """
    draw = Draw(connection, roadmap)
    jobs: list[Job] = []
    going = True
    while going and len(jobs) < wanted.limit:
        found = ledger_queue.next_in_line(connection, wanted.less(len(jobs)))
        drawn = [(one, _drawn(connection, draw, one, wanted.now)) for one in found]
        taken = [Job(one, card) for one, card in drawn if card is not None]
        leased = [(job.delivery, job.drawn.hash) for job in taken]
        ledger_queue.lease(connection, wanted, leased)
        for job in taken:
            ledger.note_left_out(connection, job.delivery, job.drawn.without)
        jobs += taken
        going = len(taken) < len(found)  # others may have come up in their place
    return jobs + _edit_jobs(connection, draw, replace(wanted.less(len(jobs)), share=edits))


def _drawn(connection: Connection, draw: Draw, claimed: Claimed, now: int) -> Drawn | None:
    """What cannot be drawn has failed, for people to see; it must not hold up what can."""
    try:
        drawn = draw.draw(claimed)
    except FAULTS as error:
        reason = f"cannot be drawn: {type(error).__name__}: {error}"
        ledger_queue.set_aside(connection, claimed, "failed", reason, now)
        return None
    if drawn is None:
        news = claimed.delivery.kind in {"story", "list"}
        reason = "withdrawn before it was sent" if news else "nothing is left to say"
        ledger_queue.set_aside(connection, claimed, "dropped", reason, now)
    return drawn


def _edit_jobs(connection: Connection, draw: Draw, wanted: Claim) -> list[Job]:
    jobs = []
    for one in ledger_edits.edits_in_line(connection, wanted):
        drawn = _drawn_anew(draw, one)
        if one.channel.state != "active":
            ledger_edits.put_off(connection, one.delivery, wanted.now + EDIT_WAIT_S)
        elif drawn is None:
            ledger_edits.give_up(connection, one.delivery)
        elif drawn.hash == one.delivery.card_hash:
            ledger_edits.mark_edited(connection, one.delivery, drawn.hash)
        else:
            ledger_edits.edit_leaves(connection, one.delivery)
            ledger.note_left_out(connection, one.delivery, drawn.without)
            jobs.append(Job(one, drawn, edit=True))
    return jobs


def _drawn_anew(draw: Draw, claimed: Claimed) -> Drawn | None:
    try:
        return draw.draw(claimed)
    except FAULTS:
        return None  # it was sent; that it cannot be drawn any more changes nothing there


def settle(
    connection: Connection, outcomes: Iterable[Outcome], manners: Manners, now: int
) -> list[Outcome]:
    """Write down what became of each job; return those whose lease was not ours any more, so that
    somebody else's word stands.
    """
    lost = []
    for outcome in outcomes:
        if outcome.job.edit:
            _settle_edit(connection, outcome, now)
        elif not _settle_send(connection, outcome, manners, now):
            lost.append(outcome)
    return lost


def _settle_send(connection: Connection, outcome: Outcome, manners: Manners, now: int) -> bool:
    job, error = outcome.job, outcome.error
    claimed, delivery = job.claimed, job.delivery
    if error is None:
        sent = Sent(outcome.message, job.drawn.hash, outcome.rest_s)
        news = ledger_queue.mark_sent(connection, claimed, sent, now)
        ledger_holds.lift(connection, job.ref.platform, job.ref.workspace, now)
        pausing.reached(connection, claimed, manners, now)
        return news
    if isinstance(error, TryLater):
        wait = wait_s(delivery, error.after_s)
        # What may have been sent before is still to be settled, not to be sent as if new.
        state = "unknown" if claimed.unsure else "queued"
        if claimed.unsure and error.after_s is None:
            wait = min(wait, MOST_UNKNOWN_S)
        due = now + wait
        _hold_others(connection, job, error, now)
        return ledger_queue.mark_waiting(connection, claimed, state, due, error.reason)
    if isinstance(error, Unknown):
        due = now + min(max(wait_s(delivery, None), FIRST_UNKNOWN_S), MOST_UNKNOWN_S)
        return ledger_queue.mark_waiting(connection, claimed, "unknown", due, error.reason)
    if isinstance(error, Never):
        return _refused(connection, claimed, error, now)
    return ledger_queue.mark_failed(connection, claimed, f"{type(error).__name__}: {error}")


def _refused(connection: Connection, claimed: Claimed, error: Never, now: int) -> bool:
    if error.refusal is not Refusal.PAYLOAD:
        state = "unknown" if claimed.unsure else "queued"
        ours = ledger_queue.mark_waiting(connection, claimed, state, 0, error.reason)
        if ours:
            pausing.refused(connection, claimed, error.refusal, now)
        return ours
    if not claimed.delivery.plain:
        return ledger_queue.mark_plain(connection, claimed, error.reason)
    return ledger_queue.mark_failed(connection, claimed, error.reason)


def _settle_edit(connection: Connection, outcome: Outcome, now: int) -> None:
    job, error = outcome.job, outcome.error
    delivery = job.delivery
    if error is None:
        ledger_edits.mark_edited(connection, delivery, job.drawn.hash)
    elif isinstance(error, Never) and error.refusal is not Refusal.PAYLOAD:
        ledger_edits.put_off(connection, delivery, now + EDIT_WAIT_S)
        pausing.pause(connection, delivery.channel, error.refusal, now)
    elif isinstance(error, TryLater):
        wait = EDIT_WAIT_S if error.after_s is None else int(error.after_s) + 1
        ledger_edits.put_off(connection, delivery, now + wait)
        _hold_others(connection, job, error, now)
    elif isinstance(error, Unknown):
        ledger_edits.put_off(connection, delivery, now + EDIT_WAIT_S)
    else:
        # A message that cannot be edited any more (deleted, too old) is left as it is.
        ledger_edits.give_up(connection, delivery)


def timed_out(seconds: float) -> Unknown:
    """A send that did not end: it may have arrived."""
    return Unknown(f"no answer in {seconds:.0f} s")


def wait_s(delivery: Delivery, asked_s: float | None) -> int:
    """Seconds to wait: what the platform asks, or doubling from 2 s to 15 min with up to a
    quarter more that differs from delivery to delivery.
    """
    if asked_s is not None:
        return int(asked_s) + 1
    wait = min(FIRST_WAIT_S << min(max(delivery.attempts, 0), 12), MOST_WAIT_S)
    return wait + delivery.id * 2_654_435_761 % 65536 * wait // (4 * 65536)


def _hold_others(connection: Connection, job: Job, error: TryLater, now: int) -> None:
    """A wait that covers more than this message holds all that it covers, and nothing else."""
    if error.scope == "channel":
        return
    until = None if error.after_s is None else now + int(error.after_s) + 1
    verb = "edit" if job.edit else "send"
    if error.scope == "workspace":
        what = Hold(job.ref.platform, job.ref.workspace, verb)
        ledger_holds.hold(connection, what, now, until)
    else:
        for one in ("send", "edit"):
            ledger_holds.hold(connection, Hold(job.ref.platform, None, one), now, until)
