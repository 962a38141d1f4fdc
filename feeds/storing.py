"""From what a feed said to what is stored: is it new, is it changed, is it the same news?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from feeds import archive, archive_changes, archive_sightings
from feeds.archive import NewArticle
from feeds.archive_feeds import FeedState
from feeds.archive_sightings import Holder, Sighting
from feeds.database import Connection
from feeds.identity import FeedHabits, changed, same_item
from feeds.likeness import overlap, pieces
from feeds.reading import UNIQUE, Reading
from feeds.schedule import is_old
from feeds.stories import StoryIndex
from feeds.storing_items import Item, Visit, items_of
from feeds.story_memory import WINDOW_S

_DAY_S = 86_400
_SAME_TIME_S = 12 * 3600
"""Dates of one item that a feed gives twice lie no further apart."""
_SAME_ADDRESS_S = 3 * _DAY_S
"""Some sites use one address for a new text every week."""
_ALIKE = 0.5
_TOLD_AT_FIRST_S = 3 * _DAY_S // 2
"""A first poll brings a feed's past, which nobody is told: only its last days make stories."""

Fate = Literal["new", "changed", "elsewhere", "same"]


@dataclass(frozen=True)
class Stored:
    """How many entries of a reading were new, changed, or known from another feed."""

    new: int = 0
    changed: int = 0
    elsewhere: int = 0
    newest: int | None = None
    """The latest believable date among all entries that the feed ever showed."""
    dates: tuple[int, ...] = ()
    """Of the reading's entries, those that are not in the future."""
    habits: FeedHabits = UNIQUE
    doubtful: bool = False
    """An item came under the name of one that said something else. Either its words were changed
    wholly, or the feed shares its names, which only the whole document shows.
    """


def store_reading(
    connection: Connection, stories: StoryIndex, reading: Reading, visit: Visit
) -> Stored:
    """Store what is new and revise what changed, in one transaction with its caller's."""
    manners = known_habits(visit.feed.state, reading.habits)
    store = _Store(connection, stories, visit, archive.next_id(connection))
    counts = store.entries(items_of(reading, manners, visit))
    store.write()
    dates = tuple(
        entry.published
        for entry in reading.entries
        if entry.published is not None and entry.published <= visit.now
    )
    newest = max((*dates, visit.feed.state.newest or 0)) or None
    return Stored(
        counts["new"],
        counts["changed"],
        counts["elsewhere"],
        newest,
        dates,
        manners,
        doubtful=store.doubtful,
    )


def known_habits(state: FeedState, seen: FeedHabits) -> FeedHabits:
    """A feed that was once seen to repeat its guids or links is not trusted with them again:
    a later document may hold too few entries to show it.
    """
    return FeedHabits(
        guids_unique=seen.guids_unique and not state.guids_shared,
        links_unique=seen.links_unique and not state.links_shared,
    )


