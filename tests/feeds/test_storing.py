"""Feeds as they are: what is one item, what is another, and what of it is news."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from feeds import archive_search
from feeds.archive_search import Look
from tests.feeds.polling import DAY, HOUR, NOON, Item, Polling, polling, rss

FIRST = Item("SFC warns of a fake exchange", "1", "https://news.example/1", NOON - DAY)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Polling]:
    async with polling(tmp_path / "archive.db") as opened:
        yield opened


async def begun(desk: Polling, *items: Item, **particulars: object) -> None:
    """A feed whose first poll is stored."""
    desk.add("f", rss(*items), **particulars)
    await desk.poll()


async def test_the_first_poll_is_no_news(desk: Polling) -> None:
    """A feed's first poll is stored and not alerted; what comes next is."""
    await begun(desk, FIRST)
    result = await desk.then("f", Item("HKMA licenses an issuer", "2"), FIRST)
    assert (result.stored.new, result.baseline) == (1, False)
    assert desk.titles() == [FIRST.title, "HKMA licenses an issuer"]
    assert desk.alerted() == ["HKMA licenses an issuer"]


async def test_a_guid_that_is_used_again_each_day_is_another_item(desk: Polling) -> None:
    """What comes under a known guid on another day with other words is news."""
    today = Item("What happened in crypto today: ETF flows slow", "daily", at=NOON - DAY)
    tomorrow = replace(today, title="What happened on Tuesday: an exchange closes", at=NOON)
    await begun(desk, today)
    await desk.then("f", tomorrow, after=DAY)
    await desk.then("f", tomorrow, today)
    await desk.then("f", today)
    assert desk.titles() == [today.title, tomorrow.title]
    assert desk.alerted() == [tomorrow.title]


@pytest.mark.parametrize("dated", [True, False])
async def test_a_new_guid_alone_makes_no_news(desk: Polling, dated: bool) -> None:
    """An item of the same address and title under another guid is the same item."""
    old = replace(FIRST, at=NOON - DAY if dated else None)
    await begun(desk, old)
    await desk.then("f", replace(old, guid="https://cms.example/?p=77"))
    result = await desk.then("f", replace(old, guid="another"), Item("Else", "9"))
    assert result.stored.new == 1
    assert desk.titles() == [FIRST.title, "Else"]


async def test_a_corrected_headline_inside_the_guid_makes_no_news(desk: Polling) -> None:
    """Where the guid holds the headline, a corrected one changes the item and adds none."""
    wrong = Item("SFC lisenses a trading platform today", "SFC lisenses", FIRST.link)
    await begun(desk, wrong)
    right = replace(wrong, title="SFC licenses a trading platform today", guid="SFC licenses")
    result = await desk.then("f", right)
    assert (result.stored.new, result.stored.changed) == (0, 1)
    assert desk.titles() == [right.title]


async def test_tails_of_tracking_make_no_news(desk: Polling) -> None:
    """Links that differ by tracking parameters, www or scheme are one address."""
    item = Item(FIRST.title, "", "https://www.news.example/a?utm_source=rss&utm_campaign=1")
    await begun(desk, item)
    for link in ("http://news.example/a?utm_source=x", "https://news.example/a/#top"):
        result = await desk.then("f", replace(item, link=link))
        assert result.stored.new == 0
    assert len(desk.titles()) == 1


async def test_localised_links_make_no_news(desk: Polling) -> None:
    """An item that keeps its guid is the same, at whatever host its link stands today."""
    await begun(desk, replace(FIRST, link="https://coin.example/news/1"))
    for host in ("kr.coin.example", "es.coin.example", "coin.example"):
        await desk.then("f", replace(FIRST, link=f"https://{host}/news/1"))
    assert desk.titles() == [FIRST.title]


async def test_a_link_that_all_items_share_tells_nothing(desk: Polling) -> None:
    """Items without guids that share one link are told apart by their titles, for ever."""
    page = "https://hkma.example/legco"
    one, two = Item("Reply to Question 1", "", page), Item("Paper on stablecoins", "", page)
    await begun(desk, one, two)
    result = await desk.then("f", Item("Paper on tokenised bonds", "", page))
    assert result.stored.new == 1
    assert len(desk.titles()) == 3


