"""Is it the same item: references, comparable addresses, keys within a feed, and changes."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote_from_bytes, urlsplit

from feeds.folding import fold
from feeds.items import Entry
from feeds.likeness import overlap, pieces

_SFC_NUMBER = re.compile(r"\d\d[A-Z]{2}\d{1,4}")
_GOVERNMENT_PATH = re.compile(r"/gia/general/\d{6}/\d\d/(P\d{13})\w*\.htm")
_HKMA_NEWS_PATH = re.compile(r"/\w+/news-and-media/([a-z-]+)/\d{4}/\d\d/(\d{8}-\d+)/?")
_HKMA_DOCUMENT_PATH = re.compile(r"/\w+/doc-ldg/\w+/(\d{8}-\d+)-(?:EN|TC|SC)/?")

_TRACKING = re.compile(
    r"utm_\w*|(?:fb|g|dc|ms|tw|y)clid|[gw]braid|_g[al]|mc_[ce]id|igshid|cmp(?:id)?|ncid|ocid|s_cid"
    r"|ref(?:_src|_url|errer)?|at_(?:medium|campaign|custom\d)|ito|smid|soc_src|soc_trk|sr_share|spm",
    re.IGNORECASE,
)
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = "/:@!$&'()*+,;=~%?"
_PORTS = {"http": 80, "https": 443}

_FILE_TAIL = re.compile(
    r"\s*[(（]\s*(?:pdf|docx?|xlsx?|pptx?|zip)\b[^()（）]{0,40}[)）]\s*$", re.IGNORECASE
)
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_CLEARLY_DIFFERENT = 0.5
_ANOTHER_DAY_S = 12 * 3600


def reference(guid: str, url: str) -> str:
    """The authority's own number for a document, alike in all languages and forms of address.

    "sfc:26PR101", "gov:P2025062700385", "hkma:20260707-7" (press releases; "hkma:speeches/…" and
    "hkma:doc/…" are numbered apart); "" if none. A bare number counts only where no other site's
    address stands beside it: numbers are easily borrowed.
    """
    if url.strip() and ".hk" not in url.lower():
        return ""
    parts = _split(url)
    if parts is None:
        number = guid.strip().upper()
        bare = not url.strip() and _SFC_NUMBER.fullmatch(number)
        return f"sfc:{number}" if bare else ""
    host = parts.hostname or ""
    if _within(host, "sfc.hk"):
        return _sfc_reference(guid, parts.query)
    if _within(host, "gov.hk"):
        return _government_reference(parts.path)
    return ""


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _sfc_reference(guid: str, query: str) -> str:
    named = [value for name, value in parse_qsl(query) if name.lower() == "refno"]
    for number in (*named, guid):
        if _SFC_NUMBER.fullmatch(number.strip().upper()):
            return f"sfc:{number.strip().upper()}"
    return ""


def _government_reference(path: str) -> str:
    if found := _GOVERNMENT_PATH.search(path):
        return f"gov:{found[1]}"
    if found := _HKMA_NEWS_PATH.fullmatch(path):
        return f"hkma:{'' if found[1] == 'press-releases' else found[1] + '/'}{found[2]}"
    if found := _HKMA_DOCUMENT_PATH.fullmatch(path):
        return f"hkma:doc/{found[1]}"
    return ""


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address with a believable host and port, else None."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme.lower() in _PORTS and parts.hostname and (parts.port or 1)
    except ValueError:
        return None
    return parts if usable else None


@lru_cache(maxsize=2_048)
def canonical(url: str) -> str:
    """The address as compared across feeds; "" for what is no http(s) address.

    Without `www.`, default port, credentials, fragment, tracking parameters and trailing slash;
    parameters sorted; escapes written one way. Not meant to be opened.
    """
    parts = _split(url)
    if parts is None:
        return ""
    scheme = parts.scheme.lower()
    host = _WWW.sub("", (parts.hostname or "").lower().rstrip("."))
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in {None, _PORTS[scheme]} else ""
    fields = sorted(_escaped(one) for one in parts.query.split("&") if one and not _tracks(one))
    query = "?" + "&".join(fields) if fields else ""
    return f"{scheme}://{host}{port}{_escaped(parts.path).rstrip('/')}{query}"


def _tracks(field: str) -> bool:
    return bool(_TRACKING.fullmatch(field.partition("=")[0]))


def _escaped(text: str) -> str:
    """With each character escaped or not as one would by need, bytes kept as they are."""
    return quote_from_bytes(_ESCAPE.sub(_rewritten, text).encode("utf-8", "replace"), safe=_KEPT)


def _rewritten(escape: re.Match[str]) -> str:
    character = chr(int(escape[1] or "25", 16))
    return character if character in _UNRESERVED else f"%{ord(character):02X}"


def address(url: str) -> str:
    """`canonical` without the scheme: sites move to https and the article stays the same."""
    return canonical(url).partition("://")[2]


@dataclass(frozen=True)
class FeedHabits:
    """What a feed's document shows: may its guids and its links be trusted to tell items apart?"""

    guids_unique: bool
    links_unique: bool


