"""The archive's SQL: an append-only log of articles, their topics, and the search over them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from feeds.database import Connection, Row
from feeds.items import Article, Evidence, Kind, Tags
from feeds.search_text import indexed
from feeds.stories import Told

SORT_SHIFT = 22
"""Bits of a sort key that tell articles of the same second apart (4 million of them)."""
_ONE = "SELECT * FROM articles WHERE "
_INDEX = "INSERT INTO search (rowid, words, chars) VALUES (?, ?, ?)"


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
    words: tuple[str, str] | None = None
    """What is searched (see `search_text.indexed`), where that is known already."""


_COLUMNS = (
    "id, sort_key, feed, owner, canonical, reference, title, url, summary, source, kind, language,"
    " published, date_only, timezone, first_seen, arrived, virtual_asset, hong_kong, tags, tagger,"
    " story, alert, seeded, facts"
)
_MARKS = ",".join("?" * len(_COLUMNS.split(",")))


def store(connection: Connection, new: NewArticle) -> int:
    """Append one article; make it searchable and findable by topic. Return its id."""
    identifier = next_id(connection)
    store_all(connection, [(identifier, new)])
    return identifier


def store_all(connection: Connection, articles: Sequence[tuple[int, NewArticle]]) -> None:
    """Append articles under ids that follow each other from `next_id` on."""
    connection.executemany(
        f"INSERT INTO articles ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - fixed names
        [_values(identifier, new) for identifier, new in articles],
    )
    connection.executemany(
        _INDEX,
        [
            (
                _sort_key(identifier, new.published),
                *(new.words or indexed(f"{new.title}\n{new.summary}")),
            )
            for identifier, new in articles
        ],
    )
    _list_topics(
        connection,
        (
            row
            for identifier, new in articles
            if new.tags.virtual_asset
            for row in _topic_rows(identifier, _sort_key(identifier, new.published), new.tags)
        ),
    )


def _values(identifier: int, new: NewArticle) -> tuple[object, ...]:
    return (
        identifier,
        _sort_key(identifier, new.published),
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
        json.dumps(dict(new.facts), ensure_ascii=False) if new.facts else "{}",
    )


def _sort_key(identifier: int, published: int) -> int:
    return (max(published, 0) << SORT_SHIFT) | (identifier & ((1 << SORT_SHIFT) - 1))


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
    # From the beginning of the log, the dates lead to the few that matter sooner than the ids.
    by_date = "+" if cursor == 0 else ""
    rows = connection.execute(
        "SELECT id, story, feed, title, summary, published, language, reference, kind, canonical"  # noqa: S608 - a sign
        f" FROM articles WHERE {by_date}id > ? AND sort_key >= ? AND owner = '' AND seeded = 0",
        (cursor, max(since, 0) << SORT_SHIFT),
    ).fetchall()
    rows.sort(key=lambda row: row["id"])
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


@dataclass(frozen=True)
class Arrived:
    """What became news in [start, end), UTC seconds, about any of the topics (`all`: any)."""

    start: int
    end: int
    workspace: str
    topics: tuple[str, ...]


def arrived_between(connection: Connection, wanted: Arrived) -> list[Article]:
    """Virtual assets only, without milestones and what is withdrawn, in the order of storing."""
    topics = () if "all" in wanted.topics else wanted.topics
    marks = ",".join("?" * len(topics))
    about = (
        f" AND EXISTS (SELECT 1 FROM topics t WHERE t.topic IN ({marks})"  # noqa: S608 - only question marks
        " AND t.sort_key = articles.sort_key)"
    )
    rows = connection.execute(
        _ONE + "arrived >= ? AND arrived < ? AND virtual_asset = 1 AND seeded = 0"
        " AND withdrawn = 0 AND retracted_by = ''"
        f" AND owner IN ('', ?){about if topics else ''} ORDER BY id",
        (wanted.start, wanted.end, wanted.workspace, *topics),
    ).fetchall()
    return [to_article(row) for row in rows]


def count(connection: Connection) -> int:
    """How many articles there are, without the milestones. None is ever deleted."""
    seeded = connection.execute("SELECT count(*) FROM articles WHERE seeded = 1").fetchone()[0]
    return last_id(connection) - int(seeded)


def index_words(connection: Connection, sort_key: int, title: str, summary: str) -> None:
    connection.execute(_INDEX, (sort_key, *indexed(f"{title}\n{summary}")))


def topics_of(tags: Tags) -> Iterable[str]:
    """The names under which an article is found: pillars, initiatives, and the gate itself."""
    if tags.virtual_asset:
        yield "virtual_asset"
    yield from tags.pillars
    yield from map(str, tags.initiatives)


def list_topics(connection: Connection, identifier: int, sort_key: int, tags: Tags) -> None:
    _list_topics(connection, _topic_rows(identifier, sort_key, tags))


_TopicRow = tuple[str, int, bool, int]


def _topic_rows(identifier: int, sort_key: int, tags: Tags) -> Iterator[_TopicRow]:
    for topic in topics_of(tags):
        yield topic, sort_key, tags.hong_kong, identifier


def _list_topics(connection: Connection, rows: Iterable[_TopicRow]) -> None:
    connection.executemany(
        "INSERT INTO topics (topic, sort_key, hong_kong, article) VALUES (?, ?, ?, ?)",
        sorted(rows),  # near each other in the file
    )


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def tags_json(tags: Tags) -> str:
    return _encoded({**vars(tags), "evidence": [vars(each) for each in tags.evidence]})


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
        withdrawn=bool(row["withdrawn"] or row["retracted_by"]),
        retracted_by="" if row["withdrawn"] else row["retracted_by"],
        corrected_by=row["corrected_by"],
        facts=json.loads(row["facts"]),
    )
