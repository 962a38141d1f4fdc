"""Cards as Block Kit: within every limit, and nothing foreign ever alive in them."""

import json

import pytest
from hypothesis import given, settings

from adapters.discord_embeds import LOOKS
from adapters.slack_blocks import PILLAR_SQUARES, Room, card_blocks, draw
from adapters.slack_limits import MESSAGE_JSON, TEXT, cut, json_width, width
from handlers.messages import Button, Card, Chip, Line, Moment
from tests.adapters.slack.cards import CARDS, HOSTILE, long_card, widest_card
from tests.adapters.slack.fake_slack_checks import called, check_message, nodes, seen_text
from tests.adapters.slack.fake_slack_payloads import buttons_in


@given(CARDS)
@settings(max_examples=150, deadline=None)
def test_any_card_is_one_that_slack_takes(card: Card) -> None:
    """Whatever the core or a feed puts into a card, its payload keeps to all limits."""
    drawn = draw(card)
    check_message({"text": drawn.text, "blocks": drawn.blocks}, update=True)
    json.dumps(drawn.blocks).encode()


@given(CARDS)
@settings(max_examples=100, deadline=None)
def test_only_the_chosen_mention_calls_anybody(card: Card) -> None:
    """Nothing in a card's words can notify; only a manager's choice can, if it is a real id."""
    drawn = draw(card)
    allowed = {"U1": {"U1", "@U1"}, "S1": {"S1", "!subteam^S1"}}.get(card.mention, set())
    assert set(called(drawn.text, drawn.blocks)) <= allowed


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_as_they_are(words: str) -> None:
    """A title or a line is text and nothing else, in the blocks and in the text."""
    drawn = draw(Card(words, lines=(Line(words, label=words, after=words, kind="note"),)))
    check_message({"text": drawn.text, "blocks": drawn.blocks})
    assert called(drawn.text, drawn.blocks) == []
    assert not any(mark in drawn.text for mark in "\u202e\u200b\u200f\u2066\x00\x1b")
    assert drawn.text.count("<") == 0


def test_text_is_escaped_by_slacks_rule_and_no_other() -> None:
    """`&`, `<` and `>` become entities once; more would be seen by people."""
    text = draw(Card("R&D <b> \"quoted\" 'it' &amp;")).text
    assert text == "R&amp;D &lt;b&gt; \"quoted\" 'it' &amp;amp;"


def test_a_label_that_names_another_host_shows_the_true_one() -> None:
    """A link may not pass for the regulator's."""
    drawn = draw(Card("Read", lines=(Line("https://www.sfc.hk/x", url="https://evil.example/"),)))
    link = next(node for node in nodes(drawn.blocks) if node.get("type") == "link")
    assert link["text"] == "https://www.sfc.hk/x [evil.example]"
    assert "sfc.hk/x [evil.example]>" in drawn.text


def test_a_label_that_names_its_own_host_stays_as_it_is() -> None:
    """The true host is not repeated."""
    drawn = draw(Card("Read", lines=(Line("www.sfc.hk", url="https://sfc.hk/a"),)))
    assert "[" not in drawn.text


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a@b.example", "ftp://a.example", "https://", "x" * 3_000],
)
def test_only_plain_web_addresses_are_links(url: str) -> None:
    """Anything else is shown without its address."""
    drawn = draw(Card("Title", url=url, lines=(Line("Words", url=url),)))
    assert not [node for node in nodes(drawn.blocks) if node.get("type") == "link"]
    assert "<" not in drawn.text


def test_a_linked_title_is_never_cut_at_150() -> None:
    """The SFC's titles run to 350 characters; a header holds 150."""
    title = "Circular to intermediaries " * 13
    drawn = draw(Card(title, url="https://www.sfc.hk/c"))
    assert title.strip() in seen_text(drawn.blocks)


@pytest.mark.parametrize(("letters", "kind"), [(150, "header"), (151, "rich_text")])
def test_a_title_is_a_header_up_to_its_limit(letters: int, kind: str) -> None:
    """At 150 units a header, one over it rich text: whole either way."""
    drawn = draw(Card("題" * letters))
    assert drawn.blocks[0]["type"] == kind
    assert seen_text(drawn.blocks).count("題") == letters


@pytest.mark.parametrize("text", ["An item of news", "虛擬資產託管新規定", "👩‍👩‍👧‍👦🇭🇰 news"])
def test_lines_that_do_not_fit_are_left_out_whole_and_counted(text: str) -> None:
    """Cut between lines, say how many are missing, keep buttons and footer."""
    card = long_card(400, text, "https://www.sfc.hk/en/News-and-announcements/item")
    blocks = card_blocks(card)
    shown = sum(1 for node in nodes(blocks) if node.get("type") == "link")
    assert 10 < shown < 400
    assert f"… and {400 - shown} more lines" in seen_text(blocks)
    assert buttons_in(blocks) == ["More"]
    assert "the end" in seen_text(blocks)


