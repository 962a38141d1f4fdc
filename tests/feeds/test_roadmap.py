"""The roadmap's file is whole and honest, and people find a topic by any word for it."""

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.items import PILLARS
from feeds.roadmap import ROADMAP, Found, RoadmapError, load_roadmap
from feeds.roadmap_parts import LANGUAGES, Milestone

FACTS = Path(__file__).resolve().parents[2].parent / "shared" / "facts.md"


def milestone(identifier: str) -> Milestone:
    return next(one for one in load_roadmap().milestones if one.id == identifier)


def broken(tmp_path: Path, *changes: tuple[str, str]) -> tuple[str, ...]:
    """The mistakes reported for the roadmap's file with some of its text replaced."""
    text = ROADMAP.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "roadmap.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RoadmapError) as caught:
        load_roadmap(path)
    return caught.value.mistakes


def test_shape() -> None:
    """Five pillars in their order spell the roadmap's name and hold 2+3+3+2+2 initiatives."""
    roadmap = load_roadmap()
    assert tuple(pillar.key for pillar in roadmap.pillars) == PILLARS
    assert "".join(pillar.letter for pillar in roadmap.pillars) == "ASPIRe"
    assert [pillar.initiatives for pillar in roadmap.pillars] == [
        (1, 2),
        (3, 4, 5),
        (6, 7, 8),
        (9, 10),
        (11, 12),
    ]
    assert [initiative.number for initiative in roadmap.initiatives] == list(range(1, 13))


def test_document() -> None:
    """The document is named by the facts that are known of it, and by no title of the release."""
    document = load_roadmap().document
    assert document.published == dt.date(2025, 2, 19)
    assert document.reference == "25PR20"
    assert document.principle == "same business, same risks, same rules"
    assert document.address.startswith("https://www.sfc.hk/en/")
    assert "unofficial" in document.note("en")


@pytest.mark.parametrize(
    ("key", "traditional", "simplified"),
    [
        ("access", "連接", "连接"),
        ("safeguards", "保障", "保障"),
        ("products", "產品", "产品"),
        ("infrastructure", "基建", "基建"),
        ("relationships", "聯繫", "联系"),
    ],
)
def test_chinese_names(key: str, traditional: str, simplified: str) -> None:
    """Pillars bear the Chinese names that the press took from the SFC, marked as not certain."""
    pillar = next(one for one in load_roadmap().pillars if one.key == key)
    assert (pillar.name("zh-Hant"), pillar.name("zh-Hans")) == (traditional, simplified)
    assert pillar.chinese_confidence == "M"


def test_no_initiative_claims_an_official_chinese_name() -> None:
    """The official Chinese names of the initiatives were not found, so none is called official."""
    assert not any(initiative.official_chinese for initiative in load_roadmap().initiatives)


def test_an_unknown_language_gets_english() -> None:
    """A language that the roadmap does not speak falls back to English."""
    assert load_roadmap().pillars[0].name("fr") == "Access"


def test_what_is_not_known_is_not_called_live() -> None:
    """Statuses say no more than the milestones allow."""
    status = {one.number: one.status for one in load_roadmap().initiatives}
    assert status[1] == "bill_pending"
    assert {status[4], status[9]} == {"announced"}
    assert {status[5], status[8]} == {"partly_live"}
    assert all(one.status_confidence == "L" for one in load_roadmap().initiatives)
    assert {one.as_of for one in load_roadmap().initiatives} == {"2026-10"}


def test_milestones_are_in_order_of_date() -> None:
    """Milestones come by date, the roadmap's own before all that followed it."""
    dates = [one.date for one in load_roadmap().milestones]
    assert dates == sorted(dates)
    assert milestone("roadmap-published").pillars == PILLARS


@pytest.mark.parametrize(
    ("identifier", "date", "other"),
    [
        ("dealing-custodian-consultation", dt.date(2025, 6, 27), "26 June"),
        ("custody-circular", dt.date(2025, 8, 15), "14 August"),
        ("tokenised-products-secondary-trading", dt.date(2026, 4, 20), "26EC22"),
    ],
)
def test_conflicts_between_sources_are_told(identifier: str, date: dt.date, other: str) -> None:
    """Where sources contradict each other, one version stands and the note names the other."""
    one = milestone(identifier)
    assert one.date == date
    assert other in one.note("en")
    assert all(one.note(language) for language in LANGUAGES)


