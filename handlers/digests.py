"""The summary: what its window holds, how it reads, and when a channel gets it.

Commands `summary` and `daily`; `write_due` writes the summaries whose hour has come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds import archive, archive_feeds
from feeds.archive import Arrived
from feeds.database import Connection
from feeds.items import PILLARS, Article
from feeds.roadmap import Roadmap
from handlers import ledger, ledger_channels
from handlers.cards import letters, main_pillar, milestone_line, moment, title_of
from handlers.channels import announce, audit, ensure, next_daily
from handlers.context import Context, topic_name
from handlers.errors import Misunderstood
from handlers.ledger import Owed
from handlers.ledger_channels import Channel, Subscription
from handlers.matching import hears
from handlers.messages import Button, Card, Line, Moment, Reply
from handlers.texts import listed, say
from handlers.times import read_time, read_zone

_DAY_S = 86400
LATE_AFTER_S = 1800
"""A summary written this long after its hour says that it is late."""
EVERYTHING = (Subscription("all", mode="both"),)
"""What a summary covers for a channel without subscriptions: all pillars, Hong Kong."""


@dataclass(frozen=True)
class Window:
    """[start, end) in UTC seconds, and whether the summary comes late."""

    start: int
    end: int
    late: bool = False


def summary(context: Context) -> Reply:
    period = context.options.get("period", "")
    window = _window(context, period)
    wanted: Sequence[Subscription] = EVERYTHING
    if context.channel:
        present = ledger_channels.subscriptions(context.connection, context.channel.id)
        wanted = present or EVERYTHING
    found = collect(context.connection, wanted, window, context.workspace)
    card = summary_card(
        Told(window, tuple(found), context.timezone, context.language),
        context.connection,
        context.roadmap,
    )
    return Reply(card, public=context.public)


def _window(context: Context, period: str) -> Window:
    """Since the last summary that was sent here (the last day, where none is sent), or the named
    days in the channel's zone.
    """
    end = context.now + 1
    if not period:
        if context.channel is None or not context.channel.daily_at:
            return Window(context.now - _DAY_S, end)
        return Window(context.channel.summary_from, end)
    today = context.local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "yesterday":
        return Window(_utc(today - timedelta(days=1)), _utc(today))
    if period == "week":
        today -= timedelta(days=today.weekday())
    return Window(_utc(today), end)


def _utc(local: datetime) -> int:
    return int(local.astimezone(UTC).timestamp())


def collect(
    connection: Connection, wanted: Sequence[Subscription], window: Window, workspace: str
) -> list[int]:
    """The stories of the window that any of the subscriptions hears of, each once."""
    topics = tuple(dict.fromkeys(one.topic for one in wanted))
    arrived = archive.arrived_between(
        connection, Arrived(window.start, window.end, workspace, topics)
    )
    return list(
        dict.fromkeys(one.story for one in arrived if any(hears(sub, one) for sub in wanted))
    )


@dataclass(frozen=True)
class Told:
    """What a summary tells: the stories of a window, in a zone and a language."""

    window: Window
    stories: tuple[int, ...]
    timezone: str
    language: str
    sent: bool = False
    """For a channel, and without what was never told: all the rest stays, and what was withdrawn
    since is said to be.
    """


@dataclass(frozen=True)
class _Story:
    lead: Article
    sources: tuple[str, ...]

    @property
    def weight(self) -> tuple[bool, int, int]:
        """Official before press, several sources before one, then the newest."""
        return (self.lead.kind == "official", len(self.sources), self.lead.published)


def summary_card(told: Told, connection: Connection, roadmap: Roadmap) -> Card:
    """The summary as a card: by pillar, most important first, each story once."""
    language = told.language
    stories = [_story(connection, story, sent=told.sent) for story in told.stories]
    sections = _sections([story for story in stories if story is not None])
    lines = [_window_line(told)]
    if told.window.late:
        lines.append(Line(say(language, "digest.late"), kind="note"))
    if not sections:
        lines.append(Line(say(language, "digest.nothing")))
    for pillar, members in sections:
        name = topic_name(roadmap, pillar, language)
        lines.append(
            Line(
                say(language, "digest.stories", count=len(members)),
                kind="heading",
                label=f"{roadmap.pillar(pillar).letter} {name}",
            )
        )
        lines += [_story_line(story, roadmap, language) for story in members]
    known = {story.lead.reference.partition(":")[2] for story in stories if story is not None}
    lines += _roadmap_changes(told, roadmap, known)
    return Card(
        say(language, "digest.title", count=sum(len(members) for _, members in sections)),
        lines=tuple(lines),
        buttons=(Button(say(language, "core.button_more_news"), "news"),),
        topic=sections[0][0] if sections else "",
        language=language,
    )


def _story(connection: Connection, story: int, *, sent: bool) -> _Story | None:
    found = archive.story_articles(connection, story)
    articles = [one for one in found if not one.withdrawn] or (found if sent else [])
    if not articles:
        return None  # all that told it was withdrawn since
    names = [*archive_feeds.sources_of(connection, articles[0].id)]
    names += [one.source for one in articles]
    return _Story(articles[0], tuple(dict.fromkeys([articles[0].source, *names])))


def _sections(stories: Iterable[_Story]) -> list[tuple[str, list[_Story]]]:
    by_pillar: dict[str, list[_Story]] = {pillar: [] for pillar in PILLARS}
    for story in stories:
        pillar = main_pillar(story.lead.tags)
        if pillar:
            by_pillar[pillar].append(story)
    for members in by_pillar.values():
        members.sort(key=lambda story: story.weight, reverse=True)
    return [(pillar, members) for pillar, members in by_pillar.items() if members]


def _story_line(story: _Story, roadmap: Roadmap, language: str) -> Line:
    lead = story.lead
    sources = listed(language, story.sources)
    after = say(language, "core.source_and_item", source=sources, item=lead.id)
    if lead.withdrawn:
        after = f"{after} · {say(language, 'core.withdrawn')}"
    return Line(
        title_of(lead, roadmap, language),
        kind="bullet",
        url=lead.url,
        label=letters(roadmap, lead.tags),
        after=after,
        when=moment(lead, roadmap),
    )


def _window_line(told: Told) -> Line:
    return Line(
        say(told.language, "digest.since"),
        kind="note",
        when=Moment(told.window.start, timezone=told.timezone),
    )


def _roadmap_changes(told: Told, roadmap: Roadmap, known: set[str]) -> list[Line]:
    """The milestones of the window's days, but for those that are among its stories."""
    zone = ZoneInfo(told.timezone)
    first = datetime.fromtimestamp(told.window.start, UTC).astimezone(zone).date()
    last = datetime.fromtimestamp(told.window.end - 1, UTC).astimezone(zone).date()
    changes = [
        one
        for one in roadmap.milestones
        if first <= one.date <= last and not known.intersection(one.references)
    ]
    if not changes:
        return []
    heading = Line(say(told.language, "digest.roadmap_changes"), kind="heading")
    return [heading, *(milestone_line(one, told.language) for one in changes)]


