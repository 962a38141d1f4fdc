"""The ledger's SQL for sending: claimed by lease, in order within a channel, settled by whoever
holds the lease.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.database import Connection
from handlers.ledger import OPEN, Delivery
from handlers.ledger_edits import UNSURE, want_edit
from handlers.ledger_turns import Claim, Claimed, in_turn

_OPEN = frozenset({"queued", "sending", "unknown"})


def next_in_line(connection: Connection, wanted: Claim) -> list[Claimed]:
    """Up to `limit` deliveries that may be sent now, the first open one of each channel only, so
    that a channel's messages go out in order and no channel holds up another. Nothing is claimed
    until `lease` is called in the same transaction.
    """
    while True:
        found = in_turn(connection, "lanes", wanted)
        closed = [one.delivery for one in found if one.delivery.state not in _OPEN]
        if not closed:
            return found
        for one in closed:  # taken back by somebody who knows nothing of lanes
            advance(connection, one.channel)


def lease(connection: Connection, wanted: Claim, drawn: Sequence[tuple[Delivery, str]]) -> None:
    """Claim these deliveries, each with the hash of the card that is about to be sent. Where an
    earlier attempt may have put another card there, neither hash is sure.
    """
    connection.executemany(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease_until = ?,"
        " lease_by = ?, card_hash = ? WHERE id = ?",
        [
            (wanted.lease_until, wanted.worker, _leaving(one, card_hash), one.id)
            for one, card_hash in drawn
        ],
    )
    connection.executemany(
        "UPDATE lanes SET ready = ? WHERE channel = ?",
        [(wanted.lease_until, one.channel) for one, _ in drawn],
    )


def _leaving(delivery: Delivery, card_hash: str) -> str:
    may_stand = delivery.state in {"sending", "unknown"}
    return UNSURE if may_stand and delivery.card_hash != card_hash else card_hash


def advance(connection: Connection, channel: int, not_before: int = 0) -> None:
    """Let the channel's lane stand for what is now its oldest open delivery, if it has any."""
    row = connection.execute(
        "SELECT d.id, d.state, d.due, d.lease_until, c.state AS channel_state, c.probe_at,"  # noqa: S608 - a constant
        " c.platform, c.workspace FROM deliveries d JOIN channels c ON c.id = d.channel"
        f" WHERE d.channel = ? AND d.state IN {OPEN} ORDER BY d.id LIMIT 1",
        (channel,),
    ).fetchone()
    if row is None or row["channel_state"] == "closed":
        connection.execute("DELETE FROM lanes WHERE channel = ?", (channel,))
        return
    ready = max(row["lease_until"] if row["state"] == "sending" else row["due"], not_before)
    if row["channel_state"] == "paused":
        ready = max(ready, row["probe_at"])
    connection.execute(
        "INSERT INTO lanes (channel, delivery, platform, workspace, ready) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (channel) DO UPDATE SET delivery = excluded.delivery, ready = excluded.ready",
        (channel, row["id"], row["platform"], row["workspace"], ready),
    )


@dataclass(frozen=True)
class Sent:
    """What is known of a message that went through: the platform's id, and the card's hash. Its
    channel's next one waits for `rest_s`.
    """

    message: str
    card_hash: str
    rest_s: int = 0


def mark_sent(connection: Connection, claimed: Claimed, sent: Sent, now: int) -> bool:
    """It is in the channel: true whoever holds the lease by now. False if that was known.

    If what it shows has changed meanwhile, an edit becomes due; so it does if an earlier attempt
    may have put another card there, and then it is made whatever it shows.
    """
    one = claimed.delivery
    stale = claimed.unsure and one.card_hash not in {"", sent.card_hash}
    row = connection.execute(
        "UPDATE deliveries SET state = 'sent', message = ?, sent_at = ?, shown = ?, card_hash = ?,"
        " wanted = wanted + ?, error = '', lease_until = NULL WHERE id = ? AND state <> 'sent'"
        " RETURNING wanted > shown",
        (
            sent.message,
            now,
            one.wanted,
            UNSURE if stale else sent.card_hash,
            stale,
            one.id,
        ),
    ).fetchone()
    if row is None:
        return False
    connection.execute(
        "UPDATE channels SET sent = sent + 1, last_sent = ? WHERE id = ?", (now, one.channel)
    )
    if row[0]:
        want_edit(connection, one.id)
    advance(connection, one.channel, now + sent.rest_s if sent.rest_s else 0)
    return True


