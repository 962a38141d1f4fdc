"""Channels that cannot be reached: paused with notice, tried again, resumed, in the end closed.

Nothing that a channel is owed is lost by this. That it is paused is a fact of the channel; what it
is owed stays queued.
"""

from feeds.database import Connection
from handlers import ledger, ledger_channels, ledger_pauses, ledger_queue
from handlers.alerts import lists
from handlers.channels import next_daily
from handlers.context import Manners
from handlers.ledger import Owed
from handlers.ledger_channels import Channel, Habits
from handlers.ledger_turns import Claimed
from handlers.messages import ChannelRef
from handlers.ports import PERSON, Refusal

FIRST_PROBE_S = 3600
MOST_PROBE_S = 86400
"""A paused channel's next message is tried again after an hour, then ever later, up to a day."""
PROBES_BEFORE_CLOSING = 10
_REVOKED = Refusal.TOKEN_REVOKED


def pause(connection: Connection, channel: int, refusal: Refusal, now: int) -> bool:
    """The channel cannot be reached: keep what it is owed until it can, and say so to whoever
    subscribed it. True if it was not known.
    """
    probe_at = now + probe_wait_s(channel, 0)
    if not ledger_pauses.pause(connection, channel, refusal.value, now, probe_at):
        return False
    ledger_channels.write_audit(connection, now, channel, "bot", "paused", refusal.value)
    if refusal is not _REVOKED:  # who took the token away knows, and nobody else can be told
        _tell_subscribers(connection, ledger_channels.channel_by_id(connection, channel), now)
    return True


def _tell_subscribers(connection: Connection, channel: Channel, now: int) -> None:
    habits = Habits(language=channel.language, timezone=channel.timezone)
    for person in ledger_pauses.subscribers(connection, channel.id):
        ref = ChannelRef(channel.ref.platform, channel.ref.workspace, f"{PERSON}{person}")
        told = ledger_channels.ensure_channel(connection, ref, ref.channel, habits, now)
        ledger.owe(connection, [Owed(told.id, "paused", {"about": channel.id})], now)


def pause_workspace(connection: Connection, platform: str, workspace: str, now: int) -> None:
    """The workspace's token is no good any more."""
    for channel in ledger_pauses.in_workspace(connection, platform, workspace, "active"):
        pause(connection, channel.id, _REVOKED, now)


def refused(connection: Connection, claimed: Claimed, refusal: Refusal, now: int) -> None:
    """A send met a channel that cannot be reached."""
    channel = claimed.channel
    if channel.state != "paused":
        news = pause(connection, channel.id, refusal, now)
        if news and refusal is _REVOKED:
            pause_workspace(connection, channel.ref.platform, channel.ref.workspace, now)
        return
    tried = ledger_pauses.probes(connection, channel.id) + 1
    probe_at = now + probe_wait_s(channel.id, tried)
    ledger_pauses.in_vain(connection, channel.id, refusal.value, now, probe_at)
    if refusal is _REVOKED:
        ledger_pauses.put_off_probes(connection, _as_revoked(connection, channel), probe_at)


def reached(connection: Connection, claimed: Claimed, manners: Manners, now: int) -> None:
    """A send went through. If it was a trial of a paused channel, that one goes on, and so do all
    that were paused because of the same token.
    """
    channel = claimed.channel
    if channel.state != "paused":
        return
    resume(connection, channel, manners, now)
    if channel.paused_why == _REVOKED.value:
        resume_workspace(connection, channel.ref.platform, channel.ref.workspace, manners, now)


def _as_revoked(connection: Connection, channel: Channel) -> list[int]:
    ref = channel.ref
    fellows = ledger_pauses.in_workspace(
        connection, ref.platform, ref.workspace, "paused", _REVOKED.value
    )
    return [one.id for one in fellows if one.id != channel.id]


def resume_workspace(
    connection: Connection, platform: str, workspace: str, manners: Manners, now: int
) -> None:
    """The workspace's token is good again."""
    paused = ledger_pauses.in_workspace(connection, platform, workspace, "paused", _REVOKED.value)
    for channel in paused:
        resume(connection, channel, manners, now)


def resume(connection: Connection, channel: Channel, manners: Manners, now: int) -> bool:
    """The channel can be reached again: what waited comes, as lists if it is much. False if it
    was active all along.
    """
    if not ledger_pauses.resume(connection, channel.id):
        return False
    ledger_channels.write_audit(connection, now, channel.id, "bot", "resumed", "")
    if channel.daily_at and channel.daily_due is None:  # it had been closed
        due = next_daily(channel, now)
        ledger_channels.advance_summary(connection, channel.id, due, channel.summary_from)
    if ledger.counts(connection, channel.id).get("queued", 0) > manners.burst:
        stories = ledger.gather(connection, channel.id, now)
        ledger.owe(connection, lists(channel.id, sorted(stories), away=True), now)
        ledger_queue.advance(connection, channel.id)
    return True


def close_lost(connection: Connection, manners: Manners, now: int) -> int:
    """Channels that were gone for very long are closed, with a note in the audit table."""
    closed = ledger_pauses.close_lost(connection, now, manners.close_after_s, PROBES_BEFORE_CLOSING)
    for channel in closed:
        waiting = ledger.counts(connection, channel.id).get("paused", 0)
        detail = f"{channel.paused_why}; {waiting} deliveries are kept"
        ledger_channels.write_audit(connection, now, channel.id, "bot", "closed", detail)
    return len(closed)


def probe_wait_s(channel: int, tried: int) -> int:
    """Seconds to the next trial: doubling, and up to a quarter more that differs from channel to
    channel, so that many which paused together are not tried together.
    """
    wait = min(FIRST_PROBE_S << min(tried, 8), MOST_PROBE_S)
    return wait + channel * 2_654_435_761 % 65536 * wait // (4 * 65536)
