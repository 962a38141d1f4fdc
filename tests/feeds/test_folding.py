"""Folding makes texts comparable: width, case, script, spaces."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.folding import fold, is_cjk, simplified


@pytest.mark.parametrize(
    ("traditional", "simplified_form"),
    [
        ("虛擬資產交易平台", "虚拟资产交易平台"),
        ("聯繫", "联系"),
        ("證監會及金管局發出通函", "证监会及金管局发出通函"),
        ("質押、託管、孖展、永續合約", "质押、托管、孖展、永续合约"),
        ("穩定幣發行人須獲發牌", "稳定币发行人须获发牌"),
        ("綫上掛盤冊裏", "线上挂盘册里"),
        ("行政總裁余偉文", "行政总裁余伟文"),
    ],
)
def test_either_script_of_a_text_folds_alike(traditional: str, simplified_form: str) -> None:
    """Whoever searches in one script finds what was written in the other."""
    assert fold(traditional) == fold(simplified_form)


@pytest.mark.parametrize(
    "variants", ["裏裡里", "衞衛卫", "綫線线", "台臺", "峯峰", "羣群", "啓啟启"]
)
def test_regional_variants_fold_alike(variants: str) -> None:
    """Hong Kong's, Taiwan's and the Mainland's form of one character are one."""
    assert len({fold(char) for char in variants}) == 1


def test_width_case_and_spaces_do_not_count() -> None:
    """Full-width letters, capitals and runs of any space fold to the plain form."""
    assert fold("  ＳＦＣ　issues\n\tＶＡＴＰ Circular ") == "sfc issues vatp circular"


def test_what_is_told_apart_stays_apart() -> None:
    """Folding joins writings of one word, not words."""
    assert fold("保障") != fold("保管")
    assert fold("e-HKD") != fold("e-CNY")


@pytest.mark.parametrize("char", "港證监のーㄅ々〇𠀀")
def test_characters_written_without_spaces_are_cjk(char: str) -> None:
    """Han, kana and bopomofo need reading character by character."""
    assert is_cjk(char)


@pytest.mark.parametrize("char", "aZ9é。，　한-")
def test_letters_marks_and_spaces_are_not_cjk(char: str) -> None:
    """Latin, Hangul and punctuation part words by themselves."""
    assert not is_cjk(char)


def test_every_entry_of_the_table_leads_to_a_plain_form() -> None:
    """No character of the table folds to one that folds further."""
    table = simplified()
    assert len(table) > 3_500
    assert not [plain for plain in table.values() if ord(plain) in table]


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """What is folded is already in its compared form."""
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composed_and_decomposed_texts_fold_alike(text: str) -> None:
    """Two encodings of one text are one text."""
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
