"""The ledger's SQL for channels: their settings, subscriptions, state, and who changed what."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from feeds.database import Connection, Row
from handlers.messages import ChannelRef


@dataclass(frozen=True)
class Channel:
    """A channel that the bot has something to do with. Times are UTC seconds."""

    id: int
    ref: ChannelRef
    name: str
    language: str
    timezone: str
    quiet: bool
    posts: str
    state: str
    paused_why: str
    paused_at: int | None
    greeted: bool
    daily_at: str
    daily_days: str
    daily_due: int | None
    summary_from: int


@dataclass(frozen=True)
class Habits:
    """What a channel is like before anybody changes it."""

    language: str = "en"
    timezone: str = "Asia/Hong_Kong"
    daily_at: str = "09:00"
    daily_days: str = "everyday"


@dataclass(frozen=True)
class Subscription:
    """What a channel wants to hear of one topic."""

    topic: str
    mode: str = "both"
    scope: str = "hk"
    sources: str = "any"
    with_words: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()
    mention: str = ""
    created_by: str = ""
    created_at: int = 0


_SETTINGS = ("language", "timezone", "quiet", "posts", "daily_at", "daily_days", "daily_due")


def find_channel(connection: Connection, ref: ChannelRef) -> Channel | None:
    row = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND workspace = ? AND channel = ?",
        (ref.platform, ref.workspace, ref.channel),
    ).fetchone()
    return _channel(row) if row else None


def channel_by_id(connection: Connection, identifier: int) -> Channel:
    row = connection.execute("SELECT * FROM channels WHERE id = ?", (identifier,)).fetchone()
    return _channel(row)


def ensure_channel(
    connection: Connection, ref: ChannelRef, name: str, habits: Habits, now: int
) -> Channel:
    """The channel's row, made with its habits if it is new; its name is kept up to date."""
    connection.execute(
        "INSERT INTO channels (platform, workspace, channel, name, language, timezone,"
        " daily_at, daily_days, summary_from, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (platform, workspace, channel) DO UPDATE SET"
        " name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE name END",
        (
            ref.platform,
            ref.workspace,
            ref.channel,
            name,
            habits.language,
            habits.timezone,
            habits.daily_at,
            habits.daily_days,
            now,
            now,
        ),
    )
    found = find_channel(connection, ref)
    if found is None:
        raise LookupError(f"the channel {ref} was just written and is not there")
    return found


def save_settings(connection: Connection, channel: Channel) -> None:
    """Write the channel's settings as they are in `channel`."""
    connection.execute(
        f"UPDATE channels SET {', '.join(f'{name} = ?' for name in _SETTINGS)} WHERE id = ?",  # noqa: S608 - fixed names
        (*(getattr(channel, name) for name in _SETTINGS), channel.id),
    )


def advance_summary(connection: Connection, channel: int, due: int | None, since: int) -> None:
    """The summary up to `since` is written; the next one is due then."""
    connection.execute(
        "UPDATE channels SET daily_due = ?, summary_from = ? WHERE id = ?", (due, since, channel)
    )


def summaries_due(connection: Connection, now: int, limit: int) -> list[Channel]:
    rows = connection.execute(
        "SELECT * FROM channels WHERE daily_due <= ? AND state = 'active'"
        " ORDER BY daily_due LIMIT ?",
        (now, limit),
    ).fetchall()
    return [_channel(row) for row in rows]


def pause(connection: Connection, channel: int, why: str, now: int) -> bool:
    """Stop sending to it, for a reason; nothing it is owed is lost. True if it was active."""
    cursor = connection.execute(
        "UPDATE channels SET state = 'paused', paused_why = ?, paused_at = ?"
        " WHERE id = ? AND state = 'active'",
        (why, now, channel),
    )
    return cursor.rowcount == 1


def resume(connection: Connection, channel: int) -> bool:
    """Send to it again. True if it was paused or closed."""
    cursor = connection.execute(
        "UPDATE channels SET state = 'active', paused_why = '', paused_at = NULL, hold_until = 0"
        " WHERE id = ? AND state <> 'active'",
        (channel,),
    )
    return cursor.rowcount == 1


def close_long_paused(connection: Connection, before: int) -> list[Channel]:
    """Close the channels paused since before then; return them."""
    rows = connection.execute(
        "UPDATE channels SET state = 'closed' WHERE state = 'paused' AND paused_at < ? RETURNING *",
        (before,),
    ).fetchall()
    return [_channel(row) for row in rows]


def hold(connection: Connection, channels: Iterable[int], until: int) -> None:
    """The platform asked not to send to these before then."""
    connection.executemany(
        "UPDATE channels SET hold_until = max(hold_until, ?) WHERE id = ?",
        [(until, channel) for channel in channels],
    )


def hold_all(connection: Connection, platform: str, workspace: str | None, until: int) -> None:
    """The same for a whole workspace, or with None for the platform."""
    connection.execute(
        "UPDATE channels SET hold_until = max(hold_until, ?) WHERE platform = ?"
        " AND (? IS NULL OR workspace = ?)",
        (until, platform, workspace, workspace),
    )


