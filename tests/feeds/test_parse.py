"""What an entry looks like, whatever its feed wrote, and which documents are no feeds."""

import json
import pickle

import pytest

from feeds.items import Entry
from feeds.parse import NotAFeed, NotAFeedReason, Parsed
from tests.feeds.bodies import URL, atom, item_of, only, parsed, rss

TEN_O_CLOCK = 1_794_276_000  # 2026-11-10 10:00 in Hong Kong


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Plain", "Plain"),
        ("  two \n\t spaces  ", "two spaces"),
        ("港元　掉期　息率", "港元 掉期 息率"),
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("A &amp;amp;amp; B", "A & B"),
        ("A &amp;amp;amp;amp; B", "A &amp; B"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("SFC&nbsp;fines&#160;firm", "SFC fines firm"),
        ("It&amp;#8217;s", "It’s"),
        ("It&rsquo;s &#x2019;fine&#8217;", "It’s ’fine’"),
        ("<![CDATA[A & B &amp; C]]>", "A & B & C"),
        ("<![CDATA[<b>Bold</b> <i>words</i>]]>", "Bold words"),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
        ("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; words", "Bold words"),
        ("<![CDATA[One<br>two<p>three</p>four]]>", "One two three four"),
        ("<![CDATA[<script>alert(1)</script>After]]>", "After"),
        ("<![CDATA[<style>p{}</style><!-- note -->After]]>", "After"),
        ("5 &lt; 6 and 7 &gt; 6", "5 < 6 and 7 > 6"),
        ("Vec&lt;T&gt; and &lt;unknown&gt;", "Vec<T> and <unknown>"),
        ("Cut &lt;a href='x", "Cut"),
        ("&lt;!channel&gt; @everyone", "<!channel> @everyone"),
        ("a\u202egnp.exe\u202c\u200b\u2066b\u2069", "agnp.exeb"),
        ("a\x07b&#7;c&#0;d&#xFFFF;e&#x110000;f", "abcdef"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ("line\u2028and\u2029paragraph", "line and paragraph"),
        ("HKMA’s “Project” – 「虛擬資產」…", "HKMA’s “Project” – 「虛擬資產」…"),
        ("👩‍💻 works", "👩‍💻 works"),
        ("&unknown; &copy;", "&unknown; ©"),
        ("x" * 1_001, "x" * 999 + "…"),
        ("word " * 400, ("word " * 199).strip() + "…"),
    ],
)
def test_titles(written: str, read: str) -> None:
    """A title is one line of plain text: no markup, no entities, no controls, 1,000 characters."""
    assert item_of(f"<title>{written}</title>").title == read


def test_summary() -> None:
    """A summary is plain text of at most 2,000 characters, from the description first."""
    html = "<p>The <b>first</b> paragraph.</p><p>The &amp; second.</p><img src=x onerror=alert(1)>"
    entry = item_of(f"<title>t</title><description><![CDATA[{html}]]></description>")
    assert entry.summary == "The first paragraph. The & second."
    long = item_of(f"<title>t</title><description>{'long words ' * 1_000}</description>")
    assert 1_900 < len(long.summary) <= 2_000
    assert long.summary.endswith("…")


def test_summary_from_the_content() -> None:
    """An empty description gives way to the full text."""
    entry = only(
        rss(
            "<title>t</title><description/><content:encoded>&lt;p&gt;All of it&lt;/p&gt;"
            "</content:encoded>",
            root='rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"',
        )
    )
    assert entry.summary == "All of it"


