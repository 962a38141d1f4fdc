"""The archive's SQL for what a feed has shown: which article is each of its items?"""

from collections.abc import Iterable
from dataclasses import dataclass

from feeds.archive_feeds import Feed
from feeds.database import Connection, Row

_AT_ONCE = 400


@dataclass(frozen=True)
class Sighting:
    """The article that an item of a feed is, and whether this feed brought it first."""

    article: int
    title: str
    summary: str
    published: int
    first_seen: int
    own: bool
    withdrawn: bool


_SEEN_AS = "a.id, a.title, a.summary, a.published, a.feed = ? AS own, a.withdrawn"


def sightings(connection: Connection, feed_id: int, keys: Iterable[str]) -> dict[str, Sighting]:
    """By key, those of these items that the feed has shown before."""
    found: dict[str, Sighting] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = connection.execute(
            f"SELECT s.key, s.first_seen, {_SEEN_AS}"  # noqa: S608 - fixed names
            " FROM sightings s JOIN articles a ON a.id = s.article"
            f" WHERE s.feed = ? AND s.key IN ({','.join('?' * len(some))})",
            (feed_id, feed_id, *some),
        )
        found.update((row["key"], _sighting(row)) for row in rows)
    return found


def same_address(connection: Connection, feed_id: int, canonical: str) -> Sighting | None:
    """The last article that this very feed brought under an address."""
    row = connection.execute(
        f"SELECT a.first_seen, {_SEEN_AS} FROM articles a"  # noqa: S608 - fixed names
        " WHERE a.canonical = ? AND a.feed = ? ORDER BY a.id DESC LIMIT 1",
        (feed_id, canonical, feed_id),
    ).fetchone()
    return _sighting(row) if row else None


def _sighting(row: Row) -> Sighting:
    return Sighting(
        article=row["id"],
        title=row["title"],
        summary=row["summary"],
        published=row["published"],
        first_seen=row["first_seen"],
        own=bool(row["own"]),
        withdrawn=bool(row["withdrawn"]),
    )


def sight(connection: Connection, feed_id: int, keys: Iterable[tuple[str, int]], now: int) -> None:
    """From now on those items of that feed are these articles."""
    connection.executemany(
        "INSERT INTO sightings (feed, key, article, first_seen) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (feed, key) DO UPDATE SET article = excluded.article,"
        " first_seen = excluded.first_seen",
        [(feed_id, key, article, now) for key, article in keys],
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
