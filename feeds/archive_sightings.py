"""The archive's SQL for what a feed has shown: which article is each of its items?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Holder:
    """An article that has an official reference or a comparable address."""

    sighting: Sighting
    kind: str
    language: str
    owner: str


def holders(
    connection: Connection, feed_id: int, column: str, values: Iterable[str]
) -> dict[str, list[Holder]]:
    """The articles from feeds with these references or addresses (`column` is "reference" or
    "canonical"), oldest first. What is `own` is this feed's.
    """
    found: dict[str, list[Holder]] = {}
    wanted = sorted(set(values) - {""})
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = connection.execute(
            f"SELECT a.{column} AS name, a.kind, a.language, a.owner, a.first_seen, {_SEEN_AS}"  # noqa: S608 - fixed names
            f" FROM articles a WHERE a.{column} IN ({','.join('?' * len(some))})"
            f" AND a.{column} <> '' AND a.feed IS NOT NULL ORDER BY a.id",
            (feed_id, *some),
        )
        for row in rows:
            holder = Holder(_sighting(row), row["kind"], row["language"], row["owner"])
            found.setdefault(row["name"], []).append(holder)
    return found


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


def sight(connection: Connection, feed_id: int, seen: Mapping[str, Sighting]) -> None:
    """From now on those items of that feed are these articles."""
    connection.executemany(
        "INSERT INTO sightings (feed, key, article, first_seen) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (feed, key) DO UPDATE SET article = excluded.article,"
        " first_seen = excluded.first_seen",
        # In order, so that what is near in the file is written together.
        [(feed_id, key, seen[key].article, seen[key].first_seen) for key in sorted(seen)],
    )