def test_title_from_the_summary() -> None:
    """An item without a title is called by the beginning of its text; without both it is left
    out and counted.
    """
    text = "Words of the text " * 20
    feed = parsed(
        rss(
            f"<description>{text}</description>",
            "<title> </title><description>&lt;img src='x'&gt;</description>",
            "<link>https://news.example/1</link>",
            "<title>Kept</title>",
        )
    )
    assert feed.entries[0].title == ("Words of the text " * 5).strip() + " Words of…"
    assert len(feed.entries[0].title) <= 100
    assert [entry.title for entry in feed.entries[1:]] == ["Kept"]
    assert (feed.skipped, feed.total) == (2, 4)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://news.example/a?b=1&amp;c=2", "https://news.example/a?b=1&c=2"),
        ("https://news.example/a?b=1&c=2", "https://news.example/a?b=1&c=2"),
        ("<![CDATA[https://news.example/a?b=1&copy=2]]>", "https://news.example/a?b=1&copy=2"),
        ("\n  https://news.example/a\n ", "https://news.example/a"),
        ("/a/b", "https://news.example/a/b"),
        ("a", "https://news.example/rss/a"),
        ("//other.example/a", "https://other.example/a"),
        ("HTTPS://news.example/A", "https://news.example/A"),
        ("https://news.example/a b", "https://news.example/a%20b"),
        ("https://news.example/路?q=字", "https://news.example/路?q=字"),
        ("https://news.example/a|b&gt;c", "https://news.example/a%7Cb%3Ec"),
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("mailto:press@news.example", ""),
        ("ftp://news.example/a", ""),
        ("https://user@evil.example/", ""),
        ("https://www.sfc.hk@evil.example/", ""),
        ("https://good.example\\@evil.example/", ""),
        ("http://[::1", ""),
        ("https://", ""),
        ("https:///a", "https://a"),
        ("https:a", ""),
        ("https://news.example/" + "x" * 3_000, ""),
        ("", ""),
    ],
)
def test_links(written: str, read: str) -> None:
    """A link is an absolute http(s) address without a user name, or nothing."""
    assert item_of(f"<title>t</title><link>{written}</link>").url == read


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<guid>https://news.example/1</guid>", "https://news.example/1"),
        ('<guid isPermaLink="false">https://staging.example/1</guid>', ""),
        ("<guid>26PR101</guid>", ""),
        ("<guid>/relative</guid>", ""),
        ("<guid>https://a.example/1</guid><link>https://b.example/1</link>", "https://b.example/1"),
        ("<link>https://b.example/1</link><guid>https://a.example/1</guid>", "https://b.example/1"),
        ("<link/><guid>https://a.example/1</guid>", "https://a.example/1"),
        ("<guid>javascript:alert(1)</guid>", ""),
    ],
)
def test_guids_as_links(inner: str, url: str) -> None:
    """A guid is a link only where it says so, is an address, and there is no better one."""
    assert item_of(f"<title>t</title>{inner}").url == url


def test_atom_links() -> None:
    """Of an Atom entry's links the page is taken, not the comments, the file or the feed."""
    links = (
        '<link rel="self" href="/self"/><link rel="enclosure" href="/file.pdf"/>'
        '<link rel="replies" href="/comments"/>'
        '<link rel="alternate" type="application/json" href="/api"/>'
        '<link rel="alternate" type="text/html" href="/page"/>'
    )
    assert only(atom(f"<title>t</title>{links}")).url == "https://news.example/page"
    assert only(atom('<title>t</title><link href="/page"/>')).url == "https://news.example/page"


def test_atom_base() -> None:
    """xml:base, absolute or relative to the feed's own address, is where links start."""
    entry = '<title>t</title><link href="page"/>'
    absolute = atom(entry, root='xml:base="https://other.example/dir/"')
    relative = atom(entry, root='xml:base="/dir/"')
    assert only(absolute).url == "https://other.example/dir/page"
    assert only(relative).url == "https://news.example/dir/page"


@pytest.mark.parametrize(
    "guid",
    [
        "26PR101",
        "123",
        "tag:news.example,2026:1",
        "a b",
        "https://news.example/?a=1&amp;b=2",
        "{X}",
    ],
)
@pytest.mark.parametrize("attribute", ["", ' isPermaLink="false"', ' isPermaLink="true"'])
def test_guid_as_it_stands(guid: str, attribute: str) -> None:
    """A guid is not resolved, trimmed of its parameters or changed in any other way."""
    inner = f"<title>t</title><guid{attribute}>\n {guid} \n</guid>"
    plain = guid.replace("&amp;", "&")
    assert item_of(inner).guid == plain
    based = rss(inner, root='rss version="2.0" xml:base="https://other.example/"')
    assert only(based).guid == plain


def test_monstrous_guid() -> None:
    """A guid of megabytes is known by its hash, the same each time."""
    inner = f"<title>t</title><guid>{'g' * 3_000_000}</guid>"
    assert item_of(inner).guid.startswith("blake2b:")
    assert len(item_of(inner).guid) < 50
    assert item_of(inner).guid == item_of(inner).guid


