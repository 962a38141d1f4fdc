"""The same news from several sources is one story, and nothing else is."""

import calendar
import email.utils
import json
import time
import tomllib
from dataclasses import replace
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identity import canonical, document_title, reference
from feeds.likeness import contradict, likeness, traits_of
from feeds.stories import StoryIndex, Told

PAIRS = tomllib.loads(Path(__file__).with_name("story_pairs.toml").read_text(encoding="utf-8"))
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
REPLAY = SHARED / "feeds" / "replay"
LABELLED = SHARED / "labels" / "dev.jsonl"
HOUR, DAY = 3_600, 86_400
NOON = 1_800_000_000 // DAY * DAY + DAY // 2
SERIES = "Scam alert related to banks"
NEWS = "SFC fines Harbour Peak Securities $5 million over client money"

_numbers = count(1)


def told(
    feed: str,
    title: str,
    published: int = NOON,
    *,
    official: bool = False,
    references: frozenset[str] = frozenset(),
    address: str = "",
) -> Told:
    """An article that stands alone as yet, with an address of its own unless one is given."""
    number = next(_numbers)
    return Told(
        article=number,
        story=number,
        feed=feed,
        title=title,
        summary="",
        published=published,
        language="en",
        references=references,
        official=official,
        canonical=canonical(address or f"https://{feed}.example/{number}"),
    )


def tell(index: StoryIndex, *articles: Told) -> list[int]:
    """Match and add the articles in turn, as the archive does; the story of each."""
    stories = []
    for article in articles:
        found = index.match(article)
        stories.append(article.story if found is None else found)
        index.add(replace(article, story=stories[-1]))
    return stories


def grouped(*articles: Told) -> bool:
    return len(set(tell(StoryIndex(), *articles))) == 1


def pairs(kind: str) -> list[tuple[str, str]]:
    return [(a, b) for a, b in PAIRS[kind]]


@pytest.mark.parametrize(("a", "b"), pairs("different"))
def test_different_news_stays_apart(a: str, b: str) -> None:
    """Titles that differ in a figure, a name, a date or a word that turns them round are two
    stories, however alike they look.
    """
    assert not grouped(told("one", a), told("two", b, NOON + HOUR))
    assert not grouped(told("one", b), told("two", a, NOON + HOUR))


@pytest.mark.parametrize(("a", "b"), [*pairs("different_official"), *pairs("different")])
def test_different_documents_stay_apart(a: str, b: str) -> None:
    """Two authorities' documents are one only where their titles hardly differ."""
    assert not grouped(told("one", a, official=True), told("two", b, official=True))


@pytest.mark.parametrize(("a", "b"), pairs("same_official"))
def test_joint_documents_are_grouped_across_languages(a: str, b: str) -> None:
    """What the same authorities say of the very same matters in two languages is one story."""
    assert grouped(told("one", a, official=True), told("two", b, official=True))
    assert grouped(told("two", b, official=True), told("one", a, official=True))
    assert grouped(told("one", a), told("two", b))


def test_the_same_news_is_grouped(capsys: pytest.CaptureFixture[str]) -> None:
    """Nine of ten pairs of titles for one piece of news are found, in either order."""
    same = pairs("same")
    found = [pair for pair in same if grouped(told("one", pair[0]), told("two", pair[1]))]
    turned = [pair for pair in same if grouped(told("one", pair[1]), told("two", pair[0]))]
    with capsys.disabled():
        print(f"\nstories: {len(found)} of {len(same)} made-up pairs found")
    assert found == turned
    assert len(found) >= 0.9 * len(same)


def test_several_sources_make_one_story() -> None:
    """A third and a fourth source join the story that the first began."""
    assert grouped(
        told("sfc", NEWS, official=True),
        told("times", "Hong Kong's SFC fines Harbour Peak Securities $5 million over client money"),
        told("post", "Harbour Peak Securities fined $5 million by SFC over client money"),
        told("daily", "SFC fines Harbour Peak Securities $5m over client money - Harbour Daily"),
    )


def test_one_feed_tells_each_story_once() -> None:
    """Articles of one feed are never one story, nor do they follow each other into another's."""
    assert not grouped(told("times", NEWS), told("times", NEWS, NOON + HOUR))
    first, joined, second = tell(
        StoryIndex(), told("times", NEWS), told("post", NEWS), told("times", NEWS, NOON + HOUR)
    )
    assert first == joined != second


def test_a_series_is_not_a_story() -> None:
    """Hundreds of items of one title, each with its own link, stay hundreds of items."""
    articles = [told("hkma", SERIES, NOON + number, official=True) for number in range(213)]
    assert len(set(tell(StoryIndex(), *articles))) == 213


def test_a_series_in_two_feeds_is_not_guessed() -> None:
    """Where a feed has two items of one title, another feed's item of that title is neither."""
    index = StoryIndex()
    tell(index, told("hkma", SERIES), told("hkma", SERIES, NOON + HOUR))
    assert index.match(told("government", SERIES, NOON + 2 * HOUR)) is None


