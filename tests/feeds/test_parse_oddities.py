"""The oddities of feedparser and of the feeds that this bot is for, each held down by a test."""

import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from feeds.items import Entry
from feeds.parse import Body, Parsed, parse
from tests.feeds.bodies import NOW, RECORDED, atom, item_of, only, parsed, rss

HONG_KONG = timezone(timedelta(hours=8))
DAYS = ("2026-07-09", "2026-07-25", "2026-08-01")
needs_recorded = pytest.mark.skipif(not RECORDED.exists(), reason="recorded feeds are absent")


def test_body_that_is_a_path(tmp_path: Path) -> None:
    """A body that is the name of a file, or an address, is not opened."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss("<title>secret</title>"))
    for document in (str(secret), secret.as_uri(), "http://127.0.0.1:9/"):
        with pytest.raises(Exception, match="broken_xml"):
            parsed(document)


def test_no_deprecated_fallback() -> None:
    """`updated` is never quietly the date of publishing, and feedparser gives no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        entry = item_of("<title>t</title><pubDate>2026-11-10T10:00:00Z</pubDate>")
    assert entry.updated is None
    assert entry.published == int(datetime(2026, 11, 10, 10, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Hong_Kong"])
def test_machine_s_own_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates do not depend on where the machine stands."""
    monkeypatch.setenv("TZ", zone)
    entry = item_of("<title>t</title><pubDate>Tue, 10 Nov 2026 10:30:00 HKT</pubDate>")
    assert entry.published == 1_794_277_800


def test_empty_and_missing_guids() -> None:
    """A guid that is empty or missing is empty."""
    assert item_of("<title>t</title><guid></guid>").guid == ""
    assert item_of("<title>t</title><guid> </guid>").guid == ""
    assert item_of("<title>t</title>").guid == ""


def test_markup_in_titles_of_every_type() -> None:
    """Titles, which feedparser leaves as hostile as they came, are text in every form."""
    for kind, title in (
        ("text", "&lt;script&gt;alert(1)&lt;/script&gt;Safe"),
        ("html", "&lt;script&gt;alert(1)&lt;/script&gt;Safe"),
        ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml"><b>Sa</b>fe</div>'),
    ):
        assert only(atom(f'<title type="{kind}">{title}</title>')).title == "Safe"


def test_attachments_and_images_have_titles_too() -> None:
    """The title of a picture, a source or a media file is not the item's."""
    root = 'rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
    inner = (
        "<title>Item</title><source url='https://other.example/'>Other</source>"
        "<media:content url='x'><media:title>Picture</media:title></media:content>"
        "<image><title>Logo</title><url>x</url><link>https://logo.example/</link></image>"
        "<link>https://news.example/1</link>"
    )
    entry = only(rss(inner, root=root))
    assert (entry.title, entry.url) == ("Item", "https://news.example/1")


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    """An entity that names a file stays a word."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    document = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + rss(
        "<title>&x; t</title>"
    )
    assert only(document).title == "&x; t"


def test_doctype_of_rss_091() -> None:
    """RSS 0.91 came with a DOCTYPE for HTML's entities."""
    document = (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        + rss("<title>caf&eacute;&nbsp;society</title>", root='rss version="0.91"')
    )
    assert only(document).title == "café society"


def test_one_bad_item_does_not_sink_its_feed() -> None:
    """Items that are broken in every way leave the others as they are, in their order."""
    bad = (
        "<title>Unclosed <b>tag</title>",
        "<title>Crossed <b><i>tags</b></i></title>",
        "<title a=1 b>Attributes</title>",
        "<title>&#99999999999;</title>",
        "<nope:title>Undeclared prefix</nope:title>",
        "<title>Less < than</title>",
        "",
    )
    documents = [rss("<title>First</title>", item, "<title>Last</title>") for item in bad]
    documents += [rss("<title>First</title>", *bad, "<title>Last</title>")]
    for document in documents:
        titles = [entry.title for entry in parsed(document).entries]
        assert (titles[0], titles[-1]) == ("First", "Last")
    assert "Unclosed tag" in titles
    assert "Crossed tags" in titles


def test_truncated() -> None:
    """A feed that breaks off gives the items that are whole, not the one that is cut."""
    whole = rss("<title>Whole</title>", "<title>Cut in the middle</title>")
    for length in range(whole.index("Cut"), whole.index("</item></channel>") + 6):
        feed = parsed(whole[:length])
        assert [entry.title for entry in feed.entries] == ["Whole"]
        assert (feed.total, feed.skipped) == (2, 1)
    in_cdata = rss("<title>Whole</title>", "<title><![CDATA[Cut ]]></title>")
    assert [e.title for e in parsed(in_cdata[: in_cdata.index("Cut") + 3]).entries] == ["Whole"]


def test_sfc_circular() -> None:
    """The SFC: a bare reference as guid, an empty description, a clock time at +0800, and a title
    of several lines run together.
    """
    title = "Circular to intermediaries\nUpdates on HKEX’s…" + " words" * 60
    entry = item_of(
        f"<title>{title}</title><link>https://apps.sfc.hk/edistributionWeb/gateway/EN/circular/doc"
        "?refNo=26EC35</link><description></description>"
        '<guid isPermaLink="false">26EC35</guid><pubDate>Thu, 09 Jul 2026 17:30:05 +0800</pubDate>'
    )
    assert entry == Entry(
        title=" ".join(title.split()),
        url="https://apps.sfc.hk/edistributionWeb/gateway/EN/circular/doc?refNo=26EC35",
        guid="26EC35",
        published=int(datetime(2026, 7, 9, 17, 30, 5, tzinfo=HONG_KONG).timestamp()),
    )


def test_hkma_midnight() -> None:
    """The HKMA: no guid, no description, and midnight at +0800, which is a day and not a time."""
    entry = item_of(
        "<title>Guideline</title><link>https://www.hkma.gov.hk/eng/x/</link>"
        "<pubDate>Wed, 28 Feb 1996 00:00:00 +0800</pubDate>"
    )
    assert entry.date_only
    assert entry.guid == ""
    assert entry.published is not None
    assert datetime.fromtimestamp(entry.published, HONG_KONG).date().isoformat() == "1996-02-28"


def test_news_gov_hk() -> None:
    """news.gov.hk: a relative channel link, an unknown element, CDATA that starts with an image."""
    document = rss(
        "<title>Title</title><objectId>1</objectId><guid>https://www.news.gov.hk/eng/1.html</guid>"
        "<link>https://www.news.gov.hk/eng/1.html</link>"
        "<pubDate>Tue, 10 Nov 2026 00:00:00 +0800</pubDate>"
        "<description><![CDATA[<img src='/x.jpg' alt='x'><p>The text.</p>]]></description>",
        head="<title>news.gov.hk</title><link>/en/index.html</link>",
    )
    entry = only(document)
    assert (entry.summary, entry.guid) == ("The text.", "https://www.news.gov.hk/eng/1.html")
    assert entry.date_only


def test_government_press_release() -> None:
    """info.gov.hk: entities of HTML in escaped descriptions."""
    entry = item_of(
        "<title>t</title><description>&lt;p&gt;At&amp;nbsp;a&amp;nbsp;meeting&lt;/p&gt;"
        "</description>"
    )
    assert entry.summary == "At a meeting"


def test_rthk() -> None:
    """RTHK: full-width spaces in CDATA titles, paragraphs in the description, a ttl."""
    document = rss(
        "<title><![CDATA[港股　收市報]]></title>"
        "<description><![CDATA[第一段。\n\n\n第二段。<br/>編輯：某]]></description>",
        head="<title>RTHK</title><ttl>10</ttl>",
    )
    feed = parsed(document)
    assert feed.ttl_s == 600
    assert feed.entries[0].title == "港股 收市報"
    assert feed.entries[0].summary == "第一段。 第二段。 編輯：某"


def test_cointelegraph() -> None:
    """Cointelegraph: link in CDATA with a tracking tail, clean guid, a floated image first."""
    entry = item_of(
        "<title>t</title><link><![CDATA[https://cointelegraph.com/news/x?utm_source=rss_feed"
        "&utm_medium=rss]]></link><guid isPermaLink='true'>https://cointelegraph.com/news/x</guid>"
        "<description><![CDATA[<p style='float:right'><img src='x'></p><p>Text</p>]]></description>"
    )
    assert entry.url == "https://cointelegraph.com/news/x?utm_source=rss_feed&utm_medium=rss"
    assert entry.guid == "https://cointelegraph.com/news/x"
    assert entry.summary == "Text"


def test_coindesk() -> None:
    """CoinDesk: a UUID as guid, empty description and content, several creators."""
    root = (
        'rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    entry = only(
        rss(
            "<title>Hong Kong &amp; more  </title><description/><content:encoded/>"
            "<dc:creator>A</dc:creator><dc:creator>B</dc:creator>"
            '<category domain="tag">Regulation</category>'
            '<guid isPermaLink="false">0b1c-22</guid><link>https://www.coindesk.com/x</link>',
            root=root,
        )
    )
    assert (entry.title, entry.guid, entry.summary) == ("Hong Kong & more", "0b1c-22", "")


def test_google_news() -> None:
    """Google News: a source element, and HTML in the description."""
    entry = item_of(
        '<title>Title - Publisher</title><guid isPermaLink="false">CBM</guid>'
        '<description>&lt;a href="https://news.google.com/x"&gt;Title&lt;/a&gt;&amp;nbsp;&amp;nbsp;'
        '&lt;font color="#6f6f6f"&gt;Publisher&lt;/font&gt;</description>'
        '<source url="https://publisher.example">Publisher</source>'
    )
    assert (entry.title, entry.summary) == ("Title - Publisher", "Title Publisher")


def recorded(day: str, feed: str) -> Parsed:
    raw = (RECORDED / day / f"{feed}.xml").read_bytes()
    return parse(Body(raw, f"https://feeds.example/{feed}", "text/xml", "", "Asia/Hong_Kong", NOW))


@needs_recorded
@pytest.mark.parametrize("day", DAYS)
def test_recorded_feeds_whole(day: str) -> None:
    """Every item of the recorded feeds is there, with a title, an address and a date."""
    for path in sorted((RECORDED / day).glob("*.xml")):
        feed = recorded(day, path.stem)
        assert feed.total == path.read_bytes().count(b"<item>") == len(feed.entries)
        assert feed.skipped == 0
        assert all(entry.title and entry.url and entry.published for entry in feed.entries)
        sfc = path.stem.startswith("sfc")
        assert all(bool(entry.guid) == sfc for entry in feed.entries)
        assert all(entry.date_only != sfc for entry in feed.entries)


@needs_recorded
def test_recorded_facts() -> None:
    """What is known of the feeds holds of what was read: their counts on 9 July 2026, the title
    that is there 213 times, the link that all share, and the document of 1996.
    """
    counts = {
        path.stem: len(recorded(DAYS[0], path.stem).entries)
        for path in (RECORDED / DAYS[0]).glob("*.xml")
    }
    assert counts == {
        "sfc_press_releases": 7,
        "sfc_circulars": 5,
        "sfc_consultations": 5,
        "hkma_press_release": 662,
        "hkma_circulars": 196,
        "hkma_speeches": 55,
        "hkma_consultations": 45,
        "hkma_guidelines": 6,
        "hkma_legislative_council_issues": 2,
    }
    titles = Counter(entry.title for entry in recorded(DAYS[2], "hkma_press_release").entries)
    assert titles["Scam alert related to banks"] == 213
    shared = {entry.url for entry in recorded(DAYS[0], "hkma_legislative_council_issues").entries}
    assert len(shared) == 1
    guidelines = recorded(DAYS[0], "hkma_guidelines").entries
    oldest = min(entry.published or NOW for entry in guidelines)
    assert datetime.fromtimestamp(oldest, HONG_KONG).year == 1996
