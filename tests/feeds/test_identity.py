"""An item is known again under its feed's habits, and nothing is taken for something else."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identity import (
    FeedHabits,
    canonical,
    changed,
    document_title,
    entry_key,
    habits,
    reference,
    same_document_title,
    same_item,
)
from feeds.items import Entry

REPLAY = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "replay"
SFC = "https://apps.sfc.hk/edistributionWeb/gateway"
HKMA = "https://www.hkma.gov.hk"
DAY = 86_400
NOON = 1_800_000_000 // DAY * DAY + DAY // 2
UNIQUE = FeedHabits(guids_unique=True, links_unique=True)
SHARED = FeedHabits(guids_unique=False, links_unique=False)

simple_entries = st.builds(
    Entry,
    title=st.sampled_from(["Rates rise", "Bill passed", "升息"]),
    url=st.sampled_from(["https://example.org/a", "https://example.org/b"]),
    guid=st.sampled_from(["", "1", "2"]),
    published=st.just(NOON),
)
entries = st.builds(
    Entry,
    title=st.text(max_size=30),
    url=st.sampled_from(["", "https://example.org/a", "https://example.org/b", "nonsense"])
    | st.text(max_size=20),
    guid=st.sampled_from(["", "1", "2"]) | st.text(max_size=10),
    summary=st.text(max_size=20),
    published=st.none() | st.integers(0, 2**33),
)


@pytest.mark.parametrize(
    ("guid", "url", "expected"),
    [
        ("26PR101", "", "sfc:26PR101"),
        (" 26pr101 ", "", "sfc:26PR101"),
        (
            "26PR101",
            f"{SFC}/EN/news-and-announcements/news/doc?refNo=26PR101",
            "sfc:26PR101",
        ),
        (
            "",
            f"{SFC}/TC/news-and-announcements/news/doc?refNo=26PR101",
            "sfc:26PR101",
        ),
        ("", f"{SFC}/SC/circular/doc?refNo=26EC35", "sfc:26EC35"),
        ("", f"{SFC}/EN/circular/aml/doc?refNo=26EC39", "sfc:26EC39"),
        (
            "",
            f"{SFC}/EN/circular/intermediaries/supervision/doc?lang=EN&refno=26ec45#top",
            "sfc:26EC45",
        ),
        (
            "",
            "http://apps.sfc.hk/edistributionWeb/gateway/EN/consultation/doc?refNo=25CP6",
            "sfc:25CP6",
        ),
        ("26EC35", "https://www.sfc.hk/en/somewhere", "sfc:26EC35"),
        (
            "",
            "https://www.info.gov.hk/gia/general/202506/27/P2025062700385.htm",
            "gov:P2025062700385",
        ),
        (
            "",
            "https://sc.isd.gov.hk/TuniS/www.info.gov.hk/gia/general/202506/27/P2025062700385.htm",
            "gov:P2025062700385",
        ),
        ("", f"{HKMA}/eng/news-and-media/press-releases/2026/07/20260707-7/", "hkma:20260707-7"),
        ("", f"{HKMA}/chi/news-and-media/press-releases/2026/07/20260707-7", "hkma:20260707-7"),
        ("", f"{HKMA}/eng/news-and-media/speeches/2026/07/20260707-7/", "hkma:speeches/20260707-7"),
        (
            "",
            "https://brdr.hkma.gov.hk/eng/doc-ldg/current/20260707-7-EN",
            "hkma:doc/20260707-7",
        ),
        (
            "",
            "https://brdr.hkma.gov.hk/chi/doc-ldg/current/20260707-7-TC",
            "hkma:doc/20260707-7",
        ),
        ("https://example.org/26PR101", "", ""),
        ("26PR101", "https://example.org/copied-number", ""),
        ("", "https://sfc.hk.example.org/doc?refNo=26PR101", ""),
        ("", f"{SFC}/EN/news/doc?refNo=", ""),
        ("", f"{HKMA}/eng/data-publications-and-research/legislative-council-issues", ""),
        ("tag:example.org,2026:1", "https://example.org/1", ""),
        ("", "", ""),
    ],
)
def test_reference(guid: str, url: str, expected: str) -> None:
    """A document's official number is read from guid or address in any of their forms, in any
    language, and never from another site's item.
    """
    assert reference(guid, url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "HTTPS://WWW.Example.ORG:443/News/?utm_source=rss&utm_medium=feed",
            "https://example.org/News",
        ),
        ("http://example.org:80/a/#part", "http://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        (
            "https://example.org/a?b=2&a=1&fbclid=x&gclid=y&cmpid=z&ref=w",
            "https://example.org/a?a=1&b=2",
        ),
        ("https://example.org/a?id=7&UTM_Campaign=x", "https://example.org/a?id=7"),
        ("https://example.org/a?reference=7", "https://example.org/a?reference=7"),
        ("https://example.org/%7Euser/%e9%a6%99", "https://example.org/~user/%E9%A6%99"),
        ("https://example.org/香港", "https://example.org/%E9%A6%99%E6%B8%AF"),
        ("https://example.org/%ab%AC", "https://example.org/%AB%AC"),
        ("https://example.org/a%2Fb", "https://example.org/a%2Fb"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://www.com/a", "https://www.com/a"),
        ("https://amp.example.org/a", "https://amp.example.org/a"),
        ("https://m.example.org/a", "https://m.example.org/a"),
        ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
        ("https://example.org", "https://example.org"),
        ("https://example.org/?p=12", "https://example.org?p=12"),
        ("ftp://example.org/a", ""),
        ("javascript:alert(1)", ""),
        ("https://example.org:99999/a", ""),
        ("https://[broken/a", ""),
        ("/relative", ""),
        ("", ""),
    ],
)
def test_canonical(url: str, expected: str) -> None:
    """Addresses of one page become one; what is no web address becomes empty."""
    assert canonical(url) == expected


@settings(deadline=None)
@given(st.text(max_size=80) | st.text(max_size=60).map("https://Example.org/".__add__))
def test_canonical_is_stable(url: str) -> None:
    """Whatever the address, it can be made comparable, and doing it twice changes nothing."""
    once = canonical(url)
    assert canonical(once) == once


def test_the_guid_identifies() -> None:
    """With a guid of its own, an item stays itself when its link, title and date change."""
    first = Entry("Old title", "http://example.org/1", guid="abc", published=NOON)
    later = Entry("New title", "https://cdn.example.net/1?utm_source=x", guid="abc")
    assert entry_key(first, UNIQUE) == entry_key(later, UNIQUE)
    assert entry_key(first, UNIQUE).startswith("guid:")
    assert len(entry_key(first, UNIQUE)) < 40


def test_a_guid_that_is_an_address_survives_https() -> None:
    """A guid that is the site's address stays the same when the site moves to https."""
    old, new = "http://www.example.org/?p=1", "https://example.org/?p=1"
    assert entry_key(Entry("A", guid=old), UNIQUE) == entry_key(Entry("A", guid=new), UNIQUE)
    assert entry_key(Entry("A", guid=old), SHARED) == entry_key(Entry("A", guid=new), SHARED)


