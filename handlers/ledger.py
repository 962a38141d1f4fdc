"""The ledger's SQL for what is owed: deliveries and the stories they carry, never forgotten."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feeds.database import Connection, Row

_PREFIX_BYTES = 6
"""A key is twice as many hexadecimal digits and the delivery's number: within 25 characters up to
10^13 deliveries. Keys of one batch stand together in the index, so that a large ledger writes few
pages; the random part tells ledgers restored from a backup apart.
"""
OPEN = "('queued', 'sending', 'unknown')"


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


@dataclass(frozen=True)
class Owed:
    """A new delivery: for the stories it carries, or for what its payload says."""

    channel: int
    kind: str
    payload: Mapping[str, Any]
    stories: tuple[int, ...] = ()
    due: int = 0
    """Not before then; 0 for at once, which no clock can put off."""
    told: tuple[int, ...] = ()
    """The stories that a summary tells, which may be owed to its channel as alerts, too."""


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
    """Write deliveries and the stories they carry, and put them in their channels' lanes. A story
    already owed to a channel must have been left out (see `already_owed`).
    """
    first = _next_id(connection)
    prefix = secrets.token_hex(_PREFIX_BYTES)
    numbered = list(enumerate(owed, first))
    connection.executemany(
        "INSERT INTO deliveries (id, key, channel, kind, payload, due, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (number, f"{prefix}{number}", one.channel, one.kind, _json(one.payload), one.due, now)
            for number, one in numbered
        ],
    )
    connection.executemany(
        "INSERT INTO owed (story, channel, delivery) VALUES (?, ?, ?)",
        [(story, one.channel, number) for number, one in numbered for story in one.stories],
    )
    connection.executemany(
        "INSERT INTO told (story, delivery) VALUES (?, ?)",
        [(story, number) for number, one in numbered for story in one.told],
    )
    connection.executemany(
        "INSERT INTO lanes (channel, delivery, platform, workspace, ready)"
        " SELECT id, ?1, platform, workspace,"
        " CASE WHEN state = 'paused' AND probe_at > ?2 THEN probe_at ELSE ?2 END"
        " FROM channels WHERE id = ?3 AND state <> 'closed'"
        " ON CONFLICT (channel) DO NOTHING",
        [(number, one.due, one.channel) for number, one in numbered],
    )


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False) if payload else "{}"


def already_owed(connection: Connection, stories: Iterable[int]) -> set[tuple[int, int]]:
    """(channel, story) for each of these stories that some channel was ever owed."""
    found: set[tuple[int, int]] = set()
    for story in stories:
        rows = connection.execute("SELECT channel, story FROM owed WHERE story = ?", (story,))
        found.update((row[0], row[1]) for row in rows)
    return found


def recent_cards(connection: Connection, since: int, now: int) -> dict[int, int]:
    """How many story cards each channel was owed since then. What was dropped does not count, nor
    do cards from the future, which a clock that was set back leaves behind.
    """
    rows = connection.execute(
        "SELECT channel, count(*) FROM deliveries WHERE created_at > ? AND created_at <= ?"
        " AND kind = 'story' AND state <> 'dropped' GROUP BY channel",
        (since, now),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def backlogged(connection: Connection, before: int) -> set[int]:
    """The channels whose next delivery has been waiting since before then."""
    rows = connection.execute(
        "SELECT l.channel FROM lanes l JOIN deliveries d ON d.id = l.delivery"
        " WHERE d.created_at <= ?",
        (before,),
    ).fetchall()
    return {row[0] for row in rows}


@dataclass(frozen=True)
class OpenList:
    """A list that nobody has begun to send and nothing waits behind."""

    delivery: int
    stories: int
    """How many it carries already."""


def open_list(connection: Connection, channel: int) -> OpenList | None:
    """The list at the end of a channel's queue that can still take stories, if there is one."""
    row = connection.execute(
        f"SELECT id, kind, state, attempts FROM deliveries WHERE channel = ? AND state IN {OPEN}"  # noqa: S608 - a constant
        " ORDER BY id DESC LIMIT 1",
        (channel,),
    ).fetchone()
    if row is None or (row["kind"], row["state"], row["attempts"]) != ("list", "queued", 0):
        return None
    many = connection.execute("SELECT count(*) FROM owed WHERE delivery = ?", (row["id"],))
    return OpenList(row["id"], many.fetchone()[0])


def add_to_list(
    connection: Connection, channel: int, delivery: int, stories: Iterable[int]
) -> None:
    connection.executemany(
        "INSERT INTO owed (story, channel, delivery) VALUES (?, ?, ?)",
        [(story, channel, delivery) for story in stories],
    )


def release_lists(connection: Connection, now: int) -> int:
    """Send at once the lists that were being held for more stories; return how many."""
    held = connection.execute(
        "SELECT d.id, d.channel FROM lanes l JOIN deliveries d ON d.channel = l.channel"  # noqa: S608 - a constant
        f" WHERE d.state IN {OPEN} AND d.state = 'queued' AND d.kind = 'list'"
        " AND d.attempts = 0 AND d.due > ?",
        (now,),
    ).fetchall()
    connection.executemany(
        "UPDATE deliveries SET due = 0 WHERE id = ?", [(row["id"],) for row in held]
    )
    connection.executemany(
        "UPDATE lanes SET ready = 0 WHERE channel = ? AND delivery = ?"
        " AND channel IN (SELECT id FROM channels WHERE state = 'active')",
        [(row["channel"], row["id"]) for row in held],
    )
    return len(held)


