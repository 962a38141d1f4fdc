"""The archive's SQL: an append-only log of articles, their topics, and the search over them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from feeds.database import Connection, Row
from feeds.items import Article, Evidence, Kind, Tags
from feeds.search_text import indexed
from feeds.stories import Told

SORT_SHIFT = 22
"""Bits of a sort key that tell articles of the same second apart (4 million of them)."""
_ONE = "SELECT * FROM articles WHERE "


@dataclass(frozen=True)
class NewArticle:
    """What we mean to store."""

    feed: int | None
    """The feed's row; None for the roadmap's milestones."""
    owner: str
    """The workspace whose feed it is; "" where everybody may see it."""
    title: str
    url: str
    summary: str
    source: str
    kind: Kind
    language: str
    published: int
    date_only: bool
    timezone: str
    first_seen: int
    alert: bool
    """Whether channels may be owed it: not for a baseline, an old item or a milestone."""
    tags: Tags
    tagger: str
    canonical: str = ""
    reference: str = ""
    story: int | None = None
    """None: it begins a story of its own."""
    seeded: bool = False
    facts: tuple[tuple[str, str], ...] = ()


def store(connection: Connection, new: NewArticle) -> int:
    """Append one article; make it searchable and findable by topic. Return its id."""
    identifier = next_id(connection)
    sort_key = (max(new.published, 0) << SORT_SHIFT) | (identifier & ((1 << SORT_SHIFT) - 1))
    connection.execute(
        "INSERT INTO articles (id, sort_key, feed, owner, canonical, reference, title, url,"
        " summary, source, kind, language, published, date_only, timezone, first_seen, arrived,"
        " virtual_asset, hong_kong, tags, tagger, story, alert, seeded, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identifier,
            sort_key,
            new.feed,
            new.owner,
            new.canonical,
            new.reference,
            new.title,
            new.url,
            new.summary,
            new.source,
            new.kind,
            new.language,
            new.published,
            new.date_only,
            new.timezone,
            new.first_seen,
            new.first_seen if new.alert else new.published,
            new.tags.virtual_asset,
            new.tags.hong_kong,
            tags_json(new.tags),
            new.tagger,
            identifier if new.story is None else new.story,
            new.alert,
            new.seeded,
            json.dumps(dict(new.facts), ensure_ascii=False),
        ),
    )
    index_words(connection, sort_key, new.title, new.summary)
    list_topics(connection, identifier, sort_key, new.tags)
    return identifier


def next_id(connection: Connection) -> int:
    """The id that the next stored article gets (within the present transaction)."""
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()
    return int(row[0])


def article(connection: Connection, identifier: int, workspace: str = "") -> Article | None:
    """One article, if that workspace may see it."""
    row = connection.execute(
        _ONE + "id = ? AND owner IN ('', ?)", (identifier, workspace)
    ).fetchone()
    return to_article(row) if row else None


def articles(connection: Connection, identifiers: Sequence[int]) -> list[Article]:
    """The articles with these ids, in the order of the ids; unknown ids are left out."""
    found: dict[int, Article] = {}
    for start in range(0, len(identifiers), 500):
        some = identifiers[start : start + 500]
        marks = ",".join("?" * len(some))
        for row in connection.execute(
            f"SELECT * FROM articles WHERE id IN ({marks})",  # noqa: S608 - only question marks
            some,
        ):
            found[row["id"]] = to_article(row)
    return [found[identifier] for identifier in identifiers if identifier in found]


def after(connection: Connection, cursor: int, limit: int) -> list[Article]:
    """The log from the cursor on, oldest first, articles that may be alerted only."""
    rows = connection.execute(
        _ONE + "id > ? AND alert = 1 ORDER BY id LIMIT ?", (cursor, limit)
    ).fetchall()
    return [to_article(row) for row in rows]


def told_after(connection: Connection, cursor: int, since: int) -> list[Told]:
    """What the grouping of stories needs to know of the log from the cursor on, but for what
    was published before `since`.
    """
    rows = connection.execute(
        "SELECT id, story, feed, title, summary, published, language, reference, kind, canonical"
        " FROM articles WHERE id > ? AND sort_key >= ? AND owner = '' AND seeded = 0 ORDER BY id",
        (cursor, max(since, 0) << SORT_SHIFT),
    ).fetchall()
    return [
        Told(
            article=row["id"],
            story=row["story"],
            feed=str(row["feed"]),
            title=row["title"],
            summary=row["summary"],
            published=row["published"],
            language=row["language"],
            references=frozenset({row["reference"]} - {""}),
            official=row["kind"] == "official",
            canonical=row["canonical"],
        )
        for row in rows
    ]


def seeded_milestones(connection: Connection) -> set[str]:
    """The ids of the roadmap's milestones that the archive holds."""
    rows = connection.execute("SELECT facts FROM articles WHERE seeded = 1").fetchall()
    return {json.loads(row[0])["milestone"] for row in rows}


