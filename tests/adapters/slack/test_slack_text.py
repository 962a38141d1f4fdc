"""Text in Slack's own markup, read as people mean it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack_text import clean, escape, read_aloud, typed, unescape, web_address


@pytest.mark.parametrize(
    ("marked_up", "meant"),
    [
        ("pillar s", "pillar s"),
        ("R&amp;D &lt;b&gt;", "R&D <b>"),
        ("&amp;lt;", "&lt;"),
        ("add <https://a.example/?x=1&amp;y=2>", "add https://a.example/?x=1&y=2"),
        ("add <https://a.example/|a.example>", "add https://a.example/"),
        ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
        ("mention <@U123|bob>", "mention U123"),
        ("mention <!subteam^S7|@legal>", "mention S7"),
        ("in <#C1|general> and <#C2>", "in #general and #C2"),
        ("<!here> <!channel|channel>", "@here channel"),
        ("<!date^1^{date}|9 July>", "9 July"),
        ("half <open", "half <open"),
        ("", ""),
    ],
)
def test_what_was_typed_is_read_without_markup(marked_up: str, meant: str) -> None:
    """Links as their addresses, people and groups as their ids, entities once."""
    assert typed(marked_up) == meant


def test_a_message_is_read_by_its_labels() -> None:
    """For tagging, the words count and not the addresses."""
    assert read_aloud("<https://a.example|SFC news> &amp; more") == "SFC news & more"


@given(st.text())
def test_escaping_and_reading_give_back_the_text(text: str) -> None:
    """Nothing is lost or gained between the two."""
    assert unescape(escape(text)) == text
    assert typed(escape(text)) == text.strip()


@given(st.text())
def test_escaped_text_has_no_live_character(text: str) -> None:
    """`<` and `>` are gone, and every `&` begins an entity."""
    safe = escape(text)
    assert "<" not in safe
    assert ">" not in safe
    assert safe.count("&") == sum(safe.count(e) for e in ("&amp;", "&lt;", "&gt;"))


@given(st.text(st.characters()))
def test_cleaned_text_is_one_plain_line(text: str) -> None:
    """No line breaks, controls, or marks that turn text round."""
    line = clean(text)
    assert line == " ".join(line.split())
    assert not set(line) & set("\u202e\u202a\u2066\u200f\u200b\ufeff\x00\x1b\x7f")
    assert clean(line) == line


def test_letters_of_all_kinds_stay() -> None:
    """Cleaning takes nothing that people write: accents, families, flags, other scripts."""
    text = "é e\u0301 託管 👩‍👩‍👧‍👦 🇭🇰 👍🏽 ‘quotes’ עברית ไทย"
    assert clean(text) == text


@pytest.mark.parametrize(
    ("given_url", "linked"),
    [
        ("https://www.sfc.hk/a?b=1&c=2#d", "https://www.sfc.hk/a?b=1&c=2#d"),
        ("http://a.example/x y|z<>", "http://a.example/x%20y%7Cz%3C%3E"),
        ("https://a@evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("//a.example", ""),
        ("https://a.example/" + "x" * 1_482, "https://a.example/" + "x" * 1_482),
        ("https://a.example/" + "x" * 1_483, ""),
    ],
)
def test_addresses_are_made_safe_or_left_out(given_url: str, linked: str) -> None:
    """Only http and https, no user names in them, nothing that would end the link early."""
    assert web_address(given_url) == linked
