"""The stages of a piece of news: what a feed said, what we mean to store, what is stored.

All times are UTC seconds since 1970 as integers, all languages BCP 47 tags.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["official", "press"]
PILLARS = ("access", "safeguards", "products", "infrastructure", "relationships")
"""The roadmap's pillars in its own order (facts: SFC reference 25PR20)."""


@dataclass(frozen=True)
class Source:
    """A feed as it is configured: where it is and what is known of all that it carries."""

    name: str
    url: str
    kind: Kind = "press"
    language: str = "en"
    timezone: str = "Asia/Hong_Kong"
    hong_kong: bool = False
    """True where everything in the feed is about Hong Kong."""
    interval_s: int = 0
    """Seconds between polls; 0 leaves it to the poller."""
    enabled: bool = True
    owner: str = ""
    """The workspace that added it in chat; empty for the feeds of config.toml."""
    enrich: str = ""
    """The name of the enricher that fetches the official text, if any."""


@dataclass(frozen=True)
class Entry:
    """One item as a feed gave it, made safe: plain text, http(s) links, UTC times."""

    title: str
    url: str = ""
    """Absolute http(s) address, or empty."""
    guid: str = ""
    """The feed's own identifier, verbatim; empty if it has none."""
    summary: str = ""
    """Plain text, one space between words, at most 2,000 characters."""
    published: int | None = None
    """UTC seconds; None where the feed gives no believable date."""
    date_only: bool = False
    """True where the feed's date has no clock time (midnight in the feed's own zone)."""
    updated: int | None = None
    withdrawn: bool = False
    """True where the feed itself says that the item is withdrawn (an Atom tombstone)."""


@dataclass(frozen=True)
class Evidence:
    """Why a tag was given: the words that spoke for it and the rule that heard them."""

    topic: str
    """A pillar's name, an initiative's number as text, `virtual_asset` or `hong_kong`."""
    words: tuple[str, ...]
    """As they stand in the item's text."""
    rule: str
    """The name of the rule (a key of the lexicon), for people who edit it."""
    weight: float = 1.0


@dataclass(frozen=True)
class Tags:
    """What an item is about. Pillars and initiatives are given to virtual-asset items only."""

    virtual_asset: bool = False
    hong_kong: bool = False
    pillars: tuple[str, ...] = ()
    """Names from PILLARS, in that order."""
    initiatives: tuple[int, ...] = ()
    """1-12, ascending; Hong Kong items only."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Article:
    """A stored item. `id` grows with the order of storing: the archive is a log."""

    id: int
    title: str
    url: str
    summary: str
    owner: str
    """Who may see it: everybody (""), or those who share the feed (its owner)."""
    source: str
    """The feed's name."""
    kind: Kind
    language: str
    published: int
    """The feed's believable date, else the time it was first seen."""
    date_only: bool
    timezone: str
    first_seen: int
    tags: Tags
    reference: str
    """The official reference ("sfc:26PR101"), or empty."""
    story: int
    """The id of the story's first article; its own id where it stands alone."""
    seeded: bool = False
    """True for the roadmap's milestones, which are never alerted."""
    withdrawn: bool = False
    """Whether its source took it back, or a person here did."""
    retracted_by: str = ""
    """That person; empty where nobody withdrew it, or its source did."""
    corrected_by: str = ""
    """Who corrected its tags, if anybody did."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """For milestones: the source note and the confidence."""
