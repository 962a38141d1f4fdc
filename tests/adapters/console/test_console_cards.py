"""Cards drawn with rich: colours, links, widths, and nothing foreign that a terminal obeys."""

import re
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from adapters.console_cards import PILLAR_COLOURS, CardView, picture
from adapters.console_wrap import wrap_points
from handlers.messages import Button, Card, Chip, Line
from tests.adapters.console.desk import ALERT, CHINESE, HOSTILE, PILLARS, SAFEGUARDS

STYLES = re.compile(r"\x1b\[[\d;]*m")
LINKS = re.compile(r"\x1b\]8;[^;\x1b]*;([\x21-\x7e]*)\x1b\\")
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
TEXTS = st.text(max_size=60)


def drawn(card: Card, *, width: int = 100, links: bool = False, colours: bool = True) -> str:
    """The card as a terminal receives it, with its buttons numbered from 1."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="truecolor",
        no_color=not colours,
    )
    with console.capture() as capture:
        numbers = range(1, len(card.buttons) + 1)
        console.print(CardView(card, numbers, links=links), crop=False)
    return capture.get()


def seen(card: Card, *, width: int = 100, links: bool = False) -> list[str]:
    """The rows that a person sees."""
    text = STYLES.sub("", LINKS.sub("", drawn(card, width=width, links=links)))
    return [row.rstrip() for row in text.splitlines()]


def test_a_card_is_drawn_beside_a_bar() -> None:
    """Title, chips, lines, footer and numbered buttons stand beside one bar, wrapped with care."""
    assert seen(ALERT, width=60) == [
        "┃ SFC requires phishing-resistant authentication for",
        "┃ virtual asset trading platforms",
        "┃ https://www.sfc.hk/en/News-and-announcements/News/doc?refNo=26PR101",
        "┃  S  Safeguards   #3  Dynamic custody",
        "┃",
        "┃ Also reported by SFC circulars",
        "┃",
        "┃ SFC press releases · 2026-07-09 18:04 HKT",
        "┃ [1] Why?  [2] Correct",
    ]


def test_chinese_is_wrapped_by_cells() -> None:
    """Two cells a character, no row beginning with a full stop or ending with a bracket."""
    rows = seen(CHINESE, width=38)
    assert rows[6:12] == [
        "┃ │ 「通函即時生效，適用於持牌虛擬資",
        "┃ │ 產交易平台（VATP）；日後的保管人",
        "┃ │ 亦會以此作為基準。」平台營運者須",
        "┃ │ 檢視冷錢包、私人密碼匙及",
        "┃ │ withdrawal whitelisting 的安排，",
        "┃ │ 並保存紀錄。",
    ]
    assert all(cell_len(row) < 38 for row in rows)


def test_a_row_never_begins_with_a_dividing_dot() -> None:
    """What divides a title from its source stays with the words before it."""
    for width in range(30, 100):
        rows = seen(SAFEGUARDS, width=width)
        assert not any(row.removeprefix("┃").strip().startswith("·") for row in rows)


def test_links_only_where_they_work() -> None:
    """With hyperlinks the title carries its address; without them the address is written out."""
    linked = drawn(SAFEGUARDS, links=True)
    assert "https://www.sfc.hk/en/News-and-announcements/News/doc?refNo=25EC44" in {
        found.group(1) for found in LINKS.finditer(linked)
    }
    assert not any(row.endswith("refNo=25EC44") for row in seen(SAFEGUARDS, links=True))
    assert "\x1b]8" not in drawn(SAFEGUARDS)
    assert any(row.endswith("refNo=25EC44") for row in seen(SAFEGUARDS))


def test_an_address_is_never_broken() -> None:
    """A written address stays on one row however narrow the window, so that it can be copied."""
    assert f"┃ {SAFEGUARDS.url}" in seen(SAFEGUARDS, width=40)


def test_every_pillar_has_its_colour() -> None:
    """Each pillar's chip and bar are in its own colour, and stay letters without colours."""
    assert set(PILLAR_COLOURS) == set(PILLARS)
    chips = [Chip(name, name[0].upper(), name) for name in PILLARS]
    pictures = {drawn(Card("", chips=(chip,), topic=chip.topic)).split("m")[0] for chip in chips}
    assert len(pictures) == len(PILLARS)
    bare = drawn(Card("", chips=tuple(chips)), colours=False)
    assert "[A] access  [S] safeguards" in STYLES.sub("", bare)
    assert not re.search(r"\x1b\[[\d;]*[34]8;2", bare)


