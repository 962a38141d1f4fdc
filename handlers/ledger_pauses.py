"""The ledger's SQL for channels that cannot be reached: paused, tried again, closed."""

from collections.abc import Iterable

from feeds.database import Connection
from handlers.ledger_channels import Channel, channel_from
from handlers.ledger_queue import advance


def pause(connection: Connection, channel: int, why: str, now: int, probe_at: int) -> bool:
    """Stop sending to it, for a reason, and try again at `probe_at`; nothing it is owed is lost.
    True if it was active.
    """
    paused = connection.execute(
        "UPDATE channels SET state = 'paused', paused_why = ?, paused_at = ?, probe_at = ?,"
        " probes = 0, probed_at = NULL WHERE id = ? AND state = 'active'",
        (why, now, probe_at, channel),
    ).rowcount
    if paused:
        advance(connection, channel)
    return bool(paused)


def in_vain(connection: Connection, channel: int, why: str, now: int, probe_at: int) -> None:
    """A paused channel was tried and still refuses: try again at `probe_at`."""
    connection.execute(
        "UPDATE channels SET paused_why = ?, probes = probes + 1, probed_at = ?, probe_at = ?"
        " WHERE id = ? AND state = 'paused'",
        (why, now, probe_at, channel),
    )
    advance(connection, channel)


def probes(connection: Connection, channel: int) -> int:
    """How often a paused channel was tried in vain."""
    row = connection.execute("SELECT probes FROM channels WHERE id = ?", (channel,)).fetchone()
    return int(row[0])


def resume(connection: Connection, channel: int) -> bool:
    """Send to it again. True if it was paused or closed."""
    resumed = connection.execute(
        "UPDATE channels SET state = 'active', paused_why = '', paused_at = NULL, probe_at = 0,"
        " probes = 0, probed_at = NULL WHERE id = ? AND state <> 'active'",
        (channel,),
    ).rowcount
    if resumed:
        advance(connection, channel)
    return bool(resumed)


def in_workspace(
    connection: Connection, platform: str, workspace: str, state: str, why: str = ""
) -> list[Channel]:
    """The channels of a workspace in that state (paused for that reason), and the direct
    conversations there.
    """
    rows = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND workspace = ? AND state = ?"
        " AND ? IN ('', paused_why) ORDER BY id",
        (platform, workspace, state, why),
    ).fetchall()
    return [channel_from(row) for row in rows]


def close_lost(connection: Connection, now: int, after_s: int, probes_needed: int) -> list[Channel]:
    """Close the channels that were still refusing so long after they paused, and so often that no
    leap of the clock can have brought it about; return them. What they are owed stays.
    """
    rows = connection.execute(
        "UPDATE channels SET state = 'closed', daily_due = NULL WHERE state = 'paused'"
        " AND paused_at <= ? AND probed_at >= paused_at + ? AND probes >= ? RETURNING *",
        (now - after_s, after_s, probes_needed),
    ).fetchall()
    connection.executemany("DELETE FROM lanes WHERE channel = ?", [(row["id"],) for row in rows])
    return [channel_from(row) for row in rows]


def subscribers(connection: Connection, channel: int) -> list[str]:
    """The people who subscribed a channel, as the platform names them."""
    rows = connection.execute(
        "SELECT DISTINCT created_by FROM subscriptions WHERE channel = ? AND created_by <> ''"
        " ORDER BY created_by",
        (channel,),
    ).fetchall()
    return [row[0] for row in rows]


def put_off_probes(connection: Connection, channels: Iterable[int], probe_at: int) -> None:
    """What was learnt from one paused channel holds for these: no need to try them before then."""
    for channel in channels:
        connection.execute(
            "UPDATE channels SET probe_at = ? WHERE id = ? AND probe_at < ?",
            (probe_at, channel, probe_at),
        )
        advance(connection, channel)
