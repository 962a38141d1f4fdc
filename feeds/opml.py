"""Lists of feeds as other readers write and read them (OPML 2.0, http://opml.org/spec2.opml)."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from xml.parsers import expat
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds.addresses import web_address
from feeds.items import Kind, Source

T = TypeVar("T")

MOST_FEEDS = 1_000
"""Of a longer list nothing is taken."""
MOST_BYTES = 2_000_000
LONGEST_NAME = 80

_OURS = "urn:aspire-bot:feeds"
_KINDS: Mapping[str, Kind] = {"official": "official", "press": "press"}
_LANGUAGES = ("en", "zh-Hant", "zh-Hans")
_TRUTHS = {"true": True, "false": False}
_DEEPEST = 50


class NotOpml(Exception):
    """The file is no list of feeds that can be read; the message says why."""


@dataclass(frozen=True)
class BadOutline:
    """One feed of a list that cannot be taken: its line, what it calls itself, and why."""

    line: int
    name: str
    why: str


@dataclass(frozen=True)
class FeedList:
    """What a file holds, in its order."""

    sources: tuple[Source, ...]
    bad: tuple[BadOutline, ...]


def read_opml(document: bytes) -> FeedList:
    """The feeds of a list, each looked at by itself. Raises NotOpml.

    Document type declarations are refused: no entity is ever expanded.
    """
    if len(document) > MOST_BYTES:
        raise NotOpml(f"it is larger than {MOST_BYTES:,} bytes")
    outlines = _outlines(document)
    if len(outlines) > MOST_FEEDS:
        raise NotOpml(f"it lists {len(outlines):,} feeds; at most {MOST_FEEDS:,} are taken")
    sources: dict[str, Source] = {}
    bad = []
    for line, attributes in outlines:
        try:
            source = _source(attributes, sources)
        except ValueError as error:
            bad.append(BadOutline(line, _name(attributes), str(error)))
        else:
            sources[source.url] = source
    return FeedList(tuple(sources.values()), tuple(bad))


def _outlines(document: bytes) -> list[tuple[int, dict[str, str]]]:
    """Line and attributes of each outline that says it is a feed."""
    found: list[tuple[int, dict[str, str]]] = []
    open_names: list[str] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        open_names.append(name)
        if len(open_names) > _DEEPEST:
            raise NotOpml("its outlines are nested too deeply")
        if open_names[0] != "opml":
            raise NotOpml("it does not begin with <opml>")
        if name == "outline" and ("xmlUrl" in attributes or attributes.get("type") == "rss"):
            found.append((parser.CurrentLineNumber, attributes))

    def refuse(*_: object) -> None:
        raise NotOpml("it declares a document type, which no list of feeds needs")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_names.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise NotOpml(f"it is not proper XML ({error})") from error
    return found


def _source(attributes: Mapping[str, str], before: Container[str]) -> Source:
    """Raises ValueError with what is wrong, in words."""
    url = attributes.get("xmlUrl", "").strip()
    if not url:
        raise ValueError("it has no address (xmlUrl)")
    if url in before:
        raise ValueError("the same address as one before it")
    web_address(url)
    return Source(
        name=_name(attributes) or url[:LONGEST_NAME],
        url=url,
        kind=_one_of(_KINDS, attributes.get("aspire:kind", "press"), "kind"),
        language=_language(attributes),
        timezone=_zone(attributes.get("aspire:timezone", "Asia/Hong_Kong")),
        hong_kong=_one_of(_TRUTHS, attributes.get("aspire:hongKong", "false"), "hongKong"),
        interval_s=_seconds(attributes.get("aspire:interval", "0")),
    )


def _name(attributes: Mapping[str, str]) -> str:
    name = attributes.get("title") or attributes.get("text") or ""
    return " ".join(name.split())[:LONGEST_NAME]


def _language(attributes: Mapping[str, str]) -> str:
    """Our own word for it must be right; another reader's may be anything, and means English
    where it is not Chinese.
    """
    ours = attributes.get("aspire:language")
    if ours is not None:
        return _one_of({name: name for name in _LANGUAGES}, ours, "language")
    theirs = attributes.get("language", "").lower().replace("_", "-")
    if not theirs.startswith("zh"):
        return "en"
    return "zh-Hant" if any(part in theirs for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"


def _one_of(known: Mapping[str, T], word: str, what: str) -> T:
    if word not in known:
        raise ValueError(f"its {what} is {word[:40]!r}, not one of {', '.join(known)}")
    return known[word]


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name[:40]!r}") from error


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("2592000")):
        raise ValueError(f"its interval is {text[:40]!r}, not a number of seconds")
    return int(text)


def write_opml(sources: Iterable[Source]) -> str:
    """A list that `read_opml` reads back as it is, and other readers too."""
    outlines = "".join(_outline(source) for source in sources)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<opml version="2.0" xmlns:aspire="{_OURS}">\n'
        "  <head><title>News sources of the ASPIRe bot</title></head>\n"
        f"  <body>\n{outlines}  </body>\n</opml>\n"
    )


def _outline(source: Source) -> str:
    attributes = {
        "type": "rss",
        "text": source.name,
        "title": source.name,
        "xmlUrl": source.url,
        "language": source.language,
        "aspire:kind": source.kind,
        "aspire:language": source.language,
        "aspire:timezone": source.timezone,
        "aspire:hongKong": str(source.hong_kong).lower(),
        "aspire:interval": str(source.interval_s),
    }
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"    <outline {written}/>\n"
