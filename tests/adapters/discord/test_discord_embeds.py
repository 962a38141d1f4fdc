"""How a card is drawn, and that no card is ever too big."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import discord_limits as limits
from adapters import discord_parts
from adapters.discord_embeds import LOOKS, embed, plain
from adapters.discord_limits import fit
from adapters.discord_presses import Row
from adapters.discord_text import units
from feeds.items import PILLARS
from handlers.messages import Card, Chip, Line, Moment, Picture
from handlers.texts import LANGUAGES
from scripts.discord_markdown import kinds, parse
from tests.adapters.discord.fake_rules import check_embed, check_message

NOON = 1_790_000_000
STORY = Card(
    "SFC licenses a platform",
    url="https://apps.sfc.hk/news?refNo=26PR1",
    lines=(
        Line("What happened", kind="heading"),
        Line("The regulator said *so*.", label="S", after="SFC", when=Moment(NOON)),
        Line("A bullet", kind="bullet", url="https://sfc.hk/x"),
        Line("A note", kind="note"),
        Line("A quote", kind="quote"),
    ),
    chips=(Chip("safeguards", "S", "Safeguards"), Chip("3", "#3", "Custody")),
    footer="SFC · item 12",
    when=Moment(NOON, date_only=True),
    topic="safeguards",
)


def test_a_story_is_drawn_with_its_colour_links_and_times() -> None:
    """Title with its link, chips, lines by their kind, the date with the footer, all escaped."""
    drawn = embed(STORY)
    assert (drawn.title, drawn.url) == ("SFC licenses a platform", STORY.url)
    assert drawn.colour is not None
    assert drawn.colour.value == LOOKS["safeguards"][0]
    assert drawn.footer.text == "SFC · item 12 · 21 Sep 2026"
    assert drawn.timestamp is None
    assert (drawn.description or "").split("\n") == [
        "🟩 **S** Safeguards · **#3** Custody".replace("#", r"\#"),
        "### What happened",
        r"**S** The regulator said \*so\*. · SFC · <t:1790000000:f>",
        "- [A bullet](https://sfc.hk/x)",
        "-# A note",
        "> A quote",
    ]


def test_a_time_is_the_embeds_own_and_a_date_is_the_same_for_all() -> None:
    """A moment becomes the embed's timestamp; a date is written out in the card's language."""
    assert embed(replace(STORY, when=Moment(NOON))).timestamp is not None
    chinese = replace(STORY, language="zh-Hant")
    assert embed(chinese).footer.text == "SFC · item 12 · 2026年9月21日"


def test_a_date_is_of_its_own_zone() -> None:
    """A date-only moment is the calendar day in its own zone, not in UTC."""
    late = Moment(1_790_006_400 + 16 * 3600, date_only=True)  # 00:00 in Hong Kong is 16:00 UTC
    assert "22 Sep" in (embed(replace(STORY, when=late)).footer.text or "")


def test_every_pillar_has_a_look_of_its_own() -> None:
    """Five pillars, five colours, five squares."""
    assert set(LOOKS) == set(PILLARS)
    assert len({colour for colour, _ in LOOKS.values()}) == len(PILLARS)
    assert len({square for _, square in LOOKS.values()}) == len(PILLARS)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.hk", "https://"])
def test_a_title_without_an_honest_address_has_no_link(url: str) -> None:
    """Only http(s) is linked; anything else leaves the title as words."""
    assert embed(replace(STORY, url=url)).url is None


ALPHABET = "a虛擬😀*_`[]()<>@#\\ \u200b"


@settings(max_examples=60, deadline=None)
@given(
    st.text(ALPHABET, max_size=600),
    st.lists(st.text(ALPHABET, max_size=900), max_size=30),
    st.text(ALPHABET, max_size=3000),
    st.sampled_from(LANGUAGES),
)
def test_no_card_is_too_big(title: str, lines: list[str], footer: str, language: str) -> None:
    """Whatever a card holds, Discord takes its embed and its plain form, counted in UTF-16."""
    made = tuple(Line(text, url="https://a.hk", label=text[:20], after=text) for text in lines)
    card = Card(title, lines=made, footer=footer, language=language, chips=STORY.chips)
    body = embed(card).to_dict()
    check_embed("embed", {**body})
    sizes = [body.get("title", ""), body.get("description", ""), embed(card).footer.text or ""]
    assert sum(map(units, sizes)) <= limits.EMBED_SUM
    assert units(body.get("description", "")) <= limits.DESCRIPTION
    assert units(plain(card)) <= limits.CONTENT


@pytest.mark.parametrize("sign", ["x", "字", "😀"])
def test_a_title_at_the_limit_stands_and_one_over_is_cut(sign: str) -> None:
    """256 units of title are whole, 257 are cut: ASCII, Chinese and emoji alike."""
    whole = sign * (limits.TITLE // units(sign))
    assert embed(Card(whole)).title == whole
    cut = embed(Card(whole + "x")).title or ""
    assert cut.endswith("…")
    assert units(cut) <= limits.TITLE


@pytest.mark.parametrize("sign", ["x", "字", "😀"])
def test_lines_are_cut_between_and_counted(sign: str) -> None:
    """A description at 4,096 units is whole; one unit over loses whole lines, and says how many."""
    size = 127
    lines = [sign * (size // units(sign)) for _ in range(31)]
    room = limits.DESCRIPTION - sum(units(line) + 1 for line in lines)
    lines.append("y" * room)
    whole = embed(Card("t", lines=tuple(Line(line) for line in lines))).description or ""
    assert units(whole) == limits.DESCRIPTION
    lines[-1] += "y"
    cut = (embed(Card("t", lines=tuple(Line(line) for line in lines))).description or "").split(
        "\n"
    )
    assert cut[-1] == "-# 1 more line left out: too long for one message"
    assert cut[:-1] == lines[:-1]


def test_the_sum_of_6000_is_kept() -> None:
    """With a long title and a long footer the lines have less room, and say what is left out."""
    lines = tuple(Line("字" * 500) for _ in range(20))
    drawn = embed(Card("題" * 300, lines=lines, footer="腳" * 3000, language="zh-Hant"))
    assert len(drawn) <= limits.EMBED_SUM
    assert (drawn.description or "").endswith("超出單一訊息的長度")


def test_left_out_lines_are_counted() -> None:
    """Two lines that do not fit are two; blank lines are not counted."""
    rest = "{} left".format
    assert fit(["aaaa", "bbbb", "", "cccc"], 11, rest) == "aaaa\n2 left"
    assert fit(["aaaa", "bbbb"], 9, rest) == "aaaa\nbbbb"


def test_the_plain_form_says_the_same_without_an_embed() -> None:
    """Plain text has the title, the address in brackets that show no preview, and the lines."""
    said = plain(STORY)
    assert said.startswith("**SFC licenses a platform**\n<https://apps.sfc.hk/news?refNo=26PR1>\n")
    assert said.endswith("-# SFC · item 12 · 21 Sep 2026")
    parts = discord_parts.words(STORY, "1")
    assert parts["suppress_embeds"] is True


@pytest.mark.parametrize(
    ("wanted", "content", "allowed"),
    [
        ("<@&55>", "<@&55>", {"parse": [], "roles": [55]}),
        ("<@55>", "<@55>", {"parse": [], "users": [55]}),
        ("<@!55>", "<@!55>", {"parse": [], "users": [55]}),
        ("@everyone", "", {"parse": []}),
        ("<@&1>", "", {"parse": []}),
        ("<@&55> <@&56>", "", {"parse": []}),
        ("", "", {"parse": []}),
    ],
)
def test_only_the_chosen_one_may_be_notified(
    wanted: str, content: str, allowed: dict[str, object]
) -> None:
    """Exactly one role or person, never everyone (whose role has the server's own id, 1)."""
    said, mentions = discord_parts.mention(wanted, "1")
    assert said == content
    made = {name: value for name, value in mentions.to_dict().items() if name != "replied_user"}
    assert made == allowed


def test_a_picture_is_attached_with_its_words() -> None:
    """The embed shows the attached file, by a name Discord keeps, with alt text in its limit."""
    picture = Picture(b"png", "數" * 2000, "trends 30d/90d.png")
    parts = discord_parts.message(replace(STORY, picture=picture), Row(), "1")
    file = parts["file"]
    assert file.filename == "trends-30d-90d.png"
    assert parts["embed"].image.url == f"attachment://{file.filename}"
    assert units(file.description or "") == limits.ALT


def test_an_edit_notifies_nobody_and_replaces_everything() -> None:
    """The mention stays written, without the permission to notify; old buttons and files go."""
    parts = discord_parts.changes(replace(STORY, mention="<@&55>"), Row(), "1")
    assert parts["content"] == "<@&55>"
    assert parts["allowed_mentions"].to_dict() == {"parse": []}
    assert (parts["view"], parts["attachments"]) == (None, [])


def test_a_card_of_nothing_visible_is_still_a_message() -> None:
    """A title of zero-width characters does not become an empty message, which Discord refuses."""
    body = {"embeds": [embed(Card("\u200b\u200b")).to_dict()]}
    check_message(body)


def test_hostile_lines_do_not_format_the_card() -> None:
    """A title and lines full of markup are drawn with no formatting but the card's own."""
    text = "**x** [a](https://evil.example) ``` @everyone <@&1> https://evil.example"
    drawn = embed(Card(text, lines=(Line(text), Line(text, kind="bullet"))))
    assert kinds(parse(drawn.title or "")) == set()
    assert kinds(parse(drawn.description or "")) == {"bullet"}