def test_the_link_identifies_where_there_is_no_guid() -> None:
    """Without a guid the link counts, whatever scheme, www or tracking tail it comes with."""
    first = Entry("Title", "http://www.example.org/1?utm_source=a", published=NOON)
    later = Entry("Other", "https://example.org/1/?utm_source=b", published=NOON + DAY)
    assert entry_key(first, UNIQUE) == entry_key(later, UNIQUE)
    assert entry_key(first, UNIQUE) != entry_key(Entry("Title", "https://example.org/2"), UNIQUE)


def test_items_that_share_a_link_are_told_apart_by_title() -> None:
    """Items of one section page are different items, and each is known again (HKMA, LegCo)."""
    page = f"{HKMA}/eng/data-publications-and-research/legislative-council-issues"
    may = Entry("Briefing to the Panel on 4 May 2026", page, published=NOON)
    february = Entry("Briefing to the Panel on 2 February 2026", page, published=NOON - 90 * DAY)
    seen = habits([may, february])
    assert seen == FeedHabits(guids_unique=True, links_unique=False)
    assert entry_key(may, seen) != entry_key(february, seen)
    assert entry_key(may, seen) == entry_key(Entry(may.title, page, published=None), seen)


def test_the_same_guid_for_every_item() -> None:
    """A feed that gives all its items one guid is told apart by links."""
    items = [Entry(f"Story {n}", f"https://example.org/{n}", guid="feed") for n in range(5)]
    seen = habits(items)
    assert seen == FeedHabits(guids_unique=False, links_unique=True)
    assert len({entry_key(item, seen) for item in items}) == 5


