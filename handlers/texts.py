"""Sentences for people, by key and language, from `locale/<language>/<family>.toml`."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh-Hant", "zh-Hans")
LOCALE = Path(__file__).parent / "locale"

_TRADITIONAL = ("hant", "tw", "hk", "mo", "yue")


def language_of(tag: str) -> str:
    """The nearest of LANGUAGES for any BCP 47 tag or platform locale; "" for an empty tag.

    `zh-HK` and `zh-TW` are Traditional, `zh` and `zh-CN` Simplified, all else English.
    """
    parts = tag.replace("_", "-").lower().split("-")
    if not parts[0]:
        return ""
    if parts[0] not in {"zh", "yue"}:
        return "en"
    return "zh-Hant" if any(part in _TRADITIONAL for part in parts) else "zh-Hans"


@cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of one language: "family.key" -> template. Raises KeyError for no such."""
    if language not in LANGUAGES:
        raise KeyError(language)
    sentences: dict[str, str] = {}
    for path in sorted((LOCALE / language).glob("*.toml")):
        with path.open("rb") as file:
            _flatten(path.stem, tomllib.load(file), sentences)
    return sentences


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}.{key}", value, into)
        else:
            into[f"{prefix}.{key}"] = str(value)


def say(language: str, key: str, **words: object) -> str:
    """The sentence `key` in `language` with its `{words}` filled in.

    With a `count`, "key.one" is used for 1 and "key.other" for the rest, where they exist.
    Raises KeyError for an unknown key or a missing word: both are faults of the program.
    """
    sentences = catalogue(language)
    if "count" in words:
        plural = f"{key}.{'one' if words['count'] == 1 else 'other'}"
        key = plural if plural in sentences else key
    return sentences[key].format(**words)


def has(language: str, key: str) -> bool:
    return key in catalogue(language)


def listed(language: str, parts: Iterable[str]) -> str:
    """Several things in a row, as that language writes them."""
    return say(language, "core.separator").join(parts)
