"""The short cut for plain items says what feedparser says, and leaves to it what is not plain."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import parse_xml
from feeds.delta import cut
from feeds.mending import mended
from feeds.parse import NotAFeed, Parsed
from feeds.parse_plain import plain_item, plain_items
from tests.feeds.bodies import RECORDED, body_of, parsed, rss
from tests.feeds.fuzzing import without_short_cut
from tests.feeds.test_parse_oddities import needs_recorded

TEXTS = st.one_of(
    st.text(alphabet="ab &;#<>]['\"=\n\r\t/!-x8é\x80\x85\xa0Ã©虛擬\u200b👩", max_size=12),
    st.sampled_from(
        (
            *("A &amp; B", "A &amp;amp; B", "&#8217;", "&#x2019;", "&#146;", "&#13;", "&lt;p&gt;x"),
            *(
                "<![CDATA[<p>x</p>]]>",
                "<![CDATA[]]>",
                " <![CDATA[a]]>",
                "<![CDATA[a]]>b",
                "<b>x</b>",
            ),
            *(
                "<![CDATA[a]b]]>",
                "<![CDATA[a]]]>",
                "https://news.example/1?a=1&amp;b;=2",
                "/1",
                " ",
            ),
            *("http:////news.example", "http://news.example/1", "HTTP://n/", "26PR101", "1&amp;2;"),
            *("Tue, 10 Nov 2026 10:30:00 +0800", "Martine Ã©crit", "caf\xe9", "\x93q\x94"),
        )
    ),
)
TAGS = st.sampled_from(
    (
        *(
            "title",
            "link",
            "guid",
            "pubDate",
            "description",
            "category",
            "author",
            "Title",
            "PubDate",
        ),
        *("guid isPermaLink='false'", 'guid isPermaLink="true"', "guid ispermalink='false'"),
        *(
            "title xml:base='http://b/'",
            "category xml:base='http://b/'",
            "summary",
            "content",
            "category domain='x'",
            "dc:date",
            "dc:title",
            "id",
            "updated",
        ),
        *("content:encoded", "media:title", "atom:link", "link rel='self'", "source", "image"),
    )
)
FIELDS = st.builds(lambda tag, text: f"<{tag}>{text}</{tag.split()[0]}>", TAGS, TEXTS)
OPENINGS = st.sampled_from(("<item>", "<item>", "<item>", "<item xml:base='http://b/'>"))
ITEMS = st.builds(
    lambda opening, fields: f"{opening}{''.join(fields)}</item>",
    OPENINGS,
    st.lists(FIELDS, max_size=6),
)
NAMESPACES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    " xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    " xmlns:media='http://search.yahoo.com/mrss/' xmlns:atom='http://www.w3.org/2005/Atom'"
)
ROOTS = st.sampled_from(
    (
        *("rss version='2.0'", "rss version='0.91'", "rss", "RSS version='2.0'"),
        f"rss version='2.0' {NAMESPACES}",
        *("rss xmlns='http://purl.org/rss/1.0/'", "rss xml:base='http://b/'", "rss xml:lang='zh'"),
    )
)
HEADS = st.sampled_from(
    (
        *("", "<title>F</title>", "<title>F</title><link>/</link><ttl>5</ttl>", "<image>"),
        "<image><title>I</title><url>/i</url></image><textInput><name>n</name></textInput>",
        "<description>d</description><summary>s</summary><description>e</description>",
        "<description><title>x</title></description><source url='/s'>S</source>",
        "<content>x</content>",
        "<encoded xmlns='http://purl.org/rss/1.0/modules/content/'>x</encoded>",
        "<category xml:base='http://b/'>x</category>",
    )
)
TAILS = st.sampled_from(("", "\n", "<title>After</title>", "<link>/after</link>", "</channel>"))


def both_ways(document: str) -> tuple[Parsed | None, Parsed | None]:
    def read() -> Parsed | None:
        try:
            return parsed(document)
        except NotAFeed:
            return None

    ours = read()
    with without_short_cut():
        return ours, read()


@settings(deadline=None, max_examples=600)
@given(st.lists(ITEMS, max_size=4), ROOTS, HEADS, TAILS)
def test_as_feedparser(items: list[str], root: str, head: str, tail: str) -> None:
    """Whatever items hold, and whatever stands around them, both ways come to the same."""
    inner = "\n".join(items)
    name = root.split(maxsplit=1)[0]
    ours, theirs = both_ways(f"<{root}><channel>{head}{inner}{tail}</channel></{name}>")
    assert ours == theirs


CONTENT = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
CARRIED = {
    "in a field": "<item><title>1</title><description xml:base='http://b/'>x</description></item>",
    "in what nobody reads": "<item><unused xml:base='http://b/'>x</unused></item>",
    "behind a bracket": "<item><unused a='>' xml:base='http://b/'>x</unused></item>",
    "in capitals": "<item><category XML:BASE='http://b/' BASE = 'http://b/'>x</category></item>",
    "in the item": "<item xml:base='http://b/'><title>1</title></item>",
    "in the channel": "<category xml:base='http://b/'>x</category>",
    "content": "<content>x</content>",
    "content before a plain item": "<content>x</content><item><title>1</title></item>",
    "encoded": f"<content:encoded {CONTENT}>x</content:encoded><item><title>1</title></item>",
    "encoded in an item": f"<item><content:encoded {CONTENT}>x</content:encoded></item>",
    "two descriptions": "<description>a</description><description>b</description><item></item>",
}


@pytest.mark.parametrize("before", CARRIED.values(), ids=list(CARRIED))
@pytest.mark.parametrize("plain", ["", "<item><title>3</title><link>q</link></item>"])
def test_what_feedparser_carries_into_the_next_item(before: str, plain: str) -> None:
    """A base address, and content outside items, change how feedparser reads what follows."""
    after = "<item><title>2</title><link>p</link></item>"
    twice = "<item><title>4</title><description>a</description><description>b</description></item>"
    summed = "<item><title>5</title><description>a</description><summary>b</summary></item>"
    for items in ((after, twice), (twice, after), (summed, after), (after, after)):
        inner = before + plain + "".join(items)
        ours, theirs = both_ways(f"<rss version='2.0'><channel>{inner}</channel></rss>")
        assert ours == theirs


def test_most_items_are_read_by_the_short_cut() -> None:
    """Only the first of plain items is left to feedparser."""
    document = rss(*(f"<title>{n}</title><category a='Database'>x</category>" for n in range(9)))
    _, layout = cut(mended(document).encode())
    assert layout is not None
    assert set(plain_items(layout, range(9))) == set(range(1, 9))
    assert set(plain_items(layout, [4, 7])) == {7}
    assert plain_items(layout, []) == {}


def test_many_items_of_few_fields() -> None:
    """The same over thousands of items with the fields that most have."""
    chance = random.Random(7)
    texts = ("A", "A &amp; B", "&#8217;", "<![CDATA[<p>[x]</p>]]>", "caf\xe9", "虛擬 caf\xe9", "")
    tags = ("title", "link", "guid", "guid isPermaLink='false'", "pubDate", "description")
    taken = 0
    for _ in range(200):
        items = []
        for _ in range(10):
            fields = chance.sample(tags, chance.randint(0, 5))
            items.append("".join(f"<{f}>{chance.choice(texts)}</{f.split()[0]}>" for f in fields))
        ours, theirs = both_ways(rss(*items))
        assert ours == theirs
        taken += sum(plain_item(f"<item>{item}</item>") is not None for item in items)
    assert taken > 1_000


def test_long_texts_take_linear_time() -> None:
    """A long French text with one curly quote is read as quickly as any other."""
    text = "\xe9" * 200_000 + "\u2019"
    begun = time.process_time()
    (entry,) = parsed(rss(f"<title>A</title><description>{text}</description>")).entries
    assert entry.summary.startswith("\xe9\xe9")
    assert plain_item(f"<item><description>{text}</description></item>") is not None
    assert time.process_time() - begun < 2


@needs_recorded
def test_as_feedparser_on_the_recorded_feeds() -> None:
    """Nearly all items of the regulators' own feeds are plain; both ways come to the same."""
    plain: list[bool] = []
    for path in sorted(RECORDED.glob("*/*.xml")):
        body = body_of(path.read_bytes())
        ours = parse_xml.parse_xml(body.body.decode(), body, frozenset())
        with without_short_cut():
            assert parse_xml.parse_xml(body.body.decode(), body, frozenset()) == ours
        items = body.body.decode().split("<item>")[1:]
        plain += [bool(plain_item(f"<item>{item.split('</item>')[0]}</item>")) for item in items]
    print(f"{sum(plain)} of {len(plain)} items are plain")
    assert sum(plain) > 0.98 * len(plain)


@pytest.mark.parametrize(
    "item",
    [
        *("<title>a</title><title>b</title>", "<title><b>a</b></title>", "<dc:title>a</dc:title>"),
        *("<title>a<![CDATA[b]]></title>", "<title type='html'>a</title>", "<Title>a</Title>"),
        *("<title>caf\xe9</title>", "<title>\x93a\x94</title>", "<title>a\rb</title>"),
        *("<link>http:////a</link>", "<link>/?a&amp;b;</link>", "<link href='/a'/>"),
        *("<title>a</title>b", "<enclosure url='/a'/>", "<title xml:base='/'>a</title>"),
    ],
)
def test_what_is_left_to_feedparser(item: str) -> None:
    """Anything unusual about an item, and it is not plain."""
    assert plain_item(f"<item>{item}</item>") is None
    assert plain_item("<item><title>a</title></item>") is not None
    assert plain_item("<item rdf:about='a'><title>a</title></item>") is None
