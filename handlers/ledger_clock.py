"""The ledger's SQL for a clock that leaps: waits end when they would have, and leases hold."""

from feeds.database import Connection

_WAITS = (
    ("deliveries", "due", "state IN ('queued', 'sending', 'unknown')"),
    ("deliveries", "lease_until", "state IN ('queued', 'sending', 'unknown')"),
    ("lanes", "ready", "1"),
    ("edits", "ready", "1"),
    ("holds", "until", "1"),
    ("channels", "probe_at", "state = 'paused'"),
)
_PAST = (
    ("channels", "summary_from", "1"),
    ("channels", "paused_at", "state = 'paused'"),
    ("channels", "probed_at", "state = 'paused'"),
)


def rewind(connection: Connection, by_s: int, now: int) -> None:
    """The clock was set back: what is still to come comes so much earlier, and what is said to
    have happened later than now happened now.
    """
    for table, column, where in _WAITS:
        connection.execute(
            f"UPDATE {table} SET {column} = {column} - ? WHERE {column} > ? AND {where}",  # noqa: S608 - constants
            (by_s, now),
        )
    for table, column, where in _PAST:
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE {column} > ? AND {where}",  # noqa: S608 - constants
            (now, now),
        )


def renew_leases(connection: Connection, until: int) -> None:
    """The clock leapt ahead, so a lease that seems to have run out may be in use: begin it anew."""
    rows = connection.execute(
        "UPDATE deliveries SET lease_until = ? WHERE state = 'sending' AND lease_until < ?"
        " AND id IN (SELECT delivery FROM lanes) RETURNING channel",
        (until, until),
    ).fetchall()
    connection.executemany(
        "UPDATE lanes SET ready = ? WHERE channel = ?", [(until, row["channel"]) for row in rows]
    )
