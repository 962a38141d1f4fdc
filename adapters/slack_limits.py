"""Slack's limits in numbers, and how text is measured and cut to fit them.

Sources: docs.slack.dev, the reference pages of Block Kit, chat.postMessage, chat.update and the
app manifest. A message's blocks are refused as `msg_blocks_too_long` from about 13,200 characters
of JSON on, which no page documents (slackapi/bolt-js issue 2509); MESSAGE_JSON stays below it.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
MESSAGE_JSON = 12_000
VIEW_JSON = 40_000
"""A view may have 250 KB, in which a Chinese character can take six bytes."""
HEADER = 150
CONTEXT_ELEMENTS = 10
TEXT = 4_000
"""chat.update refuses a longer `text`, so a sent card keeps to it from the start."""

TITLE = 600
LINE_TEXT = 1_000
LINE_LABEL = 200
LINE_AFTER = 500
"""Our own: one line, or one title, does not use up a message."""

BUTTON_LABEL = 75
OPTION_LABEL = 75
OPTION_VALUE = 150
OPTIONS = 100
CHECKBOXES = 10
PLACEHOLDER = 150
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
INPUT_VALUE = 3_000
PRIVATE_METADATA = 3_000
MODAL_TITLE = 24

_EXTENDERS = frozenset("\u200d\ufe0e\ufe0f\u20e3") | {chr(n) for n in range(0x1F3FB, 0x1F400)}
_WORD_END = re.compile(r"\s\S{0,30}$")


def width(text: str) -> int:
    """Length in UTF-16 units: never less than Slack counts, whichever way it counts."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def json_width(blocks: Sequence[Json]) -> int:
    return width(json.dumps(list(blocks), ensure_ascii=False))


def cut(text: str, limit: int) -> str:
    """`text` within `limit` units, ending in "…" if anything was cut.

    Cuts between words where that costs little, and never inside an emoji or an accented letter.
    """
    if width(text) <= limit:
        return text
    end = _end_within(text, limit - 1)
    while end > 0 and _joined(text[end - 1], text[end]):
        end -= 1
    kept = text[:end]
    word = _WORD_END.search(kept)
    if word and not text[end].isspace():
        kept = kept[: word.start()] or kept
    return kept.rstrip() + "…"


def _end_within(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    used = 0
    for index, char in enumerate(text):
        used += width(char)
        if used > limit:
            return index
    return len(text)


def _joined(before: str, after: str) -> bool:
    """Whether two characters belong to one that people see."""
    flags = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    return (
        flags
        or before == "\u200d"
        or after in _EXTENDERS
        or unicodedata.category(after) in {"Mn", "Me", "Mc"}
    )
