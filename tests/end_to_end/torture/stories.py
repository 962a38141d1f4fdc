"""What happens in the torture's world, and who is owed what of it, in plain words of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from feeds.archive import NewArticle
from feeds.items import Tags

PILLARS = ("access", "safeguards", "products")


@dataclass(frozen=True)
class Story:
    number: int
    pillar: str
    official: bool
    hong_kong: bool
    custody: bool

    @property
    def title(self) -> str:
        """The number is how a story is known again in a channel."""
        return f"Story {self.number:03}" + (" on custody" if self.custody else "")

    def article(self, now: int) -> NewArticle:
        return NewArticle(
            feed=None,
            owner="",
            title=self.title,
            url=f"https://news.example/{self.number}",
            summary="",
            source="SFC" if self.official else "Daily Coin",
            kind="official" if self.official else "press",
            language="en",
            published=now,
            date_only=False,
            timezone="Asia/Hong_Kong",
            first_seen=now,
            alert=True,
            tags=Tags(virtual_asset=True, hong_kong=self.hong_kong, pillars=(self.pillar,)),
            tagger="test",
        )


def invent(chance: Random, number: int) -> Story:
    return Story(
        number,
        pillar=chance.choice(PILLARS),
        official=chance.random() < 0.5,
        hong_kong=chance.random() < 0.8,
        custody=chance.random() < 0.3,
    )


@dataclass(frozen=True)
class Taste:
    """What a channel subscribes to, and the same said without the bot's own rules."""

    asks: str
    wants: Callable[[Story], bool]


TASTES = (
    Taste("subscribe all instant all", lambda story: True),
    Taste("subscribe all instant hk", lambda story: story.hong_kong),
    Taste(
        "subscribe safeguards instant hk",
        lambda story: story.pillar == "safeguards" and story.hong_kong,
    ),
    Taste(
        "subscribe access products instant all",
        lambda story: story.pillar in {"access", "products"},
    ),
    Taste(
        "subscribe all instant hk official without custody",
        lambda story: story.hong_kong and story.official and not story.custody,
    ),
)
