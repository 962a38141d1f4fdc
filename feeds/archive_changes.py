"""The archive's SQL for what happens to stored articles: revised, corrected, withdrawn."""

from dataclasses import dataclass

from feeds.archive import index_words, list_topics, tags_json, to_article
from feeds.database import Connection
from feeds.items import PILLARS, Article, Tags
from feeds.search_text import indexed

TOPICS = ("virtual_asset", *PILLARS, *map(str, range(1, 13)))


def revise(connection: Connection, old: Article, title: str, summary: str, tags: Tags) -> None:
    """The feed changed its words: keep the new ones, and the tags unless a person set them."""
    sort_key = _unindex(connection, old)
    index_words(connection, sort_key, title, summary)
    connection.execute(
        "UPDATE articles SET title = ?, summary = ? WHERE id = ?", (title, summary, old.id)
    )
    if not old.corrected_by:
        set_tags(connection, old.id, tags)


def set_tags(connection: Connection, identifier: int, tags: Tags, person: str = "") -> None:
    """Give an article other tags; with `person` they are that person's and hold for ever."""
    sort_key = _sort_key(connection, identifier)
    connection.execute(
        "UPDATE articles SET virtual_asset = ?, hong_kong = ?, tags = ?,"
        " corrected_by = CASE WHEN ? <> '' THEN ? ELSE corrected_by END WHERE id = ?",
        (tags.virtual_asset, tags.hong_kong, tags_json(tags), person, person, identifier),
    )
    connection.executemany(
        "DELETE FROM topics WHERE topic = ? AND sort_key = ?",
        [(topic, sort_key) for topic in TOPICS],
    )
    list_topics(connection, identifier, sort_key, tags)


def correct(connection: Connection, old: Article, tags: Tags, person: str, at: int) -> None:
    """A person says what is right: it wins over the tagger for ever, and is kept as an example."""
    connection.execute(
        "INSERT INTO corrections (article, before, after, person, at) VALUES (?, ?, ?, ?, ?)",
        (old.id, tags_json(old.tags), tags_json(tags), person, at),
    )
    set_tags(connection, old.id, tags, person)
    record_change(connection, old.id, "retagged", at)


def withdraw(connection: Connection, identifier: int, at: int, person: str = "") -> None:
    """Its source took it back, or with `person` that person did. It stays, marked."""
    if person:
        _retract(connection, identifier, person, person, at)
    else:
        connection.execute("UPDATE articles SET withdrawn = 1 WHERE id = ?", (identifier,))
    record_change(connection, identifier, "withdrawn", at)


def restore(connection: Connection, identifier: int, at: int, person: str) -> None:
    """A person takes back that a person withdrew it; what its source withdrew stays so."""
    _retract(connection, identifier, "", person, at)
    record_change(connection, identifier, "restored", at)


def _retract(connection: Connection, identifier: int, by: str, person: str, at: int) -> None:
    connection.execute("UPDATE articles SET retracted_by = ? WHERE id = ?", (by, identifier))
    connection.execute(
        "INSERT INTO retractions (article, undone, person, at) VALUES (?, ?, ?, ?)",
        (identifier, not by, person, at),
    )


def stands(connection: Connection, story: int) -> bool:
    """Whether a story has an article that nobody withdrew."""
    return bool(
        connection.execute(
            "SELECT 1 FROM articles WHERE story = ? AND withdrawn = 0 AND retracted_by = ''"
            " LIMIT 1",
            (story,),
        ).fetchone()
    )


def record_change(connection: Connection, identifier: int, what: str, at: int) -> None:
    connection.execute(
        "INSERT INTO changes (article, story, what, at)"
        " SELECT id, story, ?, ? FROM articles WHERE id = ?",
        (what, at, identifier),
    )


@dataclass(frozen=True)
class Change:
    id: int
    article: int
    story: int
    what: str
    at: int


def changes_after(connection: Connection, cursor: int, limit: int) -> list[Change]:
    rows = connection.execute(
        "SELECT id, article, story, what, at FROM changes WHERE id > ? ORDER BY id LIMIT ?",
        (cursor, limit),
    ).fetchall()
    return [Change(**dict(row)) for row in rows]


def _unindex(connection: Connection, old: Article) -> int:
    sort_key = _sort_key(connection, old.id)
    connection.execute(
        "INSERT INTO search (search, rowid, words, chars) VALUES ('delete', ?, ?, ?)",
        (sort_key, *indexed(f"{old.title}\n{old.summary}")),
    )
    return sort_key


def _sort_key(connection: Connection, identifier: int) -> int:
    row = connection.execute("SELECT sort_key FROM articles WHERE id = ?", (identifier,)).fetchone()
    return int(row[0])


def corrected(connection: Connection) -> list[tuple[Article, str, int]]:
    """(article as it is now, who corrected it last, when), in the order of the articles."""
    rows = connection.execute(
        "SELECT a.*, c.person, c.at FROM corrections c JOIN articles a ON a.id = c.article"
        " WHERE c.id IN (SELECT max(id) FROM corrections GROUP BY article) ORDER BY a.id"
    ).fetchall()
    return [(to_article(row), row["person"], row["at"]) for row in rows]


@dataclass(frozen=True)
class Untagged:
    """An article that another version of the lexicon tagged."""

    article: Article
    hong_kong_feed: bool


def tagged_otherwise(
    connection: Connection, tagger: str, cursor: int, limit: int
) -> list[Untagged]:
    """Articles after the cursor that another version of the lexicon tagged; never those that a
    person corrected, and never the milestones.
    """
    rows = connection.execute(
        "SELECT a.*, coalesce(f.hong_kong, 0) AS hong_kong_feed FROM articles a"
        " LEFT JOIN feeds f ON f.id = a.feed WHERE a.id > ? AND a.seeded = 0"
        " AND a.corrected_by = '' AND a.tagger <> ? ORDER BY a.id LIMIT ?",
        (cursor, tagger, limit),
    ).fetchall()
    return [Untagged(to_article(row), bool(row["hong_kong_feed"])) for row in rows]


def retag(connection: Connection, identifier: int, tags: Tags, tagger: str) -> None:
    """Give an article the tags of a newer lexicon, quietly: nobody is told."""
    set_tags(connection, identifier, tags)
    connection.execute("UPDATE articles SET tagger = ? WHERE id = ?", (tagger, identifier))
