"""The archive's SQL for questions: by topic, by words, by time, and in numbers."""

from dataclasses import dataclass

from feeds.archive import SORT_SHIFT, to_article
from feeds.database import Connection
from feeds.items import PILLARS, Article
from feeds.search_text import question


@dataclass(frozen=True)
class Look:
    """What to look for. Empty parts do not restrict."""

    topics: tuple[str, ...] = ()
    """Any of these (pillar names, initiative numbers as text)."""
    words: str = ""
    since: int | None = None
    """Published at or after, UTC seconds."""
    hong_kong: bool = False
    workspace: str = ""
    seeded: bool | None = None
    """Only (True) or never (False) the roadmap's milestones."""
    offset: int = 0
    limit: int = 10


def find(connection: Connection, look: Look) -> list[Article]:
    """Newest first, by date. Without topics and words: everything about virtual assets."""
    expression = question(look.words) if look.words else ""
    if look.words and not expression:
        return []
    if expression:
        return _search(connection, look, expression)
    return _latest(connection, look)


def _latest(connection: Connection, look: Look) -> list[Article]:
    topics = look.topics or ("virtual_asset",)
    marks = ",".join("?" * len(topics))
    conditions, values = _conditions(look)
    distinct = "DISTINCT" if len(topics) > 1 else ""
    rows = connection.execute(
        f"SELECT {distinct} a.* FROM topics t JOIN articles a ON a.id = t.article"  # noqa: S608 - built of fixed parts
        f" WHERE t.topic IN ({marks}) {conditions} ORDER BY t.sort_key DESC LIMIT ? OFFSET ?",
        (*topics, *values, look.limit, look.offset),
    ).fetchall()
    return [to_article(row) for row in rows]


def _search(connection: Connection, look: Look, expression: str) -> list[Article]:
    conditions, values = _conditions(look, key="s.rowid")
    if look.topics:
        marks = ",".join("?" * len(look.topics))
        conditions += (
            f" AND EXISTS (SELECT 1 FROM topics t WHERE t.topic IN ({marks})"  # noqa: S608 - only question marks
            " AND t.sort_key = a.sort_key)"
        )
        values += look.topics
    rows = connection.execute(
        "SELECT a.* FROM search s JOIN articles a ON a.sort_key = s.rowid"  # noqa: S608 - built of fixed parts
        f" WHERE search MATCH ? {conditions} ORDER BY s.rowid DESC LIMIT ? OFFSET ?",
        (expression, *values, look.limit, look.offset),
    ).fetchall()
    return [to_article(row) for row in rows]


def _conditions(look: Look, key: str = "t.sort_key") -> tuple[str, tuple[object, ...]]:
    parts = [" AND a.owner IN ('', ?)"]
    values: list[object] = [look.workspace]
    if look.since is not None:
        parts.append(f" AND {key} >= ?")
        values.append(max(look.since, 0) << SORT_SHIFT)
    if look.hong_kong:
        parts.append(" AND a.hong_kong = 1")
    if look.seeded is not None:
        parts.append(" AND a.seeded = ?")
        values.append(look.seeded)
    return "".join(parts), tuple(values)


def weekly_counts(connection: Connection, since: int) -> list[tuple[str, int, int]]:
    """(pillar, weeks after `since`, articles) about Hong Kong, by date of publication, of the
    feeds that everybody sees.
    """
    marks = ",".join("?" * len(PILLARS))
    rows = connection.execute(
        f"SELECT topic, ((sort_key >> {SORT_SHIFT}) - ?) / 604800 AS week, count(*) AS many"  # noqa: S608 - fixed parts
        f" FROM topics WHERE topic IN ({marks}) AND sort_key >= ? AND hong_kong = 1"
        " AND article NOT IN (SELECT id FROM articles WHERE owner <> '')"
        " GROUP BY topic, week",
        (since, *PILLARS, max(since, 0) << SORT_SHIFT),
    ).fetchall()
    return [(row["topic"], row["week"], row["many"]) for row in rows]
