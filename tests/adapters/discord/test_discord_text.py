"""Foreign text on its way to Discord."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord_text import address, clean, clip, escape, label, link, units
from scripts.discord_markdown import Node, kinds, parse, words

MARKUP = st.text(alphabet="\\`*_~|<>[]()#@-+:/&!. \u200b\u202e0123tae好😀\n", max_size=60)
HOSTILE = (
    "@everyone @here",
    "<@&123456789012345678> <@1> <#2> <t:0:R> </aspire help:3>",
    "[click](javascript:alert(1)) [bank](https://evil.example)",
    "``` unclosed fence",
    "# not a heading",
    "1. not a list",
    "- not a bullet",
    "-# not small print",
    ">>> not a quote",
    "||spoiler|| ~~gone~~ __line__ **bold** *em* _em_ `code`",
    "https://evil.example/a_b_c and discord.gg/abc and https://discord.com/invite/abc",
    "<https://evil.example> <a:party:123456789012345678>",
    "back\\slash \\*stars\\*",
    "a\u200bb\u200dc\u2060d\ufeff",
    "\u202eegassem desrever",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_reads(text: str) -> None:
    """Escaped text has no formatting, no link, no mention, and reads as it stood."""
    nodes = parse(escape(text))
    assert kinds(nodes) == set()
    assert words(nodes).replace("@\u200b", "@") == clean(text)


@given(MARKUP)
@example("**")
@example("[a](http://b.c)")
@example("\\")
def test_no_text_formats_itself(text: str) -> None:
    """Whatever the text, its escaped form is plain and complete."""
    nodes = parse(escape(text))
    assert kinds(nodes) == set()
    assert words(nodes).replace("@\u200b", "@") == clean(text)


@given(MARKUP)
def test_the_words_of_a_link_cannot_leave_it(text: str) -> None:
    """A masked link leads where it was meant to, whatever its words."""
    drawn = link(text, "https://sfc.hk/a?b=c(d)")
    links = [node for line in parse(drawn) for node in _walk(line) if node.kind == "link"]
    if label(text):
        assert [node.target for node in links] == ["https://sfc.hk/a?b=c%28d%29"]
    assert not kinds(parse(drawn)) - {"link"}


def _walk(node: Node) -> list[Node]:
    return [node, *(deep for inner in node.inner for deep in _walk(inner))]


@given(st.text(max_size=200))
def test_cleaned_text_holds_nothing_invisible(text: str) -> None:
    """No control, zero-width or bidirectional character passes, but a joiner inside an emoji."""
    cleaned = clean(text)
    assert not re.search(
        r"[\x00-\x1f\x7f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]", cleaned
    )
    assert "\u200d" not in cleaned or "\u200d" in text


def test_a_family_stays_together() -> None:
    """The joiner between the parts of an emoji is kept, one between letters is not."""
    assert clean("👩‍⚖️ a\u200db") == "👩‍⚖️ ab"


@pytest.mark.parametrize(
    ("text", "length"), [("abc", 3), ("虛擬資產", 4), ("😀", 2), ("👨‍👩‍👧", 8), ("e\u0301", 2)]
)
def test_lengths_are_counted_on_the_safe_side(text: str, length: int) -> None:
    """A character beyond the basic plane counts twice: never less than Discord counts."""
    assert units(text) == length
    assert units(text) >= len(text)


@given(st.text(alphabet="a虛😀*[]\u0301👍🏽\u200d ", max_size=80), st.integers(2, 40))
def test_clipping_keeps_the_limit_and_breaks_nothing(text: str, limit: int) -> None:
    """A clipped text is within its limit, a beginning of the whole, and has no half escape."""
    cut = clip(text, limit)
    assert units(cut) <= limit
    assert kinds(parse(cut)) == set()
    shown = words(parse(cut))
    assert clean(text).startswith(shown.removesuffix("…").rstrip()) or shown == clean(text)


def test_at_the_limit_nothing_is_cut() -> None:
    """A text of exactly the limit stands, one unit more ends in an ellipsis."""
    assert clip("字" * 10, 10) == "字" * 10
    assert clip("字" * 11, 10) == "字" * 9 + "…"
    assert clip("😀" * 6, 10) == "😀" * 4 + "…"


def test_a_cut_spares_an_emoji_with_its_modifier() -> None:
    """A skin tone is not left behind, nor a joined emoji cut in two."""
    assert clip("ab👍🏽cdef", 6) == "ab…"
    assert clip("ab👩‍⚖️cdefgh", 7) == "ab…"


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://www.sfc.hk/en/news?refNo=26PR1", "https://www.sfc.hk/en/news?refNo=26PR1"),
        ("HTTP://Example.HK", "http://example.hk/"),
        ("https://例子.hk/路徑", "https://xn--fsqu00a.hk/%E8%B7%AF%E5%BE%91"),
        ("https://a.hk/x y(z)<w>", "https://a.hk/x%20y%28z%29%3Cw%3E"),
        ("https://a.hk:8443/%20?a[]=1#top", "https://a.hk:8443/%20?a%5B%5D=1#top"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://a.hk/x", ""),
        ("//a.hk/x", ""),
        ("https://bank.hk@evil.example/", ""),
        ("https://", ""),
        ("https://a.hk:99999/", ""),
        ("https://a..hk/", ""),
        ("https://a.hk/" + "x" * 2100, ""),
        ("", ""),
    ],
)
def test_only_plain_web_addresses_are_linked(url: str, made: str) -> None:
    """An address is http(s) with a host and nobody's name in it, made safe for a masked link."""
    assert address(url) == made


def test_words_without_an_honest_address_stay_words() -> None:
    """Where there is no address to link, the escaped words stand alone."""
    assert link("a *b*", "javascript:x") == r"a \*b\*"
