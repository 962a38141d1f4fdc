"""The ledger's SQL for deliveries: written once, claimed by lease, never forgotten."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feeds.database import Connection, Row
from handlers.messages import ChannelRef

KEY_BYTES = 10
"""A key is twice as many hexadecimal digits: 20, within every platform's 25."""


@dataclass(frozen=True)
class Delivery:
    """One message owed to a channel. Times are UTC seconds."""

    id: int
    key: str
    channel: int
    kind: str
    payload: Mapping[str, Any]
    state: str
    plain: bool
    attempts: int
    due: int
    message: str
    error: str
    created_at: int
    wanted: int
    shown: int
    card_hash: str
    lease_by: str


@dataclass(frozen=True)
class Claimed:
    """A delivery that this process may now send (or edit), until its lease runs out."""

    delivery: Delivery
    ref: ChannelRef
    unsure: bool
    """True where an earlier attempt may have been sent already."""


@dataclass(frozen=True)
class Owed:
    """A new delivery: for one story, or for what its payload says."""

    channel: int
    kind: str
    payload: Mapping[str, Any]
    stories: tuple[int, ...] = ()


def cursor(connection: Connection, name: str) -> int | None:
    row = connection.execute("SELECT value FROM cursors WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def move_cursor(connection: Connection, name: str, value: int) -> None:
    connection.execute(
        "INSERT INTO cursors (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def owe(connection: Connection, owed: Sequence[Owed], now: int) -> None:
    """Write deliveries and the stories they carry. A story already owed to a channel must have
    been left out (see `already_owed`).
    """
    first = _next_id(connection)
    connection.executemany(
        "INSERT INTO deliveries (id, key, channel, kind, payload, due, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                first + index,
                secrets.token_hex(KEY_BYTES),
                one.channel,
                one.kind,
                json.dumps(one.payload, ensure_ascii=False),
                now,
                now,
            )
            for index, one in enumerate(owed)
        ],
    )
    connection.executemany(
        "INSERT INTO owed (channel, story, delivery) VALUES (?, ?, ?)",
        [
            (one.channel, story, first + index)
            for index, one in enumerate(owed)
            for story in one.stories
        ],
    )


def already_owed(connection: Connection, stories: Iterable[int]) -> set[tuple[int, int]]:
    """(channel, story) for each of these stories that some channel was ever owed."""
    found: set[tuple[int, int]] = set()
    for story in stories:
        rows = connection.execute("SELECT channel, story FROM owed WHERE story = ?", (story,))
        found.update((row[0], row[1]) for row in rows)
    return found


