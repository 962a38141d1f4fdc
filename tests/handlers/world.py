"""A small honest world for the core: a real database file, the real core, a clock to turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feeds import archive, archive_feeds
from feeds.archive import NewArticle
from feeds.archive_schema import archive_migrations
from feeds.database import Database
from feeds.items import PILLARS, Kind, Source, Tags
from feeds.roadmap import load_roadmap
from feeds.seeds import seed
from handlers import alerts, digests
from handlers.context import Manners
from handlers.core import Core
from handlers.delivery import Job, Outcome, claim_jobs, settle
from handlers.ledger_schema import ledger_migrations
from handlers.ledger_turns import Claim
from handlers.messages import Card, ChannelRef, Person, Reply, Request
from handlers.ports import SendError

LEASE_S = 120
NOON = 1_780_286_400
"""2026-06-01 12:00 in Hong Kong, a Monday."""
GENERAL = ChannelRef("test", "W1", "general")
OTHER = ChannelRef("test", "W1", "other")
ANN = Person("U1", "Ann", may_manage=True)
BOB = Person("U2", "Bob", may_manage=False)


def card_text(card: Card) -> str:
    """All words of a card, a line each."""
    lines = (" ".join(filter(None, [line.label, line.text, line.after])) for line in card.lines)
    return "\n".join([card.title, *lines, card.footer])


@dataclass
class World:
    """`now` is the clock. What was sent is in `sent`, as (channel, card), in order."""

    path: Path
    now: int = NOON
    manners: Manners = field(default_factory=Manners)
    sent: list[tuple[ChannelRef, Card]] = field(default_factory=list)
    edited: list[tuple[str, Card]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roadmap = load_roadmap()
        self.open()

    def open(self) -> None:
        """Start the bot on the file: what a restart does."""
        self.database = Database(self.path, (archive_migrations, ledger_migrations))
        self.core = Core(self.roadmap, self.manners)
        self.database.write_now(seed, self.roadmap, self.now)
        self.feed = self.database.write_now(
            archive_feeds.add, Source("SFC", "https://sfc.example/feed", "official"), self.now
        )
        self.database.write_now(alerts.start_cursors)

    def close(self) -> None:
        self.database.close()

    def restart(self) -> None:
        self.close()
        self.open()

    def ask(self, text: str, person: Person = ANN, channel: ChannelRef = GENERAL) -> Reply:
        request = Request(channel, person, text=text, channel_name=f"#{channel.channel}")
        return self.database.write_now(self.core.answer, request, self.now)

    def text(self, text: str, person: Person = ANN, channel: ChannelRef = GENERAL) -> str:
        return card_text(self.ask(text, person, channel).card)

    def publish(
        self,
        title: str,
        pillars: Sequence[str] = ("safeguards",),
        *,
        kind: Kind = "official",
        hong_kong: bool = True,
        initiatives: Sequence[int] = (),
        alert: bool = True,
        story: int | None = None,
        age_s: int = 0,
        summary: str = "",
        owner: str = "",
    ) -> int:
        """Store an article as the poller would; return its item number."""
        new = NewArticle(
            feed=self.feed,
            owner=owner,
            title=title,
            url=f"https://news.example/{abs(hash(title))}",
            summary=summary,
            source="SFC" if kind == "official" else "Daily Coin",
            kind=kind,
            language="en",
            published=self.now - age_s,
            date_only=False,
            timezone="Asia/Hong_Kong",
            first_seen=self.now,
            alert=alert,
            tags=Tags(
                virtual_asset=True,
                hong_kong=hong_kong,
                pillars=tuple(pillar for pillar in PILLARS if pillar in pillars),
                initiatives=tuple(initiatives),
            ),
            tagger="test",
            story=story,
        )
        return self.database.write_now(archive.store, new)

    def tick(self) -> None:
        """What the bot does every few seconds, but for sending."""
        while self.database.write_now(alerts.fan_out, self.manners, self.now):
            pass
        while self.database.write_now(alerts.follow_changes, self.manners, self.now):
            pass
        self.database.write_now(digests.write_due, self.now)

    def claim(self, limit: int = 100, worker: str = "test", after: str = "") -> list[Job]:
        wanted = Claim(worker, ("test",), self.now, self.now + LEASE_S, limit, after)
        return self.database.write_now(claim_jobs, self.roadmap, wanted)

    def settle(self, job: Job, error: SendError | None = None) -> None:
        message = job.delivery.message if job.edit else f"m{job.delivery.id}"
        outcome = Outcome(job, message="" if error else message, error=error)
        self.database.write_now(settle, [outcome], self.manners, self.now)

    def deliver(self) -> list[Card]:
        """Tick and send everything that is due, all going well; return the cards sent now."""
        self.tick()
        before = len(self.sent)
        while jobs := self.claim():
            for job in jobs:
                if job.edit:
                    self.edited.append((job.delivery.message, job.card))
                else:
                    self.sent.append((job.ref, job.card))
                self.settle(job)
        return [card for _, card in self.sent[before:]]

    def titles(self) -> list[str]:
        """The titles of the cards that `deliver` sends now."""
        return [card.title for card in self.deliver()]


def at(world: World, **changes: object) -> Manners:
    """The world's manners with some changed."""
    return replace(world.manners, **changes)  # type: ignore[arg-type]  # field by field
