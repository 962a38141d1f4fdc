"""Make texts comparable: one width, one case, one Chinese script, one space between words."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "lexicon" / "traditional.txt"
_HAN_AND_KIN = (
    (0x3005, 0x3007),  # iteration mark, closing mark, zero
    (0x3040, 0x30FF),  # kana
    (0x3100, 0x312F),  # bopomofo
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)

CJK_RUN = re.compile(
    "([" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _HAN_AND_KIN) + "]+)"
)
"""A run of characters of which `is_cjk` is true; `split` gives what is between, and the runs."""


@cache
def simplified() -> Mapping[int, str]:
    """For `str.translate`: each Traditional or variant character to the one that stands for it.

    Free of context: characters that either script writes alike somewhere become one (乾 and 干).
    From OpenCC's character dictionary (Apache-2.0); `scripts/fold_table.py` makes the file.
    """
    table: dict[int, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            plain, variants = line.split(" ")
            table.update(dict.fromkeys(map(ord, variants), plain))
    return table


def fold(text: str) -> str:
    """The text as compared: NFKC, casefolded, simplified, whitespace runs as one space.

    No space at either end. Folding what is folded changes nothing.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(wide.translate(simplified()).split())


def is_cjk(char: str) -> bool:
    """Whether the character belongs to a script written without spaces (Han, kana, bopomofo)."""
    code = ord(char)
    return code >= _HAN_AND_KIN[0][0] and any(first <= code <= last for first, last in _HAN_AND_KIN)