async def test_equal_titles_are_many_items(desk: Polling) -> None:
    """213 items of one title and different links are 213 articles and as many stories."""
    items = [
        Item("Scam alert related to banks", "", f"https://hkma.example/{n}", NOON - n * HOUR)
        for n in range(1, 214)
    ]
    await begun(desk, *items)
    fresh = Item("Scam alert related to banks", "", "https://hkma.example/new", NOON)
    await desk.then("f", fresh, *items[:-1])
    assert len(desk.titles()) == 214
    assert desk.rows("SELECT count(DISTINCT story) FROM articles") == [(214,)]
    assert len(desk.alerted()) == 1


async def test_literal_repetitions_are_one_item(desk: Polling) -> None:
    """An item that stands twice in a document is stored once."""
    await begun(desk, FIRST, FIRST, replace(FIRST, guid="", at=None), replace(FIRST, guid=""))
    assert desk.titles().count(FIRST.title) <= 2
    before = len(desk.titles())
    result = await desk.then("f", FIRST, FIRST, Item("More", "2"))
    assert result.stored.new == 1
    assert len(desk.titles()) == before + 1


async def test_a_document_says_a_thing_once(desk: Polling) -> None:
    """Of two entries of one identity with different summaries one stands, poll after poll."""
    long, short = replace(FIRST, summary="All of it"), replace(FIRST, summary="A part of it")
    await begun(desk, FIRST)
    result = await desk.then("f", long, short)
    assert (result.stored.new, result.stored.changed) == (0, 1)
    result = await desk.then("f", long, short, Item("Else", "2"))
    assert (result.stored.new, result.stored.changed) == (1, 0)
    found = desk.rows("SELECT summary FROM articles ORDER BY id")
    assert found == [("A part of it",), ("",)]  # read from the oldest, the last


async def test_pdf_and_html_copies_are_one_story(desk: Polling) -> None:
    """A circular and its PDF are two items and one story."""
    await begun(desk, FIRST, kind="official")
    title = "Guidance on custody of digital assets by authorized institutions"
    copy = Item(f"{title} (PDF File, 131.0 KB)", "", "https://hkma.example/1.pdf", NOON)
    await desk.then("f", Item(title, "", "https://hkma.example/1", NOON), copy, FIRST)
    stories = desk.rows("SELECT DISTINCT story FROM articles WHERE title LIKE 'Guidance%'")
    assert len(desk.titles()) == 3
    assert len(stories) == 1


async def test_one_release_in_two_feeds_is_one_article(desk: Polling) -> None:
    """The same official reference in a second feed is the same article, reported there too."""
    link = "https://apps.sfc.hk/edistributionWeb/gateway/EN/news-and-announcements/news/doc"
    release = Item("FSTB and SFC conclude", "26PR75", f"{link}?refNo=26PR75", NOON)
    desk.add("press", rss(FIRST), kind="official")
    desk.add("consultations", rss(replace(FIRST, guid="0", link="")), kind="official")
    await desk.poll()
    desk.serve("press", release)
    other_form = replace(release, link=f"{link}?lang=EN&refNo=26PR75")
    result = await desk.then("consultations", other_form)
    both = {row[0] for row in desk.rows("SELECT feed FROM sightings WHERE article = 3")}
    assert desk.titles().count(release.title) == 1
    assert desk.alerted() == [release.title]
    assert len(both) == 2
    assert result.stored.new + result.stored.elsewhere == 1


async def test_a_feed_that_lists_its_archive_again_brings_no_news(desk: Polling) -> None:
    """What appears for the first time far behind the newest item is stored and not alerted."""
    await begun(desk, FIRST)
    old = [Item(f"Circular {n}", f"a{n}", at=NOON - (10 + n) * DAY) for n in range(60)]
    result = await desk.then("f", FIRST, *old)
    assert result.stored.new == 60
    assert desk.alerted() == []