def test_a_guid_reused_on_another_day_is_still_a_guid() -> None:
    """A guid used daily for another article, is still trusted for all others."""
    link = "https://example.org/what-happened-today"
    yesterday = Entry("Bitcoin slips as funds sell", link, guid="daily", published=NOON)
    today = Entry("Senate passes market bill", link, guid="daily", published=NOON + DAY)
    other = Entry("Something else", "https://example.org/other", guid="other", published=NOON)
    assert habits([yesterday, today, other]) == FeedHabits(guids_unique=True, links_unique=False)


def test_literal_repetitions_are_one_item() -> None:
    """An item that stands twice in a document has one key and says nothing of the feed's habits."""
    item = Entry("Circular", "https://example.org/1", published=NOON)
    again = Entry("Circular ", "https://example.org/1/", published=NOON)
    assert habits([item, again]) == UNIQUE
    assert entry_key(item, UNIQUE) == entry_key(again, UNIQUE)
    assert entry_key(item, SHARED) == entry_key(again, SHARED)


def test_title_and_date_are_the_last_resort() -> None:
    """Without guid and link, title and date identify; without a title, the summary does."""
    monday = Entry("Market report", published=NOON)
    tuesday = Entry("Market report", published=NOON + DAY)
    assert entry_key(monday, UNIQUE) != entry_key(tuesday, UNIQUE)
    assert entry_key(monday, UNIQUE) == entry_key(Entry("Market  report", published=NOON), UNIQUE)
    assert entry_key(Entry("", summary="a"), UNIQUE) != entry_key(Entry("", summary="b"), UNIQUE)


def test_equal_titles_with_their_own_links_are_different_items() -> None:
    """A series that repeats its title 213 times is 213 items, even where nothing is trusted."""
    items = [
        Entry("Scam alert related to banks", f"https://example.org/{n}", published=NOON)
        for n in range(213)
    ]
    for trust in (habits(items), SHARED):
        assert len({entry_key(item, trust) for item in items}) == 213


def test_guids_tell_apart_where_nothing_is_trusted() -> None:
    """Items with the same page and title but their own guids are never lost in each other."""
    items = [Entry("Alert", "https://example.org/alerts", guid=str(n)) for n in range(3)]
    assert len({entry_key(item, SHARED) for item in items}) == 3


@settings(deadline=None)
@given(st.lists(simple_entries, max_size=8))
def test_nothing_is_lost_where_nothing_is_trusted(items: list[Entry]) -> None:
    """Without trust in guids and links, two items share a key only if all they say is the same."""
    said = {(item.guid, item.url, item.title) for item in items}
    assert len({entry_key(item, SHARED) for item in items}) == len(said)


@settings(deadline=None)
@given(st.lists(simple_entries, max_size=8))
def test_trust_is_earned(items: list[Entry]) -> None:
    """Guids and links are trusted exactly where no two of a document's items share one."""
    seen = habits(items)
    said = {(item.guid, item.url, item.title) for item in items}
    assert seen.links_unique == (len({url for _, url, _ in said}) == len(said))
    named = {one for one in said if one[0]}
    assert seen.guids_unique == (len({guid for guid, _, _ in named}) == len(named))


