"""What the worker process does with a body: parse it and tag every entry. Pure."""

from dataclasses import dataclass
from functools import cache

from feeds.items import Entry, Source, Tags
from feeds.parse import Body, Parsed, parse
from feeds.tagging import Tagger


@dataclass(frozen=True)
class Reading:
    """A parsed document and the tags of its entries, in the same order."""

    parsed: Parsed
    tags: tuple[Tags, ...]
    tagger: str
    """The version of the lexicon."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.parsed.entries


def read(body: Body, source: Source, seen: frozenset[bytes] = frozenset()) -> Reading:
    """Parse and tag. Raises parse.NotAFeed."""
    parsed = parse(body, seen)
    tagger = loaded_tagger()
    tags = tuple(tag_entry(tagger, entry, source) for entry in parsed.entries)
    return Reading(parsed, tags, tagger.version)


def tag_entries(entries: tuple[Entry, ...], source: Source) -> tuple[Tags, ...]:
    """Tag entries anew, whose texts have become known."""
    tagger = loaded_tagger()
    return tuple(tag_entry(tagger, entry, source) for entry in entries)


def tag_entry(tagger: Tagger, entry: Entry, source: Source) -> Tags:
    return tagger.tag(entry.title, entry.summary, source.name, hong_kong=source.hong_kong)


@cache
def loaded_tagger() -> Tagger:
    """The tagger, loaded once in each process."""
    return Tagger.load()
