"""Keep the promise: draw what is claimed, and decide what becomes of it. The platform is met
only through the outcome of a send.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds import archive, archive_feeds
from feeds.database import Connection
from feeds.roadmap import Roadmap
from handlers import digests, ledger, ledger_channels
from handlers.cards import news_line, story_card
from handlers.context import Manners
from handlers.ledger import Claim, Claimed, Delivery
from handlers.ledger_channels import Channel
from handlers.messages import Card, ChannelRef, Line
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown
from handlers.texts import say

LEASE_S = 120
"""How long a claimed delivery stays claimed if its process dies. Longer than any send."""
FIRST_WAIT_S = 2
MOST_WAIT_S = 900
LONGEST_WAIT_S = 2 * 3600
"""No platform is waited for longer; what is due later than this was written by another clock."""


@dataclass(frozen=True)
class Job:
    """A claimed delivery, drawn and ready to send (or, with `edit`, to be shown anew)."""

    claimed: Claimed
    card: Card
    edit: bool = False

    @property
    def ref(self) -> ChannelRef:
        return self.claimed.ref

    @property
    def delivery(self) -> Delivery:
        return self.claimed.delivery


@dataclass(frozen=True)
class Outcome:
    """What the platform said: its message id, or how it failed."""

    job: Job
    message: str = ""
    error: SendError | None = None


@dataclass(frozen=True)
class Draw:
    """Draws deliveries in their channel's language, from what is true now."""

    roadmap: Roadmap

    def card(self, connection: Connection, delivery: Delivery) -> Card:
        """The delivery's card; in a channel that wants one post a day, of that day's group."""
        channel = ledger_channels.channel_by_id(connection, delivery.channel)
        card = self._of_kind(connection, delivery, channel)
        if channel.posts != "day":
            return card
        day = datetime.fromtimestamp(delivery.created_at, UTC).astimezone(
            ZoneInfo(channel.timezone)
        )
        return replace(card, group=say(channel.language, "alerts.day", date=day.date().isoformat()))

    def _of_kind(self, connection: Connection, delivery: Delivery, channel: Channel) -> Card:
        if delivery.kind == "summary":
            return self._summary(connection, delivery, channel)
        if delivery.kind == "notice":
            return notice_card(delivery, channel.language)
        stories = ledger.stories_of(connection, delivery.id)
        if delivery.kind == "story":
            card = self._story(connection, stories[0], channel)
            return replace(card, mention=str(delivery.payload.get("mention", "")))
        return self._list(connection, delivery, stories, channel)

    def _story(self, connection: Connection, story: int, channel: Channel) -> Card:
        articles = archive.story_articles(connection, story)
        others = archive_feeds.sources_of(connection, articles[0].id)
        return story_card(articles, others, self.roadmap, channel.language)

    def _list(
        self, connection: Connection, delivery: Delivery, stories: Sequence[int], channel: Channel
    ) -> Card:
        language = channel.language
        leads = [archive.story_articles(connection, story)[0] for story in stories]
        key = "alerts.away" if delivery.payload.get("away") else "alerts.more"
        return Card(
            say(language, key, count=len(leads)),
            lines=tuple(news_line(lead, self.roadmap, language) for lead in leads),
            footer=say(language, "alerts.list_footer"),
            language=language,
        )

    def _summary(self, connection: Connection, delivery: Delivery, channel: Channel) -> Card:
        payload = delivery.payload
        window = digests.Window(payload["start"], payload["end"], payload["late"])
        told = digests.Told(window, tuple(payload["stories"]), channel.timezone, channel.language)
        return digests.summary_card(told, connection, self.roadmap)


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


def claim_jobs(connection: Connection, draw: Draw, wanted: Claim) -> list[Job]:
    """Claim what is due and draw it, in one transaction: deliveries first, then edits."""
    ledger.heal_clock(connection, wanted.now, LONGEST_WAIT_S)
    ledger.expire_leases(connection, wanted.now, wanted.busy, 2 * LEASE_S)
    claimed = ledger.claim(connection, wanted)
    jobs = [Job(one, draw.card(connection, one.delivery)) for one in claimed]
    for one in ledger.claim_edits(connection, wanted):
        card = draw.card(connection, one.delivery)
        if card_hash(card) == one.delivery.card_hash:
            ledger.mark_edited(connection, one.delivery, one.delivery.card_hash)
        else:
            jobs.append(Job(one, card, edit=True))
    return jobs


def card_hash(card: Card) -> str:
    """Equal for cards that show the same."""
    return hashlib.blake2b(repr(card).encode(), digest_size=12).hexdigest()


