"""Tell those who depend on a news source, once, that it fails, and once that it is back."""

from collections.abc import Iterable, Sequence

from feeds.archive_feeds import Feed
from feeds.database import Connection
from feeds.schedule import PASSING
from handlers import ledger, ledger_channels, ledger_feeds
from handlers.feed_health import fault_sentence
from handlers.ledger import Owed
from handlers.ledger_channels import Listener
from handlers.matching import hears
from handlers.texts import listed, say

FAILURES = 5
FAILING_S = 6 * 3600
"""So many failures in a row and for so long before anybody is told."""
ALONG_FAILURES = 3
ALONG_S = 3 * 3600
"""Half-way there they are told of along with one that is: sites fail with all their feeds."""
QUIET_S = 86_400
"""Of the same source nobody is told again sooner than this."""
DEPENDS_WITHIN_S = 90 * 86_400
"""A subscription depends on a source that brought something for it within this time."""

GONE = "gone"
_HOUR_S = 3600


def write_due(connection: Connection, now: int) -> int:
    """Write the notices that are due; return how many. Safe to call as often as one likes."""
    feeds = ledger_feeds.troubled(connection)
    back = [feed for feed in feeds if feed.noticed and feed.source.enabled and not _fails(feed)]
    written = _tell_back(connection, back, now) if back else 0
    open_ones = [feed for feed in feeds if not feed.noticed and _may_tell(connection, feed, now)]
    gone = [feed for feed in open_ones if feed.state.fault == GONE]
    if gone:
        written += _tell(connection, "feeds.notice_gone", gone, now)
    failing = [feed for feed in open_ones if feed.state.fault != GONE]
    if any(_failed_for(feed, now, FAILURES, FAILING_S) for feed in failing):
        written += _tell(connection, "feeds.notice_failing", failing, now)
    return written


def _fails(feed: Feed) -> bool:
    return feed.state.failures > 0


def _may_tell(connection: Connection, feed: Feed, now: int) -> bool:
    """Whether a failing source is worth a word: not again so soon, and not where nothing else
    answers either, which is our own network.
    """
    if now - feed.noticed_at < QUIET_S and feed.noticed_at <= now:
        return False
    if feed.state.fault == GONE:
        return True
    if not feed.source.enabled or not _failed_for(feed, now, ALONG_FAILURES, ALONG_S):
        return False
    if feed.state.fault not in PASSING:
        return True
    other = ledger_feeds.last_good_elsewhere(connection, feed)
    return other is None or other >= (feed.state.failing_since or now)


def _failed_for(feed: Feed, now: int, failures: int, seconds: int) -> bool:
    since = feed.state.failing_since
    return since is not None and feed.state.failures >= failures and now - since >= seconds


def _tell(connection: Connection, key: str, feeds: Sequence[Feed], now: int) -> int:
    listeners = ledger_feeds.listeners(connection)
    by_channel: dict[int, list[Feed]] = {}
    for feed in feeds:
        for channel in _dependents(connection, feed, listeners, now):
            by_channel.setdefault(channel, []).append(feed)
    ledger_feeds.mark_noticed(connection, feeds, now)
    return _owe(connection, key, by_channel, now)


def _tell_back(connection: Connection, feeds: Sequence[Feed], now: int) -> int:
    by_channel: dict[int, list[Feed]] = {}
    for feed in feeds:
        for channel in ledger_feeds.told_of(connection, feed):
            by_channel.setdefault(channel, []).append(feed)
    ledger_feeds.mark_recovered(connection, feeds)
    return _owe(connection, "feeds.notice_back", by_channel, now)


def _dependents(
    connection: Connection, feed: Feed, listeners: Iterable[Listener], now: int
) -> list[int]:
    """The channels whose subscriptions depend on it. A workspace's own: all that subscribe there,
    whatever it brought.
    """
    owner = feed.source.owner
    if owner:
        return sorted({one.channel for one in listeners if one.home == owner})
    articles = ledger_feeds.brought(connection, feed, now - DEPENDS_WITHIN_S)
    return sorted(
        {
            one.channel
            for one in listeners
            if any(hears(one.subscription, article) for article in articles)
        }
    )


def _owe(connection: Connection, key: str, by_channel: dict[int, list[Feed]], now: int) -> int:
    """One notice a channel, however many sources it is about."""
    owed = []
    for channel, feeds in by_channel.items():
        language = ledger_channels.channel_by_id(connection, channel).language
        words = {"count": len(feeds), "names": _names(key, feeds, language, now)}
        payload = {"key": key, "words": words, "feeds": [feed.id for feed in feeds]}
        owed.append(Owed(channel, "notice", payload))
    ledger.owe(connection, owed, now)
    return len(owed)


def _names(key: str, feeds: Sequence[Feed], language: str, now: int) -> str:
    if key != "feeds.notice_failing":
        return listed(language, (feed.source.name for feed in feeds))
    return listed(language, (_failing(feed, language, now) for feed in feeds))


def _failing(feed: Feed, language: str, now: int) -> str:
    """The source, what is wrong with it, and for how long."""
    fault = fault_sentence(feed.state.fault, language)
    hours = (now - (feed.state.failing_since or now)) // _HOUR_S
    name = feed.source.name
    return say(language, "feeds.failing_for", name=name, fault=fault, count=hours)
