"""What is searched for is found, in either script, and nothing typed is read as syntax."""

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.search_text import indexed, question

TITLE = "證監會就虛擬資產交易平台發出通函 SFC licenses ETF獲批 2026 税"


def finds(words: str, text: str = TITLE) -> bool:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE search USING fts5(words, chars, tokenize='porter unicode61')"
    )
    connection.execute("INSERT INTO search VALUES (?, ?)", indexed(text))
    expression = question(words)
    if not expression:
        return False
    found = connection.execute("SELECT 1 FROM search WHERE search MATCH ?", (expression,))
    return found.fetchone() is not None


@pytest.mark.parametrize(
    "words",
    [
        "證監會",
        "证监会",
        "虛擬資產",
        "資產",
        "函",
        "稅",
        "SFC",
        "sfc licence 2026".replace("licence", "licensing"),
        "ETF獲批",
        "etf",
        "获批",
        "通函 SFC",
        '"SFC licenses"',
        "ＳＦＣ",
    ],
)
def test_words_are_found(words: str) -> None:
    """Words of any length, in either script, in any case and form."""
    assert finds(words)


@pytest.mark.parametrize("words", ["監證", "金管局", "證監會 金管局", '"licenses SFC"', "sf"])
def test_what_is_not_there_is_not_found(words: str) -> None:
    """Other words, words in another order, and parts of Latin words are not found."""
    assert not finds(words)


chinese = st.text(
    st.sampled_from("證監會就虛擬資產交易平台發出通函稳定币"), min_size=1, max_size=12
)


@given(chinese, chinese, chinese)
def test_every_part_of_a_chinese_text_is_found(before: str, part: str, after: str) -> None:
    """Whatever part of a run of Chinese characters is asked for, it is found."""
    assert finds(part, before + part + after)


@given(st.text(st.characters(), max_size=60))
@example("\ud800 x")
@example("x\0")
def test_nothing_typed_is_syntax(words: str) -> None:
    """No text that a person types makes the index complain."""
    finds(words)


@pytest.mark.parametrize("words", ["", "   ", '"', "!!!", "*", "- -"])
def test_nothing_to_look_for(words: str) -> None:
    """A text without a word is no question."""
    assert question(words) == ""