def test_known_only_to_the_month() -> None:
    """A date of which only the month is known says so."""
    vague = {one.id for one in load_roadmap().milestones if one.precision == "month"}
    assert vague == {
        "consultative-panel-meets",
        "finfluencer-inspection",
        "thirteenth-platform-licence",
        "no-bill-found",
    }


def test_weak_sources_are_marked() -> None:
    """What rests on weak or absent evidence carries an L."""
    weak = {one.id for one in load_roadmap().milestones if one.confidence == "L"}
    assert weak == {"finfluencers-law-firm-note", "no-bill-found"}


def test_known_bad_sources_are_not_used() -> None:
    """No source that is known to have invented things stands behind any fact."""
    text = ROADMAP.read_text(encoding="utf-8")
    for bad in ("heatalk", "coing.news", "web3news", "bitv-admin", "exchange.hashkey.com"):
        assert bad not in text


@pytest.mark.skipif(not FACTS.exists(), reason="the facts are not beside this checkout")
def test_every_row_of_the_timeline_is_there() -> None:
    """Every dated row of the collected timeline has its milestone, reference numbers included."""
    section = FACTS.read_text(encoding="utf-8").split("## 2. Timeline")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?:from )?(\d{4}-\d{2}(?:-\d{2})?)(.*)\|$", section, re.MULTILINE)
    assert len(rows) > 40
    found = [one.date.isoformat() for one in load_roadmap().milestones]
    for date in {date for date, _ in rows}:
        wanted = date if len(date) == 10 else {"2026-08": "2026-10-01"}.get(date, f"{date}-01")
        assert found.count(wanted) >= [row_date for row_date, _ in rows].count(date), date
    known = {name for one in load_roadmap().milestones for name in one.references}
    assert {"25PR20", *re.findall(r"\((\d\dPR\d+)\)", section)} <= known


@pytest.mark.skipif(not FACTS.exists(), reason="the facts are not beside this checkout")
def test_no_reference_or_address_is_invented() -> None:
    """Every reference number and address of the roadmap is among the collected facts."""
    facts = FACTS.read_text(encoding="utf-8")
    for one in load_roadmap().milestones:
        assert one.url.removeprefix("https://").removeprefix("www.") in facts
        for reference in one.references:
            # The facts abbreviate runs: "20260527-1; -2, -4", "P…385" stand in full addresses.
            assert reference in facts or reference.startswith("20260527-"), reference


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("safeguards", "safeguards"),
        ("SAFEGUARDS", "safeguards"),
        ("s", "safeguards"),
        ("Ｓ", "safeguards"),
        ("Re", "relationships"),
        ("r", "relationships"),
        ("pillar I", "infrastructure"),
        ("保障", "safeguards"),
        ("連接", "access"),
        ("连接", "access"),
        ("聯繫支柱", "relationships"),
        ("基礎設施", "infrastructure"),
        ("关系", "relationships"),
        ("市場准入", "access"),
        ("product", "products"),
        ("infra", "infrastructure"),
        ("relations", "relationships"),
        ("8", "8"),
        ("#8", "8"),
        ("initiative 8", "8"),
        ("Initiative #12", "12"),
        ("第8項", "8"),
        ("第十二項措施", "12"),
        ("8号", "8"),
        ("staking", "8"),
        ("Margin  Financing", "7"),
        ("finfluencers", "11"),
        ("網紅", "11"),
        ("网红", "11"),
        ("OTC + custody licensing", "1"),
        ("動態託管", "3"),
        ("all", "all"),
        ("全部", "all"),
    ],
)
def test_found_by_any_word_for_it(words: str, topic: str) -> None:
    """A topic is found by key, letter, number, name in any language, or another word in use."""
    assert load_roadmap().find_topic(words) == Found(topic)


def test_every_name_finds_its_own_topic() -> None:
    """Each name that is shown for a topic is understood when it is typed."""
    roadmap = load_roadmap()
    for pillar in roadmap.pillars:
        for language in LANGUAGES:
            assert roadmap.find_pillar(pillar.name(language)).topic == pillar.key
    for initiative in roadmap.initiatives:
        for language in LANGUAGES:
            found = roadmap.find_initiative(initiative.name(language))
            assert found.topic == str(initiative.number)


