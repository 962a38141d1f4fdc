"""The archive's SQL for feeds: who they are, how they fared, and when each is due."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from feeds.database import Connection, Row
from feeds.items import Source

IMPORTED = "import"
"""In place of a person: the operator added it by a list, and the configuration lets it be."""


@dataclass(frozen=True)
class FeedState:
    """What is remembered of a feed between polls. Times are UTC seconds."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    chunks: bytes = field(default=b"", repr=False)
    """The entries seen last, packed (see `packed`): unpacked only where a body changed."""
    baseline_at: int | None = None
    newest: int | None = None
    next_poll: int = 0
    last_try: int | None = None
    last_good: int | None = None
    last_new: int | None = None
    failures: int = 0
    failing_since: int | None = None
    fault: str = ""
    fault_detail: str = ""
    moved_to: str = ""
    """Where permanent redirects led, `moved_times` in a row."""
    moved_times: int = 0
    guids_shared: bool = False
    """Once seen to give several items the same guid."""
    links_shared: bool = False
    window_items: int = 0
    window_new: int = 0
    """New ones among the window's items at the last poll."""
    turnover_s: int | None = None
    """How long an item stays in the feed's window, as far as was seen."""
    overrun_at: int | None = None
    """When its window was last found wholly new: items may have come and gone before."""
    gap_s: int | None = None
    """Its longest silence lately."""
    ttl_s: int = 0
    """How long the feed says of itself that it stays as it is."""


def packed(hashes: frozenset[bytes]) -> bytes:
    """Hashes of one length, that length first."""
    return bytes([len(next(iter(hashes), b""))]) + b"".join(sorted(hashes))


def unpacked(chunks: bytes) -> frozenset[bytes]:
    length = chunks[0] if chunks else 0
    if not length:
        return frozenset()
    return frozenset(chunks[start : start + length] for start in range(1, len(chunks), length))


@dataclass(frozen=True)
class Feed:
    id: int
    source: Source
    state: FeedState
    added_by: str = ""
    added_at: int = 0
    noticed: bool = False
    """Whether those who depend on it were told that it fails."""
    noticed_at: int = 0
    """When they were told last."""


_STATE = (
    "etag",
    "last_modified",
    "body_hash",
    "chunks",
    "baseline_at",
    "newest",
    "next_poll",
    "last_try",
    "last_good",
    "last_new",
    "failures",
    "failing_since",
    "fault",
    "fault_detail",
    "moved_to",
    "moved_times",
    "guids_shared",
    "links_shared",
    "window_items",
    "window_new",
    "turnover_s",
    "overrun_at",
    "gap_s",
    "ttl_s",
)
_SOURCE = ("name", "kind", "language", "timezone", "hong_kong", "interval_s", "enabled", "enrich")


def sync_configured(connection: Connection, sources: Iterable[Source], now: int) -> None:
    """Make the feeds of the configuration be those; one that left it is kept, switched off.
    One that said that it is gone stays off: a restart does not ask it again.
    """
    configured = {source.url: source for source in sources}
    for source in configured.values():
        identifier = add(connection, source, now)
        connection.execute(
            "UPDATE feeds SET enabled = enabled AND fault <> 'gone', added_by = '',"
            " fault = CASE WHEN enabled THEN fault ELSE '' END WHERE id = ?",
            (identifier,),
        )
    rows = connection.execute(
        "SELECT id, url FROM feeds WHERE owner = '' AND added_by <> ? AND enabled = 1", (IMPORTED,)
    ).fetchall()
    for row in rows:
        if row["url"] not in configured:
            disable(connection, row["id"])


def add(connection: Connection, source: Source, now: int, person: str = "") -> int:
    """Add a feed, or give a known one its new particulars; return its id."""
    values = [getattr(source, name) for name in _SOURCE]
    row = connection.execute(
        f"INSERT INTO feeds (url, owner, added_by, added_at, {', '.join(_SOURCE)})"  # noqa: S608 - fixed names
        f" VALUES (?, ?, ?, ?, {', '.join('?' * len(_SOURCE))})"
        " ON CONFLICT (url, owner) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in _SOURCE)} RETURNING id",
        (source.url, source.owner, person, now, *values),
    ).fetchone()
    return int(row[0])


def disable(connection: Connection, identifier: int) -> None:
    """Poll it no more; what it brought stays."""
    connection.execute(
        "UPDATE feeds SET enabled = 0, failures = 0, failing_since = NULL, fault = '',"
        " fault_detail = '', noticed = 0 WHERE id = ?",
        (identifier,),
    )