def test_a_message_is_filled_to_its_limit_and_not_beyond() -> None:
    """One more line than is shown would be too much; none is left out without need."""
    card = long_card(400)
    blocks = card_blocks(card)
    shown = sum(1 for node in nodes(blocks) if str(node.get("text", "")).startswith("An item"))
    assert json_width(blocks) <= MESSAGE_JSON
    assert json_width(card_blocks(long_card(shown))) <= MESSAGE_JSON
    more = card_blocks(long_card(shown + 3), Room(50, 1_000_000))
    assert json_width(more) > MESSAGE_JSON


@pytest.mark.parametrize("lines", [46, 47])
def test_fifty_blocks_are_the_most(lines: int) -> None:
    """Notes take a block each: 46 with title, footer, buttons and one to spare are 49 or less."""
    notes = tuple(Line("n", kind="note") for _ in range(lines))
    card = Card("T", lines=notes, footer="f", buttons=(Button("B", "help"),))
    blocks = card_blocks(card)
    assert len(blocks) == lines + 3
    over = Card("T", lines=(*notes, *notes), footer="f", buttons=(Button("B", "help"),))
    blocks = card_blocks(over)
    assert len(blocks) == 50
    assert "more line" in seen_text(blocks)


def test_the_widest_card_still_fits_with_some_of_its_lines() -> None:
    """What is always shown leaves room, even where everything is at its widest."""
    drawn = draw(widest_card())
    check_message({"text": drawn.text, "blocks": drawn.blocks}, update=True)
    assert json_width(drawn.blocks) <= MESSAGE_JSON


def test_many_buttons_become_a_menu() -> None:
    """A wall of buttons helps nobody: the first few stay, the rest are in a menu."""
    card = Card("T", buttons=tuple(Button(f"Why {n}", f"why {n}") for n in range(12)))
    actions = card_blocks(card)[-1]
    assert [element["type"] for element in actions["elements"]] == ["button"] * 4 + [
        "static_select"
    ]
    assert len(buttons_in([actions])) == 12


def test_text_carries_the_whole_answer() -> None:
    """Screen readers read `text` and nothing else."""
    card = Card(
        "Title",
        url="https://www.sfc.hk/t",
        chips=(Chip("safeguards", "S", "Safeguards"),),
        lines=(
            Line("Heading", kind="heading"),
            Line("an item", kind="bullet", url="https://a.example/", label="New", after="SFC"),
            Line("said", kind="quote"),
        ),
        footer="foot",
        when=Moment(1_783_587_180),
    )
    assert draw(card).text == (
        "<https://www.sfc.hk/t|Title>\n"
        "S Safeguards\n"
        "Heading\n"
        "• New <https://a.example/|an item> · SFC\n"
        "» said\n"
        "foot · <!date^1783587180^{date_short_pretty} {time}|9 Jul 2026 16:53 HKT>"
    )


def test_long_text_first_loses_addresses_then_lines() -> None:
    """More of the words fit without addresses; what is missing even so is counted."""
    url = "https://www.sfc.hk/" + "x" * 100
    middling = draw(long_card(100, "News", url)).text
    assert "sfc.hk" not in middling
    assert "News 99" in middling
    text = draw(long_card(400, "An item of news", url)).text
    assert width(text) <= TEXT
    assert text.endswith("more lines")


def test_a_date_is_the_readers_own_but_a_day_is_a_day() -> None:
    """A time is shown in the reader's zone; the HKMA's dates have no time and must not move."""
    lines = (
        Line("real", when=Moment(1_783_587_180)),
        Line("day", when=Moment(1_783_526_400, date_only=True)),
    )
    dates = [n for n in nodes(draw(Card("T", lines=lines)).blocks) if n.get("type") == "date"]
    assert [date["timestamp"] for date in dates] == [1_783_587_180]
    assert dates[0]["fallback"] == "9 Jul 2026 16:53 HKT"
    chinese = draw(Card("T", lines=lines, language="zh-Hant"))
    assert "2026年7月9日" in seen_text(chinese.blocks)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("shorter", 5, "shor…"),
        ("two words here", 11, "two words…"),
        ("託管新規定", 4, "託管新…"),
        ("ab👩‍👩‍👧‍👦cd", 6, "ab…"),
        ("a🇭🇰b", 4, "a…"),
        ("👍🏽👍🏽", 5, "👍🏽…"),
        ("é" * 3 + "e\u0301x", 5, "ééé…"),
    ],
)
def test_text_is_cut_between_what_people_see_as_letters(
    text: str, limit: int, expected: str
) -> None:
    """No half emoji, no letter without its accent, no half word where that costs little."""
    assert cut(text, limit) == expected
    assert width(cut(text, limit)) <= limit


def test_a_pillar_has_one_colour_on_every_platform() -> None:
    """Whoever reads both should not have to learn two sets of squares."""
    assert {pillar: square for pillar, (_, square) in LOOKS.items()} == PILLAR_SQUARES
