"""What an option may be completed to while somebody types."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from feeds import archive_feeds, archive_search
from feeds.archive_search import Look
from feeds.folding import fold
from feeds.roadmap import load_roadmap
from handlers.cards import title_of
from handlers.commands import COMMANDS, Option
from handlers.context import Context
from handlers.messages import Choice
from handlers.texts import LANGUAGES

MOST = 25
_LABEL = 90
_COMMON_ZONES = (
    "Asia/Hong_Kong",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Europe/London",
    "America/New_York",
    "UTC",
)


def choices(context: Context, option: Option, typed: str) -> Sequence[Choice]:
    """At most 25, those that begin with what was typed first, then those that hold it.

    Where several words may be given, the last one is completed and the others are kept.
    """
    if option.choices:
        found: Iterable[Choice] = (
            Choice(context.say(f"commands.choice.{one}"), one) for one in option.choices
        )
    else:
        found = _SOURCES[option.completes](context) if option.completes in _SOURCES else ()
    before, _, last = typed.rpartition(" ") if option.kind == "values" else ("", "", typed)
    wanted = fold(last).strip()
    ranked = [(rank, one) for one in found if (rank := _rank(one, wanted)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    prefix = f"{before.strip()} " if before.strip() else ""
    return [
        Choice(f"{prefix}{one.label}"[:_LABEL], f"{prefix}{one.value}") for _, one in ranked[:MOST]
    ]


def _rank(choice: Choice, wanted: str) -> int | None:
    if not wanted:
        return 0
    texts = (fold(choice.value), fold(choice.label), *_other_names(choice.value))
    if any(text.startswith(wanted) for text in texts):
        return 1
    if choice.value in _COMMON_ZONES and wanted in texts[0]:
        return 0
    return 2 if any(wanted in text for text in texts) else None


@cache
def _other_names(topic: str) -> tuple[str, ...]:
    """What a topic is called in all languages, folded: 保 completes to safeguards everywhere."""
    roadmap = load_roadmap()
    names = [one.name for one in roadmap.pillars if one.key == topic]
    names += [one.name for one in roadmap.initiatives if str(one.number) == topic]
    return tuple(fold(name(tag)) for name in names for tag in LANGUAGES)


def _commands(context: Context) -> Iterable[Choice]:
    for command in COMMANDS:
        what = context.say(f"commands.{command.name}.what")
        yield Choice(f"{command.name}: {what}"[:_LABEL], command.name)


def _pillars(context: Context) -> Iterable[Choice]:
    for pillar in context.roadmap.pillars:
        yield Choice(f"{pillar.letter} {pillar.name(context.language)}", pillar.key)


def _initiatives(context: Context) -> Iterable[Choice]:
    for one in context.roadmap.initiatives:
        yield Choice(f"{one.number} {one.name(context.language)}"[:_LABEL], str(one.number))


def _topics(context: Context) -> Iterable[Choice]:
    yield from _pillars(context)
    yield from _initiatives(context)
    yield Choice(context.topic_name("all"), "all")


def _items(context: Context) -> Iterable[Choice]:
    look = Look(workspace=context.workspace, seeded=False, limit=100)
    for article in archive_search.find(context.connection, look):
        title = title_of(article, context.roadmap, context.language)
        yield Choice(f"#{article.id} {title}"[:_LABEL], str(article.id))


def _feeds(context: Context) -> Iterable[Choice]:
    for feed in archive_feeds.feeds(context.connection, context.workspace):
        yield Choice(f"{feed.id} {feed.source.name}"[:_LABEL], str(feed.id))


def _zones(_: Context) -> Iterable[Choice]:
    return _all_zones()


@cache
def _all_zones() -> tuple[Choice, ...]:
    """Reading their names takes long, and they do not change."""
    names = (*_COMMON_ZONES, *sorted(available_timezones() - set(_COMMON_ZONES)))
    return tuple(Choice(name, name) for name in names)


_SOURCES: Mapping[str, Callable[[Context], Iterable[Choice]]] = {
    "command": _commands,
    "topic": _topics,
    "pillar": _pillars,
    "initiative": _initiatives,
    "item": _items,
    "feed": _feeds,
    "timezone": _zones,
}
