"""Read the HTTP headers that say how long to wait, what stays fresh, and how to ask again."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 366 * 86_400
"""What a server says about waiting is cut to a year: beyond that it is a mistake."""

_LONGEST_VALIDATOR = 1_000


def fresh_for(headers: Mapping[str, str], now: int) -> int | None:
    """Seconds of freshness (RFC 9111): Cache-Control before Expires, less the Age. None if the
    server does not say.
    """
    control = headers.get("Cache-Control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0
    age = _seconds(headers.get("Age", "")) or 0
    told = re.search(r'max-age\s*=\s*"?(\d{1,20})', control)
    if told:
        return max(0, min(int(told[1]), LONGEST_WAIT_S) - age)
    if "Expires" not in headers:
        return None
    expires = _http_date(headers["Expires"])
    since = _http_date(headers.get("Date", ""))
    if expires is None:
        return 0
    return max(0, min(expires - (now if since is None else since), LONGEST_WAIT_S))


def wait_told(text: str, now: int) -> int | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date."""
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    until = _http_date(text)
    return None if until is None else max(0, min(until - now, LONGEST_WAIT_S))


def _seconds(text: str) -> int | None:
    digits = re.fullmatch(r"\s*(\d{1,20})\s*", text, re.ASCII)
    return min(int(digits[1]), LONGEST_WAIT_S) if digits else None


def _http_date(text: str) -> int | None:
    try:
        moment = parsedate_to_datetime(text[:100])
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def sendable(value: str) -> str:
    """A validator that can be sent back as it came, or nothing."""
    fine = len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if fine else ""
