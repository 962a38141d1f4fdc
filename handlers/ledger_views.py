"""The ledger's SQL for looking at deliveries: what waits, what is stuck, and why."""

from dataclasses import dataclass

from feeds.database import Connection

STATES = ("queued", "sending", "unknown", "paused", "failed", "dropped", "sent")


@dataclass(frozen=True)
class View:
    """One delivery as an operator sees it. Times are UTC seconds."""

    id: int
    state: str
    """As stored, or `paused` where it waits for its channel."""
    platform: str
    channel: str
    kind: str
    attempts: int
    created_at: int
    due: int
    why: str
    """The last error, or why the channel is paused."""


def deliveries(connection: Connection, state: str, limit: int) -> list[View]:
    """The latest deliveries in a state ("" for all that are not sent), newest first."""
    rows = connection.execute(
        "SELECT * FROM (SELECT d.id, d.kind, d.attempts, d.created_at, d.due, c.platform,"
        " CASE WHEN c.name <> '' THEN c.name ELSE c.channel END AS channel,"
        " CASE WHEN c.state <> 'active' AND d.state IN ('queued', 'unknown')"
        " THEN 'paused' ELSE d.state END AS state,"
        " CASE WHEN c.state <> 'active' THEN c.paused_why ELSE d.error END AS why"
        " FROM deliveries d JOIN channels c ON c.id = d.channel)"
        " WHERE state = ? OR (? = '' AND state <> 'sent') ORDER BY id DESC LIMIT ?",
        (state, state, limit),
    ).fetchall()
    return [View(**dict(row)) for row in rows]
