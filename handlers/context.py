"""What a family of commands gets to answer with: the request, its channel, its language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.database import Connection
from feeds.parse import NotAFeed
from feeds.reading import Reading
from feeds.roadmap import Roadmap
from handlers.ledger_channels import Channel, Habits
from handlers.messages import Chip, Request
from handlers.texts import listed, say


@dataclass(frozen=True)
class Manners:
    """What config.toml says of answers, alerts and summaries."""

    habits: Habits = field(default_factory=Habits)
    page: int = 8
    """Items on a page of news."""
    latest: int = 3
    """News items under a pillar or an initiative."""
    burst: int = 5
    """Alerts for a channel that come as cards of their own; the rest is listed in one."""
    burst_window_s: int = 600
    catch_up_after_s: int = 6 * 3600
    """Down for longer than this, what was missed comes as one card a channel."""
    edit_within_s: int = 7 * 86400
    """Cards sent longer ago than this are not edited any more."""
    close_after_s: int = 30 * 86400
    """A channel that is gone for so long is closed."""
    feeds_per_workspace: int = 20


@dataclass(frozen=True)
class Trial:
    """What a feed's address gave when it was tried, before it is added."""

    url: str
    reading: Reading | None = None
    fault: str = ""
    detail: str = ""
    not_a_feed: NotAFeed | None = None


@dataclass(frozen=True)
class Context:
    connection: Connection
    request: Request
    command: str
    """The name of the command that is answered; empty before it is known."""
    options: Mapping[str, str]
    now: int
    language: str
    channel: Channel | None
    """The channel's row; None where nobody changed anything there yet."""
    roadmap: Roadmap
    manners: Manners
    trial: Trial | None = None

    @property
    def timezone(self) -> str:
        return self.channel.timezone if self.channel else self.manners.habits.timezone

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def workspace(self) -> str:
        """Whose feeds may be seen here (ChannelRef.home)."""
        return self.request.channel.home

    @property
    def public(self) -> bool:
        return self.options.get("share") == "yes"

    @property
    def local_now(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC).astimezone(self.zone)

    def say(self, key: str, **words: object) -> str:
        return say(self.language, key, **words)

    def listed(self, parts: Iterable[str]) -> str:
        return listed(self.language, parts)

    def topic_name(self, topic: str) -> str:
        return topic_name(self.roadmap, topic, self.language)

    def chip(self, topic: str) -> Chip:
        return chip(self.roadmap, topic, self.language)


def topic_name(roadmap: Roadmap, topic: str, language: str) -> str:
    """What people call a topic: "Safeguards", "#3 Dynamic custody", "everything"."""
    if topic == "all":
        return say(language, "core.everything")
    if topic.isdigit():
        return f"#{topic} {roadmap.initiative(int(topic)).name(language)}"
    return roadmap.pillar(topic).name(language)


def chip(roadmap: Roadmap, topic: str, language: str) -> Chip:
    if topic.isdigit():
        return Chip(topic, f"#{topic}", roadmap.initiative(int(topic)).name(language))
    pillar = roadmap.pillar(topic)
    return Chip(topic, pillar.letter, pillar.name(language))
