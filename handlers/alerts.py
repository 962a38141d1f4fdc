"""Who is owed which story: from the archive's log to the ledger's deliveries.

`fan_out` reads the log from its cursor on and, in the transaction that moves the cursor, writes
what each channel is owed. A crash before or after it loses and repeats nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feeds import archive, archive_changes
from feeds.archive import topics_of
from feeds.database import Connection
from feeds.items import Article
from handlers import ledger, ledger_channels, ledger_edits, ledger_queue
from handlers.context import Manners
from handlers.heartbeat import beat
from handlers.ledger import Owed
from handlers.ledger_channels import Hearer, Subscription
from handlers.matching import hears, topics_heard

ARTICLES = "fan-out"
CHANGES = "changes"
_AT_ONCE = 200
"""Articles or changes in one transaction,"""
_ROWS_AT_ONCE = 50_000
"""and about so many rows at most, so that commands need not wait long."""
LIST_MOST = 12
"""Stories in one list: as many lines as every platform can show."""
LIST_WAIT_S = 120
"""A list that follows the first cards of a burst is held so long for more."""


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
    catching_up = beat(connection, manners, now)
    articles = archive.after(connection, position, _AT_ONCE)
    if not articles:
        # Pass over what is never alerted, so that it is not looked at again.
        end = archive.last_id(connection)
        if end > position:
            ledger.move_cursor(connection, ARTICLES, end)
        return 0
    hearers = ledger_channels.hearers(connection, topics_heard(articles))
    many = sum(map(len, hearers.values()))
    articles = articles[: max(1, _ROWS_AT_ONCE // max(many, 1))]
    news = owed_stories(articles, hearers)
    old = ledger.already_owed(connection, {one.story for one in articles})
    fresh = {
        channel: [want for want in wants if (channel, want.story) not in old]
        for channel, wants in news.items()
    }
    _write(connection, {c: wants for c, wants in fresh.items() if wants}, manners, now, catching_up)
    ledger.move_cursor(connection, ARTICLES, articles[-1].id)
    return len(articles)


@dataclass(frozen=True)
class Want:
    """A story that a channel is to hear of, and whom its managers want mentioned."""

    story: int
    mention: str = ""


def owed_stories(
    articles: Sequence[Article], hearers: Mapping[Subscription, Sequence[Hearer]]
) -> dict[int, list[Want]]:
    """By channel, the stories that it hears of, each once, in the order of the log."""
    by_channel: dict[int, dict[int, Want]] = defaultdict(dict)
    for article in articles:
        topics = {*topics_of(article.tags), "all"}
        for subscription, members in hearers.items():
            if subscription.topic not in topics or not hears(subscription, article):
                continue
            for one in members:
                if article.owner in {"", one.home}:
                    _want(by_channel[one.channel], article.story, one.mention)
    return {channel: list(wants.values()) for channel, wants in by_channel.items()}


def _want(wants: dict[int, Want], story: int, mention: str) -> None:
    present = wants.get(story)
    if present is None or (mention and not present.mention):
        wants[story] = Want(story, mention)


def _write(
    connection: Connection,
    news: Mapping[int, Sequence[Want]],
    manners: Manners,
    now: int,
    catching_up: int,
) -> None:
    """The first few stories as cards, the rest in lists; while catching up, all in lists that are
    held until the end of it. A channel whose queue stands still gets no more cards either.
    """
    since = now - manners.burst_window_s
    recent = ledger.recent_cards(connection, since, now)
    behind = ledger.backlogged(connection, since)
    cards: list[Owed] = []
    for channel, wants in news.items():
        room = max(manners.burst - recent.get(channel, 0), 0)
        if catching_up or channel in behind:
            room = 0
        first, listed = wants[:room], wants[room:]
        if len(listed) == 1 and room:
            first, listed = wants, ()  # a list of one is a card
        for want in first:
            payload = {"mention": want.mention} if want.mention else {}
            cards.append(Owed(channel, "story", payload, (want.story,)))
        if listed:
            due = catching_up or (0 if room else now + LIST_WAIT_S)
            if not first:  # what comes after a new card is in a new list
                listed = _put_into_list(connection, channel, listed)
            cards += _listed(channel, listed, away=bool(catching_up), due=due)
    ledger.owe(connection, cards, now)


def _put_into_list(connection: Connection, channel: int, wants: Sequence[Want]) -> Sequence[Want]:
    """Put what fits into the list that waits at the end of the channel's queue, if any; return
    the rest.
    """
    present = ledger.open_list(connection, channel)
    fit = max(LIST_MOST - present.stories, 0) if present else 0
    if present and fit:
        stories = [want.story for want in wants[:fit]]
        ledger.add_to_list(connection, channel, present.delivery, stories)
    return wants[fit:]


def _listed(channel: int, wants: Sequence[Want], *, away: bool, due: int) -> list[Owed]:
    mention = next((want.mention for want in wants if want.mention), "")
    return lists(channel, [want.story for want in wants], away=away, due=due, mention=mention)


def lists(
    channel: int, stories: Sequence[int], *, away: bool, due: int = 0, mention: str = ""
) -> list[Owed]:
    """Stories as lists that every platform can show whole."""
    payload = {"away": away, "mention": mention} if mention else {"away": away}
    return [
        Owed(channel, "list", payload, tuple(stories[start : start + LIST_MOST]), due)
        for start in range(0, len(stories), LIST_MOST)
    ]


def follow_changes(connection: Connection, manners: Manners, now: int) -> int:
    """What changed in the archive makes the cards that show it due for an edit; what was dropped
    as withdrawn is owed again once it stands. Return how many changes were taken in (0: level
    with the log).
    """
    position = ledger.cursor(connection, CHANGES) or 0
    rows, seen, taken = 0, set[tuple[int, bool]](), 0
    for change in archive_changes.changes_after(connection, position, _AT_ONCE):
        if rows > _ROWS_AT_ONCE:
            break
        stood = change.what in {"withdrawn", "restored"}
        if (change.story, stood) not in seen:
            seen.add((change.story, stood))
            rows += _follow(connection, change.story, now - manners.edit_within_s, stood=stood)
        position, taken = change.id, taken + 1
    if taken:
        ledger.move_cursor(connection, CHANGES, position)
    return taken


def _follow(connection: Connection, story: int, sent_after: int, *, stood: bool) -> int:
    """A story has changed; `stood`: in whether it stands, so that summaries are edited too."""
    rows = ledger_edits.want_edits(connection, story, sent_after, summaries=stood)
    if archive_changes.stands(connection, story):
        rows += ledger_queue.take_up(connection, story, sent_after)
    return rows
