"""The archive: a log that is searched newest first, by words, topics and time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds import archive, archive_changes, archive_search
from feeds.archive import NewArticle
from feeds.archive_schema import archive_migrations
from feeds.archive_search import Look
from feeds.database import Database
from feeds.items import Evidence, Tags

NOON = 1_780_286_400
TAGS = Tags(
    virtual_asset=True,
    hong_kong=True,
    pillars=("safeguards",),
    initiatives=(3,),
    evidence=(Evidence("safeguards", ("custody", "保管"), "custody", 2.5),),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "archive.db", (archive_migrations,))
    yield opened
    opened.close()


def new(title: str, published: int = NOON, tags: Tags = TAGS, owner: str = "") -> NewArticle:
    return NewArticle(
        feed=None,
        owner=owner,
        title=title,
        url="https://news.example/1",
        summary="",
        source="SFC",
        kind="official",
        language="en",
        published=published,
        date_only=False,
        timezone="Asia/Hong_Kong",
        first_seen=NOON,
        alert=True,
        tags=tags,
        tagger="test",
    )


def store(database: Database, *articles: NewArticle) -> list[int]:
    return [database.write_now(archive.store, article) for article in articles]


def found(database: Database, look: Look) -> list[str]:
    return [one.title for one in database.write_now(archive_search.find, look)]


def test_what_was_stored_is_read_back(database: Database) -> None:
    """An article comes back with its tags and all their evidence."""
    (identifier,) = store(database, new("Custody 保管"))
    article = database.write_now(archive.article, identifier)
    assert article is not None
    assert (article.title, article.tags, article.story) == ("Custody 保管", TAGS, identifier)


def test_a_batch_is_stored_as_one_by_one(database: Database) -> None:
    """Articles stored together are found by words and topics like those stored alone."""
    batch = [(n, new(f"Number {n} of many", NOON + n)) for n in (1, 2, 3)]
    database.write_now(archive.store_all, batch)
    store(database, new("Number four of many", NOON + 4))
    titles = ["Number four of many", "Number 3 of many", "Number 2 of many", "Number 1 of many"]
    assert found(database, Look(words="many")) == titles
    assert found(database, Look(topics=("3",))) == titles
    assert [one.id for one in database.write_now(archive.after, 0, 10)] == [1, 2, 3, 4]


def test_newest_first_whatever_the_order_of_storing(database: Database) -> None:
    """Articles are shown by date, the log by storing; pages follow each other."""
    store(database, new("b", NOON), new("a", NOON + 9), new("c", NOON - 9), new("x", 0))
    assert found(database, Look()) == ["a", "b", "c", "x"]
    assert found(database, Look(limit=2, offset=1)) == ["b", "c"]
    assert found(database, Look(since=NOON)) == ["a", "b"]


def test_whose_it_is(database: Database) -> None:
    """What a workspace's feed brought is seen there and nowhere else."""
    store(database, new("For all"), new("For one", owner="t:W1"))
    assert found(database, Look(workspace="t:W1")) == ["For one", "For all"]
    assert found(database, Look(words="one", workspace="t:W2")) == []
    assert database.write_now(archive.article, 2, "t:W2") is None


def test_a_revised_article_is_found_by_its_new_words(database: Database) -> None:
    """After a change of words only the new ones find it, under its new topics."""
    (identifier,) = store(database, new("Fraud 詐騙"))
    old = database.write_now(archive.article, identifier)
    assert old is not None
    tags = Tags(virtual_asset=True, pillars=("products",))
    database.write_now(archive_changes.revise, old, "Staking 質押", "", tags)
    assert found(database, Look(words="詐騙")) == []
    assert found(database, Look(words="质押")) == ["Staking 質押"]
    assert found(database, Look(topics=("safeguards",))) == []
    assert found(database, Look(topics=("products",))) == ["Staking 質押"]
    database.write_now(
        lambda connection: (
            connection.execute("INSERT INTO search (search) VALUES ('integrity-check')").rowcount
        )
    )
