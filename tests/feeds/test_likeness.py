"""Titles are read into figures, names and sides that compare across wordings and languages."""

import tomllib
from collections import Counter

import pytest

from feeds.folding import fold
from feeds.likeness import contradict, overlap, pieces, traits_of
from feeds.likeness_words import ATOM, LATIN_WORD, WORDS, stem

TABLE = tomllib.loads(WORDS.read_text(encoding="utf-8"))
UNITS = ("background", "authorities", "common", "concepts", "verbs", "named", "guarded", "figures")


@pytest.mark.parametrize(
    ("title", "figures"),
    [
        ("fined HK$4m", {"n:4000000"}),
        ("fined $4 million", {"n:4000000"}),
        ("罰款400萬元", {"n:4000000"}),
        ("罚款400万元", {"n:4000000"}),
        ("1,234.5 points", {"n:1234.5"}),
        ("12億元", {"n:1.2e+09"}),
        ("rate at 4.75%", {"%:4.75"}),
        ("rate at 4.75 per cent", {"%:4.75"}),
        ("up 25bps", {"b:25"}),
        ("up 25 basis points", {"b:25"}),
        ("12th licence", {"#:12"}),
        ("第12個牌照", {"#:12"}),
        ("first licence", {"#:1"}),
        ("首批牌照", {"#:1"}),
        ("six arrested", {"n:6"}),
        ("六人被捕", {"n:6"}),
        ("on 4 May 2026", {"n:4", "m:5", "y:2026"}),
        ("2026年5月4日", {"n:4", "m:5", "y:2026"}),
        ("repaid in March", {"m:3"}),
        ("it may march on", set()),
        ("Issue No. 28", {"n:28"}),
        ("26PR101, ERC-20 and web3", {"n:20"}),
        ("2,026 items", {"n:2026"}),
        ("", set()),
    ],
)
def test_figures(title: str, figures: set[str]) -> None:
    """Numbers compare by value and kind, however they are written."""
    assert traits_of(title).figures == figures


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("SFC fines Harbour Peak over staking", {"harbour", "peak"}),
        ("SFC Fines Harbour Peak Over New Staking Rules", {"harbour", "peak"}),
        ("港灣峰與Quokkex合作", {"quokkex"}),
        ("tokens of 2WA", {"2wa"}),
        ("hackers drain wallets", set()),
    ],
)
def test_names(title: str, names: set[str]) -> None:
    """What is written as a name counts as one, and no headline's capital verb does."""
    latin = {name for name in traits_of(title).names if name.isascii()}
    assert latin == names


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Bitcoin tops 9", "比特幣 tops 9"),
        ("Securities and Futures Commission statement", "SFC statement"),
        ("cryptocurrencies", "虛擬資產"),
        ("Tokenized deposits", "代幣化存款"),
        ("unveils fund", "launched funds"),
    ],
)
def test_one_concept_in_many_words(a: str, b: str) -> None:
    """Synonyms, spellings and languages of one concept are the same unit."""
    assert traits_of(a).units == traits_of(b).units


@pytest.mark.parametrize(
    ("a", "b", "contrary"),
    [
        ("rates raised", "rates cut", True),
        ("rates raised, then cut", "rates cut", False),
        ("上調利率", "下調利率", True),
        ("虛擬資產條例", "虛擬資產條例通過", False),
        ("X approved", "X not approved", True),
        ("No. 5 approved", "5 approved", False),
        ("fined $5m in May", "fined $5m in June", True),
        ("fined $5m", "fined", False),
        ("SFC statement", "HKMA statement", True),
        ("SFC and HKMA statement", "HKMA statement", False),
    ],
)
def test_contradictions(a: str, b: str, contrary: bool) -> None:
    """Only what each says and the other cannot mean keeps two titles apart."""
    assert contradict(traits_of(a), traits_of(b)) is contrary
    assert contradict(traits_of(b), traits_of(a)) is contrary


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("releases", "releas"),
        ("released", "releas"),
        ("banks", "bank"),
        ("notes", "note"),
        ("not", "not"),
        ("policies", "policy"),
        ("kong's", "kong"),
        ("bus", "bus"),
    ],
)
def test_stems(word: str, root: str) -> None:
    """Forms of a word share a stem, and short words are left alone."""
    assert stem(word) == root


def test_pieces_and_overlap() -> None:
    """Texts compare by Latin words and by pairs of Chinese characters."""
    assert pieces("HK 加密資產") == {"hk", "加密", "密资", "资产"}
    assert overlap(pieces("a b"), pieces("b c")) == pytest.approx(1 / 3)
    assert overlap(frozenset(), frozenset()) == 1


def test_a_phrase_stands_for_one_thing() -> None:
    """No phrase of the word list stands for two concepts, and each can be found in a text."""
    phrases = [
        phrase
        for section in UNITS
        for said in TABLE[section].values()
        for phrase in set(map(fold, said))
    ]
    assert [phrase for phrase, times in Counter(phrases).items() if times > 1] == []
    assert all(ATOM.findall(phrase) for phrase in phrases)


def test_opposites_are_single_words() -> None:
    """Latin words that turn a title round are looked up one by one, so each is one word."""
    lists = [words for pair in TABLE["opposites"].values() for words in pair]
    lists += [*TABLE["one_sided"].values(), *TABLE["words"].values()]
    for word in (word for words in lists for word in words if word.isascii()):
        assert LATIN_WORD.fullmatch(word), word
