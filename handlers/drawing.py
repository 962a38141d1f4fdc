"""Draws deliveries: in their channel's language, from what is true at that moment."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds import archive, archive_feeds
from feeds.database import Connection
from feeds.items import Article
from feeds.roadmap import Roadmap
from handlers import digests, ledger, ledger_channels
from handlers.cards import news_line, story_card
from handlers.ledger import Delivery
from handlers.ledger_channels import Channel
from handlers.ledger_turns import Claimed
from handlers.messages import Button, Card, Line
from handlers.texts import say

FAULTS = (LookupError, ValueError, TypeError)
"""What drawing raises for a delivery that this version of the bot cannot draw."""


@dataclass(frozen=True)
class Drawn:
    """A card and its hash, which is equal for cards that show the same."""

    card: Card
    hash: str
    without: tuple[int, ...] = ()
    """The stories that the delivery carries and the card leaves out: withdrawn, and never told."""


def drawn(card: Card) -> Drawn:
    return Drawn(card, hashlib.blake2b(repr(card).encode(), digest_size=12).hexdigest())


@dataclass
class Draw:
    """Draws what one transaction claims: what many channels are told is read and drawn once."""

    connection: Connection
    roadmap: Roadmap
    _stories: dict[int, list[Article]] = field(default_factory=dict)
    _cards: dict[tuple[int, str], Drawn] = field(default_factory=dict)

    def draw(self, claimed: Claimed) -> Drawn | None:
        """The delivery's card; in a channel that wants one post a day, of that day's group. None
        where there is nothing to say any more, and nothing was said yet. Raises one of FAULTS
        where it cannot be drawn.
        """
        carried = self._carried(claimed.delivery)
        without = self._left_out(claimed, carried)
        told = [story for story in carried if story not in without]
        of_kind = self._of_kind(claimed, told)
        channel = claimed.channel
        if of_kind is None:
            return None
        if channel.posts != "day":
            return replace(of_kind, without=without)
        at = datetime.fromtimestamp(claimed.delivery.created_at, UTC)
        day = at.astimezone(ZoneInfo(channel.timezone)).date()
        group = say(channel.language, "alerts.day", date=day.isoformat())
        return replace(drawn(replace(of_kind.card, group=group)), without=without)

    def _carried(self, delivery: Delivery) -> Sequence[int]:
        if delivery.kind == "summary":
            return [int(story) for story in delivery.payload["stories"]]
        return ledger.stories_of(self.connection, [delivery.id])[delivery.id]

    def _left_out(self, claimed: Claimed, carried: Sequence[int]) -> tuple[int, ...]:
        """What is withdrawn: of a new message all that is; of one that may stand in its channel
        what was left out of it before.
        """
        one = claimed.delivery
        may_stand = one.state == "sent" or claimed.unsure
        stories = one.payload.get("without", ()) if may_stand else carried
        return tuple(story for story in stories if self._withdrawn(story))

    def _of_kind(self, claimed: Claimed, stories: Sequence[int]) -> Drawn | None:
        one, channel = claimed.delivery, claimed.channel
        if one.kind == "summary":
            return drawn(self._summary(one, channel, stories))
        if one.kind == "notice":
            return drawn(notice_card(one, channel.language))
        if one.kind == "paused":
            return self._paused(one, channel)
        if not stories:
            return None
        if len(stories) == 1:
            return self._mentioning(self._story(stories[0], channel.language), one)
        leads = [self._led(story)[0] for story in stories]
        return self._mentioning(drawn(self._list(one, leads, channel.language)), one)

    def _articles(self, story: int) -> list[Article]:
        if story not in self._stories:
            self._stories[story] = archive.story_articles(self.connection, story)
        return self._stories[story]

    def _withdrawn(self, story: int) -> bool:
        return all(article.withdrawn for article in self._articles(story))

    def _led(self, story: int) -> list[Article]:
        """A story's articles; one that still stands leads, if there is any."""
        return sorted(self._articles(story), key=lambda article: article.withdrawn)

    def _story(self, story: int, language: str) -> Drawn:
        articles = self._led(story)
        key = (articles[0].id, language)
        if key not in self._cards:
            others = archive_feeds.sources_of(self.connection, articles[0].id)
            self._cards[key] = drawn(story_card(articles, others, self.roadmap, language))
        return self._cards[key]

    def _mentioning(self, plain: Drawn, delivery: Delivery) -> Drawn:
        mention = str(delivery.payload.get("mention", ""))
        return drawn(replace(plain.card, mention=mention)) if mention else plain

    def _list(self, delivery: Delivery, leads: Sequence[Article], language: str) -> Card:
        key = "alerts.away" if delivery.payload.get("away") else "alerts.more"
        return Card(
            say(language, key, count=len(leads)),
            lines=tuple(news_line(lead, self.roadmap, language) for lead in leads),
            footer=say(language, "alerts.list_footer"),
            buttons=(Button(say(language, "core.button_more_news"), "news"),),
            language=language,
        )

    def _summary(self, delivery: Delivery, channel: Channel, stories: Sequence[int]) -> Card:
        payload = delivery.payload
        window = digests.Window(payload["start"], payload["end"], payload["late"])
        told = digests.Told(window, tuple(stories), channel.timezone, channel.language, sent=True)
        return digests.summary_card(told, self.connection, self.roadmap)

    def _paused(self, delivery: Delivery, told: Channel) -> Drawn | None:
        about = ledger_channels.channel_by_id(self.connection, delivery.payload["about"])
        if about.state == "active":
            return None
        language = told.language
        why = say(language, f"status.why.{about.paused_why or 'unknown'}")
        name = about.name or about.ref.channel
        return drawn(
            Card(
                say(language, "alerts.paused_title", channel=name),
                lines=(Line(say(language, "status.paused", why=why)),),
                tone="warning",
                language=language,
            )
        )


def notice_card(delivery: Delivery, language: str) -> Card:
    """A notice of the bot's own: a sentence by key, and its words."""
    words = delivery.payload["words"]
    key = delivery.payload["key"]
    return Card(
        say(language, f"{key}_title", **words),
        lines=(Line(say(language, key, **words)),),
        tone="warning",
        language=language,
    )
