"""From what a feed said to what is stored: is it new, is it changed, is it the same news?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from feeds import archive, archive_changes, archive_feeds
from feeds.archive import NewArticle
from feeds.archive_feeds import Feed, FeedState, Sighting
from feeds.database import Connection
from feeds.identity import FeedHabits, canonical, changed, entry_key, habits, reference, same_item
from feeds.items import Entry, Tags
from feeds.reading import Reading
from feeds.schedule import PollRules, is_old
from feeds.stories import StoryIndex, Told

UNIQUE = FeedHabits(guids_unique=True, links_unique=True)
SHARED = FeedHabits(guids_unique=False, links_unique=False)


@dataclass(frozen=True)
class Stored:
    """How many entries of a reading were new, changed, or known from another feed."""

    new: int = 0
    changed: int = 0
    elsewhere: int = 0
    newest: int | None = None
    """The latest believable date among all entries."""
    habits: FeedHabits = UNIQUE


@dataclass(frozen=True)
class Store:
    """Stores readings. `stories` lives on the database's writing thread only."""

    rules: PollRules
    stories: StoryIndex

    def reading(self, connection: Connection, feed: Feed, reading: Reading, now: int) -> Stored:
        """Store what is new and revise what changed, in one transaction with its caller's."""
        manners = known_habits(feed.state, reading.entries)
        counts = {"new": 0, "changed": 0, "elsewhere": 0, "same": 0}
        newest = feed.state.newest
        for entry, tags in _oldest_first(reading, now):
            item = _Item(feed, entry, tags, reading.tagger, manners, now)
            counts[self._entry(connection, item)] += 1
            if entry.published is not None and entry.published <= now:
                newest = max(newest or 0, entry.published)
        return Stored(counts["new"], counts["changed"], counts["elsewhere"], newest, manners)

    def _entry(self, connection: Connection, item: "_Item") -> str:
        keys = item.keys
        known = _sighting(connection, item.feed.id, keys)
        if item.entry.withdrawn:
            return self._withdraw(connection, item, known)
        if known is not None:
            verdict = same_item(known.title, known.published, item.entry)
            if verdict != "reused":
                return self._known(connection, item, known)
            identifier = 0
        else:
            identifier = self._elsewhere(connection, item)
        if identifier:
            _sight(connection, item, keys, identifier)
            archive_changes.record_change(connection, identifier, "joined", item.now)
            return "elsewhere"
        identifier = self._append(connection, item)
        _sight(connection, item, keys, identifier)
        return "new"

    def _withdraw(self, connection: Connection, item: "_Item", known: Sighting | None) -> str:
        if known is None:
            return "same"
        archive_changes.withdraw(connection, known.article, item.now)
        return "changed"

    def _known(self, connection: Connection, item: "_Item", known: Sighting) -> str:
        entry = item.entry
        if not entry.summary and item.feed.source.enrich:
            entry = replace(entry, summary=known.summary)  # its text came from elsewhere
        if not changed(known.title, known.summary, entry):
            return "same"
        old = archive.article(connection, known.article, item.feed.source.owner)
        if old is None or old.source != item.feed.source.name:
            return "same"  # another feed's words stand: its own changes count
        archive_changes.revise(connection, old, entry.title, entry.summary, item.tags)
        if item.now - known.first_seen <= self.rules.revise_within_s:
            archive_changes.record_change(connection, old.id, "revised", item.now)
        return "changed"

    def _elsewhere(self, connection: Connection, item: "_Item") -> int:
        address = item.canonical if item.habits.links_unique else ""
        return archive_feeds.same_elsewhere(connection, item.feed, item.reference, address)

    def _append(self, connection: Connection, item: "_Item") -> int:
        feed, entry = item.feed, item.entry
        baseline = feed.state.baseline_at is None
        old = is_old(entry.published, feed.state.newest, self.rules)
        told = item.told(archive.next_id(connection))
        # Stories are for everybody's feeds; a workspace's own stand alone.
        story = None if feed.source.owner else self.stories.match(told)
        identifier = archive.store(connection, item.new_article(story, alert=not (baseline or old)))
        if not feed.source.owner:
            self.stories.add(told if story is None else item.told(identifier, story))
        if story is not None:
            archive_changes.record_change(connection, identifier, "joined", item.now)
        return identifier


def known_habits(state: FeedState, entries: Sequence[Entry]) -> FeedHabits:
    """A feed that was once seen to repeat its guids or links is not trusted with them again:
    a later document may hold too few entries to show it.
    """
    seen = habits(entries)
    return FeedHabits(
        guids_unique=seen.guids_unique and not state.guids_shared,
        links_unique=seen.links_unique and not state.links_shared,
    )


def _sighting(connection: Connection, feed: int, keys: Sequence[str]) -> Sighting | None:
    found = (archive_feeds.sighting(connection, feed, key) for key in keys)
    return next((known for known in found if known is not None), None)


def _sight(connection: Connection, item: "_Item", keys: Sequence[str], article: int) -> None:
    for key in keys:
        archive_feeds.sight(connection, item.feed.id, key, article, item.now)


@dataclass(frozen=True)
class _Item:
    feed: Feed
    entry: Entry
    tags: Tags
    tagger: str
    habits: FeedHabits
    now: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The strictest identity first, then the one that the feed's habits allow: so that a
        feed which turns out to share its links does not make all its items new.
        """
        return tuple(
            dict.fromkeys((entry_key(self.entry, SHARED), entry_key(self.entry, self.habits)))
        )

    @property
    def published(self) -> int:
        return self.entry.published if self.entry.published is not None else self.now

    @property
    def canonical(self) -> str:
        return canonical(self.entry.url)

    @property
    def reference(self) -> str:
        return reference(self.entry.guid, self.entry.url)

    def told(self, identifier: int, story: int | None = None) -> Told:
        return Told(
            article=identifier,
            story=identifier if story is None else story,
            feed=str(self.feed.id),
            title=self.entry.title,
            summary=self.entry.summary,
            published=self.published,
            language=self.feed.source.language,
            references=frozenset({self.reference} - {""}),
            official=self.feed.source.kind == "official",
            canonical=self.canonical,
        )

    def new_article(self, story: int | None, *, alert: bool) -> NewArticle:
        source = self.feed.source
        return NewArticle(
            feed=self.feed.id,
            owner=source.owner,
            title=self.entry.title,
            url=self.entry.url,
            summary=self.entry.summary,
            source=source.name,
            kind=source.kind,
            language=source.language,
            published=self.published,
            date_only=self.entry.date_only,
            timezone=source.timezone,
            first_seen=self.now,
            alert=alert,
            tags=self.tags,
            tagger=self.tagger,
            canonical=self.canonical if self.habits.links_unique else "",
            reference=self.reference,
            story=story,
        )


def _oldest_first(reading: Reading, now: int) -> list[tuple[Entry, Tags]]:
    """Oldest first, the undated last; within a second in the document's order from its end."""
    pairs = list(zip(reading.entries, reading.tags, strict=True))
    pairs.reverse()
    pairs.sort(key=lambda pair: pair[0].published if pair[0].published is not None else now)
    return pairs
