"""The ledger's SQL for channels: their settings, subscriptions, state, and who changed what."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from feeds.database import Connection, Row
from handlers.messages import ChannelRef
from handlers.ports import PERSON


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
    sent: int = 0
    last_sent: int | None = None


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
    return channel_from(row) if row else None


def channel_by_id(connection: Connection, identifier: int) -> Channel:
    return channels_by_id(connection, [identifier])[identifier]


def channels_by_id(connection: Connection, identifiers: Iterable[int]) -> dict[int, Channel]:
    wanted = list(identifiers)
    marks = ",".join("?" * len(wanted))
    rows = connection.execute(
        f"SELECT * FROM channels WHERE id IN ({marks})",  # noqa: S608 - only question marks
        wanted,
    ).fetchall()
    return {row["id"]: channel_from(row) for row in rows}


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
    """Whose hour has come. A paused channel's waits until the channel is back: one, not many."""
    rows = connection.execute(
        "SELECT * FROM channels WHERE daily_due <= ? AND state = 'active'"
        " ORDER BY daily_due LIMIT ?",
        (now, limit),
    ).fetchall()
    return [channel_from(row) for row in rows]


def with_summaries(connection: Connection) -> list[Channel]:
    """The channels that get summaries."""
    rows = connection.execute("SELECT * FROM channels WHERE daily_due IS NOT NULL").fetchall()
    return [channel_from(row) for row in rows]


def mark_greeted(connection: Connection, channel: int) -> None:
    connection.execute("UPDATE channels SET greeted = 1 WHERE id = ?", (channel,))


def platform_channels(connection: Connection, platform: str) -> list[Channel]:
    """All channels of a platform that are not closed, without direct conversations."""
    rows = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND state <> 'closed' AND channel NOT LIKE ?"
        " ORDER BY workspace, id",
        (platform, f"{PERSON}%"),
    ).fetchall()
    return [channel_from(row) for row in rows]


def workspace_channels(connection: Connection, platform: str, workspace: str) -> list[Channel]:
    """All channels of a workspace, without direct conversations."""
    rows = connection.execute(
        "SELECT * FROM channels WHERE platform = ? AND workspace = ? AND channel NOT LIKE ?"
        " ORDER BY name, id",
        (platform, workspace, f"{PERSON}%"),
    ).fetchall()
    return [channel_from(row) for row in rows]


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
    """A channel and one of its subscriptions."""

    channel: int
    home: str
    """Whose feeds the channel may see (ChannelRef.home)."""
    subscription: Subscription


@dataclass(frozen=True)
class Hearer:
    """A channel that hears at once of what a subscription asks for, and whom to mention there."""

    channel: int
    home: str
    mention: str


def hearers(connection: Connection, topics: Sequence[str]) -> dict[Subscription, list[Hearer]]:
    """Who hears at once of any of these topics, in open channels, by what they ask for: the many
    who ask for the same stand together. Who subscribed, when and with which mention is left out
    of the subscription.
    """
    marks = ",".join("?" * len(topics))
    rows = connection.execute(
        "SELECT s.topic, s.mode, s.scope, s.sources, s.with_words, s.without_words, s.mention,"  # noqa: S608 - question marks
        " c.id, c.platform, c.workspace, c.channel"
        " FROM subscriptions s JOIN channels c ON c.id = s.channel"
        f" WHERE s.topic IN ({marks}) AND s.mode IN ('instant', 'both') AND c.state <> 'closed'"
        " ORDER BY s.channel, s.id",
        tuple(topics),
    )
    found: dict[Subscription, list[Hearer]] = {}
    for topic, mode, scope, sources, with_, without, mention, *channel in rows:
        asked = _asked(topic, mode, scope, sources, with_, without)
        number, platform, workspace, address = channel
        home = f"{platform}:{workspace or address}"
        found.setdefault(asked, []).append(Hearer(number, home, mention))
    return found


@lru_cache(maxsize=4096)
def _asked(
    topic: str, mode: str, scope: str, sources: str, with_words: str, without_words: str
) -> Subscription:
    words = tuple(json.loads(with_words)), tuple(json.loads(without_words))
    return Subscription(topic, mode, scope, sources, *words)


def subscribed_elsewhere(connection: Connection, ref: ChannelRef) -> bool:
    """Whether a channel of another workspace has a subscription."""
    row = connection.execute(
        "SELECT 1 FROM subscriptions s JOIN channels c ON c.id = s.channel"
        " WHERE c.state <> 'closed' AND (c.platform, c.workspace) <> (?, ?) LIMIT 1",
        (ref.platform, ref.workspace),
    ).fetchone()
    return row is not None


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


def channel_from(row: Row) -> Channel:
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
        sent=row["sent"],
        last_sent=row["last_sent"],
    )


def _subscription(row: Row) -> Subscription:
    asked = _asked(
        row["topic"],
        row["mode"],
        row["scope"],
        row["sources"],
        row["with_words"],
        row["without_words"],
    )
    return replace(
        asked,
        mention=row["mention"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )
