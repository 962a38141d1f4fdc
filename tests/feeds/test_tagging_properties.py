"""What holds of the tagger for any text, however hostile."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.folding import fold
from feeds.items import PILLARS
from feeds.tagging import Tagger
from feeds.tagging_match import aligned
from feeds.tagging_words import words, words_in

TAGGER = Tagger.load()
WORDS = (
    "virtual asset", "crypto", "stablecoin", "SFC", "HKMA", "Hong Kong", "licence", "warns",
    "tokenised", "bond", "custody", "Project Ensemble", "ETF", "U.S.", "token of appreciation",
    "虛擬資產", "穩定幣", "證監會", "發牌", "警告", "代幣化", "債券", "託管", "香港", "美國證監會",
    "ＶＡＴＰ", "…", "。", "　", "’s", "ﬁ", "é", "\u0301", "İ", "ß", "\u200d", "．", "、", "｜",
)  # fmt: skip
LIVELY = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=30).map("".join)
ANY = st.one_of(LIVELY, st.text())


@given(title=ANY, summary=ANY, source=ANY, hong_kong=st.booleans())
def test_any_text_gets_well_formed_tags(
    title: str, summary: str, source: str, hong_kong: bool
) -> None:
    """No text breaks the tagger, and tags keep their order and their gates."""
    tags = TAGGER.tag(title, summary, source, hong_kong)
    assert tags.pillars == tuple(name for name in PILLARS if name in tags.pillars)
    assert tags.initiatives == tuple(sorted(set(tags.initiatives)))
    assert tags.virtual_asset or not (tags.pillars or tags.initiatives)
    assert tags.hong_kong or not tags.initiatives
    assert tags.hong_kong or not hong_kong


@given(title=ANY, summary=ANY)
def test_evidence_words_stand_in_the_text(title: str, summary: str) -> None:
    """The words shown to people are those of the item, character by character."""
    for evidence in TAGGER.tag(title, summary).evidence:
        for word in evidence.words:
            assert word
            assert word in title or word in summary


@given(title=ANY, summary=ANY, source=st.sampled_from(["", "SFC", "香港電台 RTHK", "CoinDesk"]))
def test_folding_a_text_changes_no_tag(title: str, summary: str, source: str) -> None:
    """Either script, any width and any case of a text get the same tags."""
    plain = TAGGER.tag(fold(title), fold(summary), source)
    tags = TAGGER.tag(title, summary, source)
    assert (tags.pillars, tags.initiatives) == (plain.pillars, plain.initiatives)
    assert (tags.virtual_asset, tags.hong_kong) == (plain.virtual_asset, plain.hong_kong)


@given(text=ANY)
def test_words_are_the_same_with_and_without_their_places(text: str) -> None:
    """What is weighed and what is shown as evidence are the same words."""
    folded, _ = aligned(text)
    placed = list(words(folded))
    assert words_in(folded) == {word for word, _, _ in placed}
    assert all(0 <= start < end <= len(folded) for _, start, end in placed)


def test_what_was_read_before_changes_nothing() -> None:
    """A tagger that has read other items says what a fresh one says."""
    texts = ["SFC warns of fake tokens", "Licences for stablecoin issuers", "代幣化債券", "Ether"]
    fresh = [Tagger.load().tag(text, source="SFC") for text in texts]
    used = Tagger.load()
    for text in (*reversed(texts), *HOSTILE.values()):
        used.tag(text, text, text)
    assert [used.tag(text, source="SFC") for text in texts] == fresh


HOSTILE = {
    "one word again and again": "virtual asset token crypto " * 100_000,
    "one Chinese word again and again": "代幣化" * 200_000,
    "no spaces": "licence" * 100_000,
    "sentence ends": "。." * 200_000,
    "spaces": " " * 1_000_000,
    "combining marks": "e" + "\u0301" * 500_000,
    "ligatures": "ﷺ" * 100_000,
    "new words": " ".join(f"word{number}" for number in range(50_000)),
    "hiding phrases": "token of appreciation " * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_take_no_longer(text: str) -> None:
    """An endless title and summary cost no more than their first characters do.

    Measured in processor time, with a bound far above what a slow machine needs.
    """
    started = time.process_time()
    TAGGER.tag(text, text, text)
    assert time.process_time() - started < 1.0
