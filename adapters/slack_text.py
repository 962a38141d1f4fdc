"""Text on its way into Slack and out of it: cleaned, escaped, linked, dated.

Slack's rule for foreign text: `&`, `<` and `>` become entities, and then nothing in it can
mention, link or command (docs.slack.dev/messaging/formatting-message-text).
"""

import re
import unicodedata
from datetime import UTC, datetime, tzinfo
from typing import Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.slack_limits import Json, width
from handlers.messages import Moment

URL_MAX = 1_500
"""Longer addresses are not linked: few are honest, and one would use up a message."""

_SPACES = re.compile(r"\s+")
_INVISIBLE = frozenset(
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u061c\ufeff"
)
_TOKEN = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"(?:https?://|www\.)([^/\s?#]+)", re.IGNORECASE)
_UNSAFE_IN_URL = re.compile(r"[\s<>|\"\\^`{}\x00-\x20]")


def clean(text: str) -> str:
    """One line without control characters, and without marks that turn or hide text."""
    kept = (
        char
        for char in _SPACES.sub(" ", text)
        if char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cs", "Co"}
    )
    return _SPACES.sub(" ", "".join(kept)).strip()


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def web_address(url: str) -> str:
    """`url` as Slack can link it; "" unless it is a plain http(s) address of bearable length."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    safe = _UNSAFE_IN_URL.sub(lambda match: quote(match.group()), url)
    return safe if width(safe) <= URL_MAX else ""


def link_label(label: str, url: str) -> str:
    """A label that cannot pass for another address: if it names one, the true host follows."""
    named = _ADDRESS.search(label)
    host = urlsplit(url).hostname or ""
    if named and named.group(1).lower().removeprefix("www.") != host.removeprefix("www."):
        return f"{label} [{host}]"
    return label


def mention_of(who: str) -> Json | None:
    """The rich text element that calls one person or group: only for ids that Slack gives out."""
    if not (who.isascii() and who.isalnum()):
        return None
    if who.startswith(("U", "W")):
        return {"type": "user", "user_id": who}
    if who.startswith("S"):
        return {"type": "usergroup", "usergroup_id": who}
    return None


def mention_token(who: str) -> str:
    """The same in mrkdwn; "" for anything else."""
    element = mention_of(who)
    if element is None:
        return ""
    return f"<@{who}>" if element["type"] == "user" else f"<!subteam^{who}>"


def linked(label: str, url: str) -> str:
    """A link in mrkdwn; the escaped label alone if the address is none."""
    address = web_address(url)
    label = clean(label)
    if not address:
        return escape(label)
    text = escape(link_label(label or address, address)).replace("|", "¦")
    return f"<{escape(address)}|{text}>"


def written(moment: Moment, language: str) -> str:
    """The moment in words, in its own timezone."""
    zone = _zone(moment.timezone)
    local = datetime.fromtimestamp(moment.at, zone)
    if language.startswith("zh"):
        day = f"{local.year}年{local.month}月{local.day}日"
    else:
        day = f"{local.day} {local:%b} {local.year}"
    return day if moment.date_only else f"{day} {local:%H:%M} {local.tzname()}"


def date_token(moment: Moment, language: str) -> str:
    """In mrkdwn, seen by each reader in their own time; a plain date stays that date for all."""
    words = written(moment, language)
    if moment.date_only:
        return words
    return f"<!date^{moment.at}^{DATE_FORMAT}|{escape(words)}>"


DATE_FORMAT = "{date_short_pretty} {time}"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def typed(text: str) -> str:
    """What a person typed, from Slack's marked-up form: links as addresses, people as their ids."""
    return _plain(text, "address")


def read_aloud(text: str) -> str:
    """A message as people read it: links by their labels."""
    return _plain(text, "label")


def _plain(text: str, links: Literal["address", "label"]) -> str:
    return unescape(_TOKEN.sub(lambda match: _token(match.group(1), links), text)).strip()


def _token(inside: str, links: Literal["address", "label"]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return target[1:]
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!subteam^"):
        return target.removeprefix("!subteam^")
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    if links == "label" and label:
        return label
    return target.removeprefix("mailto:")