def last_id(connection: Connection) -> int:
    return next_id(connection) - 1


def story_articles(connection: Connection, story: int) -> list[Article]:
    """All articles of a story, official ones first, then in the order they came."""
    rows = connection.execute(_ONE + "story = ? ORDER BY kind = 'press', id", (story,)).fetchall()
    return [to_article(row) for row in rows]


def arrived_between(
    connection: Connection, start: int, end: int, workspace: str = ""
) -> list[Article]:
    """What became news in [start, end), virtual assets only, without the milestones."""
    rows = connection.execute(
        _ONE + "arrived >= ? AND arrived < ? AND virtual_asset = 1 AND seeded = 0"
        " AND owner IN ('', ?) ORDER BY id",
        (start, end, workspace),
    ).fetchall()
    return [to_article(row) for row in rows]


def count(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM articles WHERE seeded = 0").fetchone()[0])


def index_words(connection: Connection, sort_key: int, title: str, summary: str) -> None:
    connection.execute(
        "INSERT INTO search (rowid, words, chars) VALUES (?, ?, ?)",
        (sort_key, *indexed(f"{title}\n{summary}")),
    )


def topics_of(tags: Tags) -> Iterable[str]:
    """The names under which an article is found: pillars, initiatives, and the gate itself."""
    if tags.virtual_asset:
        yield "virtual_asset"
    yield from tags.pillars
    yield from map(str, tags.initiatives)


def list_topics(connection: Connection, identifier: int, sort_key: int, tags: Tags) -> None:
    connection.executemany(
        "INSERT INTO topics (topic, sort_key, hong_kong, article) VALUES (?, ?, ?, ?)",
        [(topic, sort_key, tags.hong_kong, identifier) for topic in topics_of(tags)],
    )


def tags_json(tags: Tags) -> str:
    return json.dumps(asdict(tags), ensure_ascii=False, separators=(",", ":"))


def tags_from(text: str) -> Tags:
    """The tags that `store` wrote."""
    stored = json.loads(text)
    return Tags(
        virtual_asset=stored["virtual_asset"],
        hong_kong=stored["hong_kong"],
        pillars=tuple(stored["pillars"]),
        initiatives=tuple(stored["initiatives"]),
        evidence=tuple(
            Evidence(topic=e["topic"], words=tuple(e["words"]), rule=e["rule"], weight=e["weight"])
            for e in stored["evidence"]
        ),
    )


def to_article(row: Row) -> Article:
    return Article(
        id=row["id"],
        title=row["title"],
        url=row["url"],
        summary=row["summary"],
        owner=row["owner"],
        source=row["source"],
        kind=row["kind"],
        language=row["language"],
        published=row["published"],
        date_only=bool(row["date_only"]),
        timezone=row["timezone"],
        first_seen=row["first_seen"],
        tags=tags_from(row["tags"]),
        reference=row["reference"],
        story=row["story"],
        seeded=bool(row["seeded"]),
        withdrawn=bool(row["withdrawn"]),
        corrected_by=row["corrected_by"],
        facts=json.loads(row["facts"]),
    )
