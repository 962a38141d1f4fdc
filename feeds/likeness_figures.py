"""Numbers, ordinals, years and months in a title, as figures that compare across languages."""

import re
from functools import cache

from feeds.likeness_words import FIGURE, words

_NUMBERING = re.compile(r"(?<![a-z])no\.? ?(?=\d)")
_MONTH = re.compile(
    r"(?<![a-z])(?:may|march)(?= \d)|(?<=\d )(?:may|march)(?![a-z])"
    r"|(?<![a-z])(?:in|of|for|from|since|until|by|early|mid|late|last|next) (?:may|march)(?![a-z])"
)
"""Of the two months that are words as well, only what can be the month."""
_YEARS = range(1990, 2100)


def without_numbering(folded: str) -> str:
    """The text with "No. 28" as "28": that "no" denies nothing."""
    return _NUMBERING.sub("", folded)


def figured(folded: str) -> str:
    """The text with each number as a marked unit of its kind and value.

    "HK$4m" and "400萬" are n:4000000, "4.5 per cent" is %:4.5, "12th" and "第12" are #:12,
    "2026" is y:2026, "5月" and "4 May" hold m:5.
    """
    return _number().sub(_figure, _MONTH.sub(_month, folded))


@cache
def _number() -> re.Pattern[str]:
    units = sorted((*words().scales, *words().measures), key=len, reverse=True)
    chinese = "|".join(unit for unit in units if not unit.isascii())
    latin = "|".join(re.escape(unit) for unit in units if unit.isascii())
    return re.compile(
        r"(?<![a-z0-9.:])(第)?(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,6})?"
        rf"(?:( ?(?:{chinese}))|( ?(?:{latin}))?(?![a-z0-9]))"
    )


def _month(match: re.Match[str]) -> str:
    return f" {FIGURE}m:{5 if match[0].endswith('may') else 3} "


def _figure(match: re.Match[str]) -> str:
    ordinal, digits, decimals, chinese, latin = match.groups(default="")
    unit = (chinese or latin).strip()
    value = float(digits.replace(",", "") + decimals) * words().scales.get(unit, 1)
    kind = "#" if ordinal else words().measures.get(unit, "n")
    if kind == "n" and not unit and "," not in digits and value in _YEARS:
        kind = "y"
    return f" {FIGURE}{kind}:{value:.9g} "
