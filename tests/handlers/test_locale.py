"""The sentences: whole in every language, named rightly by the code, each in its own script."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from feeds.folding import is_cjk, simplified
from handlers.commands import COMMANDS
from handlers.texts import LANGUAGES, LOCALE, catalogue

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "adapters", "handlers")
FAMILIES = sorted(path.stem for path in (LOCALE / "en").glob("*.toml"))
KEY = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[\w.-]+")
LONGEST_DESCRIPTION = 100
"""Characters that Discord takes for what a command, an option or a choice is for."""

FORMS = (".one", ".other")
GAP = "\0"
SAME = {"month_name": "month"}
"""Chinese numbers the months that English names."""
NOT_SENTENCES = (
    "discord.ask.",
    "discord.commands",
    "discord.post.",
    "discord.seen",
    "discord.shut.",
)
"""Names under which an adapter remembers things: they look like keys and are none."""
OWN_NAMES = re.compile(r"commands\.choice\.zh-Han[st]")
"""Languages are named in their own script, whatever the reader's."""
SIMPLIFIED_TOO = set("么划抬著藉覆链")
"""Characters of Simplified Chinese that also stand for another in some word (著名, 着)."""
NOT_TRADITIONAL = set(
    "万与于价优体余儿党几后厂厅听吨坏圣宁岭庄异忏怀怜惊扑扰据无机极构柜气洁洒离种网胜腊荐虫虽号触赶适"
)
"""Common Simplified characters that Big5 holds too, as rare characters or in other senses."""


@dataclass(frozen=True)
class Named:
    """A sentence that the code names: where, and a pattern of its key (exact, or with gaps)."""

    where: str
    pattern: str

    @property
    def exists(self) -> bool:
        return any(re.fullmatch(self.pattern, key) for key in keys())


@dataclass(frozen=True)
class Use:
    """A call that says a sentence: its key, and the words it brings."""

    where: str
    key: str
    words: frozenset[str]
    refusal: bool
    """It is an error, so a hint goes with it."""


@cache
def keys() -> frozenset[str]:
    """All keys as the code may name them: `x.one` and `x.other` are named `x`."""
    full = catalogue("en")
    return frozenset([*full, *(key.rpartition(".")[0] for key in full if is_plural(key))])


def is_plural(key: str) -> bool:
    return key.endswith(FORMS)


def gaps_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def placeholders(template: str) -> set[str]:
    """What a sentence tells besides its own words."""
    return {SAME.get(name, name) for name in gaps_of(template)}


def needed(key: str) -> set[str]:
    """The words that `say` must be given for a key, whichever form and language is used."""
    forms = [catalogue(one).get(key + end, "") for one in LANGUAGES for end in ("", *FORMS)]
    return set().union(*map(gaps_of, forms))


@cache
def sources() -> Mapping[str, ast.Module]:
    """The code of the rooms that speak, by its path in the checkout."""
    paths = sorted(path for room in ROOMS for path in ROOT.glob(f"{room}/*.py"))
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths
    }


def named_in(where: str, tree: ast.Module) -> Iterator[Named]:
    for line, text in texts_in(tree):
        if KEY.fullmatch(text.replace(GAP, "x")) and not text.startswith(NOT_SENTENCES):
            pattern = ".+".join(map(re.escape, text.split(GAP)))
            yield Named(f"{where}:{line} {text.replace(GAP, '{}')}", pattern)


def texts_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """All strings with their lines; an f-string as one, with GAP for what it fills in."""
    composed = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    for whole in composed:
        yield whole.lineno, "".join(literal(piece) or GAP for piece in whole.values)
    pieces = {id(piece) for whole in composed for piece in whole.values}
    for node in ast.walk(tree):
        text = literal(node)
        if isinstance(node, ast.Constant) and text and id(node) not in pieces:
            yield node.lineno, text