@pytest.mark.parametrize(("tone", "sign"), [("good", "✓"), ("warning", "!"), ("error", "✗")])
def test_a_tone_is_not_told_by_colour_alone(tone: str, sign: str) -> None:
    """What went well or wrong has a sign before its title, for who sees no colours."""
    card = replace(Card("Done"), tone=tone)  # type: ignore[arg-type]  # one of the three above
    assert seen(card) == [f"┃ {sign} Done"]


def test_a_terminal_without_unicode() -> None:
    """Where the encoding has no box characters, plain signs are drawn instead."""
    stream = TextIOWrapper(BytesIO(), encoding="latin-1")
    console = Console(file=stream, width=60, force_terminal=True, color_system=None)
    console.print(CardView(Card("Done", tone="good", lines=(Line("one", "bullet"),))))
    stream.seek(0)
    assert stream.read().splitlines() == ["| + Done", "| ", "| - one"]


def test_a_hostile_card_draws_its_rows_and_no_others() -> None:
    """Escapes, overrides, markup and other schemes in a card come out as harmless letters."""
    for links in (True, False):
        text = STYLES.sub("", LINKS.sub("", drawn(HOSTILE, links=links)))
        assert not CONTROLS.search(text)
        assert "[bold]not markup[/bold] :smile: \ufffd" in text
        assert len(text.splitlines()) == (9 if links else 10)
        assert all(row.startswith("┃") for row in text.splitlines())


@given(TEXTS, TEXTS, TEXTS, st.integers(min_value=8, max_value=120))
def test_nothing_foreign_reaches_the_terminal(one: str, two: str, three: str, width: int) -> None:
    """Of any card only styles and our own links are escapes; all rows keep to the window."""
    card = Card(
        title=one,
        url=f"https://example.org/{two}",
        lines=(Line(two, "bullet", url=three, label=three, after=one), Line(three, "quote")),
        chips=(Chip("products", one, two),),
        footer=three,
        buttons=(Button(two, one), Button(one, "", url=three)),
    )
    text = STYLES.sub("", LINKS.sub("", drawn(card, width=width, links=True)))
    assert not CONTROLS.search(text)
    assert all(cell_len(row) <= width for row in text.splitlines())


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_wrapped_rows_fit_and_lose_nothing(text: str, width: int) -> None:
    """Breaks only divide: each row fits its width but for spaces at its end."""
    text = text.replace("\n", " ")
    points = [0, *wrap_points(text, width), len(text)]
    assert points == sorted(points)
    rows = [text[start:end] for start, end in pairwise(points)]
    assert all(cell_len(row.rstrip(" \u3000")) <= width for row in rows)


def test_ten_thousand_characters_without_a_space() -> None:
    """A word that no row can hold is cut into full rows."""
    rows = seen(Card("x" * 10_000), width=100)
    assert "".join(row[2:] for row in rows) == "x" * 10_000
    assert len(rows) == 10_000 // 96 + 1 or len({len(row) for row in rows[:-1]}) == 1


def test_a_picture_stands_alone() -> None:
    """The README's picture holds the cards' words, is the same every time and fetches nothing."""
    first = picture(["pillar safeguards", SAFEGUARDS, CHINESE], "aspire chat")
    assert first == picture(["pillar safeguards", SAFEGUARDS, CHINESE], "aspire chat")
    words = first.replace("&#160;", " ")
    assert "Optimise compliance burdens without compromising security." in words
    assert "證監會就虛擬資產交易平台的保管安排發出通函" in words
    assert "pillar safeguards" in words
    assert not re.search(r"url\((?!#)|@font-face|<image|<script|href=", first)
    assert first.startswith("<svg")
