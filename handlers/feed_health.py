"""How a news source fares, in words: for its list in chat, the command line and the doctor."""

from feeds.archive_feeds import Feed
from feeds.schedule import is_silent, is_too_slow_for
from handlers.texts import say

_DAY_S = 86_400
_HOUR_S = 3_600
_MINUTE_S = 60


def health(feed: Feed, now: int, language: str) -> list[str]:
    """What there is to say, most important first: never empty."""
    state = feed.state
    if state.failures:
        fault = fault_sentence(state.fault, language)
        words = [say(language, "feeds.failing", fault=fault, count=state.failures)]
        if feed.source.enabled and state.next_poll > now:
            minutes = -((now - state.next_poll) // _MINUTE_S)
            words.append(say(language, "feeds.next_try", many=minutes))
        return words
    if state.last_good is None:
        return [say(language, "feeds.not_yet")]
    words = worries(feed, now, language) or [say(language, "feeds.good")]
    return [*words, *_window(feed, language)]


def worries(feed: Feed, now: int, language: str) -> list[str]:
    """What is odd about a source that answers well."""
    state = feed.state
    words = []
    if is_too_slow_for(feed.source, state, now):
        words.append(say(language, "feeds.too_fast"))
    if is_silent(state, now):
        days = (now - max(state.newest or 0, state.last_new or 0)) // _DAY_S
        key = "feeds.silent" if state.window_items else "feeds.empty"
        words.append(say(language, key, days=days))
    if state.moved_to and state.moved_times > 1:
        words.append(say(language, "feeds.moved", url=state.moved_to))
    return words


def is_merely_quiet(feed: Feed, now: int) -> bool:
    """Whether nothing else is odd about a source than that it has brought nothing for long."""
    quiet = is_silent(feed.state, now) and bool(feed.state.window_items)
    return quiet and len(worries(feed, now, "en")) == 1


def _window(feed: Feed, language: str) -> list[str]:
    items, lasts = feed.state.window_items, feed.state.turnover_s
    if not items:
        return []
    if lasts is None:
        return [say(language, "feeds.window_only", items=items)]
    if lasts >= 2 * _DAY_S:
        span = say(language, "feeds.span_days", many=lasts // _DAY_S)
    else:
        span = say(language, "feeds.span_hours", many=max(lasts // _HOUR_S, 1))
    return [say(language, "feeds.window", items=items, span=span)]


def fault_sentence(fault: str, language: str) -> str:
    """What is wrong with a source, and who can do what about it."""
    return say(language, f"feeds.fault.{fault.split('.', maxsplit=1)[0]}")
