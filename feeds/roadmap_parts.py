"""What the roadmap is made of: the document, its pillars and initiatives, and dated milestones."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, with_config

from feeds.items import PILLARS

LANGUAGES = ("en", "zh-Hant", "zh-Hans")
INITIATIVES = tuple(range(1, 13))

Confidence = Literal["H", "M", "L"]
"""H: a primary source or two independent ones; M: one decent source; L: weak, or inferred."""
Status = Literal["announced", "started", "bill_pending", "partly_live", "live", "ongoing"]
"""How far an initiative is. `started`: work has begun, no rule is known; `bill_pending`: the
consultations are concluded, the bill is to come; `ongoing`: work that has no end to reach.
"""
_Value = TypeVar("_Value", str, int)


def _three_languages(texts: Mapping[str, str]) -> Mapping[str, str]:
    if set(texts) != set(LANGUAGES) or not all(text.strip() for text in texts.values()):
        raise ValueError(f"needs a text in each of {', '.join(LANGUAGES)}, and in no other")
    return texts


def _in_order(values: tuple[_Value, ...], known: Sequence[_Value]) -> tuple[_Value, ...]:
    if list(values) != [value for value in known if value in values]:
        raise ValueError(f"must be of {', '.join(map(str, known))}, each once and in that order")
    return values


def _pillars(keys: tuple[str, ...]) -> tuple[str, ...]:
    return _in_order(keys, PILLARS)


def _numbers(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return _in_order(numbers, INITIATIVES)


Name = Annotated[str, Field(min_length=1)]
Names = tuple[Name, ...]
Sources = Annotated[Names, Field(min_length=1)]
Texts = Annotated[Mapping[str, str], AfterValidator(_three_languages)]
PillarKey = Annotated[str, Field(pattern=f"^({'|'.join(PILLARS)})$")]
PillarKeys = Annotated[tuple[str, ...], AfterValidator(_pillars)]
Numbers = Annotated[tuple[int, ...], AfterValidator(_numbers)]
Address = Annotated[str, Field(pattern=r"^(https://\S+)?$")]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
_checked = with_config(ConfigDict(extra="forbid"))


def _text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])


@_checked
@dataclass(frozen=True)
class Document:
    """The roadmap itself, as the SFC published it."""

    title: Name
    published: dt.date
    address: Address
    reference: Name
    principle: Name
    pillars: int
    initiatives: int
    confidence: Confidence
    sources: Sources
    notes: Texts

    def note(self, language: str) -> str:
        """What a reader must know of all wording here: which is paraphrase, which unofficial."""
        return _text(self.notes, language)


@_checked
@dataclass(frozen=True)
class Pillar:
    """One of the five. `confidence` and `sources` are those of its objective."""

    key: PillarKey
    letter: Name
    names: Texts
    objectives: Texts
    aliases: Names
    initiatives: Numbers
    confidence: Confidence
    sources: Sources
    chinese_confidence: Confidence
    """Of its Chinese names, which follow press reports; its Chinese objective is unofficial."""
    chinese_sources: Sources

    def name(self, language: str) -> str:
        return _text(self.names, language)

    def objective(self, language: str) -> str:
        return _text(self.objectives, language)


@_checked
@dataclass(frozen=True)
class Initiative:
    """One of the twelve. `confidence` is that of its wording, which is a paraphrase."""

    number: Annotated[int, Field(ge=1, le=INITIATIVES[-1])]
    pillar: PillarKey
    names: Texts
    descriptions: Texts
    aliases: Names
    status: Status
    status_texts: Texts
    as_of: Month
    """When its status was looked up ("2026-10")."""
    confidence: Confidence
    number_confidence: Confidence
    status_confidence: Confidence
    sources: Sources
    official_chinese: bool = False

    def name(self, language: str) -> str:
        return _text(self.names, language)

    def what(self, language: str) -> str:
        return _text(self.descriptions, language)

    def status_text(self, language: str) -> str:
        return _text(self.status_texts, language)


@_checked
@dataclass(frozen=True)
class Milestone:
    """Something dated that happened on the way, or beside it (`adjacent`)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    date: dt.date
    texts: Texts
    pillars: PillarKeys
    initiatives: Numbers
    confidence: Confidence
    sources: Sources
    precision: Literal["day", "month"] = "day"
    """With "month" the date is the first of that month."""
    adjacent: bool = False
    references: Names = ()
    """The authorities' own numbers ("25PR47", "20250930-1-EN", "P2025062700385")."""
    notes: Texts | None = None
    url: Address = ""
    """Empty where no single page is the source."""

    def text(self, language: str) -> str:
        return _text(self.texts, language)

    def note(self, language: str) -> str:
        """What is doubtful about it (other dates, swapped numbers, inferred links); or empty."""
        return _text(self.notes, language) if self.notes else ""