def test_references_group_across_languages() -> None:
    """One official number is one story, whatever the language and the title."""
    number = frozenset({"sfc:26PR101"})
    assert grouped(
        told("sfc-en", "SFC requires phishing-resistant login", references=number),
        told("sfc-tc", "證監會要求採用可防止仿冒詐騙的認證方法", references=number),
    )
    assert not grouped(
        told("sfc-en", "Circular to intermediaries", references=frozenset({"sfc:26EC1"})),
        told("hkma", "Licence fees", references=frozenset({"hkma:20260707-1"})),
    )


def test_copies_of_a_document_are_one_story() -> None:
    """The page and the file of one circular, told by one feed on one day, are one story."""
    page = told("hkma", "Staking services from custodial services", official=True)
    file = told("hkma", f"{page.title} (PDF File, 131.0 KB)", official=True)
    assert grouped(page, file)
    assert not grouped(page, replace(file, published=NOON - 30 * DAY))
    assert not grouped(page, replace(file, title="Other services (PDF File, 131.0 KB)"))


def test_one_address_is_one_story() -> None:
    """Two feeds that give the same address tell the same article, under whatever title."""
    link = "https://times.example/2027/01/story"
    one = told("times", "What happened today", address=f"{link}?utm_source=rss")
    two = told("times-crypto", "今日要聞", address=link.replace("https://", "http://www."))
    assert grouped(one, two)
    assert not grouped(one, replace(two, published=NOON + DAY))


def test_a_shared_address_groups_nothing() -> None:
    """An address that one feed uses for several items, or a front page, says nothing."""
    section = "https://authority.example/council"
    index = StoryIndex()
    tell(
        index,
        told("hkma", "Briefing to the Panel on 4 May 2026", address=section),
        told("hkma", "Briefing to the Panel on 2 February 2026", address=section),
    )
    assert index.match(told("other", "Paper on banking", address=section)) is None
    front = "https://authority.example/"
    assert not grouped(told("a", "Rates", address=front), told("b", "Licences", address=front))


def test_only_within_the_window() -> None:
    """What was told longer ago than the window is another story, pruned or not."""
    index = StoryIndex(window_s=3 * DAY)
    old = told("times", NEWS, references=frozenset({"sfc:27PR1"}))
    index.add(old)
    again = told("post", NEWS, references=old.references)
    assert index.match(replace(again, published=NOON + 3 * DAY)) == old.story
    assert index.match(replace(again, published=NOON + 3 * DAY + 1)) is None
    index.prune(NOON + 3 * DAY)
    assert index.match(again) == old.story
    index.prune(NOON + 3 * DAY + 1)
    assert index.match(again) is None


def test_days_apart_takes_more_likeness() -> None:
    """What would be one story on one day may be two, two days apart; equal titles still are one."""
    a = "Police arrest six in Quokkex crypto fraud probe in Hong Kong"
    b = "Hong Kong police arrest six people, seize cash over Quokkex fraud"
    assert grouped(told("one", a), told("two", b, NOON + DAY))
    assert not grouped(told("one", a), told("two", b, NOON + 2 * DAY))
    assert grouped(told("one", NEWS), told("two", NEWS, NOON + 2 * DAY))


def test_a_story_holds_no_contradiction() -> None:
    """What contradicts one member of a story does not join it through another."""
    index = StoryIndex()
    first, second = tell(
        index,
        told("one", "HKMA raises base rate to 4.75% after Fed move"),
        told("two", "HKMA raises base rate after Fed move"),
    )
    assert first == second
    assert index.match(told("three", "HKMA raises base rate to 5% after Fed move")) is None


def test_adding_again_replaces() -> None:
    """An article that is added again under its number counts once, with its latest title."""
    index = StoryIndex()
    article = told("times", NEWS)
    index.add(article)
    index.add(replace(article, title="Nothing of the kind happened at all"))
    assert index.match(told("post", NEWS)) is None


def test_titles_that_say_nothing_are_no_story() -> None:
    """Empty titles and single everyday words do not group."""
    for title in ("", "…", "News", "加密貨幣", "the"):
        assert not grouped(told("one", title), told("two", title))


WORDS = (
    ("SFC", "HKMA", "fines", "raises", "cuts", "5", "4.5%", "$3m", "May", "2026", "not", "Harbour"),
    ("stablecoin", "證監會", "上調", "跌", "10萬", "第3", "罰款", "港灣峰", "Quokkex", "licence"),
)
titles = st.text(max_size=60) | st.lists(st.sampled_from(WORDS[0] + WORDS[1]), max_size=8).map(
    " ".join
)


@settings(deadline=None)
@given(titles, titles, st.integers(0, 4 * DAY))
def test_order_does_not_matter(a: str, b: str, later: int) -> None:
    """For any two titles: likeness and contradiction are symmetric, and so is being grouped."""
    one, two = traits_of(a), traits_of(b)
    assert likeness(one, two) == pytest.approx(likeness(two, one))
    assert 0 <= likeness(one, two) <= 1 + 1e-9
    assert contradict(one, two) == contradict(two, one)
    first, second = told("one", a), told("two", b, NOON + later)
    assert grouped(first, second) == grouped(second, first)


