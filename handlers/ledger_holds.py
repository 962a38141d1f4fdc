"""The ledger's SQL for what a platform asked not to do for a while, and for just that."""

from dataclasses import dataclass

from feeds.database import Connection

FIRST_HOLD_S = 2
MOST_HOLD_S = 60


@dataclass(frozen=True)
class Held:
    """What must wait now: the whole platform, or some workspaces."""

    platform: bool
    workspaces: frozenset[str]


def held(connection: Connection, platform: str, verb: str, now: int) -> Held:
    rows = connection.execute(
        "SELECT scope, workspace FROM holds WHERE platform = ? AND verb = ? AND until > ?",
        (platform, verb, now),
    ).fetchall()
    workspaces = frozenset(row["workspace"] for row in rows if row["scope"] == "workspace")
    return Held(any(row["scope"] == "platform" for row in rows), workspaces)


@dataclass(frozen=True)
class Hold:
    """What else must wait, because one send (or edit) was told to: a workspace, or with None the
    platform.
    """

    platform: str
    workspace: str | None
    verb: str = "send"


def hold(connection: Connection, what: Hold, now: int, until: int | None) -> None:
    """Wait until then; without a time, twice as long as the last time, up to a minute."""
    scope, workspace = ("platform", "") if what.workspace is None else ("workspace", what.workspace)
    key = (what.platform, scope, workspace, what.verb)
    row = connection.execute(
        "SELECT until, strikes FROM holds"
        " WHERE platform = ? AND scope = ? AND workspace = ? AND verb = ?",
        key,
    ).fetchone()
    strikes = row["strikes"] if row else 0
    waiting = row is not None and row["until"] > now
    if until is None and waiting:
        return  # the same trouble, met by several messages under way
    ends = until or now + min(FIRST_HOLD_S << min(strikes, 8), MOST_HOLD_S)
    connection.execute(
        "INSERT INTO holds (platform, scope, workspace, verb, until, strikes)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (platform, scope, workspace, verb) DO UPDATE SET"
        " until = max(until, excluded.until), strikes = excluded.strikes",
        (*key, ends, strikes + (not waiting)),
    )


def lift(connection: Connection, platform: str, workspace: str, now: int) -> None:
    """Something went through: forget the holds that are over."""
    connection.execute(
        "DELETE FROM holds WHERE platform = ? AND (scope = 'platform' OR workspace = ?)"
        " AND until <= ?",
        (platform, workspace, now),
    )