def habits(entries: Sequence[Entry]) -> FeedHabits:
    """What these entries show; literal repetitions of an entry show nothing.

    A guid that is used again on another day for something clearly different may still be
    trusted, for `same_item` tells the two apart. A link may not: it is compared across feeds.
    """
    distinct = {_whole(entry): entry for entry in sorted(entries, key=_in_time)}.values()
    by_guid = _grouped((_guid(entry), entry) for entry in distinct)
    by_link = _grouped((address(entry.url), entry) for entry in distinct)
    return FeedHabits(
        guids_unique=not any(map(_shared, by_guid)),
        links_unique=all(len(group) == 1 for group in by_link),
    )


def _grouped(named: Iterable[tuple[str, Entry]]) -> list[list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for name, entry in named:
        if name:
            groups[name].append(entry)
    return list(groups.values())


def _shared(group: list[Entry]) -> bool:
    return any(
        same_item(older.title, older.published, newer) != "reused"
        for older, newer in pairwise(sorted(group, key=_in_time))
    )


def _in_time(entry: Entry) -> tuple[bool, int]:
    """Sorts by date, the undated last."""
    return entry.published is None, entry.published or 0


def entry_key(entry: Entry, habits: FeedHabits) -> str:
    """The entry's identity within its feed: the rule that gave it and a short hash.

    The guid, else the link; where the feed shares those among items, guid, link and title
    together, else title and date.
    """
    guid = _guid(entry)
    if guid and habits.guids_unique:
        return _key("guid", guid)
    if entry.url and habits.links_unique:
        return _key("link", address(entry.url) or entry.url)
    return _key("item", *_whole(entry))


def _guid(entry: Entry) -> str:
    """Verbatim but for the scheme of an address: sites move to https."""
    return _SCHEME.sub("", entry.guid.strip())


def _whole(entry: Entry) -> tuple[str, str, str]:
    """All that tells an entry from others. The date only where there is no link: feeds that give
    links date their items anew more often than they repeat a title under one link.
    """
    title = fold(_plain(entry.title)) or _plain(entry.summary)
    where = address(entry.url) or entry.url
    date = "" if entry.published is None else str(entry.published)
    return _guid(entry), title, where or date


def _key(rule: str, *parts: str) -> str:
    packed = "\0".join(parts).encode("utf-8", "replace")
    return f"{rule}:{blake2b(packed, digest_size=10).hexdigest()}"


def _plain(text: str) -> str:
    """The text without differences of entities and white space."""
    return " ".join(html.unescape(html.unescape(text)).split())


def changed(old_title: str, old_summary: str, entry: Entry) -> bool:
    """Whether the entry's title or summary says something else than it did."""
    return (_plain(old_title), _plain(old_summary)) != (_plain(entry.title), _plain(entry.summary))


def same_item(
    stored_title: str, stored_published: int | None, entry: Entry
) -> Literal["same", "changed", "reused"]:
    """What an entry is that comes under a known key: the item as it was, the item under another
    title, or another item for which the feed used the key again (some do so daily).
    """
    if fold(_plain(stored_title)) == fold(_plain(entry.title)):
        return "same"
    if stored_published is None or entry.published is None:
        return "changed"
    another_day = abs(entry.published - stored_published) >= _ANOTHER_DAY_S
    alike = overlap(pieces(_plain(stored_title)), pieces(_plain(entry.title)))
    return "reused" if another_day and alike < _CLEARLY_DIFFERENT else "changed"


def document_title(title: str) -> str:
    """The title without what it says of its file ("… (PDF File, 131.0 KB)")."""
    return _FILE_TAIL.sub("", _plain(title))


def same_document_title(a: str, b: str) -> bool:
    """Whether one title is the other's with a file's kind and size added: two copies of one
    document. Equal titles are no sign: series repeat theirs.
    """
    with_file = [document_title(title) != _plain(title) for title in (a, b)]
    return sum(with_file) == 1 and fold(document_title(a)) == fold(document_title(b))