def mark_greeted(connection: Connection, channel: int) -> None:
    connection.execute("UPDATE channels SET greeted = 1 WHERE id = ?", (channel,))


def platform_channels(connection: Connection, platform: str) -> list[Channel]:
    """All channels of a platform that are not closed."""
    rows = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND state <> 'closed' ORDER BY workspace, id",
        (platform,),
    ).fetchall()
    return [_channel(row) for row in rows]


def workspace_channels(connection: Connection, platform: str, workspace: str) -> list[Channel]:
    rows = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND workspace = ? ORDER BY name, id",
        (platform, workspace),
    ).fetchall()
    return [_channel(row) for row in rows]


def subscribe(connection: Connection, channel: int, wanted: Subscription) -> bool:
    """Add a subscription, or change the one to that topic. True if it is new."""
    existed = connection.execute(
        "SELECT 1 FROM subscriptions WHERE channel = ? AND topic = ?", (channel, wanted.topic)
    ).fetchone()
    values = asdict(wanted) | {
        "with_words": json.dumps(wanted.with_words, ensure_ascii=False),
        "without_words": json.dumps(wanted.without_words, ensure_ascii=False),
    }
    names = tuple(values)
    connection.execute(
        f"INSERT INTO subscriptions (channel, {', '.join(names)})"  # noqa: S608 - the dataclass's names
        f" VALUES (?, {', '.join('?' * len(names))}) ON CONFLICT (channel, topic) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in names)}",
        (channel, *values.values()),
    )
    return existed is None


def unsubscribe(connection: Connection, channel: int, topics: Sequence[str]) -> list[str]:
    """Remove subscriptions; return the topics that were subscribed."""
    removed = []
    for topic in topics:
        cursor = connection.execute(
            "DELETE FROM subscriptions WHERE channel = ? AND topic = ?", (channel, topic)
        )
        removed += [topic] if cursor.rowcount else []
    return removed


def subscriptions(connection: Connection, channel: int) -> list[Subscription]:
    rows = connection.execute(
        "SELECT * FROM subscriptions WHERE channel = ? ORDER BY id", (channel,)
    ).fetchall()
    return [_subscription(row) for row in rows]


@dataclass(frozen=True)
class Listener:
    """A subscription and the channel that holds it."""

    channel: int
    home: str
    """Whose feeds the channel may see (ChannelRef.home)."""
    subscription: Subscription


def listeners(connection: Connection, topics: Sequence[str]) -> list[Listener]:
    """Who hears at once of any of these topics, in open channels."""
    marks = ",".join("?" * len(topics))
    rows = connection.execute(
        "SELECT s.*, c.platform, c.workspace, c.channel AS address"  # noqa: S608 - question marks
        " FROM subscriptions s JOIN channels c ON c.id = s.channel"
        f" WHERE s.topic IN ({marks}) AND s.mode IN ('instant', 'both') AND c.state <> 'closed'"
        " ORDER BY s.channel, s.id",
        tuple(topics),
    ).fetchall()
    return [
        Listener(
            row["channel"],
            ChannelRef(row["platform"], row["workspace"], row["address"]).home,
            _subscription(row),
        )
        for row in rows
    ]


def write_audit(
    connection: Connection, now: int, channel: int | None, person: str, action: str, detail: str
) -> None:
    """Who did what, when; never changed afterwards."""
    connection.execute(
        "INSERT INTO audit (at, channel, person, action, detail) VALUES (?, ?, ?, ?, ?)",
        (now, channel, person, action, detail),
    )


def audit(connection: Connection, channel: int | None = None) -> list[tuple[int, str, str, str]]:
    """(when, who, action, detail), oldest first."""
    rows = connection.execute(
        "SELECT at, person, action, detail FROM audit WHERE ? IS NULL OR channel = ? ORDER BY id",
        (channel, channel),
    ).fetchall()
    return [tuple(row) for row in rows]


def _channel(row: Row) -> Channel:
    return Channel(
        id=row["id"],
        ref=ChannelRef(row["platform"], row["workspace"], row["channel"]),
        name=row["name"],
        language=row["language"],
        timezone=row["timezone"],
        quiet=bool(row["quiet"]),
        posts=row["posts"],
        state=row["state"],
        paused_why=row["paused_why"],
        paused_at=row["paused_at"],
        greeted=bool(row["greeted"]),
        daily_at=row["daily_at"],
        daily_days=row["daily_days"],
        daily_due=row["daily_due"],
        summary_from=row["summary_from"],
    )


def _subscription(row: Row) -> Subscription:
    plain = Subscription(**{name: row[name] for name in Subscription.__dataclass_fields__})
    return replace(
        plain,
        with_words=tuple(json.loads(row["with_words"])),
        without_words=tuple(json.loads(row["without_words"])),
    )
