"""Parsing only what was not seen gives what parsing everything gives."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import parse_xml
from feeds.delta import cut
from feeds.items import Entry
from feeds.mending import mended
from feeds.parse import Body, parse
from tests.feeds.bodies import NOW, RECORDED, atom, body_of, parsed, rss
from tests.feeds.test_parse_oddities import DAYS, needs_recorded


@needs_recorded
@pytest.mark.parametrize(
    "feed",
    [
        *("sfc_press_releases", "sfc_circulars", "sfc_consultations", "hkma_press_release"),
        *("hkma_circulars", "hkma_speeches", "hkma_consultations", "hkma_guidelines"),
        "hkma_legislative_council_issues",
    ],
)
def test_three_recorded_days(feed: str) -> None:
    """Day after day the unseen entries are those of the whole parse that the day before had not,
    and the same day again has none.
    """
    for before, after in pairwise(DAYS):
        old, new = (
            Body(
                (RECORDED / day / f"{feed}.xml").read_bytes(),
                *("https://feeds.example/", "text/xml", "", "Asia/Hong_Kong", NOW),
            )
            for day in (before, after)
        )
        seen = parse(old)
        whole = parse(new)
        delta = parse(new, seen.chunks)
        assert delta.entries == tuple(e for e in whole.entries if e not in set(seen.entries))
        assert (delta.title, delta.total, delta.chunks) == (whole.title, whole.total, whole.chunks)
        assert parse(new, whole.chunks).entries == ()


@needs_recorded
def test_cost_of_the_recorded_feeds() -> None:
    """Parsing a long feed with a week's news costs a fraction of parsing it whole."""
    for path in sorted((RECORDED / DAYS[2]).glob("*.xml")):
        old = parse(body_of((RECORDED / DAYS[1] / path.name).read_bytes()))
        new = body_of(path.read_bytes())
        whole_ms = cost_ms(new, frozenset())
        delta_ms = cost_ms(new, old.chunks)
        items = parse(new).total
        print(f"{path.stem}: {items} items, whole {whole_ms:.1f} ms, delta {delta_ms:.1f} ms")
        assert items < 100 or delta_ms < whole_ms / 2


def cost_ms(body: Body, seen: frozenset[bytes]) -> float:
    """Processor time of one parse, the best of five."""
    costs = []
    for _ in range(5):
        started = time.process_time()
        parse(body, seen)
        costs.append(time.process_time() - started)
    return min(costs) * 1_000


TITLES = st.text(
    alphabet=st.sampled_from("ab &;<>/!-[]?\"'=#x虛擬\u3000\n"), min_size=1, max_size=12
)
ITEMS = st.lists(
    st.one_of(
        TITLES.map(lambda text: f"<title>{text}</title>"),
        TITLES.map(lambda text: f"<title><![CDATA[{text.replace(']]>', '')}]]></title>"),
        st.integers(0, 5).map(lambda n: f"<title>Item {n}</title><guid>{n}</guid>"),
        st.integers(0, 5).map(lambda n: f"<title>Item</title><!-- {n} --><link>/{n}</link>"),
        st.integers(0, 5).map(lambda n: f"<title>X &amp; {n}</title><p:x>unbound</p:x>"),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(ITEMS, ITEMS, st.booleans())
def test_any_two_answers_of_a_feed(first: list[str], second: list[str], is_atom: bool) -> None:
    """Whatever a feed held before, what the delta leaves out was among it, and what it gives is
    what the whole parse gives, in the same order.
    """
    make = atom if is_atom else rss
    seen, whole = parsed(make(*first)), parsed(make(*second))
    delta = parsed(make(*second), seen.chunks)
    left_out = [entry for entry in whole.entries if entry in seen.entries and seen.chunks]
    assert delta.title == whole.title
    assert delta.total == whole.total
    assert is_subsequence(delta.entries, whole.entries)
    missing = set(whole.entries) - set(delta.entries)
    assert missing <= set(left_out)


def is_subsequence(some: tuple[Entry, ...], every: tuple[Entry, ...]) -> bool:
    rest = iter(every)
    return all(entry in rest for entry in some)


def test_changed_item_is_unseen() -> None:
    """An item of which one character changed is parsed again; moved, it is not."""
    first = parsed(rss("<title>A</title>", "<title>B</title>"))
    second = parsed(rss("<title>B</title>", "<title>A!</title>"), first.chunks)
    assert [entry.title for entry in second.entries] == ["A!"]


def test_changed_head_changes_nothing() -> None:
    """A new build date at the top of a feed makes no item new."""
    first = parsed(rss("<title>A</title>", head="<title>News</title>"))
    head = "<title>Renamed</title><lastBuildDate>x</lastBuildDate>"
    second = parsed(rss("<title>A</title>", head=head), first.chunks)
    assert (second.title, second.entries, second.total) == ("Renamed", (), 1)


def test_changed_meaning_is_unseen() -> None:
    """The same item under another base address is another item."""
    item = '<title>A</title><link href="x"/>'
    first = parsed(atom(item, root='xml:base="https://a.example/"'))
    second = parsed(atom(item, root='xml:base="https://b.example/"'), first.chunks)
    assert [entry.url for entry in second.entries] == ["https://b.example/x"]


def test_bad_items_are_seen_too() -> None:
    """A feed that always has a broken item still need not be parsed whole each time."""
    document = rss("<title>Good</title>", "<title>Bad <b></title>")
    first = parsed(document)
    assert [entry.title for entry in first.entries] == ["Good", "Bad"]
    again = parsed(document, first.chunks)
    assert (again.entries, again.skipped, again.total) == ((), 0, 2)


@pytest.mark.parametrize(
    "document",
    [
        rss("<title>A</title><item><title>nested</title></item>"),
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>A</a:title></a:entry>',
        "<rss version='2.0'><channel><item><title>A</title></item><item/></channel></rss>",
    ],
)
def test_unclear_structure(document: str) -> None:
    """Where items do not simply stand beside one another, everything is parsed each time."""
    first = parsed(document)
    assert first.chunks == frozenset()
    assert parsed(document, frozenset({b"x"})).entries == first.entries


def test_words_that_look_like_items() -> None:
    """What stands in CDATA, comments and longer names begins no item."""
    document = rss(
        "<title>A</title><description><![CDATA[<item>x</item><entry>]]></description>",
        "<title>B</title><items>1</items><item-type>x</item-type><!-- <item> -->",
    )
    items, layout = cut(mended(document).encode())
    assert items == 2
    assert layout is not None
    assert len(layout.chunks) == 2
    assert [entry.title for entry in parsed(document).entries] == ["A", "B"]


def test_more_than_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items beyond the time for one answer are counted as skipped, and read the next time."""
    monkeypatch.setattr(parse_xml, "_MOST_TAGS", 40)
    document = rss(*(f"<title>{number}</title><x/><x/>" for number in range(10)))
    first = parsed(document)
    assert first.skipped == 10 - len(first.entries) > 0
    second = parsed(document, first.chunks)
    titles = [entry.title for entry in (*first.entries, *second.entries)]
    assert titles == [str(number) for number in range(len(titles))]
    assert len(titles) > len(first.entries)


def test_item_that_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item with too many tags is skipped, once, and the others are read."""
    monkeypatch.setattr(parse_xml, "_MOST_TAGS_IN_ITEM", 10)
    document = rss("<title>A</title>", "<title>B</title>" + "<x/>" * 10, "<title>C</title>")
    first = parsed(document)
    assert [entry.title for entry in first.entries] == ["A", "C"]
    assert first.skipped == 1
    assert parsed(document, first.chunks).skipped == 0
