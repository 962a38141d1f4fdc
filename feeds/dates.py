"""Read the dates that feeds write: RFC 822, ISO 8601, Chinese, epochs, and what comes near."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

YEARS_BACK = 40
"""A date further back is not believed; regulators do list documents of the 1990s."""
DAY_S = 86_400

_LONGEST = 100
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"

_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{10})\d{3}")
_COMPACT = re.compile(r"\b(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(?=\D|$)")
_DATES = (  # which groups are the year, the month and the day
    (re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日號号]?"), (1, 2, 3)),
    (
        re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[\s.,/-]*{_MONTH}[\s.,/-]*(\d{{4}}|\d{{2}})\b"),
        (3, 2, 1),
    ),
    (re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(\d{{4}})\b"), (3, 1, 2)),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})\s(?=.*\b(\d{{4}})$)"), (3, 1, 2)),  # asctime
    (re.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b"), (3, 2, 1)),
)
_TIME = re.compile(
    r"(上午|下午|晚上|凌晨|早上|中午)?\s*(?<![+\-\d:])(\d{1,2})\s*"
    r"(?:[:時时點点]|\.(?=\d\d ?[ap]))\s*(\d{1,2})"
    r"(?:\s*[:分]\s*(\d{1,2})(?:[.,]\d+)?)?\s*[分秒]?\s*([ap]\.?m\b)?"
)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_LETTERS = re.compile(r"\b[a-z]{1,5}\b")
_HONG_KONG_TIME = re.compile(r"(?:香港|北京|本港)時?时?間?间?")

_NUMERALS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)

_HOURS = {  # zones with one meaning wherever a feed of ours may come from, in hours from UTC
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "msk": 3, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "awst": 8, "jst": 9,
    "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "ist": 5.5,
}  # fmt: skip


@dataclass(frozen=True)
class FeedDate:
    """`at` in UTC seconds; `date_only` where it is the first instant of a day in the feed's zone,
    which is how feeds write a date without a time.
    """

    at: int
    date_only: bool


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def read_date(text: str, timezone_name: str, now: int) -> FeedDate | None:
    """The date that `text` means in a feed of that zone; None if there is none to believe.

    Not believed is what lies over 40 years back or more than a day ahead of `now`. A date
    without a zone, or with one that nobody knows, is the feed's. CST is China's in Asia.
    Where day and month could be either, the day comes first, as in Hong Kong.
    """
    written = unicodedata.normalize("NFKC", text[:_LONGEST]).lower().replace("\u2212", "-")
    zone = zone_named(timezone_name)
    try:
        moment = _epoch(written.strip()) or _written(written.strip(), zone)
        if moment is None:
            return None
        local = moment.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    at = int(local.timestamp())
    if not now - YEARS_BACK * 365.25 * DAY_S <= at <= now + DAY_S:
        return None
    return FeedDate(at, local.time() == time(0))


def _epoch(text: str) -> datetime | None:
    found = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(found[1] or found[2]), UTC) if found else None


def _written(text: str, zone: tzinfo) -> datetime | None:
    text = _CHINESE_DATE.sub(_in_digits, text)
    day, clock, rest = _compact(text) or _parted(text)
    if day is None:
        return None
    hours, minutes, seconds = clock or (0, 0, 0)
    midnight = datetime.combine(day, time(0))
    # 24:00 and leap seconds come out as the next instant.
    naive = midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return naive.replace(tzinfo=_zone(rest, zone, naive))


_Clock = tuple[int, int, int]


def _compact(text: str) -> tuple[date | None, _Clock | None, str] | None:
    """20261110, 20261110T103000, 202611101030."""
    found = _COMPACT.match(text)
    if not found:
        return None
    day = date(int(found[1]), int(found[2]), int(found[3]))
    if found[4]:
        return day, _checked(int(found[4]), int(found[5]), int(found[6] or 0)), text[found.end() :]
    clock, rest = _clock(text[found.end() :])
    return day, clock, rest


def _parted(text: str) -> tuple[date | None, _Clock | None, str]:
    """The day, the time of day and what is left, which may name a zone."""
    for pattern, (year, month, day) in _DATES:
        found = pattern.search(text)
        if found:
            rest = text[: found.start()] + " " + text[found.end() :]
            clock, rest = _clock(rest)
            return _day(found[year], found[month], found[day]), clock, rest
    return None, None, text


def _day(year: str, month: str, day: str) -> date:
    """The date; a year of two digits is read as RFC 2822 has it."""
    century = 0 if len(year) > 2 else 2000 if int(year) < 50 else 1900  # noqa: PLR2004 - RFC 2822
    m, d = _MONTHS.get(month[:3]) or int(month), int(day)
    if m > 12 >= d:  # noqa: PLR2004 - months
        m, d = d, m
    return date(century + int(year), m, d)


def _clock(text: str) -> tuple[_Clock | None, str]:
    found = _TIME.search(text)
    if not found:
        return None, text
    half, hour = found[1] or found[5] or "", int(found[2])
    if half in {"下午", "晚上"} or half.startswith("p"):
        hour = hour % 12 + 12
    elif half in {"上午", "凌晨", "早上"} or half.startswith("a"):
        hour %= 12
    rest = text[: found.start()] + " " + text[found.end() :]
    return _checked(hour, int(found[3]), int(found[4] or 0)), rest


def _checked(hours: int, minutes: int, seconds: int) -> _Clock:
    if hours * 60 + minutes > 24 * 60 or minutes > 59 or seconds > 60:  # noqa: PLR2004 - a clock's
        raise ValueError("no time of day")
    return hours, minutes, seconds


def _zone(rest: str, feeds: tzinfo, naive: datetime) -> tzinfo:
    """The zone that what is left of a date names, else the feed's."""
    offset = _OFFSET.search(rest)
    if offset:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-shift if offset[1] == "-" else shift)
    if _HONG_KONG_TIME.search(rest):
        return timezone(timedelta(hours=8))
    for name in _LETTERS.findall(rest):
        if name == (naive.replace(tzinfo=feeds).tzname() or "").lower():
            return feeds
        if name == "cst" and str(feeds).startswith("Asia/"):
            return timezone(timedelta(hours=8))
        if name in _HOURS:
            return timezone(timedelta(hours=_HOURS[name]))
    return feeds


def _in_digits(found: re.Match[str]) -> str:
    year = found[1].translate(_NUMERALS)
    return f"{year}年{_number(found[2])}月{_number(found[3])}日"


def _number(numerals: str) -> int:
    """一 to 三十一."""
    tens, ten, units = numerals.rpartition("十")
    if not ten:
        return int(numerals.translate(_NUMERALS))
    high = int(tens.translate(_NUMERALS)) if tens else 1
    return high * 10 + (int(units.translate(_NUMERALS)) if units else 0)
