"""Feeds gone wrong at random, and what must hold of whatever is read of them."""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import urlsplit

from feeds import parse_xml
from feeds.dates import DAY_S, YEARS_BACK
from feeds.items import Entry
from feeds.parse import Body, NotAFeed, Parsed, parse
from tests.feeds.bodies import NOW, RECORDED, URL

TOKENS = (
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b"<!DOCTYPE rss [", b"<!ENTITY x 'y'>"),
    *(b"<item>", b"</item>", b"<entry>", b"</entry>", b"<item/>", b"<a:item>", b"<rss>", b"</rss>"),
    *(b"<channel>", b"</channel>", b"<title>", b"</title>", b"<link>", b"<link/>", b"<guid>"),
    *(b"<pubDate>", b"</pubDate>", b"<description>", b"</description>", b"<html>", b"<div>", b"<b"),
    *(b"&", b"&amp;", b"&#0;", b"&#xD800;", b"&#x110000;", b"&#9999999999;", b"&nbsp;", b"&x;"),
    *(
        b"<",
        b">",
        b'"',
        b"'",
        b"=",
        b"/>",
        b"\0",
        b"\x0b",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"\xe2\x80\xae",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xa4\x40",
        b"\x1b$B",
        b"\x85",
        b"\xa0",
    ),
    *(b"javascript:", b"http://u@h/", b"//", b"http://[", b"%00", b"\\", b"file:///etc/passwd"),
    *(b' xml:base="http://b/"', b' xmlns:a="u"', b" isPermaLink='false'", b' encoding="utf-16"'),
    *(b"3026", b"+99:99", b"9" * 40, b"1e999", b"{", b"}", b"[", b"\\ud800", b"null", b'"items":'),
    *(b"\xe4\xb8\xad\xe6\x96\x87", "虛擬資產".encode("big5"), "虚拟资产".encode("gb18030")),
)