def literal(node: ast.AST) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def uses_in(where: str, tree: ast.Module) -> Iterator[Use]:
    """Calls that say a sentence by a literal key with all its words written out."""
    always = {"say": set(), "announce": {"person", "topics"}}
    refusals = {"Misunderstood", "NotAllowed"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        words = {one.arg for one in node.keywords}
        if name not in {*always, *refusals} or None in words:
            continue
        for key in filter(KEY.fullmatch, filter(None, map(literal, node.args))):
            brought = frozenset(filter(None, words | always.get(name, set())))
            yield Use(f"{where}:{node.lineno}", key, brought, name in refusals)


def wrong_characters(language: str, text: str) -> str:
    """The characters that this language's script does not use; "" for English."""
    test = {"zh-Hant": _not_traditional, "zh-Hans": _not_simplified}.get(language)
    return "".join(char for char in text if is_cjk(char) and test and test(char))


def _not_simplified(char: str) -> bool:
    other = ord(char) in simplified() and char not in SIMPLIFIED_TOO
    return other or not _holds("gb2312", char)


def _not_traditional(char: str) -> bool:
    regional = ord(char) in simplified()  # 裏 is no Big5 and yet Hong Kong's
    return char in NOT_TRADITIONAL or not (regional or _holds("big5", char))


def _holds(charset: str, char: str) -> bool:
    return bool(char.encode(charset, "ignore"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language: str) -> None:
    """A sentence exists in all languages or in none, and has the same gaps to fill in each."""
    english, theirs = catalogue("en"), catalogue(language)
    assert sorted(theirs) == sorted(english)
    gaps = {key: (placeholders(english[key]), placeholders(theirs[key])) for key in english}
    assert {key: pair for key, pair in gaps.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_files(language: str) -> None:
    """A family is one file in each language, and no file holds two families."""
    assert sorted(path.stem for path in (LOCALE / language).glob("*.toml")) == FAMILIES


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(language: str) -> None:
    """Every sentence says something."""
    assert [key for key, text in catalogue(language).items() if not text.strip()] == []


def test_plurals_have_both_forms() -> None:
    """Whoever counts finds a form for one and a form for the rest."""
    plural = {key.rpartition(".")[0] for key in catalogue("en") if is_plural(key)}
    assert plural
    lacking = [k for k in plural if not {k + form for form in FORMS} <= catalogue("en").keys()]
    assert lacking == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_described(language: str) -> None:
    """Each command, option and choice says what it is for, as briefly as Discord demands."""
    wanted = [f"commands.{command.name}.what" for command in COMMANDS]
    for command in COMMANDS:
        for option in command.options:
            wanted.append(f"commands.{command.name}.option.{option.name}")
            wanted += [f"commands.choice.{choice}" for choice in option.choices]
    described = catalogue(language)
    assert [key for key in wanted if key not in described] == []
    assert [key for key in wanted if len(described[key]) > LONGEST_DESCRIPTION] == []


def test_every_key_in_the_code_exists() -> None:
    """The code names no sentence that is not there."""
    found = [one for where, tree in sources().items() for one in named_in(where, tree)]
    assert len(found) > 150, "the scan does not see the code's keys any more"
    assert [one.where for one in found if not one.exists] == []


def test_every_refusal_says_what_to_do() -> None:
    """Whatever cannot be answered comes with a hint."""
    uses = [use for where, tree in sources().items() for use in uses_in(where, tree)]
    refusals = [use for use in uses if use.refusal]
    assert len(refusals) > 20, "the scan does not see the code's refusals any more"
    assert [use for use in refusals if f"{use.key}_hint" not in catalogue("en")] == []


def test_every_sentence_is_given_its_words() -> None:
    """Nobody meets a sentence whose gaps the code does not fill."""
    uses = [use for where, tree in sources().items() for use in uses_in(where, tree)]
    short = {
        use.where: sorted(lacking)
        for use in uses
        for hint in ({f"{use.key}_hint"} if use.refusal else set()) | {use.key}
        if (lacking := needed(hint) - use.words)
    }
    assert short == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_script_keeps_to_itself(language: str) -> None:
    """Traditional sentences hold no Simplified character, and Simplified ones no Traditional."""
    wrong = {
        key: found
        for key, text in catalogue(language).items()
        if not OWN_NAMES.fullmatch(key) and (found := wrong_characters(language, text))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("zh-Hant", "訂閱频道", "频"),
        ("zh-Hant", "之后发送", "后发"),
        ("zh-Hant", "無法订阅", "订阅"),
        ("zh-Hant", "甚麼來源只限這裏，著作於二月公布", ""),
        ("zh-Hans", "订阅頻道", "頻"),
        ("zh-Hans", "之後发送", "後"),
        ("zh-Hans", "什麼来源", "麼"),
        ("zh-Hans", "什么划分，著作于二月公布", ""),
    ],
)
def test_the_scripts_are_told_apart(language: str, text: str, wrong: str) -> None:
    """The check on scripts hears a single foreign character, and spares those that both use."""
    assert wrong_characters(language, text) == wrong


@pytest.mark.parametrize(("language", "foreign"), [("zh-Hant", "“”‘’"), ("zh-Hans", "「」『』")])
def test_chinese_punctuation(language: str, foreign: str) -> None:
    """Each script has its own quotation marks, and neither puts a Latin mark after Chinese."""
    latin = re.compile(r"[\u4e00-\u9fff」”）][,;:?!()]|[\u4e00-\u9fff]\.$")
    found = {
        key: text
        for key, text in catalogue(language).items()
        if set(text) & set(foreign) or latin.search(text)
    }
    assert found == {}