@pytest.mark.parametrize(
    ("words", "suggestions"),
    [
        ("safegards", ("safeguards",)),
        ("instrastructure", ("infrastructure",)),
        ("stakng", ("8",)),
        ("custody", ("1", "3")),
        ("託管", ("1", "3")),
        ("weather", ()),
        ("13", ()),
        ("initiative 0", ()),
        ("第二十項", ()),
        ("", ()),
        ("!?", ()),
        ("safeguards" * 20, ()),
    ],
)
def test_no_guessing(words: str, suggestions: tuple[str, ...]) -> None:
    """A near miss or an ambiguous word gives suggestions, never a topic."""
    assert load_roadmap().find_topic(words) == Found("", suggestions)


def test_a_pillar_is_not_an_initiative() -> None:
    """Each search knows its own kind only."""
    assert load_roadmap().find_pillar("staking").topic == ""
    assert load_roadmap().find_initiative("safeguards").topic == ""


@settings(deadline=None)
@given(st.text(max_size=150))
def test_any_words_are_answered(words: str) -> None:
    """Whatever is typed, finding answers with a known topic, or with known suggestions."""
    roadmap = load_roadmap()
    topics = {*PILLARS, *(str(number) for number in range(1, 13)), "all", ""}
    found = roadmap.find_topic(words)
    assert found.topic in topics
    assert set(found.suggestions) <= topics - {""}
    assert not (found.topic and found.suggestions)


def test_milestones_of_a_topic() -> None:
    """A topic has the milestones that name it; all have all; an unknown word has none."""
    roadmap = load_roadmap()
    assert milestone("staking-circular-sfc") in roadmap.milestones_of("8")
    assert milestone("staking-circular-sfc") in roadmap.milestones_of("products")
    assert milestone("staking-circular-sfc") not in roadmap.milestones_of("7")
    assert roadmap.milestones_of("all") == roadmap.milestones
    assert roadmap.milestones_of("weather") == ()
    assert milestone("stablecoin-regime-documents").adjacent


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """A wrong file is refused with every mistake named by its place, not only the first."""
    mistakes = broken(
        tmp_path,
        ('status = "live"', 'status = "finished"'),
        ("date = 2025-02-19\n", 'date = "soon"\n'),
        ('zh-Hans = "保障"\n', ""),
        ('id = "saxo-fined"', 'id = "streams-2"'),
        ('aliases = ["infra", ', 'colour = "red"\naliases = ["infra", "保障", '),
    )
    text = "\n".join(mistakes)
    assert "initiatives[1] (2).status" in text
    assert "milestones[1] (roadmap-published).date" in text
    assert "pillars[1] (safeguards).names" in text
    assert "pillars[3] (infrastructure).colour" in text
    assert "milestones (streams-2).id: used twice" in text


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('aliases = ["infra", ', 'aliases = ["保障", ', "already names safeguards"),
        ('aliases = ["infra", ', 'aliases = ["7", ', "cannot be a name"),
        ("initiatives = [3, 4, 5]", "initiatives = [3, 4]", "the initiatives themselves say"),
        ("initiatives = [3, 4, 5]", "initiatives = [3, 5, 4]", "each once and in that order"),
        ("initiatives = 12", "initiatives = 11", "counts other pillars"),
        ('precision = "month"', 'precision = "day"\nadjacent = 7', "adjacent"),
        ("date = 2025-02-01", "date = 2025-02-02", "first of the month"),
        ('pillars = ["safeguards"]', "pillars = []", "belongs to a pillar"),
        ('everything = ["all", ', 'everything = ["staking", ', "already names all"),
        ('key = "access"', 'key = "entry"', "pillars[0] (entry).key"),
        ("number = 12", "number = 13", "initiatives[11] (13).number"),
        ("[document]", "[documents]", "documents: unknown"),
        ("[document]", "[document", "roadmap.toml"),
    ],
)
def test_mistakes_have_their_place(tmp_path: Path, old: str, new: str, mistake: str) -> None:
    """Each kind of mistake in the file is found and placed."""
    assert mistake in "\n".join(broken(tmp_path, (old, new)))


def test_a_missing_file_is_one_mistake(tmp_path: Path) -> None:
    """A file that cannot be read is refused like a wrong one."""
    with pytest.raises(RoadmapError):
        load_roadmap(tmp_path / "nowhere.toml")