async def test_what_was_published_while_the_bot_was_down_is_news(desk: Polling) -> None:
    """Old is measured against the feed, not against the clock: late is not old."""
    await begun(desk, FIRST)
    late = Item("SFC publishes a circular", "2", at=NOON + DAY)
    await desk.then("f", late, FIRST, after=9 * DAY)
    assert desk.alerted() == [late.title]


async def test_a_feed_that_loses_its_newest_items_and_gets_them_back(desk: Polling) -> None:
    """Items that vanish for a while and return, or older ones in between, bring nothing."""
    new = Item("SFC licenses another", "2", at=NOON)
    older = Item("From the archive", "0", at=NOON - 2 * DAY)
    await begun(desk, FIRST, older)
    await desk.then("f", new, FIRST)
    for items in ((FIRST, older), (older,), (new, FIRST), (), (new, FIRST, older)):
        result = await desk.then("f", *items)
        assert (result.stored.new, result.stored.changed) == (0, 0)
    assert desk.alerted() == [new.title]


async def test_words_changed_within_a_day_edit_what_was_sent(desk: Polling) -> None:
    """A changed title updates the article; only within a day does it edit sent cards."""
    await begun(desk, FIRST)
    await desk.then("f", replace(FIRST, title="SFC warns of a fake exchange in Kowloon"))
    assert desk.changes() == ["revised"]
    result = await desk.then("f", replace(FIRST, title="SFC warned of an exchange"), after=2 * DAY)
    assert result.stored.changed == 1
    assert desk.titles() == ["SFC warned of an exchange"]
    assert desk.changes() == ["revised"]
    await desk.then("f", replace(FIRST, title="SFC warned of an exchange"), FIRST)
    found = desk.rows("SELECT count(*) FROM search WHERE search MATCH 'kowloon'")
    assert found == [(0,)]


async def test_a_renamed_feed_still_revises_its_items(desk: Polling) -> None:
    """An item belongs to its feed, not to the feed's name."""
    await begun(desk, FIRST)
    desk.database.write_now(
        lambda connection: connection.execute("UPDATE feeds SET name = 'renamed'").rowcount
    )
    desk.now += HOUR
    desk.serve("f", replace(FIRST, title="SFC warns of two exchanges"))
    await desk.poll()
    assert desk.titles() == ["SFC warns of two exchanges"]


async def test_a_tombstone_withdraws_once(desk: Polling) -> None:
    """An item that its feed takes back stays, marked, and is said to be withdrawn once."""
    entry = "<entry><id>urn:1</id><title>Wrong news</title><updated>2026-06-01T00:00:00Z</updated>"
    gone = "<at:deleted-entry ref='urn:1' when='2026-06-01T03:00:00Z'/>"
    head = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>"
    desk.add("f", f"{head}<title>A</title>{entry}</entry></feed>".encode())
    await desk.poll()
    for turn in ("a", "b"):
        desk.now += HOUR
        desk.server.pages["f"] = f"{head}<title>{turn}</title>{gone}</feed>".encode()
        await desk.poll()
    assert desk.rows("SELECT title, withdrawn FROM articles") == [("Wrong news", 1)]
    assert desk.changes() == ["withdrawn"]


async def test_dates_are_kept_as_days_where_they_have_no_time(desk: Polling) -> None:
    """Midnight in the feed's own zone is that day; a date in the future does not count as the
    newest, so that what follows is not taken for old.
    """
    midnight = NOON - 12 * HOUR
    future = Item("Next week's event", "9", at=NOON + 8 * DAY)
    await begun(desk, replace(FIRST, at=midnight), future)
    assert desk.rows("SELECT date_only FROM articles WHERE title LIKE 'SFC%'") == [(1,)]
    assert desk.feed("f").state.newest == midnight
    await desk.then("f", Item("News of today", "3", at=NOON), future)
    assert desk.alerted() == ["News of today"]