def daily(context: Context) -> Reply:
    typed = context.options.get("time", "")
    if not typed:
        raise Misunderstood("digest.when", suggestions=("daily 09:00", "daily off"))
    at = read_time(typed)
    timezone = context.options.get("timezone", "")
    channel = ensure(context)
    channel = replace(
        channel,
        daily_at=at,
        timezone=read_zone(timezone) if timezone else channel.timezone,
        daily_days=context.options.get("days", channel.daily_days),
    )
    channel = replace(channel, daily_due=next_daily(channel, context.now))
    ledger_channels.save_settings(context.connection, channel)
    words = {
        "time": at,
        "timezone": channel.timezone,
        "days": context.say(f"commands.choice.{channel.daily_days}"),
    }
    key = "digest.set" if at else "digest.set_off"
    audit(context, channel, "daily", f"{at or 'off'} {channel.timezone} {channel.daily_days}")
    due = channel.daily_due
    lines = (
        (Line(context.say("digest.next"), when=Moment(due, timezone=channel.timezone)),)
        if due
        else ()
    )
    return Reply(
        Card(context.say(key, **words), lines=lines, tone="good", language=context.language),
        announcement=announce(context, channel, f"{key}_announced", **words),
    )


def write_due(connection: Connection, now: int, limit: int = 200) -> int:
    """Write the summaries whose hour has come, each in the transaction that moves its hour on,
    so that it is sent once, and late rather than never. Return how many channels had theirs.
    """
    due = ledger_channels.summaries_due(connection, now, limit)
    for channel in due:
        _write(connection, channel, now)
        ledger_channels.advance_summary(connection, channel.id, next_daily(channel, now), now)
    return len(due)


def _write(connection: Connection, channel: Channel, now: int) -> None:
    wanted = [
        one
        for one in ledger_channels.subscriptions(connection, channel.id)
        if one.mode in {"daily", "both"}
    ]
    late = now - (channel.daily_due or now) > LATE_AFTER_S
    window = Window(channel.summary_from, now, late)
    stories = collect(connection, wanted, window, channel.ref.home) if wanted else []
    if not wanted or (not stories and channel.quiet):
        return
    payload = {"start": window.start, "end": window.end, "late": late, "stories": stories}
    ledger.owe(connection, [Owed(channel.id, "summary", payload, told=tuple(stories))], now)
