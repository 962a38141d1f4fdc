"""What must hold of the archive after any answers whatever of one feed, in any order."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import sqlite_utils

from feeds import archive_feeds, archive_sightings
from feeds.archive_feeds import Feed
from feeds.archive_schema import archive_migrations
from feeds.database import Connection
from feeds.fetched import Fetched, Validators
from feeds.identity import address, canonical, changed, reference, same_item
from feeds.items import Entry, Source
from feeds.outcome import Outcome, succeeded
from feeds.parse import Body, NotAFeed
from feeds.reading import Reading, names_of, read
from feeds.schedule import PollRules
from feeds.stories import StoryIndex
from feeds.storing import Stored, store_reading
from feeds.storing_items import Visit
from tests.feeds.bodies import NOW, URL

_RULES = PollRules()
_HOUR_S = 3_600


def check_identity(answers: Sequence[bytes]) -> int:
    """Store the feed's answers one after the other, and assert that each item is known from then
    on: the same answer again brings nothing new, nor do all of them a second time, the last one
    first. Returns how many articles there are in the end.
    """
    readings = list(filter(None, map(_reading, answers)))
    for reading in readings:
        for entry in reading.entries:
            check_names(entry)
    connection = _archive()
    connection.execute("BEGIN")
    try:
        feed = _added(connection)
        for reading in readings:
            feed, _ = _stored(connection, feed, reading)
            feed, again = _stored(connection, feed, reading)
            assert again.new == again.elsewhere == 0
            _check_sighted(connection, feed, reading)
        for reading in reversed(readings):
            feed, again = _stored(connection, feed, reading)
            assert again.new == again.elsewhere == 0
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    finally:
        connection.execute("ROLLBACK")


def check_names(entry: Entry) -> None:
    """The rules of identity give any entry names, the same ones for what is the same."""
    names = names_of(entry)
    assert names == names_of(replace(entry))
    assert names.strict.startswith("item:")
    assert canonical(names.canonical) == names.canonical
    assert reference(entry.guid, entry.url) == names.reference
    if entry.url.startswith("http://"):
        assert address("https" + entry.url[4:]) == address(entry.url)
    if names.canonical and not set("?#") & set(entry.url):
        assert canonical(entry.url + "?utm_source=rss&fbclid=1#top") == names.canonical
    assert not changed(entry.title, entry.summary, entry)
    assert same_item(entry.title, entry.published, entry) == "same"


@cache
def _archive() -> Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    archive_migrations.apply(sqlite_utils.Database(connection, execute_plugins=False))
    return connection


def _added(connection: Connection) -> Feed:
    feed = archive_feeds.feed(connection, archive_feeds.add(connection, _SOURCE, NOW))
    assert feed is not None
    return feed


_SOURCE = Source("A feed", URL)


def _reading(document: bytes) -> Reading | None:
    try:
        return read(Body(document, URL, "text/xml", "", "Asia/Hong_Kong", NOW), _SOURCE)
    except NotAFeed:
        return None


def _stored(connection: Connection, feed: Feed, reading: Reading) -> tuple[Feed, Stored]:
    """The feed as it is known afterwards, as a poll an hour later stores it."""
    now = (feed.state.last_try or NOW) + _HOUR_S
    stored = store_reading(connection, StoryIndex(), reading, Visit(feed, _RULES, now))
    answer = Fetched(URL, b"", "text/xml", "", Validators())
    state = succeeded(Outcome(feed, answer, reading), answer, stored, _RULES, now)
    return replace(feed, state=state), stored


def _check_sighted(connection: Connection, feed: Feed, reading: Reading) -> None:
    """No item of an answer is without an article."""
    for entry, names in zip(reading.entries, reading.names, strict=True):
        if not entry.withdrawn:
            assert archive_sightings.sightings(connection, feed.id, [names.strict])