def settle(
    connection: Connection, outcomes: Sequence[Outcome], now: int, spacing_s: Mapping[str, int]
) -> None:
    """Write down what became of each job. `spacing_s` is, by platform, how long a channel rests
    after a message.
    """
    for outcome in outcomes:
        if outcome.job.edit:
            _settle_edit(connection, outcome, now)
        else:
            _settle_send(connection, outcome, now)
        rest = spacing_s.get(outcome.job.ref.platform, 0)
        if rest:
            ledger_channels.hold(connection, [outcome.job.delivery.channel], now + rest)


def timed_out(seconds: float) -> Unknown:
    """A send that did not end: it may have arrived."""
    return Unknown(f"no answer in {seconds:.0f} s")


def _settle_send(connection: Connection, outcome: Outcome, now: int) -> None:
    delivery, error = outcome.job.delivery, outcome.error
    if error is None:
        shown = card_hash(outcome.job.card)
        ledger.mark_sent(connection, delivery, outcome.message, shown, now)
    elif isinstance(error, TryLater):
        due = now + wait_s(delivery, error.after_s)
        # What may have been sent before is still to be settled, not to be sent as if new.
        state = "unknown" if outcome.job.claimed.unsure else "queued"
        ledger.mark_waiting(connection, delivery, state, due, error.reason)
        _hold_others(connection, outcome.job, error, due)
    elif isinstance(error, Unknown):
        due = now + wait_s(delivery, None)
        ledger.mark_waiting(connection, delivery, "unknown", due, error.reason)
    elif isinstance(error, Never):
        _refused(connection, delivery, error, now)
    else:
        raise TypeError(f"a sender raised {type(error).__name__}, which is none of the three")


def _refused(connection: Connection, delivery: Delivery, error: Never, now: int) -> None:
    if error.refusal is not Refusal.PAYLOAD:
        ledger.mark_waiting(connection, delivery, "queued", now, error.reason)
        pause(connection, delivery.channel, error.refusal, now)
    elif not delivery.plain:
        ledger.mark_plain(connection, delivery, now, error.reason)
    else:
        ledger.mark_failed(connection, delivery, error.reason)


def _settle_edit(connection: Connection, outcome: Outcome, now: int) -> None:
    delivery, error = outcome.job.delivery, outcome.error
    if error is None or isinstance(error, Never):
        # A card that cannot be edited any more (deleted, too old) is left as it is.
        ledger.mark_edited(connection, delivery, card_hash(outcome.job.card))
    elif isinstance(error, TryLater) and error.after_s:
        ledger.hold_edit(connection, delivery, now + int(error.after_s) + 1)
    if isinstance(error, Never) and error.refusal is not Refusal.PAYLOAD:
        pause(connection, delivery.channel, error.refusal, now)


def pause(connection: Connection, channel: int, refusal: Refusal, now: int) -> None:
    """The channel cannot be reached: keep what it is owed until it can."""
    if ledger_channels.pause(connection, channel, refusal.value, now):
        ledger_channels.write_audit(connection, now, channel, "bot", "paused", refusal.value)


def resume(connection: Connection, channel: Channel, manners: Manners, now: int) -> bool:
    """The channel can be reached again: what waited comes, as one list if it is much."""
    if not ledger_channels.resume(connection, channel.id):
        return False
    ledger_channels.write_audit(connection, now, channel.id, "bot", "resumed", "")
    if ledger.counts(connection, channel.id).get("queued", 0) > manners.burst:
        ledger.gather(connection, channel.id, {"away": True}, now)
    return True


def close_lost(connection: Connection, manners: Manners, now: int) -> int:
    """Channels that were gone for very long are closed, with a note in the audit table."""
    closed = ledger_channels.close_long_paused(connection, now - manners.close_after_s)
    for channel in closed:
        dropped = ledger.drop_open(connection, channel.id)
        detail = f"{channel.paused_why}; {dropped} deliveries dropped"
        ledger_channels.write_audit(connection, now, channel.id, "bot", "closed", detail)
    return len(closed)


def wait_s(delivery: Delivery, asked_s: float | None) -> int:
    """Seconds to wait: what the platform asks, or doubling from 2 s to 15 min with up to a
    quarter more that differs from delivery to delivery.
    """
    if asked_s is not None:
        return min(int(asked_s) + 1, LONGEST_WAIT_S // 2)
    wait = min(FIRST_WAIT_S << min(max(delivery.attempts, 0), 12), MOST_WAIT_S)
    return wait + int(delivery.key[:4] or "0", 16) * wait // (4 * 65536)


def _hold_others(connection: Connection, job: Job, error: TryLater, until: int) -> None:
    """A wait that covers more than this message holds all that it covers, and nothing else."""
    channel = job.delivery.channel
    if error.scope == "channel":
        ledger_channels.hold(connection, [channel], until)
    else:
        workspace = None if error.scope == "platform" else job.ref.workspace
        ledger_channels.hold_all(connection, job.ref.platform, workspace, until)
