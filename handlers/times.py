"""Times of day and zones, as people write them and as clocks keep them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from handlers.errors import Misunderstood

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SATURDAY = 5


def read_time(typed: str) -> str:
    """HH:MM of a time of day, or "" for off. Raises Misunderstood."""
    if typed.casefold() in {"off", "none", "never"}:
        return ""
    match = _TIME.fullmatch(typed.replace("：", ":").replace(".", ":"))
    if not match:
        raise Misunderstood("digest.bad_time", word=typed, suggestions=("daily 09:00",))
    return f"{int(match[1]):02}:{match[2]}"


def read_zone(typed: str) -> str:
    """The IANA zone that was meant. Raises Misunderstood."""
    named = {"hkt": "Asia/Hong_Kong", "utc": "UTC"}
    wanted = named.get(typed.casefold(), typed)
    try:
        return ZoneInfo(wanted).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        by_name = {name.casefold(): name for name in available_timezones()}
    folded = wanted.casefold().replace(" ", "_")
    match = by_name.get(folded) or next(
        (name for key, name in sorted(by_name.items()) if key.split("/")[-1] == folded), ""
    )
    if not match:
        raise Misunderstood("digest.bad_zone", word=typed)
    return match


def next_due(at: str, days: str, timezone: str, now: int) -> int | None:
    """The next time after `now` when a clock in the zone shows the hour `at` (HH:MM; "" never)
    on one of the days (`weekdays` or `everyday`). UTC seconds.

    A time that a change of clocks leaves out moves to the later instant; one that comes twice
    counts once, the first time.
    """
    if not at:
        return None
    zone = ZoneInfo(timezone)
    hour, minute = map(int, at.split(":"))
    day = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    while True:
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        due = int(local.timestamp())
        if due > now and (days != "weekdays" or day.weekday() < _SATURDAY):
            return due
        day += timedelta(days=1)
