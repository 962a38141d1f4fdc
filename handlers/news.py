"""Past and present news: `news` with its search, and its pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from feeds import archive_search
from feeds.archive_search import Look
from feeds.folding import fold
from handlers.cards import news_line
from handlers.context import Context
from handlers.errors import Misunderstood
from handlers.messages import MAX_ASK_BYTES, Button, Card, Line, Reply
from handlers.texts import LANGUAGES

_SPAN = re.compile(r"(\d{1,4})([hdwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
MAX_PAGE = 500


@dataclass(frozen=True)
class Wanted:
    """What to look for, in the asker's words."""

    topic: str = ""
    words: str = ""
    hong_kong: bool = False


def news(context: Context) -> Reply:
    wanted = split_words(context, context.options.get("words", ""))
    since = _since(context, context.options.get("since", ""))
    page = _page(context.options.get("page", "1"))
    size = context.manners.page
    found = archive_search.find(
        context.connection,
        Look(
            topics=_topics(context, wanted.topic),
            words=wanted.words,
            since=since,
            hong_kong=wanted.hong_kong,
            workspace=context.workspace,
            offset=(page - 1) * size,
            limit=size + 1,
        ),
    )
    lines = [news_line(one, context.roadmap, context.language) for one in found[:size]]
    if not lines:
        lines = [Line(context.say("news.nothing" if page == 1 else "news.no_more"), kind="note")]
    more = len(found) > size
    return Reply(
        Card(
            _title(context, wanted),
            lines=tuple(lines),
            footer=context.say("news.page", page=page) if more or page > 1 else "",
            buttons=_buttons(context, wanted, page, more=more),
            topic=wanted.topic if not wanted.topic.isdigit() and wanted.topic != "all" else "",
            language=context.language,
        ),
        public=context.public,
    )


def split_words(context: Context, typed: str) -> Wanted:
    """A topic, if the first word names one; then the words to search for.

    Only a pillar's own name or letter and an initiative's number count here: "news staking"
    looks for the word, not for the initiative that deals with it.
    """
    words = typed.split()
    hong_kong = bool(words) and words[-1].casefold() == "hk"
    words = words[:-1] if hong_kong else words
    topic = _named_topic(context, words) if words else ""
    return Wanted(topic, " ".join(words[1:] if topic else words), hong_kong)


def _named_topic(context: Context, words: Sequence[str]) -> str:
    first = words[0].casefold()
    number = first.removeprefix("#")
    if number.isdecimal() and (len(words) == 1 or first != number):
        return context.roadmap.find_initiative(number).topic
    if first == "all":
        return "all"
    for pillar in context.roadmap.pillars:
        names = {pillar.key, *(fold(pillar.name(language)) for language in LANGUAGES)}
        is_letter = first == pillar.letter.casefold() and len(words) == 1
        if fold(first) in names or is_letter:
            return pillar.key
    return ""


def _topics(context: Context, topic: str) -> tuple[str, ...]:
    if topic == "all":
        return tuple(pillar.key for pillar in context.roadmap.pillars)
    return (topic,) if topic else ()


def _since(context: Context, typed: str) -> int | None:
    if not typed:
        return None
    span = _SPAN.fullmatch(typed.casefold())
    if span:
        number, unit = int(span[1]), span[2]
        length = timedelta(hours=number) if unit == "h" else timedelta(days=number * _DAYS[unit])
        return context.now - int(length.total_seconds())
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise Misunderstood("news.bad_since", word=typed) from error
    midnight = datetime(day.year, day.month, day.day, tzinfo=context.zone)
    return int(midnight.astimezone(UTC).timestamp()) if day.year > 1 else 0


def _page(typed: str) -> int:
    if not typed.isdecimal() or not 1 <= int(typed) <= MAX_PAGE:
        raise Misunderstood("news.bad_page", word=typed, most=MAX_PAGE)
    return int(typed)


def _title(context: Context, wanted: Wanted) -> str:
    parts = []
    if wanted.topic:
        parts.append(context.topic_name(wanted.topic))
    if wanted.words:
        parts.append(context.say("news.quoted", words=wanted.words))
    if not parts:
        return context.say("news.title")
    return context.say("news.title_of", what=" · ".join(parts))


def _buttons(context: Context, wanted: Wanted, page: int, *, more: bool) -> tuple[Button, ...]:
    topic = f"#{wanted.topic}" if wanted.topic.isdigit() else wanted.topic
    parts = [topic, wanted.words, "hk" if wanted.hong_kong else ""]
    since = context.options.get("since", "")
    asked = " ".join(["news", *filter(None, parts), *(["since", since] if since else [])])
    buttons = []
    if page > 1:
        buttons.append(Button(context.say("core.button_back"), f"{asked} page {page - 1}"))
    if more:
        buttons.append(Button(context.say("core.button_next"), f"{asked} page {page + 1}"))
    if wanted.topic:
        buttons.append(Button(context.say("core.button_subscribe"), f"subscribe {wanted.topic}"))
    return tuple(button for button in buttons if len(button.ask.encode()) <= MAX_ASK_BYTES)
