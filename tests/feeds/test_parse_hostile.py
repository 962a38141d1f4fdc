"""Documents made to cost time or memory: each is answered soon, in bounded memory."""

import resource
import time
from collections.abc import Callable
from functools import cache

import pytest

from feeds.parse import NotAFeed
from tests.feeds.bodies import parsed
from tests.feeds.hostile_server import ODD_BODIES

MEGABYTE = 1_000_000
SECONDS_A_MEGABYTE = 4.0
"""On a machine that makes a million additions in REFERENCE_S; on a slower one so much longer."""
REFERENCE_S = 0.03


@cache
def slowness() -> float:
    """How many times longer than the reference this machine takes, at least 1."""
    took: list[float] = []
    for _ in range(5):
        started = time.process_time()
        total = 0
        for number in range(1_000_000):
            total += number
        took.append(time.process_time() - started)
    return max(min(took) / REFERENCE_S, 1.0)


def rss(items: bytes, head: bytes = b"") -> bytes:
    return (
        b'<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss/"'
        b' xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>Odd</title>'
        + head
        + items
        + b"<item><title>Last</title></item></channel></rss>"
    )


def filled(piece: bytes, size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A document whose first item is mostly so many times this piece."""
    return rss(
        b"<item><title>x</title>" + before + piece * (size // len(piece)) + after + b"</item>"
    )


def numbered(pattern: bytes, size: int) -> bytes:
    return b"".join(pattern % number for number in range(size // (len(pattern) + 4)))


def laughs(levels: int) -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, levels)
    )
    return (
        b'<!DOCTYPE rss [<!ENTITY l0 "lol">'
        + entities
        + b"]>"
        + rss(b"<item><title>&l%d;</title></item>" % (levels - 1))
    )


TITLE = b"<title>"
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "long title": lambda size: filled(b"long ", size, TITLE, b"</title>"),
    "long guid": lambda size: filled(b"g", size, b"<guid>", b"</guid>"),
    "long date": lambda size: filled(b"1", size, b"<pubDate>", b"</pubDate>"),
    "long link": lambda size: filled(b"/a", size, b"<link>", b"</link>"),
    "comments without end": lambda size: filled(b"<!--", size),
    "comments in CDATA": lambda size: filled(b"<!--", size, TITLE + b"<![CDATA[", b"]]></title>"),
    "CDATA without end": lambda size: filled(b"<![CDATA[", size),
    "instructions without end": lambda size: filled(b"<?", size),
    "declarations": lambda size: filled(b"<!DOCTYPE ", size),
    "angle brackets": lambda size: filled(b"<", size),
    "ampersands": lambda size: filled(b"&", size, TITLE, b"</title>"),
    "entities": lambda size: filled(b"&nbsp;", size, TITLE, b"</title>"),
    "references": lambda size: filled(b"&#65;", size, TITLE, b"</title>"),
    "impossible references": lambda size: filled(b"&#99999999;", size, TITLE, b"</title>"),
    "tags without end": lambda size: filled(b"<a ", size),
    "open quotes": lambda size: filled(b'<a b="', size),
    "open tags": lambda size: filled(b"<b>", size),
    "deep": lambda size: rss(b"<item>" + b"<b>" * (size // 7) + b"</b>" * (size // 7) + b"</item>"),
    "deep outside": lambda size: rss(b"", b"<b>" * (size // 7) + b"</b>" * (size // 7)),
    "deep HTML": lambda size: filled(
        b"<div><b><p>", size, b"<description><![CDATA[", b"]]></description>"
    ),
    "categories": lambda size: filled(numbered(b"<category>%d</category>", size), size),
    "authors": lambda size: filled(b"<author>a</author>", size),
    "media": lambda size: filled(b"<m:content url='x'/>", size),
    "contents": lambda size: filled(b"<c:encoded>a</c:encoded>", size),
    "sources": lambda size: filled(b"<source url='x'>s</source>", size),
    "keywords": lambda size: filled(
        numbered(b"%d,", size), size, b"<m:keywords>", b"</m:keywords>"
    ),
    "attributes": lambda size: filled(b"<b " + numbered(b"a%d='' ", size) + b"/>", size),
    "attributes of broken items": lambda size: rss(
        (b"<item><title>x <b " + numbered(b"a%d='' ", 20_000) + b"></title></item>")
        * (size // 20_000)
    ),
    "namespaces": lambda size: filled(b"<b " + numbered(b"xmlns:a%d='u' ", size) + b"/>", size),
    "images outside": lambda size: rss(b"", b"<image><title>x</title></image>" * (size // 31)),
    "tiny items": lambda size: rss(b"<item><title>t</title></item>" * (size // 29)),
    "open items": lambda size: rss(b"<item>" * (size // 6)),
    "heavy items": lambda size: rss(
        (b"<item><description><![CDATA[" + b"<b><p>" * 400 + b"x]]></description></item>")
        * (size // 2_460)
    ),
    "broken items": lambda size: rss(b"<item><title>x <b y</title></item>" * (size // 500)),
    "instructions first": lambda size: b"<??>" * (size // 4) + rss(b""),
    "half a DOCTYPE": lambda size: b"<!DOCTYPE rss [" + b"] " * (size // 2) + rss(b""),
    "entities in entities": lambda size: laughs(10),
    "one long entity": lambda size: (
        b'<!DOCTYPE rss [<!ENTITY x "' + b"x" * (size // 2) + b'">]>' + rss(b"&x;" * (size // 6))
    ),
    "roots": lambda size: rss(b"") * (size // 150),
    "JSON arrays": lambda size: b'{"items":' + b"[" * size,
    "JSON digits": lambda size: b'{"items":' + b"9" * size,
    "links of a page": lambda size: b"<html>" + b"<link rel=alternate " * (size // 20),
    "words of a page": lambda size: b"<html><link " + b"a" * size + b">",
    "zeros": lambda size: b"\0" * size,
    "spaces": lambda size: b" " * size,
    "every byte": lambda size: bytes(range(256)) * (size // 256),
    "Latin": lambda size: b"\xe9a" * (size // 2),
    "Big5": lambda size: "香港".encode("big5") * (size // 4),
    "half Big5": lambda size: b"\xad\xbb\xb4" * (size // 3),
}


def answer(document: bytes) -> str:
    """The reason of refusal, or the title of the last entry."""
    try:
        entries = parsed(document).entries
    except NotAFeed as refused:
        return refused.reason.value
    return entries[-1].title if entries else "nothing"


def measured(document: bytes) -> tuple[str, float]:
    started = time.process_time()
    told = answer(document)
    return told, time.process_time() - started


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents(name: str) -> None:
    """Half a megabyte of anything is read, or refused, in a time that grows with its size only."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told, took_s = measured(HOSTILE[name](MEGABYTE // 2))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{name}: {told}, {took_s:.2f} s, {grown / 1e3:.0f} MB more")
    assert told == ANSWERS.get(name, "Last")
    assert took_s < SECONDS_A_MEGABYTE / 2 * slowness()
    assert grown < 200_000  # kilobytes