def stories_of(connection: Connection, deliveries: Sequence[int]) -> dict[int, list[int]]:
    """The stories that each of these deliveries carries, oldest first."""
    found: dict[int, list[int]] = {}
    for delivery in deliveries:
        rows = connection.execute(
            "SELECT story FROM owed WHERE delivery = ? ORDER BY story", (delivery,)
        ).fetchall()
        found[delivery] = [row[0] for row in rows]
    return found


def note_left_out(connection: Connection, delivery: Delivery, stories: Sequence[int]) -> None:
    """A card is about to leave without these of its stories: they are withdrawn, and while they
    are, no edit may tell them either.
    """
    if tuple(delivery.payload.get("without", ())) != tuple(stories):
        connection.execute(
            "UPDATE deliveries SET payload = json_set(payload, '$.without', json(?)) WHERE id = ?",
            (json.dumps(list(stories)), delivery.id),
        )


def by_id(connection: Connection, identifiers: Sequence[int]) -> dict[int, Delivery]:
    marks = ",".join("?" * len(identifiers))
    rows = connection.execute(
        f"SELECT * FROM deliveries WHERE id IN ({marks})",  # noqa: S608 - only question marks
        identifiers,
    ).fetchall()
    return {row["id"]: delivery_from(row) for row in rows}


def counts(connection: Connection, channel: int | None = None) -> dict[str, int]:
    """Deliveries by state, of one channel or of all; those that wait for a channel which is paused
    or closed count as `paused`. States with none are left out.
    """
    which, values = ("", ()) if channel is None else (" AND d.channel = ?", (channel,))
    rows = connection.execute(
        "SELECT CASE WHEN c.state <> 'active' AND d.state <> 'sending' THEN 'paused'"  # noqa: S608 - constants
        " ELSE d.state END AS state, count(*) AS many"
        f" FROM deliveries d JOIN channels c ON c.id = d.channel WHERE d.state IN {OPEN}{which}"
        " GROUP BY 1",
        values,
    ).fetchall()
    found = {row["state"]: int(row["many"]) for row in rows}
    failed = connection.execute(
        f"SELECT count(*) FROM deliveries d WHERE d.state = 'failed'{which}",  # noqa: S608 - constants
        values,
    ).fetchone()[0]
    where = "" if channel is None else " WHERE id = ?"
    sent = connection.execute(f"SELECT coalesce(sum(sent), 0) FROM channels{where}", values)  # noqa: S608 - constants
    found |= {"failed": int(failed), "sent": int(sent.fetchone()[0])}
    return {state: many for state, many in found.items() if many}


@dataclass(frozen=True)
class Waiting:
    """The next delivery of a channel that did not go through at first: why, and when again."""

    error: str
    ready: int


def trouble(connection: Connection, channel: int) -> Waiting | None:
    row = connection.execute(
        "SELECT d.error, l.ready FROM lanes l JOIN deliveries d ON d.id = l.delivery"
        " WHERE l.channel = ? AND d.error <> '' AND d.state <> 'sending'",
        (channel,),
    ).fetchone()
    return Waiting(row["error"], row["ready"]) if row else None


def next_ready(connection: Connection, platforms: Sequence[str], now: int) -> int | None:
    """When the next delivery or edit for these platforms can be claimed that cannot be now."""
    found = [
        connection.execute(
            f"SELECT min({when}) FROM {table} WHERE platform = ? AND {when} > ?",  # noqa: S608 - constants
            (platform, now),
        ).fetchone()[0]
        for platform in platforms
        for table, when in (("lanes", "ready"), ("edits", "ready"), ("holds", "until"))
    ]
    return min((int(ready) for ready in found if ready is not None), default=None)


def anything_ready(connection: Connection, platforms: Sequence[str], now: int) -> bool:
    """Whether something for these platforms could be claimed now, if nothing held it up."""
    return any(
        connection.execute(
            f"SELECT 1 FROM {table} WHERE platform = ? AND ready <= ? LIMIT 1",  # noqa: S608 - constants
            (platform, now),
        ).fetchone()
        for platform in platforms
        for table in ("lanes", "edits")
    )


def gather(connection: Connection, channel: int, now: int) -> list[int]:
    """The stories of all cards and lists that wait for a channel, taken out of them so that they
    can be owed as lists; those deliveries are dropped, with a note. What may have been sent
    already stays, and so does a second try in plain text.
    """
    rows = connection.execute(
        f"SELECT id FROM deliveries WHERE channel = ? AND state IN {OPEN}"  # noqa: S608 - a constant
        " AND state = 'queued' AND plain = 0 AND kind IN ('story', 'list')",
        (channel,),
    ).fetchall()
    stories: list[int] = []
    for row in rows:
        stories += stories_of(connection, [row["id"]])[row["id"]]
        connection.execute("DELETE FROM owed WHERE delivery = ?", (row["id"],))
        connection.execute(
            "UPDATE deliveries SET state = 'dropped', error = ?, due = ? WHERE id = ?",
            ("its stories are in a list", now, row["id"]),
        )
    return stories


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
    )