async def test_only_unseen_items_are_parsed(desk: Polling) -> None:
    """Of a document that grew by one item, that item alone is parsed."""
    items = [Item(f"Item {n}", str(n), at=NOON - n * HOUR) for n in range(1, 40)]
    await begun(desk, *items)
    result = await desk.then("f", Item("Newest", "n", at=NOON), *items)
    assert result.stored.new == 1
    assert len(result.stored.dates) == 1


async def test_a_workspace_s_own_feed_stays_its_own(desk: Polling) -> None:
    """What a workspace's feed brings belongs to it; what everybody has already is not doubled."""
    desk.add("f", rss(FIRST))
    await desk.poll()
    desk.add("g", rss(replace(FIRST, guid="other"), Item("Private", "p")), owner="t:W1")
    await desk.poll()
    assert desk.rows("SELECT title, owner FROM articles ORDER BY id") == [
        (FIRST.title, ""),
        ("Private", "t:W1"),
    ]


async def test_a_changed_title_is_known_when_guids_lose_their_trust(desk: Polling) -> None:
    """An item is kept under the name that its new words give it: where its feed turns out to share
    guids later, it is no news.
    """
    first = Item("SFC warns of a fake exchange", "1", at=NOON - HOUR)
    mended = replace(first, title="SFC warns of a fake exchange, Quokkex")
    await begun(desk, first)
    assert (await desk.then("f", mended)).stored.changed == 1
    two = [Item(f"HKMA licenses issuer {name}", "2", at=NOON - HOUR) for name in ("A", "B")]
    assert (await desk.then("f", mended, *two)).stored.new == 2
    assert desk.titles() == [mended.title, *(item.title for item in reversed(two))]


async def test_a_feed_that_begins_to_share_its_guids_loses_nothing(desk: Polling) -> None:
    """An item that comes under the guid of another one takes its place for one poll at most: the
    next one reads the whole document, which shows both, and both are there.
    """
    first = Item("SFC warns of a fake exchange", "1", at=NOON - HOUR)
    other = Item("HKMA licenses an issuer of stablecoins", "1", at=NOON - HOUR)
    await begun(desk, first)
    await desk.then("f", other, first)
    for _ in range(3):
        await desk.then("f", other, first)
    assert desk.titles() == [first.title, other.title]
    assert desk.alerted() == [other.title]


async def test_a_title_rewritten_wholly_is_read_once_more_and_changes_once(desk: Polling) -> None:
    """A headline with other words under its old guid changes the item; nothing else comes of it."""
    first = Item("Live: markets open lower", "1", "https://news.example/1")
    later = replace(first, title="Hang Seng ends day up after Beijing's word")
    await begun(desk, first)
    for _ in range(3):
        await desk.then("f", later)
    assert desk.titles() == [later.title]
    assert desk.changes() == ["revised"]
    assert desk.reader.read == ["f"] * 3  # first, changed, once more; then it is the same body


async def test_two_items_of_one_guid_in_one_document(desk: Polling) -> None:
    """Where a document gives two items of different days one guid, neither takes the other's place,
    and neither is new again.
    """
    undated = Item("Market wrap of the bank holiday", "daily", at=None)
    await begun(desk, undated)
    dated = replace(undated, at=NOON - DAY)
    today = Item("Bitcoin ends the week higher", "daily", at=NOON + HOUR)
    assert (await desk.then("f", today, dated)).stored.new == 1
    for _ in range(3):
        result = await desk.then("f", today, replace(dated, summary=f"{desk.now}"))
        assert result.stored.new == 0
    assert desk.titles() == [undated.title, today.title]


async def test_a_story_hides_no_item_from_search(desk: Polling) -> None:
    """What several sources tell is one story, and a search finds every one of its items."""
    title = "Harbour Peak Securities fined HK$5 million by SFC over client money"
    for name in ("one", "two", "three"):
        desk.add(name, rss(Item(title, name, f"https://{name}.example/1")))
    await desk.poll()
    assert desk.rows("SELECT count(*), count(DISTINCT story) FROM articles") == [(3, 1)]
    look = Look(words="harbour peak")
    found = await desk.database.read(archive_search.find, look)
    assert sorted(article.source for article in found) == ["one", "three", "two"]
