"""The archive's SQL for feeds: who they are, how they fared, and when each is due."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from feeds.database import Connection, Row
from feeds.items import Source

_HASH = 16
"""Bytes of one remembered entry's hash."""


@dataclass(frozen=True)
class FeedState:
    """What is remembered of a feed between polls. Times are UTC seconds."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    chunks: frozenset[bytes] = frozenset()
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
    noticed: bool = False
    """Whether its failing was told to those who depend on it."""
    moved_to: str = ""
    moved_times: int = 0
    guids_shared: bool = False
    """Once seen to give several items the same guid."""
    links_shared: bool = False
    window_items: int = 0
    window_new: int = 0
    turnover_s: int | None = None
    """How long an item stays in the feed's window, as far as was seen."""


@dataclass(frozen=True)
class Feed:
    id: int
    source: Source
    state: FeedState
    added_by: str = ""
    added_at: int = 0


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
    "noticed",
    "moved_to",
    "moved_times",
    "guids_shared",
    "links_shared",
    "window_items",
    "window_new",
    "turnover_s",
)
_SOURCE = ("name", "kind", "language", "timezone", "hong_kong", "interval_s", "enabled", "enrich")


def sync_configured(connection: Connection, sources: Iterable[Source], now: int) -> None:
    """Make the feeds of the configuration be those; one that left it is kept, switched off."""
    urls = [source.url for source in sources]
    for source in sources:
        add(connection, source, now)
    for row in connection.execute("SELECT id, url FROM feeds WHERE owner = ''").fetchall():
        if row["url"] not in urls:
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
    connection.execute("UPDATE feeds SET enabled = 0 WHERE id = ?", (identifier,))


def move(connection: Connection, identifier: int, url: str) -> None:
    """It lives elsewhere for good; its history goes with it."""
    connection.execute(
        "UPDATE OR IGNORE feeds SET url = ?, moved_to = '', moved_times = 0 WHERE id = ?",
        (url, identifier),
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
    """Take the feeds that are due (or all that are on) for `lease_s` seconds, so that no other
    process polls them; longest waiting first.
    """
    rows = connection.execute(
        "UPDATE feeds SET lease_until = ? WHERE enabled = 1 AND lease_until <= ?"
        " AND (next_poll <= ? OR ?) RETURNING *",
        (now + lease_s, now, now, everything),
    ).fetchall()
    return [_feed(row) for row in sorted(rows, key=lambda row: (row["next_poll"], row["id"]))]


def release(connection: Connection, identifiers: Iterable[int]) -> None:
    """Give back what was claimed and not polled."""
    connection.executemany(
        "UPDATE feeds SET lease_until = 0 WHERE id = ?", [(one,) for one in identifiers]
    )


def next_due(connection: Connection) -> int | None:
    row = connection.execute("SELECT min(next_poll) FROM feeds WHERE enabled = 1").fetchone()
    return None if row[0] is None else int(row[0])


def save_state(connection: Connection, identifier: int, state: FeedState) -> None:
    """Remember how a poll went; the feed is free for the next one."""
    values = [
        b"".join(sorted(state.chunks)) if name == "chunks" else getattr(state, name)
        for name in _STATE
    ]
    connection.execute(
        f"UPDATE feeds SET lease_until = 0, {', '.join(f'{name} = ?' for name in _STATE)}"  # noqa: S608 - fixed names
        " WHERE id = ?",
        (*values, identifier),
    )


@dataclass(frozen=True)
class Sighting:
    """The article that an item of a feed is."""

    article: int
    title: str
    summary: str
    published: int
    first_seen: int


def sighting(connection: Connection, feed_id: int, key: str) -> Sighting | None:
    row = connection.execute(
        "SELECT a.id, a.title, a.summary, a.published, s.first_seen FROM sightings s"
        " JOIN articles a ON a.id = s.article WHERE s.feed = ? AND s.key = ?",
        (feed_id, key),
    ).fetchone()
    return Sighting(*row) if row else None


def sight(connection: Connection, feed_id: int, key: str, article: int, now: int) -> None:
    """From now on that item of that feed is this article."""
    connection.execute(
        "INSERT INTO sightings (feed, key, article, first_seen) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (feed, key) DO UPDATE SET article = excluded.article,"
        " first_seen = excluded.first_seen",
        (feed_id, key, article, now),
    )


def same_elsewhere(connection: Connection, feed_row: Feed, reference: str, canonical: str) -> int:
    """The article that another feed of this language brought under the same official reference
    or the same address; 0 if none.
    """
    for column, value in (("reference", reference), ("canonical", canonical)):
        row = (
            value
            and connection.execute(
                f"SELECT id FROM articles WHERE {column} = ? AND language = ?"  # noqa: S608 - two fixed names
                " AND owner IN ('', ?) AND feed IS NOT NULL AND feed <> ? ORDER BY id LIMIT 1",
                (value, feed_row.source.language, feed_row.source.owner, feed_row.id),
            ).fetchone()
        )
        if row:
            return int(row[0])
    return 0


def sources_of(connection: Connection, article: int) -> list[str]:
    """The names of all feeds that brought an article, in the order they did."""
    rows = connection.execute(
        "SELECT f.name FROM sightings s JOIN feeds f ON f.id = s.feed"
        " WHERE s.article = ? GROUP BY f.id ORDER BY min(s.first_seen), f.id",
        (article,),
    ).fetchall()
    return [row[0] for row in rows]


def _feed(row: Row) -> Feed:
    state = {name: row[name] for name in _STATE}
    packed = state["chunks"]
    state["chunks"] = frozenset(
        packed[start : start + _HASH] for start in range(0, len(packed), _HASH)
    )
    for name in ("noticed", "guids_shared", "links_shared"):
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
    return Feed(row["id"], source, FeedState(**state), row["added_by"], row["added_at"])


def emptied(state: FeedState) -> FeedState:
    """The state with what makes requests conditional forgotten, so that all is fetched anew."""
    return replace(state, etag="", last_modified="", body_hash="", chunks=frozenset())
