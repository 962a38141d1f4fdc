"""The ledger's SQL for small things: events seen, notes kept, workspaces installed."""

from feeds.database import Connection

KEEP_EVENTS_S = 86400


def first_time(connection: Connection, event: str, now: int) -> bool:
    """True once for each event id within a day."""
    connection.execute("DELETE FROM events WHERE at < ?", (now - KEEP_EVENTS_S,))
    cursor = connection.execute(
        "INSERT INTO events (id, at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (event, now)
    )
    return cursor.rowcount == 1


def recall(connection: Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def remember(connection: Connection, name: str, value: str) -> None:
    connection.execute(
        "INSERT INTO notes (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def save_installation(
    connection: Connection, platform: str, workspace: str, data: str, now: int
) -> None:
    connection.execute(
        "INSERT INTO installations (platform, workspace, data, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (platform, workspace) DO UPDATE SET data = excluded.data, at = excluded.at",
        (platform, workspace, data, now),
    )


def installation(connection: Connection, platform: str, workspace: str) -> str:
    row = connection.execute(
        "SELECT data FROM installations WHERE platform = ? AND workspace = ?",
        (platform, workspace),
    ).fetchone()
    return str(row[0]) if row else ""


def delete_installation(connection: Connection, platform: str, workspace: str) -> None:
    connection.execute(
        "DELETE FROM installations WHERE platform = ? AND workspace = ?", (platform, workspace)
    )


def installations(connection: Connection, platform: str) -> list[str]:
    """The workspaces that installed the bot."""
    rows = connection.execute(
        "SELECT workspace FROM installations WHERE platform = ? ORDER BY workspace", (platform,)
    ).fetchall()
    return [row[0] for row in rows]