@pytest.mark.parametrize(
    ("inner", "published", "updated"),
    [
        ("<pubDate>Tue, 10 Nov 2026 10:00:00 +0800</pubDate>", TEN_O_CLOCK, None),
        ("<pubDate>someday</pubDate>", None, None),
        ("", None, None),
        ("<dc:date>2026-11-10T10:00:00+08:00</dc:date>", TEN_O_CLOCK, TEN_O_CLOCK),
        (
            "<pubDate>garbage</pubDate><dc:date>2026-11-10T10:00:00+08:00</dc:date>",
            TEN_O_CLOCK,
            TEN_O_CLOCK,
        ),
        (
            "<pubDate>2026-11-10T09:00Z</pubDate><atom:updated>2026-11-10T02:00Z</atom:updated>",
            TEN_O_CLOCK + 7 * 3_600,
            TEN_O_CLOCK,
        ),
    ],
)
def test_dates(inner: str, published: int | None, updated: int | None) -> None:
    """The date of publishing is the feed's own, else that of the last change, else none."""
    root = (
        'rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    entry = only(rss("<title>t</title>" + inner, root=root))
    assert (entry.published, entry.updated) == (published, updated)


FORMATS = {
    "rss091u": '<rss version="0.91"><channel><title>F</title><item><title>T</title>'
    "<link>https://news.example/1</link></item></channel></rss>",
    "rss092": '<rss version="0.92"><channel><title>F</title><item><title>T</title>'
    "<link>https://news.example/1</link></item></channel></rss>",
    "rss20": '<rss version="2.0"><channel><title>F</title><item><title>T</title>'
    "<link>https://news.example/1</link></item></channel></rss>",
    "rss10": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>F</title></channel>'
    '<item rdf:about="https://news.example/1"><title>T</title>'
    "<link>https://news.example/1</link></item></rdf:RDF>",
    "rss090": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>F</title></channel>'
    "<item><title>T</title><link>https://news.example/1</link></item></rdf:RDF>",
    "atom10": '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry>'
    '<title>T</title><link href="https://news.example/1"/></entry></feed>',
    "atom03": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry>'
    '<title>T</title><link rel="alternate" type="text/html" href="https://news.example/1"/>'
    "</entry></feed>",
    "json": '{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items":'
    ' [{"id": "1", "title": "T", "url": "https://news.example/1"}]}',
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    """RSS 0.9x to 2.0, RDF, Atom and JSON Feed all give the same entry."""
    feed = parsed(FORMATS[name])
    assert feed.format == name
    assert feed.title == "F"
    assert [(entry.title, entry.url) for entry in feed.entries] == [("T", "https://news.example/1")]
    assert (feed.total, feed.skipped) == (1, 0)


def test_prefixed_atom() -> None:
    """A feed whose every element carries a prefix is read too."""
    feed = parsed(
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>F</a:title>'
        "<a:entry><a:title>T</a:title></a:entry></a:feed>"
    )
    assert [entry.title for entry in feed.entries] == ["T"]
    assert feed.chunks == frozenset()


def test_json_feed() -> None:
    """JSON Feed: numbers as ids, text before HTML, the address of elsewhere, bad items counted."""
    items = [
        {
            "id": 42,
            "url": "/1",
            "title": "A & <B>",
            "content_text": "Plain < text",
            "content_html": "<p>Rich</p>",
            "date_published": "2026-11-10T10:00:00+08:00",
            "date_modified": "2026-11-10T11:00:00+08:00",
        },
        {"id": "x", "external_url": "https://other.example/", "content_html": "<p>Only rich</p>"},
        {"id": None, "url": 5, "title": ["no"]},
        "not an item",
        {"id": "y", "title": "Surrogate \ud800 gone", "content_html": "<p>\udc00here too</p>"},
    ]
    document = {"version": "https://jsonfeed.org/version/1", "title": "F", "items": items}
    feed = parsed("\ufeff " + json.dumps(document))
    assert feed.entries == (
        Entry(
            title="A & <B>",
            url="https://news.example/1",
            guid="42",
            summary="Plain < text",
            published=TEN_O_CLOCK,
            updated=TEN_O_CLOCK + 3_600,
        ),
        Entry(title="Only rich", url="https://other.example/", guid="x", summary="Only rich"),
        Entry(title="Surrogate gone", guid="y", summary="here too"),
    )
    assert (feed.total, feed.skipped, feed.chunks) == (5, 2, frozenset())


def test_tombstones() -> None:
    """What an Atom feed declares deleted comes as withdrawn, by its id."""
    feed = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        "<title>F</title>"
        '<at:deleted-entry ref="tag:news.example,2026:1&amp;a" when="2026-11-10T10:00:00+08:00"/>'
        "<entry><title>T</title><id>2</id><summary><![CDATA[<at:deleted-entry ref='3'/>]]>"
        "</summary></entry>"
        "<at:deleted-entry when='x' ref='4'><at:comment>gone</at:comment></at:deleted-entry></feed>"
    )
    assert [(e.title, e.guid, e.withdrawn, e.updated) for e in feed.entries] == [
        ("T", "2", False, None),
        ("", "tag:news.example,2026:1&a", True, TEN_O_CLOCK),
        ("", "4", True, None),
    ]
    assert feed.total == 1


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", None),
        ("<ttl>10</ttl>", 600),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<ttl>999999999</ttl>", 30 * 86_400),
        ("<ttl>99999999999999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        (
            "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            21_600,
        ),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
    ],
)
def test_ttl(head: str, expected: int | None) -> None:
    """The feed's own word on how often it changes, within a month."""
    root = 'rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert parsed(rss("<title>t</title>", head=head, root=root)).ttl_s == expected


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "empty"),
        (" \r\n\t \ufeff", "empty"),
        ("<!doctype html><title>Hello</title>", "html"),
        ("\n<!-- c --><HTML><body>", "html"),
        ('<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"/>', "html"),
        ("<div>Not found</div>", "html"),
        ("<html><svg><rdf:RDF></rdf:RDF></svg></html>", "html"),
        ("Service unavailable", "broken_xml"),
        ("<rss version='2.0'><chann", "broken_xml"),
        ("<rss version='2.0'><channel><title>News</title>", "broken_xml"),
        ("\x00\x01\x02", "broken_xml"),
        ('<?xml version="1.0"?><urlset><url><loc>x</loc></url></urlset>', "not_a_feed"),
        ("<opml><body><outline xmlUrl='x'/></body></opml>", "not_a_feed"),
        ('{"items": []}', "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 5}', "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "not_a_feed"),
        ("{" * 100_000, "not_a_feed"),
    ],
)
def test_no_feeds(document: str, reason: str) -> None:
    """What is no feed says why."""
    with pytest.raises(NotAFeed) as caught:
        parsed(document)
    assert caught.value.reason is NotAFeedReason(reason)
    assert str(caught.value) == reason


