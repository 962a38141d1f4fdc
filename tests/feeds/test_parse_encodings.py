"""Every encoding of the table is read right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.encodings import codec_of, decode
from tests.feeds.tried import ENCODINGS, Encoded


@pytest.mark.parametrize("case", ENCODINGS, ids=lambda case: case.what)
def test_encodings_tried(case: Encoded) -> None:
    """The title comes out as it was before it was encoded, whatever was said of the encoding."""
    assert case.result == (case.expected or case.title)


@pytest.mark.parametrize(
    "label", ["base64", "zlib", "rot13", "punycode", "idna", "unicode_escape", "utf-7", "x" * 99]
)
def test_charsets_not_to_be_believed(label: str) -> None:
    """A charset from outside never chooses a codec that does more than map characters."""
    assert codec_of(label) == ""
    assert decode(b"plain", label).text == "plain"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("Big5", "big5hkscs"),
        ("BIG5-HKSCS", "big5hkscs"),
        ("GB2312", "gb18030"),
        ("gb_2312-80", "gb18030"),
        ("ISO-8859-1", "cp1252"),
        ("ISO_8859-15", "iso8859_15"),
        ("Windows-1251", "cp1251"),
        ("UTF8", "utf-8"),
    ],
)
def test_names_of_charsets(label: str, codec: str) -> None:
    """A charset's narrow name stands for the wide encoding that is really used under it."""
    assert codec_of(label) == codec


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "big5", "gb2312", "utf-16", "iso-8859-1", "shift_jis", "bogus"]),
)
def test_any_bytes_are_text(body: bytes, charset: str) -> None:
    """There are no bytes that cannot be decoded, and none that become half a character."""
    decode(body, charset).text.encode()


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_utf8_survives_every_lie(text: str) -> None:
    """Text in UTF-8 is read as it is under any single-byte charset that the header may claim."""
    assert decode(text.encode(), "iso-8859-1").text == text.removeprefix("\ufeff")