def switch(connection: Connection, identifier: int, *, on: bool) -> None:
    """Off when its site says that it is gone, on when it is back."""
    connection.execute("UPDATE feeds SET enabled = ? WHERE id = ?", (on, identifier))


def begin_again(connection: Connection, identifier: int) -> None:
    """Forget how it fared: its next poll is as the first, stored and not alerted."""
    connection.execute(
        "UPDATE feeds SET next_poll = 0, etag = '', last_modified = '', body_hash = '',"
        " chunks = x'', baseline_at = NULL, last_good = NULL WHERE id = ?",
        (identifier,),
    )


def feeds(connection: Connection, workspace: str = "") -> list[Feed]:
    """The feeds that a workspace may see, configured ones first."""
    rows = connection.execute(
        "SELECT * FROM feeds WHERE owner IN ('', ?) ORDER BY owner, id", (workspace,)
    ).fetchall()
    return [_feed(row) for row in rows]


def all_feeds(connection: Connection) -> list[Feed]:
    return [_feed(row) for row in connection.execute("SELECT * FROM feeds ORDER BY owner, id")]


def feed(connection: Connection, identifier: int) -> Feed | None:
    row = connection.execute("SELECT * FROM feeds WHERE id = ?", (identifier,)).fetchone()
    return _feed(row) if row else None


def claim_due(
    connection: Connection, now: int, lease_s: int, *, everything: bool = False
) -> list[Feed]:
    """Take the feeds that are due (or all that are on, and those that said they were gone) for
    `lease_s` seconds, so that no other process polls them; longest waiting first.

    A feed that was tried or leased in the future is due: the clock was wrong then or is now,
    and a feed too many is better than one that waits for years.
    """
    rows = connection.execute(
        "UPDATE feeds SET lease_until = :until"
        " WHERE (lease_until <= :now OR lease_until > :until)"
        " AND ((enabled = 1 AND (next_poll <= :now OR last_try > :until OR :everything))"
        " OR (:everything AND fault = 'gone')) RETURNING *",
        {"now": now, "until": now + lease_s, "everything": everything},
    ).fetchall()
    return [_feed(row) for row in sorted(rows, key=lambda row: (row["next_poll"], row["id"]))]


def release(connection: Connection, identifiers: Iterable[int]) -> None:
    """Give back what was claimed and not polled."""
    connection.executemany(
        "UPDATE feeds SET lease_until = 0 WHERE id = ?", [(one,) for one in identifiers]
    )


def save_state(connection: Connection, identifier: int, state: FeedState) -> None:
    """Remember how a poll went; the feed is free for the next one."""
    values = [getattr(state, name) for name in _STATE]
    connection.execute(
        f"UPDATE feeds SET lease_until = 0, {', '.join(f'{name} = ?' for name in _STATE)}"  # noqa: S608 - fixed names
        " WHERE id = ?",
        (*values, identifier),
    )


@contextmanager
def apart(connection: Connection) -> Iterator[None]:
    """What fails inside is undone by itself, and the transaction around it goes on."""
    connection.execute("SAVEPOINT apart")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO apart")
        raise
    finally:
        connection.execute("RELEASE apart")


def sources_of(connection: Connection, article: int) -> list[str]:
    """The names of the feeds that brought an article, in the order they did. A workspace's own
    feed is named with its own articles only: nobody else is told of it.
    """
    rows = connection.execute(
        "SELECT f.name FROM sightings s JOIN feeds f ON f.id = s.feed"
        " JOIN articles a ON a.id = s.article"
        " WHERE s.article = ? AND f.owner = a.owner GROUP BY f.id ORDER BY min(s.first_seen), f.id",
        (article,),
    ).fetchall()
    return [row[0] for row in rows]


def _feed(row: Row) -> Feed:
    state = {name: row[name] for name in _STATE}
    for name in ("guids_shared", "links_shared"):
        state[name] = bool(state[name])
    source = Source(
        name=row["name"],
        url=row["url"],
        kind=row["kind"],
        language=row["language"],
        timezone=row["timezone"],
        hong_kong=bool(row["hong_kong"]),
        interval_s=row["interval_s"],
        enabled=bool(row["enabled"]),
        owner=row["owner"],
        enrich=row["enrich"],
    )
    return Feed(
        row["id"],
        source,
        FeedState(**state),
        row["added_by"],
        row["added_at"],
        bool(row["noticed"]),
        row["noticed_at"],
    )
