"""The ledger's SQL for notices about feeds: which feeds to speak of, and to which channels."""

import json
from collections.abc import Iterable, Sequence

from feeds import archive_feeds
from feeds.archive import SORT_SHIFT, to_article
from feeds.archive_feeds import Feed
from feeds.database import Connection
from feeds.items import Article
from handlers import ledger_channels
from handlers.ledger_channels import Listener
from handlers.messages import ChannelRef


def troubled(connection: Connection) -> list[Feed]:
    """The feeds that fail, say that they are gone, or were told to fail."""
    rows = connection.execute(
        "SELECT id FROM feeds WHERE failures > 0 OR noticed = 1 OR fault = 'gone' ORDER BY id"
    ).fetchall()
    found = (archive_feeds.feed(connection, row["id"]) for row in rows)
    return [feed for feed in found if feed is not None]


def last_good_elsewhere(connection: Connection, feed: Feed) -> int | None:
    """When any other feed that is on answered well last; None where there is no other."""
    row = connection.execute(
        "SELECT max(coalesce(last_good, 0)) FROM feeds WHERE enabled = 1 AND id <> ?", (feed.id,)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def mark_noticed(connection: Connection, feeds: Iterable[Feed], at: int) -> None:
    connection.executemany(
        "UPDATE feeds SET noticed = 1, noticed_at = ? WHERE id = ?",
        [(at, feed.id) for feed in feeds],
    )


def mark_recovered(connection: Connection, feeds: Iterable[Feed]) -> None:
    connection.executemany("UPDATE feeds SET noticed = 0 WHERE id = ?", [(f.id,) for f in feeds])


def brought(connection: Connection, feed: Feed, since: int) -> list[Article]:
    """What a feed brought about virtual assets, published after then."""
    rows = connection.execute(
        "SELECT * FROM articles WHERE sort_key >= ? AND feed = ? AND virtual_asset = 1",
        (max(since, 0) << SORT_SHIFT, feed.id),
    ).fetchall()
    return [to_article(row) for row in rows]


def listeners(connection: Connection) -> list[Listener]:
    """All subscriptions of open channels, whatever their mode."""
    rows = connection.execute(
        "SELECT id, platform, workspace, channel FROM channels WHERE state <> 'closed' ORDER BY id"
    ).fetchall()
    return [
        Listener(row[0], ChannelRef(row[1], row[2], row[3]).home, subscription)
        for row in rows
        for subscription in ledger_channels.subscriptions(connection, row[0])
    ]


def told_of(connection: Connection, feed: Feed) -> list[int]:
    """The channels that were told that it fails. Notices that nobody has seen yet are taken back
    where they speak of this feed alone: nobody need hear that it failed and is well again.
    """
    rows = connection.execute(
        "SELECT id, channel, payload, state, attempts FROM deliveries"
        " WHERE channel IN (SELECT id FROM channels) AND created_at = ? AND kind = 'notice'",
        (feed.noticed_at,),
    ).fetchall()
    told = []
    for row in rows:
        names: Sequence[int] = json.loads(row["payload"]).get("feeds", ())
        if feed.id not in names:
            continue
        if row["state"] == "queued" and not row["attempts"] and len(names) == 1:
            connection.execute("UPDATE deliveries SET state = 'dropped' WHERE id = ?", (row["id"],))
        else:
            told.append(int(row["channel"]))
    return told