ANSWERS = {
    "tiny items": "t",
    "open items": "too_many_items",
    "JSON arrays": "not_a_feed",
    "JSON digits": "not_a_feed",
    "links of a page": "html",
    "words of a page": "html",
    "zeros": "empty",
    "spaces": "empty",
    "every byte": "broken_xml",
    "Latin": "broken_xml",
    "Big5": "broken_xml",
    "half Big5": "broken_xml",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_at_full_size(name: str) -> None:
    """The same at five megabytes, the most that is ever fetched."""
    told, took_s = measured(HOSTILE[name](5 * MEGABYTE))
    print(f"{name}: {told}, {took_s:.2f} s")
    assert took_s < 5 * SECONDS_A_MEGABYTE * slowness()


@pytest.mark.parametrize(
    ("path", "titles"),
    [
        ("/truncated", ["Whole"]),
        ("/huge-title", ["long " * 200, "Short"]),
        ("/comments", ["Before", "After"]),
        ("/comments-in-cdata", []),
        ("/lying-charset", ["證監會就虛擬資產發出通函"]),
    ],
)
def test_what_the_hostile_server_serves(path: str, titles: list[str]) -> None:
    """The improper feeds of the hostile server give what can be had of them."""
    read = [entry.title for entry in parsed(ODD_BODIES[path].body).entries]
    assert [title[:900] for title in read] == [title[:900] for title in titles]


@pytest.mark.parametrize(
    ("path", "reason"), [("/html", "html"), ("/tiny-items", "too_many_items"), ("/empty", "empty")]
)
def test_what_the_hostile_server_serves_in_vain(path: str, reason: str) -> None:
    """What is no feed, or too many at once, is refused by its name."""
    assert answer(ODD_BODIES[path].body) == reason