def recent_cards(connection: Connection, since: int) -> dict[int, int]:
    """How many story cards each channel was owed since then."""
    rows = connection.execute(
        "SELECT channel, count(*) FROM deliveries WHERE created_at > ? AND kind = 'story'"
        " GROUP BY channel",
        (since,),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def open_lists(connection: Connection, channels: Sequence[int]) -> dict[int, int]:
    """The list of each channel that nobody has begun to send and nothing waits behind."""
    found = {}
    for channel in channels:
        row = connection.execute(
            "SELECT id, kind, state, attempts FROM deliveries WHERE channel = ?"
            " AND state IN ('queued', 'sending', 'unknown') ORDER BY id DESC LIMIT 1",
            (channel,),
        ).fetchone()
        if row and (row["kind"], row["state"], row["attempts"]) == ("list", "queued", 0):
            found[channel] = int(row["id"])
    return found


def add_to_list(
    connection: Connection, channel: int, delivery: int, stories: Iterable[int]
) -> None:
    connection.executemany(
        "INSERT INTO owed (channel, story, delivery) VALUES (?, ?, ?)",
        [(channel, story, delivery) for story in stories],
    )


def stories_of(connection: Connection, delivery: int) -> list[int]:
    rows = connection.execute(
        "SELECT story FROM owed WHERE delivery = ? ORDER BY story", (delivery,)
    ).fetchall()
    return [row[0] for row in rows]


def expire_leases(connection: Connection, now: int, busy: Iterable[int], longest: int) -> int:
    """What was being sent when its process died may have been sent: it becomes unknown. A lease
    from further ahead than `longest` was given by a clock that has jumped.
    """
    kept = list(busy)
    marks = ",".join("?" * len(kept))
    return connection.execute(
        "UPDATE deliveries SET state = 'unknown', due = ? WHERE state = 'sending'"  # noqa: S608 - only question marks
        f" AND (lease_until <= ? OR lease_until > ?) AND id NOT IN ({marks})",
        (now, now, now + longest, *kept),
    ).rowcount


def heal_clock(connection: Connection, now: int, longest: int) -> None:
    """Nothing waits longer than `longest` seconds: what seems to was written before the clock
    jumped back, and is due.
    """
    connection.execute(
        "UPDATE deliveries SET due = ? WHERE state IN ('queued', 'unknown') AND due > ?",
        (now, now + longest),
    )
    connection.execute("UPDATE channels SET hold_until = 0 WHERE hold_until > ?", (now + longest,))


@dataclass(frozen=True)
class Claim:
    """Who claims what: for which platform, until when, how many."""

    worker: str
    platform: str
    now: int
    lease_until: int
    limit: int
    busy: frozenset[int] = frozenset()
    """Deliveries that this process is sending: never claimed anew, whatever the clock says."""


def claim(connection: Connection, wanted: Claim) -> list[Claimed]:
    """Take up to `limit` deliveries that are due, the first open one of each channel only, so
    that a channel's messages go out in order and no channel holds up another.
    """
    rows = connection.execute(
        "SELECT d.*, c.platform, c.workspace, c.channel AS address"
        " FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE d.state IN ('queued', 'unknown') AND d.due <= ? AND c.state = 'active'"
        " AND c.hold_until <= ? AND c.platform = ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.channel = d.channel AND e.id < d.id"
        " AND e.state IN ('queued', 'sending', 'unknown'))"
        " ORDER BY d.due, d.id LIMIT ?",
        (wanted.now, wanted.now, wanted.platform, wanted.limit),
    ).fetchall()
    connection.executemany(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease_until = ?,"
        " lease_by = ? WHERE id = ?",
        [(wanted.lease_until, wanted.worker, row["id"]) for row in rows],
    )
    return [_claimed(row, wanted.worker) for row in rows]


def claim_edits(connection: Connection, wanted: Claim) -> list[Claimed]:
    """Sent messages that no longer show what is true; each comes again when the lease runs out
    unless `mark_edited` is called before.
    """
    rows = connection.execute(
        "SELECT d.*, c.platform, c.workspace, c.channel AS address"
        " FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE d.state = 'sent' AND d.wanted > d.shown AND d.due <= ? AND c.state = 'active'"
        " AND c.hold_until <= ? AND c.platform = ?"
        " ORDER BY d.due, d.id LIMIT ?",
        (wanted.now, wanted.now, wanted.platform, wanted.limit),
    ).fetchall()
    connection.executemany(
        "UPDATE deliveries SET due = ? WHERE id = ?",
        [(wanted.lease_until, row["id"]) for row in rows],
    )
    return [_claimed(row, wanted.worker) for row in rows if row["id"] not in wanted.busy]


def mark_sent(
    connection: Connection, delivery: Delivery, message: str, card_hash: str, now: int
) -> None:
    connection.execute(
        "UPDATE deliveries SET state = 'sent', message = ?, card_hash = ?, sent_at = ?, due = ?,"
        " shown = ?, error = '', lease_until = NULL WHERE id = ? AND state <> 'sent'",
        (message, card_hash, now, now, delivery.wanted, delivery.id),
    )


def mark_edited(connection: Connection, delivery: Delivery, card_hash: str) -> None:
    connection.execute(
        "UPDATE deliveries SET shown = max(shown, ?), card_hash = ? WHERE id = ?",
        (delivery.wanted, card_hash, delivery.id),
    )


def hold_edit(connection: Connection, delivery: Delivery, due: int) -> None:
    connection.execute("UPDATE deliveries SET due = ? WHERE id = ?", (due, delivery.id))


def mark_waiting(
    connection: Connection, delivery: Delivery, state: str, due: int, error: str
) -> None:
    """Back to the queue (`queued`), or to be settled (`unknown`), not before `due`. Only the
    holder of the lease may say so: another process may have taken it over.
    """
    connection.execute(
        "UPDATE deliveries SET state = ?, due = ?, error = ?, lease_until = NULL"
        " WHERE id = ? AND state = 'sending' AND lease_by = ?",
        (state, due, error, delivery.id, delivery.lease_by),
    )


def mark_plain(connection: Connection, delivery: Delivery, now: int, error: str) -> None:
    """The platform refused the card: try once more as plain text."""
    connection.execute(
        "UPDATE deliveries SET state = 'queued', plain = 1, due = ?, error = ?,"
        " lease_until = NULL WHERE id = ? AND state = 'sending' AND lease_by = ?",
        (now, error, delivery.id, delivery.lease_by),
    )


def mark_failed(connection: Connection, delivery: Delivery, error: str) -> None:
    connection.execute(
        "UPDATE deliveries SET state = 'failed', error = ?, lease_until = NULL"
        " WHERE id = ? AND state = 'sending' AND lease_by = ?",
        (error, delivery.id, delivery.lease_by),
    )


def retry(connection: Connection, identifier: int, now: int) -> bool:
    """Queue a failed or waiting delivery anew, as a card. False if there is no such."""
    return (
        connection.execute(
            "UPDATE deliveries SET state = 'queued', plain = 0, due = ?, error = ''"
            " WHERE id = ? AND state IN ('failed', 'queued', 'unknown')",
            (now, identifier),
        ).rowcount
        == 1
    )


def want_edits(connection: Connection, story: int, sent_after: int, now: int) -> int:
    """The cards that show this story, sent after then, no longer show what is true."""
    return connection.execute(
        "UPDATE deliveries SET wanted = wanted + 1, due = ? WHERE state = 'sent' AND sent_at > ?"
        " AND kind IN ('story', 'list') AND message <> ''"
        " AND id IN (SELECT delivery FROM owed WHERE story = ?)",
        (now, sent_after, story),
    ).rowcount


def next_due(connection: Connection, now: int) -> int | None:
    """When the next open delivery of an active channel is due, or None if there is none."""
    row = connection.execute(
        "SELECT min(d.due) FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE d.state IN ('queued', 'unknown') AND c.state = 'active' AND d.due > ?",
        (now,),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def counts(connection: Connection, channel: int | None = None) -> dict[str, int]:
    """Deliveries by state; those that a paused channel waits for count as `paused`."""
    rows = connection.execute(
        "SELECT CASE WHEN c.state <> 'active' AND d.state IN ('queued', 'unknown')"
        " THEN 'paused' ELSE d.state END AS state, count(*) AS many"
        " FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE ? IS NULL OR d.channel = ? GROUP BY 1",
        (channel, channel),
    ).fetchall()
    return {row["state"]: row["many"] for row in rows}


def last_sent(connection: Connection, channel: int) -> int | None:
    row = connection.execute(
        "SELECT max(sent_at) FROM deliveries WHERE channel = ?", (channel,)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def drop_open(connection: Connection, channel: int) -> int:
    """A closed channel is owed nothing more; the rows stay, marked."""
    return connection.execute(
        "UPDATE deliveries SET state = 'dropped' WHERE channel = ? AND state IN"
        " ('queued', 'unknown')",
        (channel,),
    ).rowcount


def gather(connection: Connection, channel: int, payload: Mapping[str, Any], now: int) -> int:
    """Put all story cards and lists that wait for a channel, untried, into one new list;
    return how many deliveries it took in.
    """
    rows = connection.execute(
        "SELECT id FROM deliveries WHERE channel = ? AND state = 'queued' AND attempts = 0"
        " AND kind IN ('story', 'list')",
        (channel,),
    ).fetchall()
    old = [row["id"] for row in rows]
    if len(old) < 2:  # noqa: PLR2004 - one delivery is a list already
        return 0
    owe(connection, [Owed(channel, "list", payload)], now)
    new = _next_id(connection) - 1
    for identifier in old:
        connection.execute("UPDATE owed SET delivery = ? WHERE delivery = ?", (new, identifier))
        connection.execute("DELETE FROM deliveries WHERE id = ?", (identifier,))
    return len(old)


def _next_id(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM deliveries").fetchone()
    return int(row[0])


def delivery_from(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        channel=row["channel"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        state=row["state"],
        plain=bool(row["plain"]),
        attempts=row["attempts"],
        due=row["due"],
        message=row["message"],
        error=row["error"],
        created_at=row["created_at"],
        wanted=row["wanted"],
        shown=row["shown"],
        card_hash=row["card_hash"],
        lease_by=row["lease_by"],
    )


def _claimed(row: Row, worker: str) -> Claimed:
    ref = ChannelRef(row["platform"], row["workspace"], row["address"])
    delivery = replace(delivery_from(row), lease_by=worker)
    return Claimed(delivery, ref, unsure=row["state"] == "unknown")
