"""Foreign text made safe for Discord: cleaned, escaped for its Markdown, counted and cut.

Nothing that passes through here can mention anybody, open or close formatting, hide where a link
goes, or make a link of its own.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

ELLIPSIS: Final = "…"
MAX_URL: Final = 2048

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""
_JOINER: Final = "\u200d"
_SPECIAL: Final = re.compile(r"([\\`*_~|<>\[\]])")
_LINE_START: Final = re.compile(r"^(?=[#+-])")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])")
_SCHEME: Final = re.compile(r"://")
_INVITE: Final = re.compile(r"(?i)(discord(?:app)?\.(?:gg|com\\?/invite))/")
_EVERYBODY: Final = re.compile(r"(?i)@(?=everyone|here)")
_LABEL_SCHEME: Final = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://")
_LABEL_LOOKALIKES: Final = str.maketrans("[]()\\*_~`|<>", "［］（）／∗＿∼ˋ｜‹›")
_URL_SAFE: Final = "/?:@!$&*+,;=-._~%#'"


def units(text: str) -> int:
    """The length that Discord may hold against a text, in UTF-16 units.

    The API counts code points (its maintainers in discord-api-docs #1315), some clients count
    UTF-16 units; these are never fewer, so that a text within limits by this count always is.
    """
    return len(text) + sum(char > "\uffff" for char in text)


def clean(text: str) -> str:
    """One line of what people can see: no controls, no zero-width or bidirectional marks.

    A joiner stays between the parts of an emoji, where it can be seen.
    """
    kept: list[str] = []
    for place, char in enumerate(text):
        if char.isspace():
            kept.append(" ")
        elif char == _JOINER:
            if _joins(text, place):
                kept.append(char)
        elif unicodedata.category(char) not in {"Cc", "Cf", "Cs"} and char not in _BLANK:
            kept.append(char)
    return " ".join("".join(kept).split())


def _joins(text: str, place: int) -> bool:
    before, after = text[:place][-1:], text[place + 1 : place + 2]
    return bool(before and after) and _pictorial(before) and _pictorial(after)


def _pictorial(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk"} or char == "\ufe0f"


def escape(text: str) -> str:
    """`text` cleaned and shown by Discord's Markdown exactly as it reads, links inert."""
    safe = _SPECIAL.sub(r"\\\1", clean(text))
    safe = _NUMBERED.sub(r"\1\\\2", _LINE_START.sub(r"\\", safe))
    safe = _INVITE.sub(r"\1\\/", _SCHEME.sub(r":\\//", safe))
    return _EVERYBODY.sub("@\u200b", safe)


def label(text: str) -> str:
    """`text` for the words of a masked link, where Discord shows escapes as backslashes and
    leaves a link unmasked if its words hold an address: look-alikes instead, no schemes.
    """
    plain = _LABEL_SCHEME.sub("", clean(text)).translate(_LABEL_LOOKALIKES)
    return _EVERYBODY.sub("@\u200b", plain)


def clip(text: str, limit: int, form: Callable[[str], str] = escape) -> str:
    """`form(text)`, cut before forming, so that it has at most `limit` units, the "…" included.

    No escape, surrogate pair or emoji with its modifiers is cut in two.
    """
    text = clean(text)
    whole = form(text)
    if units(whole) <= limit:
        return whole
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if units(form(text[:middle])) < limit:
            low = middle
        else:
            high = middle - 1
    return form(text[: _boundary(text, low)].rstrip()) + ELLIPSIS


def _boundary(text: str, end: int) -> int:
    while 0 < end < len(text) and (_attaches(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return end


def _attaches(char: str) -> bool:
    combining = unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}
    return bool(combining) or char == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff"


def address(url: str) -> str:
    """`url` fit for a masked link, an embed or a button; empty unless it is plain http(s)."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # a broken port or bracket, or a host that IDNA refuses
        return ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        return ""
    host = f"[{host}]" if ":" in host else host
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    rest += f"#{parts.fragment}" if parts.fragment else ""
    made = f"{parts.scheme}://{host}{port}{quote(rest, safe=_URL_SAFE)}"
    return made if len(made) <= MAX_URL else ""


def link(words: str, url: str, limit: int = 300) -> str:
    """A masked link, or the words alone where the address is not to be trusted."""
    target = address(url)
    shown = clip(words, limit, label)
    return f"[{shown}]({target})" if target and shown else clip(words, limit)