def mark_waiting(
    connection: Connection, claimed: Claimed, state: str, due: int, error: str
) -> bool:
    """Back to the queue (`queued`), or to be settled (`unknown`), not before `due`. This and what
    follows happens only while the lease is still ours; False if it is not.
    """
    return _settled(connection, claimed, state, error, due=due)


def mark_plain(connection: Connection, claimed: Claimed, error: str) -> bool:
    """The platform refused the card: try once more as plain text."""
    return _settled(connection, claimed, "queued", error, plain=True)


def mark_failed(connection: Connection, claimed: Claimed, error: str) -> bool:
    return _settled(connection, claimed, "failed", error)


def _settled(
    connection: Connection,
    claimed: Claimed,
    state: str,
    error: str,
    *,
    due: int = 0,
    plain: bool = False,
) -> bool:
    one = claimed.delivery
    changed = connection.execute(
        "UPDATE deliveries SET state = ?, error = ?, due = ?, plain = max(plain, ?),"
        " lease_until = NULL"
        " WHERE id = ? AND state = 'sending' AND lease_by = ? AND attempts = ?",
        (state, error, due, plain, one.id, claimed.worker, one.attempts + 1),
    ).rowcount
    if changed:
        advance(connection, one.channel)
    return bool(changed)


def set_aside(connection: Connection, claimed: Claimed, state: str, error: str, now: int) -> None:
    """A delivery whose turn it is and that was not claimed: `failed` where it cannot be drawn,
    `dropped` where there is nothing to say any more.
    """
    one = claimed.delivery
    connection.execute(
        "UPDATE deliveries SET state = ?, error = ?, due = ? WHERE id = ?",
        (state, error, now, one.id),
    )
    advance(connection, one.channel)


def retry(connection: Connection, identifier: int) -> bool:
    """Try a failed or waiting delivery at once: a failed one anew, as a card; one whose outcome is
    unknown is still settled, not sent as if new. False if there is no such.
    """
    row = connection.execute(
        "UPDATE deliveries SET plain = CASE WHEN state = 'failed' THEN 0 ELSE plain END,"
        " error = CASE WHEN state = 'failed' THEN '' ELSE error END,"
        " state = CASE WHEN state = 'failed' THEN 'queued' ELSE state END, due = 0"
        " WHERE id = ? AND state IN ('failed', 'queued', 'unknown') RETURNING channel",
        (identifier,),
    ).fetchone()
    if row is None:
        return False
    _advance_when_free(connection, row[0], identifier)
    return True


def take_up(connection: Connection, story: int, dropped_after: int) -> int:
    """Queue again what was dropped because this story was withdrawn: it stands again. Return how
    many; what was dropped before then stays so.
    """
    rows = connection.execute(
        "UPDATE deliveries SET state = 'queued', error = '', due = 0"
        " WHERE state = 'dropped' AND due > ?"
        " AND id IN (SELECT delivery FROM owed WHERE story = ?) RETURNING id, channel",
        (dropped_after, story),
    ).fetchall()
    for row in rows:
        _advance_when_free(connection, row["channel"], row["id"])
    return len(rows)


def _advance_when_free(connection: Connection, channel: int, delivery: int) -> None:
    """Let this delivery come when it is its turn: where something is under way, after that is
    settled; where another one waits, because the platform asked for it, not before its time. A
    list that is only held for more stories keeps nothing waiting.
    """
    head = connection.execute(
        "SELECT l.delivery, l.ready, d.state, d.kind, d.attempts"
        " FROM lanes l JOIN deliveries d ON d.id = l.delivery WHERE l.channel = ?",
        (channel,),
    ).fetchone()
    if head is None or head["delivery"] == delivery:
        advance(connection, channel)
    elif head["state"] != "sending":
        held_open = head["kind"] == "list" and not head["attempts"]
        advance(connection, channel, 0 if held_open else head["ready"])