def test_feed_without_items() -> None:
    """A feed may have nothing to say."""
    feed = parsed(rss())
    assert feed == Parsed(title="News", entries=(), format="rss20")


PAGE = """<!doctype html><html><head>
<link rel="stylesheet" href="/style.css"><link rel=alternate type=text/html href=/other>
<LINK TYPE="application/rss+xml" REL="Alternate" HREF="/feed?a=1&amp;b=2" title="RSS">
<link rel='alternate home' type='application/atom+xml' href='atom.xml'>
<link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">
<link rel="alternate" type="application/feed+json" href="javascript:alert(1)">
</head><body><a href="/feed/">Feed</a></body></html>"""


def test_feeds_that_a_page_names() -> None:
    """A page's own feeds come with the refusal: each once, absolute, http(s) only."""
    with pytest.raises(NotAFeed) as caught:
        parsed(PAGE)
    assert caught.value.alternates == (
        "https://news.example/feed?a=1&b=2",
        "https://news.example/rss/atom.xml",
    )
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.reason, again.alternates) == (caught.value.reason, caught.value.alternates)


def test_feeds_that_a_page_links_to() -> None:
    """A directory of feeds has them among its links; a base address counts, bad ones do not."""
    page = (
        '<html><head><base href="https://other.example/x/"></head><a href="about">About</a>'
        '<a href="RSS-Feeds/Circulars">no guess</a><a href="news/rss.xml">News</a>'
        f'<a href="/feed/">All</a><a href="{URL}">Here</a>'
    )
    with pytest.raises(NotAFeed) as caught:
        parsed(page)
    assert caught.value.alternates == (
        "https://other.example/x/news/rss.xml",
        "https://other.example/feed/",
    )
    with pytest.raises(NotAFeed) as caught:
        parsed('<html><base href="http://[bad"><a href="/feed/">All</a>')
    assert caught.value.alternates == ("https://news.example/feed/",)


@pytest.mark.parametrize(
    "before",
    [
        "\n\n  ",
        "\ufeff\ufeff",
        "<br />\n<b>Warning</b>: something in <b>file</b> on line <b>3</b><br />\n",
        "<!-- generated -->\n",
        "Notice: undefined index\n",
    ],
)
def test_what_servers_print_before_a_feed(before: str) -> None:
    """Blank lines, marks and warnings before the feed do no harm."""
    document = before + '<?xml version="1.0"?>\n' + rss("<title>t</title>")
    assert [entry.title for entry in parsed(document).entries] == ["t"]


def test_item_cap() -> None:
    """Of more than 2,000 items the first 2,000 are kept; more than 20,000 are not parsed."""
    many = rss(*(f"<title>{number}</title>" for number in range(2_100)))
    feed = parsed(many)
    assert [entry.title for entry in feed.entries] == [str(number) for number in range(2_000)]
    assert (feed.total, feed.skipped, len(feed.chunks)) == (2_100, 0, 2_000)
    with pytest.raises(NotAFeed) as caught:
        parsed(rss(*["<title>t</title>"] * 20_001))
    assert caught.value.reason is NotAFeedReason.TOO_MANY_ITEMS
