"""A typed line is a word of the console's own, a button's number, or a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console_words import Ask, Meaning, NotKnown, Own, Press, channel_named, understand


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("pillar safeguards", Ask("pillar safeguards")),
        ("/aspire pillar 保障", Ask("pillar 保障")),
        ("/ASPIRE  news", Ask("news")),
        ("/aspire", Ask("")),
        ("/pillar s", Ask("pillar s")),
        ("/新聞 staking", Ask("新聞 staking")),
        ("  why 12 ", Ask("why 12")),
        ("2", Press(2)),
        ("２", Press(2)),
        ("1234567", Ask("1234567")),
        ("2 3", Ask("2 3")),
        ("/join legal", Own("/join", "legal")),
        ("／JOIN  legal team", Own("/join", "legal team")),
        ("/quit", Own("/quit")),
        ("/jion legal", NotKnown("/jion")),
        ("/", NotKnown("/")),
        ("news \x1b[2Jabc", Ask("news [2Jabc")),
    ],
)
def test_what_a_line_means(line: str, meaning: Meaning) -> None:
    """With or without /aspire a line is a question; the console has four words of its own."""
    assert understand(line) == meaning


@given(st.text())
def test_any_line_means_something(line: str) -> None:
    """No text that can be typed or pasted breaks the console."""
    assert isinstance(understand(line), Ask | Press | Own | NotKnown)


@pytest.mark.parametrize(
    "name", ["legal", "a", "x" * 40, "risk_2-b", "合規", "#Legal", "ｌｅｇａｌ"]
)
def test_names_that_a_channel_may_have(name: str) -> None:
    """A channel's name is up to 40 letters of any language, digits, - and _, in small letters."""
    channel = channel_named(name)
    assert channel is not None
    assert (channel.platform, channel.workspace) == ("console", "")
    assert channel.channel in {"legal", "a", "x" * 40, "risk_2-b", "合規"}


@pytest.mark.parametrize(
    "name", ["", "#", "two words", "x" * 41, "a/b", "a.b", "é\u0301\u0301", "\x1b[2J"]
)
def test_names_that_no_channel_has(name: str) -> None:
    """Spaces, other signs, nothing at all and 41 characters are not a channel's name."""
    assert channel_named(name) is None
