"""What the worker process does with a body: parse it, tag every entry, and prepare what storing
needs to know of it. Pure.
"""

from dataclasses import dataclass
from functools import cache

from feeds.identity import FeedHabits, canonical, entry_key, habits, reference
from feeds.items import Entry, Source, Tags
from feeds.parse import Body, Parsed, parse
from feeds.search_text import indexed
from feeds.tagging import Tagger

UNIQUE = FeedHabits(guids_unique=True, links_unique=True)
_BY_LINK = FeedHabits(guids_unique=False, links_unique=True)
_SHARED = FeedHabits(guids_unique=False, links_unique=False)


@dataclass(frozen=True)
class Names:
    """All by which an entry may be known: within its feed, by the habits of that, and outside."""

    strict: str
    by_guid: str
    """Empty where it has none."""
    by_link: str
    canonical: str
    reference: str

    def keys(self, manners: FeedHabits) -> tuple[str, ...]:
        """The strictest identity first, then the one that the feed's habits allow: so that a
        feed which turns out to share its links does not make all its items new.
        """
        usual = self.strict
        if manners.guids_unique and self.by_guid:
            usual = self.by_guid
        elif manners.links_unique:
            usual = self.by_link
        return (self.strict,) if usual == self.strict else (self.strict, usual)


@dataclass(frozen=True)
class Reading:
    """A parsed document, and of its entries in the same order the tags, the names, and the words
    by which they are searched.
    """

    parsed: Parsed
    tags: tuple[Tags, ...]
    tagger: str
    """The version of the lexicon."""
    names: tuple[Names, ...]
    words: tuple[tuple[str, str], ...]
    """As the entries came from the feed; not with a text from elsewhere."""
    habits: FeedHabits = UNIQUE

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.parsed.entries


def read(body: Body, source: Source, seen: frozenset[bytes] = frozenset()) -> Reading:
    """Parse, tag and prepare. Raises parse.NotAFeed."""
    parsed = parse(body, seen)
    return Reading(
        parsed=parsed,
        tags=tag_entries(parsed.entries, source),
        tagger=loaded_tagger().version,
        names=tuple(map(names_of, parsed.entries)),
        words=tuple(indexed(f"{entry.title}\n{entry.summary}") for entry in parsed.entries),
        habits=habits(parsed.entries),
    )


def names_of(entry: Entry) -> Names:
    return Names(
        strict=entry_key(entry, _SHARED),
        by_guid=entry_key(entry, UNIQUE) if entry.guid.strip() else "",
        by_link=entry_key(entry, _BY_LINK),
        canonical=canonical(entry.url),
        reference=reference(entry.guid, entry.url),
    )


def tag_entries(entries: tuple[Entry, ...], source: Source) -> tuple[Tags, ...]:
    """Tag entries; again, where their texts have become known."""
    tagger = loaded_tagger()
    return tuple(tag_entry(tagger, entry, source) for entry in entries)


def tag_entry(tagger: Tagger, entry: Entry, source: Source) -> Tags:
    return tagger.tag(entry.title, entry.summary, source.name, hong_kong=source.hong_kong)


@cache
def loaded_tagger() -> Tagger:
    """The tagger, loaded once in each process."""
    return Tagger.load()