SEEDS: tuple[bytes, ...] = (
    (
        b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>F</title>'
        b"<ttl>5</ttl><item><title>A &amp; B</title><link>https://news.example/1</link>"
        b'<guid isPermaLink="false">1</guid><pubDate>Tue, 10 Nov 2026 10:30:00 +0800</pubDate>'
        b"<description><![CDATA[<p>x</p>]]></description></item><item><title>C</title></item>"
        b"</channel></rss>"
    ),
    (
        b'<rss version="2.0"><channel><title>F</title><link>/</link><item><title>A&#8217;s &lt;b'
        b"&gt;</title><link>https://news.example/?a=1&amp;b=2</link><guid>https://n.example/1</guid>"
        b"<category domain='x'>c</category><description><![CDATA[<p>x]</p>]]></description></item>"
        b"\n<item><guid isPermaLink='true'>2</guid><pubDate>2026-11-10</pubDate><title>\xc3\xa9"
        b"</title></item></channel></rss>"
    ),
    (
        b'<feed xmlns="http://www.w3.org/2005/Atom"'
        b' xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>F</title><entry><id>1</id>'
        b'<title type="html">&lt;b&gt;A&lt;/b&gt;</title><link href="/1"/>'
        b"<updated>2026-11-10T10:30:00Z</updated><content type='xhtml'>"
        b'<div xmlns="http://www.w3.org/1999/xhtml">x<br/>y</div></content></entry>'
        b'<at:deleted-entry ref="2" when="2026-11-10T10:30:00Z"/></feed>'
    ),
    (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        b"<title>F</title></channel><item rdf:about='https://news.example/1'><title>A</title>"
        b"<dc:date>2026-11-10</dc:date></item></rdf:RDF>"
    ),
    (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [{"id": "1",'
        b' "title": "A", "url": "/1", "content_html": "<p>x</p>",'
        b' "date_published": "2026-11-10T10:30:00Z"}]}'
    ),
    (
        b'<!doctype html><html><head><base href="/x/"><link rel="alternate"'
        b' type="application/rss+xml" href="feed"></head><body><a href="/rss/">x</a></body></html>'
    ),
    '<?xml version="1.0" encoding="big5"?><rss version="2.0"><channel><title>新聞</title><item>'
    "<title>虛擬資產嘅通函</title><pubDate>2026年11月10日</pubDate></item></channel></rss>".encode(
        "big5hkscs"
    ),
)
CHARSETS = ("", "", "", "utf-8", "big5", "gb2312", "iso-8859-1", "utf-16", "base64", "\udc80")


def recorded_seeds() -> list[bytes]:
    """The recorded feeds' beginnings, where they are there: their first ten items or so."""
    paths = sorted(RECORDED.glob("*/*.xml"))
    return [b"</item>".join(path.read_bytes().split(b"</item>")[:10]) for path in paths]


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds after one to eight accidents."""
    document = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        start = chance.randint(0, len(document))
        end = min(len(document), start + chance.choice((0, 1, 2, 8, 64, 512)))
        accident = chance.randrange(7)
        if accident == 0:
            document[start:end] = b""
        elif accident == 1:
            document[start:start] = document[start:end] * chance.choice((1, 2, 50))
        elif accident == 2:
            document[start:end] = chance.randbytes(end - start)
        elif accident == 3:
            document = document[:start]
        elif accident == 4:
            other = chance.choice(seeds)
            cut = chance.randint(0, len(other))
            document[start:end] = other[cut : cut + 200]
        else:
            document[start:end] = chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 100))
    return _encoded(chance, bytes(document))


def _encoded(chance: random.Random, document: bytes) -> bytes:
    codec = chance.choice(("", "", "", "", "", "utf-16", "utf-16-le", "gb18030", "big5hkscs"))
    return document.decode(errors="replace").encode(codec, "replace") if codec else document


def check(document: bytes, charset: str = "") -> str:
    """Parse, and assert all that a reader of entries relies on. Returns what came of it."""
    body = _body(document, charset)
    try:
        feed = parse(body)
    except NotAFeed as refused:
        if not all(re.match("https?://", link) for link in refused.alternates):
            raise AssertionError(refused.alternates) from refused
        return refused.reason.value
    for entry in feed.entries:
        _check_entry(entry)
    assert feed.total >= 0
    assert feed.skipped >= 0
    assert feed.ttl_s is None or feed.ttl_s > 0
    again = parse(body, feed.chunks)
    with without_short_cut():
        assert parse(body) == feed
    if feed.chunks:
        assert all(entry.withdrawn for entry in again.entries)
        assert (again.title, again.total, again.chunks) == (feed.title, feed.total, feed.chunks)
    else:
        assert again == feed
    return feed.format


def check_pair(before: bytes, after: bytes) -> bool:
    """Assert that the second answer read by chunks lacks nothing but what the first one had.
    False where the structure of either does not allow reading by chunks.
    """
    first, whole = _read(before), _read(after)
    if first is None or whole is None or not (first.chunks and whole.chunks):
        return False
    delta = parse(_body(after), first.chunks)
    rest = iter(whole.entries)
    assert all(entry in rest for entry in delta.entries)
    assert set(whole.entries) - set(delta.entries) <= set(first.entries)
    assert (delta.title, delta.total, delta.chunks) == (whole.title, whole.total, whole.chunks)
    return True


@contextmanager
def without_short_cut() -> Iterator[None]:
    """Everything is read by feedparser."""
    with patch.object(parse_xml, "plain_items", return_value={}):
        yield


def _body(document: bytes, charset: str = "") -> Body:
    return Body(document, URL, "text/xml", charset, "Asia/Hong_Kong", NOW)


def _read(document: bytes) -> Parsed | None:
    try:
        return parse(_body(document))
    except NotAFeed:
        return None


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _check_entry(entry: Entry) -> None:
    assert bool(entry.title) != entry.withdrawn
    assert len(entry.title) <= 1_000
    assert len(entry.summary) <= 2_000
    for text in (entry.title, entry.summary):
        assert text == " ".join(text.split())
        assert not _CONTROLS.search(text)
    assert len(entry.guid.encode()) <= 1_000
    assert entry.guid == entry.guid.strip()
    if entry.url:
        parts = urlsplit(entry.url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname
        assert "@" not in parts.netloc
        assert not re.search(r'[\s<>"|]', entry.url)
    for moment in (entry.published, entry.updated):
        assert moment is None or NOW - YEARS_BACK * 366 * DAY_S <= moment <= NOW + DAY_S
    assert not (entry.date_only and entry.published is None)