@dataclass
class _Store:
    """Goes through one reading. New articles are gathered and written at the end."""

    connection: Connection
    stories: StoryIndex
    visit: Visit
    next_id: int
    known: dict[str, Sighting] = field(default_factory=dict)
    by_address: dict[str, list[Holder]] = field(default_factory=dict)
    by_reference: dict[str, list[Holder]] = field(default_factory=dict)
    sighted: dict[str, Sighting] = field(default_factory=dict)
    new: list[tuple[int, NewArticle]] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    said: dict[int, str] = field(default_factory=dict)
    """The articles of which this reading has told, and under which title."""
    doubtful: bool = False

    def entries(self, items: Sequence[Item]) -> dict[Fate, int]:
        self._look_up(items)
        counts: dict[Fate, int] = {"new": 0, "changed": 0, "elsewhere": 0, "same": 0}
        for item in items:
            counts[self._entry(item)] += 1
        return counts

    def _look_up(self, items: Sequence[Item]) -> None:
        """All that may be known of these items, in few questions."""
        connection, feed = self.connection, self.visit.feed.id
        keys = {key for item in items for key in item.keys}
        self.known = archive_sightings.sightings(connection, feed, keys)
        rest = [item for item in items if not any(key in self.known for key in item.keys)]
        self.by_address = archive_sightings.holders(
            connection, feed, "canonical", (item.address for item in rest)
        )
        self.by_reference = archive_sightings.holders(
            connection, feed, "reference", (item.names.reference for item in rest)
        )

    def write(self) -> None:
        archive.store_all(self.connection, self.new)
        archive_sightings.sight(self.connection, self.visit.feed.id, self.sighted)
        for identifier in self.joined:
            archive_changes.record_change(self.connection, identifier, "joined", self.visit.now)

    def _entry(self, item: Item) -> Fate:
        strictly = self.known.get(item.names.strict)
        known = strictly or next(filter(None, map(self.known.get, item.keys)), None)
        if item.entry.withdrawn:
            return self._withdraw(known)
        if known is None:
            known = self._under_another_name(item)
        if known is None:
            return self._elsewhere(item) or self._append(item)
        if self._is_another(item, known, by_its_words=strictly is not None):
            return self._append(item)
        if strictly is None:
            self._sight(item, known)  # its words have changed, and with them its strict name
        if known.article in self.said:
            return "same"  # a document says a thing once
        self.said[known.article] = item.entry.title
        self.doubtful |= strictly is None and not _alike(known.title, item.entry.title)
        return self._known(item, known)

    def _is_another(self, item: Item, known: Sighting, *, by_its_words: bool) -> bool:
        """Whether the feed uses a name again: another day for something clearly different, or in
        one document for two items that are.
        """
        title = item.entry.title
        said = self.said.get(known.article, title)
        if known.own and not _alike(said, title):
            return True
        return not by_its_words and same_item(known.title, known.published, item.entry) == "reused"

    def _withdraw(self, known: Sighting | None) -> Fate:
        if known is None or known.withdrawn or not known.own:
            return "same"
        archive_changes.withdraw(self.connection, known.article, self.visit.now)
        return "changed"

    def _under_another_name(self, item: Item) -> Sighting | None:
        """The feed's own item of that address, time and title, where only its guid is another."""
        for holder in reversed(self.by_address.get(item.address, ())):
            known = holder.sighting
            if (
                known.own
                and abs(known.published - item.published) < _SAME_TIME_S
                and _alike(known.title, item.entry.title)
            ):
                self._sight(item, known)
                return known
        return None

    def _known(self, item: Item, known: Sighting) -> Fate:
        entry = item.entry
        if not known.own or not changed(known.title, known.summary, entry):
            return "same"  # another feed's words stand: its own changes count
        old = archive.article(self.connection, known.article, self.visit.feed.source.owner)
        if old is None:
            return "same"  # stored in this very reading: a document says a thing once
        archive_changes.revise(self.connection, old, entry.title, entry.summary, item.tags)
        if not old.owner:
            self.stories.add(item.told(old.id, old.story))
        if self.visit.now - known.first_seen <= self.visit.rules.revise_within_s:
            archive_changes.record_change(self.connection, old.id, "revised", self.visit.now)
        return "changed"

    def _elsewhere(self, item: Item) -> Fate | None:
        """Another feed brought it under the same reference, or the same address these days."""
        known = [
            *self.by_reference.get(item.names.reference, ()),
            *(
                holder
                for holder in self.by_address.get(item.address, ())
                if abs(holder.sighting.published - item.published) < _SAME_ADDRESS_S
            ),
        ]
        holder = next(filter(self._may_stand_for_ours, known), None)
        if holder is None:
            return None
        self._sight(item, replace(holder.sighting, first_seen=self.visit.now))
        if holder.owner == self.visit.feed.source.owner:
            # A workspace's own feed changes nothing for others.
            self.joined.append(holder.sighting.article)
        return "elsewhere"

    def _may_stand_for_ours(self, holder: Holder) -> bool:
        """Whether who sees our feed sees that article too, in the same language; and the press
        does not take an authority's place.
        """
        source = self.visit.feed.source
        return (
            not holder.sighting.own
            and holder.language == source.language
            and holder.owner in {"", source.owner}
            and (holder.kind == "official" or source.kind == "press")
        )

    def _append(self, item: Item) -> Fate:
        feed, entry = self.visit.feed, item.entry
        identifier, self.next_id = self.next_id, self.next_id + 1
        baseline = feed.state.baseline_at is None
        old = is_old(entry.published, feed.state.newest, self.visit.rules)
        story = None
        # Stories are for everybody's feeds, and for what is told these days.
        horizon = _TOLD_AT_FIRST_S if baseline else WINDOW_S + _DAY_S
        if item.published >= self.visit.now - horizon and not feed.source.owner:
            told = item.told(identifier)
            story = self.stories.match(told)
            self.stories.add(told if story is None else replace(told, story=story))
        self.new.append((identifier, item.new_article(story, alert=not (baseline or old))))
        self._sight(item, item.sighting(identifier, own=True))
        self.said[identifier] = entry.title
        if story is not None:
            self.joined.append(identifier)
        return "new"

    def _sight(self, item: Item, known: Sighting) -> None:
        """From now on it is known by all its names."""
        for key in item.keys:
            self.sighted[key] = self.known[key] = known


def _alike(title: str, other: str) -> bool:
    """Whether two titles of one feed may be of one item."""
    return overlap(pieces(title), pieces(other)) >= _ALIKE
