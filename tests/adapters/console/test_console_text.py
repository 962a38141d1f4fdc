"""Cards as plain text and as JSON say the same every time, and nothing that a terminal obeys."""

import json
import re
import subprocess
import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adapters.console_text import address, clean, moment_text, plain, reply_as_json
from handlers.messages import Card, Line, Moment, Reply
from tests.adapters.console.desk import ALERT, CHINESE, HOSTILE, SAFEGUARDS, SUBSCRIBE

OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
ROADMAP = (
    "https://www.sfc.hk/en/News-and-announcements/Policy-statements-and-announcements/"
    "A-S-P-I-Re-for-a-brighter-future-SFCs-regulatory-roadmap-for-Hong-Kongs-virtual-asset-market"
)
NEWS = "https://www.sfc.hk/en/News-and-announcements/News/doc?refNo="


def test_a_card_as_plain_text() -> None:
    """A pipe gets stable text: nothing wrapped or coloured, links in <>, what to type in words."""
    first = (
        "- 26PR101 Phishing-resistant login for internet brokers and virtual asset trading "
        f"platforms, within 12 months <{NEWS}26PR101> · SFC press releases · 2026-07-09 18:04 HKT"
    )
    second = (
        "- 25EC44 Custody circular to platform operators, with immediate effect "
        f"<{NEWS}25EC44> 2025-08-15"
    )
    assert plain(SAFEGUARDS).splitlines() == [
        f"Safeguards <{ROADMAP}>",
        "[S] Safeguards",
        "",
        "Optimise compliance burdens without compromising security.",
        "",
        "Initiatives",
        "- 3 Dynamic custody · circular live",
        "- 4 Insurance and compensation · no milestone found",
        "- 5 Onboarding and categorisation · partial",
        "",
        "Latest news",
        first,
        second,
        "Names of initiatives are short forms, not the SFC's words.",
        "",
        "ASPIRe roadmap, published · 2025-02-19",
        "",
        "[Subscribe] subscribe safeguards",
        "[More news] news safeguards",
        "[Open the roadmap] https://www.sfc.hk/en/",
    ]


def test_a_card_as_plain_text_with_numbers() -> None:
    """Where a number can be typed, the buttons stand in one row with theirs."""
    assert plain(ALERT, [4, 5]).splitlines()[-1] == "[4] Why?  [5] Correct"


def test_a_chinese_card_as_plain_text() -> None:
    """Chinese text is given whole, on as many lines as the card has."""
    rows = plain(CHINESE).splitlines()
    assert rows[1] == "[S] 保障  [#3] 動態保管（非官方譯名）"
    assert rows[3].startswith("> 「通函即時生效")
    assert rows[-1] == "證監會通函 · 2025-08-15"


def test_an_empty_card_is_empty_text() -> None:
    """A card that says nothing prints nothing, not blank lines."""
    assert plain(Card("")) == ""


def test_moments_are_in_their_own_zone() -> None:
    """A time is shown in its zone with the zone's name, a date as that zone's calendar day."""
    late_in_london = 1_783_526_400  # 2026-07-08 16:00 UTC
    assert moment_text(Moment(late_in_london)) == "2026-07-09 00:00 HKT"
    assert moment_text(Moment(late_in_london, date_only=True)) == "2026-07-09"
    assert moment_text(Moment(late_in_london, timezone="Europe/London")) == "2026-07-08 17:00 BST"
    assert moment_text(Moment(late_in_london, timezone="Asia/Singapore")) == "2026-07-09 00:00 +08"


def test_only_web_addresses_are_links() -> None:
    """An address is printable ASCII and http(s), or it is not printed at all."""
    assert address("https://example.org/a b<c>?q=保障") == (
        "https://example.org/a%20b%3Cc%3E?q=%E4%BF%9D%E9%9A%9C"
    )
    assert address("https://example.org/%E4%BF%9D") == "https://example.org/%E4%BF%9D"
    assert address("https://example.org/\x1b\\x") == "https://example.org/%5Cx"
    for url in ("javascript:alert(1)", "file:///etc/passwd", "", "//example.org"):
        assert address(url) == ""


@given(st.text())
def test_clean_text_commands_nothing(text: str) -> None:
    """Whatever a text holds, what is printed of it has no control and no turn of direction."""
    assert not OBEYED.search(clean(text))


def test_clean_text_keeps_its_words() -> None:
    """Cleaning takes nothing from honest text: Chinese, accents, joined emoji, brackets."""
    for text in ("證監會（SFC）：「保障」", "Zoë's 50% – US$3 trillion", "👩\u200d💻 [1] <a> *b*"):
        assert clean(text) == text
    assert clean("two\r\nlines\tand a tab") == "two lines and a tab"


def test_a_hostile_card_as_plain_text() -> None:
    """A hostile card prints its rows and no others: foreign text cannot begin a new one."""
    text = plain(HOSTILE)
    assert not OBEYED.search(text.replace("\n", ""))
    assert len(text.splitlines()) == 11
    assert "javascript" not in text


def test_a_reply_as_json_holds_everything() -> None:
    """Programs get each line with its address, its words and its time in ISO 8601."""
    reply = Reply(SAFEGUARDS, public=True, announcement=ALERT, form=SUBSCRIBE)
    said = json.loads(json.dumps(reply_as_json(reply)))
    assert (said["ok"], said["public"], said["language"]) == (True, True, "en")
    assert (said["title"], said["url"]) == ("Safeguards", ROADMAP)
    assert said["chips"] == [{"topic": "safeguards", "letter": "S", "label": "Safeguards"}]
    assert said["lines"][6] == {
        "kind": "bullet",
        "label": "26PR101",
        "text": "Phishing-resistant login for internet brokers and virtual asset trading "
        "platforms, within 12 months",
        "url": f"{NEWS}26PR101",
        "after": "SFC press releases",
        "when": "2026-07-09T18:04:00+08:00",
    }
    assert said["lines"][7]["when"] == "2025-08-15"
    assert said["buttons"][0] == {
        "label": "Subscribe",
        "ask": "subscribe safeguards",
        "url": "",
        "style": "primary",
    }
    assert (said["footer"], said["when"]) == ("ASPIRe roadmap, published", "2025-02-19")
    assert said["announcement"]["title"] == ALERT.title
    assert [field["name"] for field in said["form"]["fields"]] == ["topics", "when", "with"]


def test_json_of_a_hostile_reply_is_safe_to_print() -> None:
    """JSON printed without escapes of its own holds nothing that a terminal obeys."""
    reply = Reply(replace(HOSTILE, lines=(*HOSTILE.lines, Line("\x9b2J"))), ok=False)
    text = json.dumps(reply_as_json(reply), ensure_ascii=False)
    assert not OBEYED.search(text)
    assert json.loads(text)["ok"] is False


def test_plain_text_needs_no_terminal_library() -> None:
    """One question with one plain answer must not wait for what only a conversation needs."""
    program = (
        "import sys, adapters.console_text as t; print({'rich', 'prompt_toolkit'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