@settings(deadline=None)
@given(st.lists(entries, max_size=6))
def test_any_document_has_keys(items: list[Entry]) -> None:
    """Whatever a feed holds, every item has a key, and the same one each time."""
    seen = habits(items)
    for item in items:
        assert entry_key(item, seen) == entry_key(item, habits(list(reversed(items))))


@pytest.mark.parametrize(
    ("stored", "published", "entry", "verdict"),
    [
        ("SFC fines A", NOON, Entry("SFC fines A", published=NOON), "same"),
        ("SFC fines A", NOON, Entry("SFC  fines&nbsp;A", published=NOON + 9 * DAY), "same"),
        ("SFC fines A", NOON, Entry("SFC fines A $5m", published=NOON + DAY), "changed"),
        ("Bitcoin falls bellow 9", NOON, Entry("Bitcoin falls below 9", published=NOON), "changed"),
        (
            "Bitcoin slips on fund sales",
            NOON,
            Entry("Senate passes bill", published=NOON + 60),
            "changed",
        ),
        (
            "Bitcoin slips on fund sales",
            NOON,
            Entry("Senate passes bill", published=NOON + DAY),
            "reused",
        ),
        ("比特幣下跌三成", NOON, Entry("參議院通過法案", published=NOON - DAY), "reused"),
        ("Bitcoin slips on fund sales", NOON, Entry("Senate passes bill"), "changed"),
        (
            "Bitcoin slips on fund sales",
            None,
            Entry("Senate passes bill", published=NOON),
            "changed",
        ),
    ],
)
def test_same_item(stored: str, published: int | None, entry: Entry, verdict: str) -> None:
    """Only a clearly different title on another day makes a known key a new article."""
    assert same_item(stored, published, entry) == verdict


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        ("A & B", "text", False),
        ("A &amp; B", "text", False),
        ("A&#160;&amp;amp; B", " text ", False),
        ("A　& B", "text", False),
        ("A & C", "text", True),
        ("A & B", "other text", True),
    ],
)
def test_changed(title: str, summary: str, expected: bool) -> None:
    """Entities and white space are no change; words are."""
    assert changed("A & B", "text", Entry(title, summary=summary)) is expected


def test_copies_of_a_document() -> None:
    """A title with its file's kind and size names the document that stands without; equal titles
    of a series do not.
    """
    page, file = "Staking services", "Staking services (PDF File, 131.0 KB)"
    assert same_document_title(page, file)
    assert same_document_title(file, page)
    assert not same_document_title(page, page)
    assert not same_document_title(file, "Staking services (PDF File, 9.9 KB)")
    assert not same_document_title(page, "Other services (PDF File, 131.0 KB)")
    assert document_title("質押服務（PDF 檔案, 131.0 KB）") == "質押服務"
    assert document_title("Rules (Revised)") == "Rules (Revised)"


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded feeds are not beside this checkout")
def test_recorded_feeds() -> None:
    """In the recorded feeds every distinct item has its own key, and keeps it from day to day."""
    keys: dict[str, dict[str, tuple[str, str]]] = {}
    for path in sorted(REPLAY.glob("*/*.xml")):
        items = [
            Entry(
                item.findtext("title") or "",
                item.findtext("link") or "",
                item.findtext("guid") or "",
            )
            for item in ET.parse(path).findall(".//item")
        ]
        seen = habits(items)
        known = keys.setdefault(path.name, {})
        for item in items:
            said = (item.title, item.url)
            assert known.setdefault(entry_key(item, seen), said) == said
        assert len({entry_key(item, seen) for item in items}) == len(
            {(i.title, i.url) for i in items}
        )
    assert len(keys) == 9


@settings(deadline=None)
@given(st.text(max_size=50), st.text(max_size=50), st.none() | st.integers())
def test_any_text_is_compared(a: str, b: str, published: int | None) -> None:
    """No text of a feed can break the comparison, and it is symmetric where it should be."""
    reference(a, b)
    assert same_item(a, published, Entry(a, published=published)) == "same"
    assert same_document_title(a, b) == same_document_title(b, a)
    assert not changed(a, b, Entry(a, summary=b))
