"""The ledger's SQL for whose turn it is: by turns between a platform's workspaces, so that none
keeps the others waiting.

Two tables are taken from in this way: `lanes`, one row for each channel that is owed something,
which names its oldest open delivery and when that may be claimed; and `edits`. So a claim looks at
one row a channel, however long the queues behind it are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice, zip_longest
from typing import Literal

from feeds.database import Connection
from handlers.ledger import Delivery, by_id
from handlers.ledger_channels import Channel, channels_by_id
from handlers.ledger_holds import held
from handlers.messages import ChannelRef

Table = Literal["lanes", "edits"]
_VERBS = {"lanes": "send", "edits": "edit"}


@dataclass(frozen=True)
class Share:
    """What a process may still take of each workspace, so that none takes all of its places."""

    most: int = 1_000_000
    """Of a workspace that is not named in `left`."""
    left: Mapping[str, int] = field(default_factory=dict)
    resting: frozenset[int] = frozenset()
    """Channels to pass over: under way in this process, or sent to a moment ago."""

    def of(self, workspace: str) -> int:
        return self.left.get(workspace, self.most)


EVERYTHING = Share()


@dataclass(frozen=True)
class Claim:
    """Who claims what: the platforms that a process can send to, until when, how many.

    `after` is the workspace that had its turn last; the next one is the first to choose.
    """

    worker: str
    platforms: tuple[str, ...]
    now: int
    lease_until: int
    limit: int
    after: str = ""
    share: Share = EVERYTHING

    def less(self, taken: int) -> "Claim":
        return replace(self, limit=self.limit - taken)


@dataclass(frozen=True)
class Claimed:
    """A delivery whose turn it is, and its channel."""

    delivery: Delivery
    channel: Channel
    worker: str

    @property
    def ref(self) -> ChannelRef:
        return self.channel.ref

    @property
    def unsure(self) -> bool:
        """Whether an earlier attempt may have been sent already: it said so, or its lease ran
        out, so that whoever sent it died before writing down what became of it.
        """
        return self.delivery.state in {"unknown", "sending"}


def in_turn(connection: Connection, table: Table, wanted: Claim) -> list[Claimed]:
    """Up to `limit` deliveries of a table that are ready, by turns between workspaces."""
    found: list[int] = []
    for platform in wanted.platforms:
        found += _fair(connection, table, platform, wanted)
    del found[wanted.limit :]
    deliveries = by_id(connection, found)
    channels = channels_by_id(connection, {one.channel for one in deliveries.values()})
    return [
        Claimed(deliveries[one], channels[deliveries[one].channel], wanted.worker) for one in found
    ]


def _fair(connection: Connection, table: Table, platform: str, wanted: Claim) -> list[int]:
    """The ids of deliveries that are ready, taken from the platform's workspaces by turns."""
    hold = held(connection, platform, _VERBS[table], wanted.now)
    ready = connection.execute(
        f"SELECT 1 FROM {table} WHERE platform = ? AND ready <= ? LIMIT 1",  # noqa: S608 - constants
        (platform, wanted.now),
    ).fetchone()
    if hold.platform or not ready or wanted.limit <= 0:
        return []
    allowed = (
        workspace
        for workspace in _workspaces(connection, table, platform, wanted)
        if workspace not in hold.workspaces and wanted.share.of(workspace) > 0
    )
    some = list(islice(allowed, wanted.limit))
    if not some:
        return []
    each = wanted.limit - len(some) + 1  # as many as are left if the others take one each
    queues = [_ready(connection, table, platform, one, each, wanted) for one in some]
    by_turns = chain.from_iterable(zip_longest(*queues))
    return [one for one in by_turns if one is not None][: wanted.limit]


def _workspaces(
    connection: Connection, table: Table, platform: str, wanted: Claim
) -> Iterator[str]:
    """The workspaces with something ready, beginning behind the one that was served last."""
    yield from _steps(connection, table, ">", (platform, wanted.after, wanted.now))
    # Round to the beginning: up to and with the one that was served last.
    for workspace in _steps(connection, table, ">=", (platform, "", wanted.now)):
        if workspace > wanted.after:
            return
        yield workspace


def _steps(
    connection: Connection, table: Table, than: str, values: tuple[str, str, int]
) -> Iterator[str]:
    """Step through the index from workspace to workspace: one look at each, however many rows
    it has.
    """
    rows = connection.execute(
        "WITH RECURSIVE step (workspace) AS ("  # noqa: S608 - constants
        f" SELECT min(workspace) FROM {table} WHERE platform = ?1 AND workspace {than} ?2"
        f" UNION ALL SELECT (SELECT min(workspace) FROM {table}"
        " WHERE platform = ?1 AND workspace > step.workspace)"
        " FROM step WHERE step.workspace IS NOT NULL)"
        " SELECT workspace FROM step WHERE"
        f" (SELECT min(ready) FROM {table} o WHERE o.platform = ?1"
        " AND o.workspace = step.workspace) <= ?3",
        values,
    )
    return (row[0] for row in rows)


def _ready(
    connection: Connection, table: Table, platform: str, workspace: str, each: int, wanted: Claim
) -> list[int]:
    most = min(each, wanted.share.of(workspace))
    resting = wanted.share.resting
    rows = connection.execute(
        f"SELECT delivery, channel FROM {table} WHERE platform = ? AND workspace = ?"  # noqa: S608 - constants
        " AND ready <= ? ORDER BY ready, delivery LIMIT ?",
        (platform, workspace, wanted.now, most + len(resting)),
    ).fetchall()
    return [row[0] for row in rows if row[1] not in resting][:most]