@settings(deadline=None)
@given(titles)
def test_no_title_contradicts_itself(title: str) -> None:
    """A title is wholly like itself, if it says anything."""
    traits = traits_of(title)
    assert not contradict(traits, traits)
    assert likeness(traits, traits) == pytest.approx(1 if traits.total else 0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), titles), max_size=8), st.integers(0, 5 * DAY))
def test_any_news_is_indexed_and_forgotten(news: list[tuple[str, str]], later: int) -> None:
    """Whatever is told, a story's articles of one feed are copies of one, and pruning forgets."""
    index = StoryIndex()
    articles = [told(feed, title) for feed, title in news]
    stories = tell(index, *articles)
    for story in set(stories):
        members = [one for one, its in zip(articles, stories, strict=True) if its == story]
        documents = {(one.feed, document_title(one.title)) for one in members}
        assert len(documents) == len({one.feed for one in members})
    index.prune(NOON + 3 * DAY + 1 + later)
    assert all(index.match(article) is None for article in articles)


@pytest.mark.timeout(20)
def test_long_titles_are_compared_in_time() -> None:
    """Titles of a thousand characters that repeat themselves are compared like any other."""
    assert not grouped(told("one", "升" * 1000), told("two", "升跌" * 500))
    assert not grouped(told("one", "A - " * 250), told("two", "b " * 500))


def test_found_among_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    """Among 5,000 titles the one that tells the same is found; prints the time a title takes."""
    index = StoryIndex()
    words = ("bank", "fund", "token", "rate", "bill", "review", "market", "panel", "staking")
    for number in range(5_000):
        some = [words[(number * step + number // 7) % len(words)] for step in (1, 2, 3, 5, 8)]
        title = f"{' '.join(some)} of firm{number % 977} and office{number % 401} in round {number}"
        index.add(told(f"feed{number % 40}", title, NOON + number))
    news = told("times", NEWS)
    index.add(news)
    asked = [told("post", f"{NEWS} in case {number}") for number in range(200)]
    begun = time.perf_counter()
    found = {index.match(one) for one in asked}
    spent_ms = (time.perf_counter() - begun) * 1000 / len(asked)
    with capsys.disabled():
        print(f"\nstories: {spent_ms:.2f} ms a title against 5,000")
    assert found == {news.story}


def recorded() -> list[Told]:
    """All items of the recorded feeds, oldest first."""
    articles: dict[tuple[str, str, str], Told] = {}
    for path in sorted(REPLAY.glob("*/*.xml")):
        for item in ET.parse(path).findall(".//item"):
            title, link = item.findtext("title") or "", item.findtext("link") or ""
            when = email.utils.parsedate_to_datetime(item.findtext("pubDate") or "")
            number = reference(item.findtext("guid") or "", link)
            article = told(
                path.stem,
                title,
                int(when.timestamp()),
                official=True,
                references=frozenset({number} - {""}),
                address=link,
            )
            articles.setdefault((path.stem, title, link), article)
    return sorted(articles.values(), key=lambda one: one.published)


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded feeds are not beside this checkout")
def test_recorded_feeds() -> None:
    """In a year of nine real feeds only copies of a document and joint releases are grouped."""
    articles = recorded()
    stories = tell(StoryIndex(), *articles)
    known = {one.article: one for one in articles}
    joined = [
        (known[story], one)
        for one, story in zip(articles, stories, strict=True)
        if story != one.article
    ]
    assert len(articles) > 1_000
    assert len(joined) == 12  # each was read: three copies, nine releases of two feeds
    for first, later in joined:
        assert later.published - first.published < DAY
        assert SERIES not in later.title
        assert "tender" not in later.title.lower()
        alike = likeness(
            traits_of(document_title(first.title)), traits_of(document_title(later.title))
        )
        assert alike >= 0.8


TRUE_PAIRS = {
    frozenset(pair)
    for story in ((160, 161, 458), (173, 174, 431), (152, 153, 154), (11, 212), (522, 604, 230))
    for pair in ((a, b) for a in story for b in story if a < b)
} | set(map(frozenset, ((168, 426), (324, 455), (7, 547), (57, 491), (211, 574), (289, 290))))
"""The pairs of the labelled news that tell the same within three days, as a person read them."""


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled news are not beside this checkout")
def test_labelled_news(capsys: pytest.CaptureFixture[str]) -> None:
    """Among real headlines of four years no two are grouped that a person would not."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    dated = sorted((row["date"], row["id"], row) for row in rows if row["date"])
    articles = {
        number: told(
            row["source"],
            row["title"],
            calendar.timegm(time.strptime(date, "%Y-%m-%d")),
            official=row["source"] in {"SFC", "HKMA", "info.gov.hk", "證監會 SFC"},
        )
        for date, number, row in dated
    }
    stories = dict(zip(articles, tell(StoryIndex(), *articles.values()), strict=True))
    found = {
        frozenset((a, b)) for a in stories for b in stories if a < b and stories[a] == stories[b]
    }
    with capsys.disabled():
        print(f"\nstories: {len(found & TRUE_PAIRS)} of {len(TRUE_PAIRS)} real pairs found")
    assert found <= TRUE_PAIRS
    assert len(found) >= 8
