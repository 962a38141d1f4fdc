"""The items of a reading as storing sees them: their names, and what would be stored of each."""

from dataclasses import dataclass
from functools import cached_property

from feeds.archive import NewArticle
from feeds.archive_feeds import Feed
from feeds.archive_sightings import Sighting
from feeds.identity import FeedHabits
from feeds.items import Entry, Tags
from feeds.reading import Names, Reading
from feeds.schedule import PollRules
from feeds.stories import Told


@dataclass(frozen=True)
class Visit:
    """A poll of a feed, and the rules and the hour (UTC seconds) at which it is stored."""

    feed: Feed
    rules: PollRules
    now: int


@dataclass(frozen=True)
class Item:
    visit: Visit
    entry: Entry
    tags: Tags
    tagger: str
    names: Names
    words: tuple[str, str] | None
    habits: FeedHabits

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return self.names.keys(self.habits)

    @property
    def published(self) -> int:
        return self.entry.published if self.entry.published is not None else self.visit.now

    @property
    def address(self) -> str:
        """The address, where it tells this item from the feed's others; else empty."""
        return self.names.canonical if self.habits.links_unique else ""

    def sighting(self, article: int, *, own: bool) -> Sighting:
        entry, now = self.entry, self.visit.now
        return Sighting(
            article, entry.title, entry.summary, self.published, now, own=own, withdrawn=False
        )

    def told(self, identifier: int, story: int | None = None) -> Told:
        return Told(
            article=identifier,
            story=identifier if story is None else story,
            feed=str(self.visit.feed.id),
            title=self.entry.title,
            summary=self.entry.summary,
            published=self.published,
            language=self.visit.feed.source.language,
            references=frozenset({self.names.reference} - {""}),
            official=self.visit.feed.source.kind == "official",
            canonical=self.names.canonical,
        )

    def new_article(self, story: int | None, *, alert: bool) -> NewArticle:
        source = self.visit.feed.source
        return NewArticle(
            feed=self.visit.feed.id,
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
            first_seen=self.visit.now,
            alert=alert,
            tags=self.tags,
            tagger=self.tagger,
            canonical=self.address,
            reference=self.names.reference,
            story=story,
            words=self.words,
        )


def items_of(reading: Reading, manners: FeedHabits, visit: Visit) -> list[Item]:
    """Oldest first, the undated last; within a second in the document's order from its end."""
    enriched = bool(visit.feed.source.enrich)
    items = [
        Item(visit, entry, tags, reading.tagger, names, None if enriched else words, manners)
        for entry, tags, names, words in zip(
            reading.entries, reading.tags, reading.names, reading.words, strict=True
        )
    ]
    items.reverse()
    items.sort(key=lambda item: item.published)
    return items
