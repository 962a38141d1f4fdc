"""Who is owed which story: from the archive's log to the ledger's deliveries.

`fan_out` reads the log from its cursor on and, in the transaction that moves the cursor, writes
what each channel is owed. A crash before or after it loses and repeats nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feeds import archive, archive_changes
from feeds.database import Connection
from feeds.items import Article
from handlers import ledger, ledger_channels
from handlers.context import Manners
from handlers.ledger import Owed
from handlers.ledger_channels import Listener
from handlers.matching import hears, topics_heard

ARTICLES = "fan-out"
CHANGES = "changes"
HEARTBEAT = "last-tick"
CATCH_UP_UNTIL = "catch-up-until"
_AT_ONCE = 200
"""Articles or changes in one transaction."""
_BEAT_S = 60
_CATCH_UP_S = 900
"""How long after a gap what comes is what was missed: long enough for a round of polls."""


def start_cursors(connection: Connection) -> None:
    """A ledger that joins an archive begins at its end: what was stored before is not news."""
    if ledger.cursor(connection, ARTICLES) is None:
        ledger.move_cursor(connection, ARTICLES, archive.last_id(connection))
    if ledger.cursor(connection, CHANGES) is None:
        changes = archive_changes.changes_after(connection, 0, 1_000_000)
        ledger.move_cursor(connection, CHANGES, changes[-1].id if changes else 0)


def fan_out(connection: Connection, manners: Manners, now: int) -> int:
    """One step of the log; return how many articles it took in (0: level with the log)."""
    position = ledger.cursor(connection, ARTICLES) or 0
    away = _catching_up(connection, manners, now)
    articles = archive.after(connection, position, _AT_ONCE)
    if not articles:
        # Pass over what is never alerted, so that it is not looked at again.
        end = archive.last_id(connection)
        if end > position:
            ledger.move_cursor(connection, ARTICLES, end)
        return 0
    news = owed_stories(articles, ledger_channels.listeners(connection, topics_heard(articles)))
    old = ledger.already_owed(connection, {one.story for one in articles})
    fresh = {
        channel: [want for want in wants if (channel, want.story) not in old]
        for channel, wants in news.items()
    }
    _write(connection, {c: wants for c, wants in fresh.items() if wants}, manners, now, away=away)
    ledger.move_cursor(connection, ARTICLES, articles[-1].id)
    return len(articles)


def _catching_up(connection: Connection, manners: Manners, now: int) -> bool:
    """Note that the bot is awake, once a minute. After a long gap it is catching up for a
    while, so that the polls that follow are told as what was missed.
    """
    last = ledger.cursor(connection, HEARTBEAT)
    if last is not None and now - last > manners.catch_up_after_s:
        ledger.move_cursor(connection, CATCH_UP_UNTIL, now + _CATCH_UP_S)
    if last is None or abs(now - last) >= _BEAT_S:
        ledger.move_cursor(connection, HEARTBEAT, now)
    until = ledger.cursor(connection, CATCH_UP_UNTIL) or 0
    return now <= until <= now + _CATCH_UP_S


@dataclass(frozen=True)
class Want:
    """A story that a channel is to hear of, and whom its managers want mentioned."""

    story: int
    mention: str = ""


def owed_stories(
    articles: Sequence[Article], listeners: Iterable[Listener]
) -> dict[int, list[Want]]:
    """By channel, the stories that it hears of, each once, in the order of the log."""
    by_channel: dict[int, dict[int, Want]] = defaultdict(dict)
    by_topic: dict[str, list[Listener]] = defaultdict(list)
    for listener in listeners:
        by_topic[listener.subscription.topic].append(listener)
    for article in articles:
        for topic in topics_heard([article]):
            for listener in by_topic.get(topic, ()):
                if article.owner in {"", listener.home} and hears(listener.subscription, article):
                    wants = by_channel[listener.channel]
                    if article.story not in wants or not wants[article.story].mention:
                        wants[article.story] = Want(article.story, listener.subscription.mention)
    return {channel: list(wants.values()) for channel, wants in by_channel.items()}


def _write(
    connection: Connection,
    news: Mapping[int, Sequence[Want]],
    manners: Manners,
    now: int,
    *,
    away: bool,
) -> None:
    recent = ledger.recent_cards(connection, now - manners.burst_window_s)
    cards: list[Owed] = []
    rest: dict[int, Sequence[Want]] = {}
    for channel, wants in news.items():
        room = max(manners.burst - recent.get(channel, 0), 0)
        if away and len(wants) > 1:
            room = 0
        first, listed = wants[:room], wants[room:]
        if len(listed) == 1 and room:
            first, listed = wants, ()  # a list of one is a card
        cards += [
            Owed(channel, "story", {"mention": want.mention}, (want.story,)) for want in first
        ]
        if listed:
            rest[channel] = listed
    ledger.owe(connection, cards, now)
    _write_lists(connection, rest, now, away=away)


def _write_lists(
    connection: Connection, rest: Mapping[int, Sequence[Want]], now: int, *, away: bool
) -> None:
    tails = ledger.open_lists(connection, list(rest))
    lists = []
    for channel, wants in rest.items():
        stories = tuple(want.story for want in wants)
        if channel in tails:
            ledger.add_to_list(connection, channel, tails[channel], stories)
        else:
            lists.append(Owed(channel, "list", {"away": away}, stories))
    ledger.owe(connection, lists, now)


def follow_changes(connection: Connection, manners: Manners, now: int) -> int:
    """What changed in the archive makes the cards that show it due for an edit."""
    position = ledger.cursor(connection, CHANGES) or 0
    changes = archive_changes.changes_after(connection, position, _AT_ONCE)
    for story in dict.fromkeys(change.story for change in changes):
        ledger.want_edits(connection, story, now - manners.edit_within_s, now)
    if changes:
        ledger.move_cursor(connection, CHANGES, changes[-1].id)
    return len(changes)
