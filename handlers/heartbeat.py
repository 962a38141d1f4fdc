"""Notes that the bot is awake, and notices from its last note that it was away or that the clock
was set back.
"""

from feeds.database import Connection
from handlers import ledger, ledger_channels, ledger_clock
from handlers.channels import next_daily
from handlers.context import Manners

HEARTBEAT = "last-tick"
CATCHING_UP = "catching-up"
CATCH_UP_S = 600
"""After being away, what was missed is collected until all feeds were polled, at most so long."""
_BEAT_S = 30


def beat(connection: Connection, manners: Manners, now: int) -> int:
    """Note that the bot is awake. While it catches up, return until when; else 0."""
    last = ledger.cursor(connection, HEARTBEAT)
    if last is not None and now < last - _BEAT_S:
        _went_back(connection, last - now, now)
    if last is not None and now - last > manners.catch_up_after_s:
        ledger.move_cursor(connection, CATCHING_UP, now + CATCH_UP_S)
    if last is None or abs(now - last) >= _BEAT_S:
        ledger.move_cursor(connection, HEARTBEAT, now)
    until = ledger.cursor(connection, CATCHING_UP) or 0
    return until if now < until else 0


def caught_up(connection: Connection, now: int) -> None:
    """All feeds were polled since the bot is back: what was collected can be told."""
    if ledger.cursor(connection, CATCHING_UP):
        ledger.move_cursor(connection, CATCHING_UP, 0)
        ledger.release_lists(connection, now)


def _went_back(connection: Connection, by_s: int, now: int) -> None:
    """The last note is from the future, as seen from now: so are all waits that go by it."""
    ledger_clock.rewind(connection, by_s, now)
    for channel in ledger_channels.with_summaries(connection):
        due = next_daily(channel, now)
        if due is not None and channel.daily_due is not None and due < channel.daily_due:
            ledger_channels.advance_summary(connection, channel.id, due, channel.summary_from)
    caught_up(connection, now)
