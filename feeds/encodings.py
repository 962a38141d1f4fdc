"""Find out in which encoding a feed really is, and give its text.

The order is: byte order mark, HTTP header, XML declaration, and what the bytes look like. Each
is believed only where the bytes agree, since headers and declarations often lie.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_MARKS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (  # a first "<" or "{" of two or four bytes
    (re.compile(rb"[<{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[<{]"), "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_HTML_DECLARED = re.compile(
    rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)

# Names as they are written -> Python's codec. Wider relatives stand in for their narrower kin:
# what calls itself Big5 in Hong Kong holds HKSCS characters, and "iso-8859-1" means windows-1252
# (https://encoding.spec.whatwg.org/#names-and-labels). A name that is not here is not believed:
# Python's codecs of other kinds (base64, idna, zlib) are no place for foreign bytes.
_CODECS = {
    "utf8": "utf-8",
    "unicode11utf8": "utf-8",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "xxbig5": "big5hkscs",
    "cnbig5": "big5hkscs",
    "cp950": "big5hkscs",
    "windows950": "big5hkscs",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gbk": "gb18030",
    "xgbk": "gb18030",
    "cp936": "gb18030",
    "windows936": "gb18030",
    "gb18030": "gb18030",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "windows31j": "cp932",
    "eucjp": "euc_jp",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    "usascii": "cp1252",
    "ascii": "cp1252",
    "latin1": "cp1252",
    "iso88591": "cp1252",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
    "macintosh": "mac_roman",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    **{f"iso8859{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows{n}": f"cp{n}" for n in (874, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
}
_DOUBLE_BYTE = {"big5hkscs", "gb18030", "cp932", "euc_jp", "cp949"}

# The commonest characters of Chinese news in both scripts, to tell Big5 from GB18030.
_COMMON = frozenset(
    "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主"
    "发發年动動同工也能下过過子说說产產种種面而方后後多定行学學法所民得经經港香市金融資资銀银行監监管"
    "虛虚擬拟證证券交易及新公布"
)
_NOT_RIVALLED = {"utf-8", "cp932", "euc_jp", "cp949"}
"""Declared encodings in which Chinese in another encoding would not be valid."""

_CHINESE = ("big5hkscs", "gb18030")
_FEW_LOST = 0.02
_READS_AS_CHINESE = 0.1
_SAMPLE_BYTES = 20_000
_ENOUGH_BYTES = 40
"""Of a sample: a declaration is not overruled by fewer."""


@dataclass(frozen=True)
class Decoded:
    """A document's text, the codec that gave it, and how many characters were lost."""

    text: str
    codec: str
    lost: int = 0


def decode(body: bytes, charset: str = "") -> Decoded:
    """The text of `body`, given the charset of its HTTP header. Never fails: bytes that mean
    nothing become U+FFFD. A byte order mark is not part of the text.
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _read(body[len(mark) :], codec)
    for start, codec in _UNMARKED:
        if start.match(body):
            return _read(body, codec)
    declared = [codec for codec in _declared(body, charset) if not codec.startswith("utf-16")]
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None and _surely_utf8(utf8, body, declared):
        return Decoded(utf8, "utf-8")
    sample = _foreign(body)
    rival = _rival(sample)
    sure = len(sample) >= _ENOUGH_BYTES
    believed = [
        codec for codec in declared if codec in _NOT_RIVALLED or rival in {codec, ""} or not sure
    ]
    for codec in believed:
        text = _strictly(body, codec)
        if text is not None:
            return Decoded(text, codec)
    return _best(body, (*believed, "utf-8", rival or "cp1252"))


def codec_of(label: str) -> str:
    """Python's codec for a charset's name as feeds write it; "" for one not to be believed."""
    return _CODECS.get(re.sub(r"[^a-z0-9]", "", label.lower()[:40]), "")


def _declared(body: bytes, charset: str) -> Iterator[str]:
    head = body[:1_000]
    labels = [charset]
    labels += [found[1].decode("ascii") for found in (_DECLARED.search(head),) if found]
    labels += [found[1].decode("ascii") for found in (_HTML_DECLARED.search(head),) if found]
    return filter(None, map(codec_of, labels))


def _surely_utf8(text: str, body: bytes, declared: list[str]) -> bool:
    """Valid UTF-8 is hardly ever anything else; a short text in a declared double-byte encoding
    may be, but then it forms none of the three-byte sequences that Chinese has in UTF-8.
    """
    claims = [codec for codec in declared if codec in _DOUBLE_BYTE]
    if not claims or len(text) == len(body):
        return True
    return any(letter >= "\u0800" for letter in text) or all(
        _strictly(body, codec) is None for codec in claims
    )


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _read(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    return Decoded(text, codec, text.count("\ufffd"))


def _foreign(body: bytes) -> bytes:
    """A sample of the body's stretches beyond ASCII. A second byte may be as low as 0x40."""
    stretches = (part for part in re.split(rb"[\x00-\x3f]+", body) if not part.isascii())
    return b" ".join(islice(stretches, _SAMPLE_BYTES))[:_SAMPLE_BYTES]


def _rival(sample: bytes) -> str:
    """The Chinese encoding in which the sample reads best, if it reads as Chinese at all."""
    liking, codec = max((_chineseness(_read(sample, codec)), codec) for codec in _CHINESE)
    return codec if liking > _READS_AS_CHINESE else ""


def _chineseness(tried: Decoded) -> float:
    """Common characters less twice the characters lost, as a share of those beyond ASCII."""
    letters = [letter for letter in tried.text if letter > "\x7f"]
    common = sum(letter in _COMMON for letter in letters)
    return (common - 2 * tried.lost) / (len(letters) or 1)


def _best(body: bytes, codecs_in_order: tuple[str, ...]) -> Decoded:
    """No declared encoding fits whole: the first that loses little, else the last."""
    beyond_ascii = sum(byte > 0x7F for byte in body) or 1  # noqa: PLR2004 - the end of ASCII
    for codec in codecs_in_order:
        tried = _read(body, codec)
        if tried.lost / beyond_ascii <= _FEW_LOST:
            break
    return tried
