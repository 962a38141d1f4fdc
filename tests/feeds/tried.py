"""Encodings and dates as they occur in feeds, each with what must come of it.

`python -m tests.feeds.tried > docs/feeds-tried.md` writes the tables; tests compare them.
"""

import codecs
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.dates import read_date
from feeds.parse import Body, parse

NOW = 1_794_292_200
"""2026-11-10 06:30:00 UTC."""

TRADITIONAL = "《有關虛擬資產交易平台共享流動性的通函》，這是一個在香港用來試驗編碼的標題"
SIMPLIFIED = "《有关虚拟资产交易平台共享流动性的通函》，这是一个在香港用来试验编码的标题"
CANTONESE = "點解證監會要管虛擬資產？嘅、啲、裏、佢哋都係香港用字，大家有冇留意"
FRENCH = "Le marché des actifs numériques à Hong Kong, déjà réglementé"


@dataclass(frozen=True)
class Encoded:
    """A feed with one title, as bytes, and what is said of its encoding."""

    what: str
    title: str
    codec: str
    xml: str = ""
    """What the XML declaration says; empty for no encoding there."""
    http: str = ""
    mark: bytes = b""
    damage: tuple[bytes, bytes] = (b"", b"")
    """Bytes replaced after encoding, by others."""
    expected: str = ""
    """The title that must come out, where it is not the one that went in."""

    @property
    def body(self) -> bytes:
        encoding = f' encoding="{self.xml}"' if self.xml else ""
        text = (
            f'<?xml version="1.0"{encoding}?><rss version="2.0"><channel><title>t</title>'
            f"<item><title>{self.title}</title></item></channel></rss>"
        )
        encoded = text.encode(self.codec)
        if self.damage[0]:
            encoded = encoded.replace(self.damage[0], self.damage[1])
        return self.mark + encoded

    @property
    def result(self) -> str:
        body = Body(self.body, "https://news.example/", "", self.http, "Asia/Hong_Kong", NOW)
        return parse(body).entries[0].title


ENCODINGS = (
    Encoded("UTF-8, undeclared", TRADITIONAL, "utf-8"),
    Encoded("UTF-8, declared", TRADITIONAL, "utf-8", xml="utf-8", http="utf-8"),
    Encoded("UTF-8 with a byte order mark", TRADITIONAL, "utf-8", mark=codecs.BOM_UTF8),
    Encoded(
        "UTF-8 with a mark that overrules a lie",
        *(TRADITIONAL, "utf-8"),
        xml="big5",
        http="gb2312",
        mark=codecs.BOM_UTF8,
    ),
    Encoded("UTF-16, little end first, marked", TRADITIONAL, "utf-16-le", mark=b"\xff\xfe"),
    Encoded("UTF-16, big end first, marked", TRADITIONAL, "utf-16-be", mark=b"\xfe\xff"),
    Encoded("UTF-16, little end first, no mark", TRADITIONAL, "utf-16-le", xml="utf-16"),
    Encoded("UTF-16, big end first, no mark", TRADITIONAL, "utf-16-be", xml="utf-16"),
    Encoded("UTF-32, marked", TRADITIONAL, "utf-32-le", mark=codecs.BOM_UTF32_LE),
    Encoded("Big5 by the XML declaration", TRADITIONAL, "big5", xml="big5"),
    Encoded("Big5 by the HTTP header", TRADITIONAL, "big5", http="Big5"),
    Encoded("Big5, undeclared", TRADITIONAL, "big5"),
    Encoded("HKSCS characters in what calls itself Big5", CANTONESE, "big5hkscs", xml="big5"),
    Encoded("HKSCS, named so", CANTONESE, "big5hkscs", xml="Big5-HKSCS"),
    Encoded("HKSCS, undeclared", CANTONESE, "big5hkscs"),
    Encoded("GB2312 by the XML declaration", SIMPLIFIED, "gb2312", xml="gb2312"),
    Encoded("GBK by the HTTP header", SIMPLIFIED, "gbk", http="GBK"),
    Encoded("Traditional characters in what calls itself GB2312", TRADITIONAL, "gb18030", "gb2312"),
    Encoded("GB18030, undeclared", SIMPLIFIED, "gb18030"),
    Encoded("GB18030, one character only", "币", "gb18030", xml="gb18030"),
    Encoded("Big5, two characters only", "孖展", "big5hkscs", xml="big5"),
    Encoded("Header says iso-8859-1, is UTF-8", TRADITIONAL, "utf-8", "utf-8", "iso-8859-1"),
    Encoded("Header says us-ascii, is UTF-8", TRADITIONAL, "utf-8", http="us-ascii"),
    Encoded("Header says Big5, is UTF-8", TRADITIONAL, "utf-8", http="big5"),
    Encoded("Declared UTF-8, is Big5", TRADITIONAL, "big5", xml="utf-8", http="utf-8"),
    Encoded("Declared UTF-8, is GB18030", SIMPLIFIED, "gb18030", xml="utf-8"),
    Encoded("Header says iso-8859-1, is Big5", TRADITIONAL, "big5", http="iso-8859-1"),
    Encoded("Declared Big5, is GB18030", SIMPLIFIED, "gb18030", xml="big5", http="big5"),
    Encoded("Declared GB2312, is Big5", TRADITIONAL, "big5", xml="gb2312"),
    Encoded("Header and declaration differ, header right", SIMPLIFIED, "gbk", "utf-8", "gbk"),
    Encoded("Header and declaration differ, header wrong", TRADITIONAL, "big5", "big5", "utf-8"),
    Encoded("iso-8859-1 that is windows-1252", "“Digital” – €5", "cp1252", xml="iso-8859-1"),
    Encoded("windows-1252, undeclared", FRENCH, "cp1252"),
    Encoded("Declared UTF-8, is windows-1252", FRENCH, "cp1252", xml="utf-8"),
    Encoded("Cyrillic, windows-1251", "Цифровые активы", "cp1251", xml="windows-1251"),
    Encoded("Japanese, Shift_JIS", "暗号資産の規制", "cp932", xml="Shift_JIS"),
    Encoded("Korean, EUC-KR", "가상자산 규제", "cp949", http="euc-kr"),
    Encoded("A charset that nobody knows", TRADITIONAL, "utf-8", xml="x-unknown", http="base64"),
    Encoded("Declared UTF-16, is ASCII", "Plain", "ascii", xml="utf-16"),
    Encoded(
        "UTF-8 with a broken character",
        *(TRADITIONAL, "utf-8"),
        damage=("函".encode(), b"\xe5\x86"),
        expected=TRADITIONAL.replace("函", "\ufffd"),
    ),
    Encoded(
        "Big5 with a broken character",
        *(TRADITIONAL, "big5", "big5"),
        damage=("，".encode("big5"), b"\xff"),
        expected=TRADITIONAL.replace("，", "\ufffd"),
    ),
    Encoded("Control characters among the text", "A\x00B\x0bC\x1fD", "utf-8", expected="ABCD"),
    Encoded(
        "UTF-8 encoded twice (feedparser mends it)",
        *("Martine écrit".encode().decode("latin-1"), "utf-8"),
        expected="Martine écrit",
    ),
)


@dataclass(frozen=True)
class Dated:
    """A date as a feed writes it, in the feed's zone, and the instant meant in UTC."""

    text: str
    expected: str
    """As 2026-11-10 02:30:00; "day 2026-11-10" for a date only; "none" for no date."""
    zone: str = "Asia/Hong_Kong"

    @property
    def result(self) -> str:
        found = read_date(self.text, self.zone, NOW)
        if found is None:
            return "none"
        if found.date_only:
            return f"day {datetime.fromtimestamp(found.at, ZoneInfo(self.zone)):%Y-%m-%d}"
        return f"{datetime.fromtimestamp(found.at, UTC):%Y-%m-%d %H:%M:%S}"


HALF_PAST_TEN = "2026-11-10 02:30:00"
TENTH = "day 2026-11-10"
DATES = (
    Dated("Tue, 10 Nov 2026 10:30:00 +0800", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 02:30:00 GMT", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 02:30:00 Z", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30 +0800", HALF_PAST_TEN),
    Dated("tue,10 nov 2026 10:30:00 +0800", HALF_PAST_TEN),
    Dated("Fri, 10 Nov 2026 10:30:00 +0800", HALF_PAST_TEN),
    Dated("Tues, 10 November 26 10:30:00 +0800", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00 HKT", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00 HKT", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 10:30:00 CST", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00 CST", HALF_PAST_TEN, "Asia/Shanghai"),
    Dated("Mon, 09 Nov 2026 20:30:00 CST", HALF_PAST_TEN, "America/Chicago"),
    Dated("Mon, 09 Nov 2026 21:30:00 EST", HALF_PAST_TEN),
    Dated("Mon, 09 Nov 2026 18:30:00 PST", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00 SGT", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 11:30:00 JST", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 08:00:00 IST", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 04:30:00 IST", HALF_PAST_TEN, "Asia/Jerusalem"),
    Dated("Tue, 10 Nov 2026 10:30:00 +8:00", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 10:30:00 +08:00", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 10:30:00 +8", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 10:30:00 GMT+8", HALF_PAST_TEN, "UTC"),
    Dated("Tue, 10 Nov 2026 10:30:00 UTC+08:00", HALF_PAST_TEN, "UTC"),
    Dated("Tue Nov 10 2026 10:30:00 GMT+0800 (Hong Kong Standard Time)", HALF_PAST_TEN, "UTC"),
    Dated("Mon, 09 Nov 2026 21:30:00 \u22120500", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00 XYZ", HALF_PAST_TEN),
    Dated("Tue, 10 Nov 2026 10:30:00", "2026-11-10 10:30:00", "UTC"),
    Dated("2026-11-10T10:30:00+08:00", HALF_PAST_TEN),
    Dated("2026-11-10T10:30:00+0800", HALF_PAST_TEN),
    Dated("2026-11-10T02:30:00Z", HALF_PAST_TEN),
    Dated("2026-11-10T02:30:00.123456Z", HALF_PAST_TEN),
    Dated("2026-11-10T10:30:00.346", HALF_PAST_TEN),
    Dated("2026-11-10T10:30+08", HALF_PAST_TEN, "UTC"),
    Dated("2026-11-10T10:30:00+08:00[Asia/Hong_Kong]", HALF_PAST_TEN, "UTC"),
    Dated("2026-11-10 10:30:00", HALF_PAST_TEN),
    Dated("2026/11/10 10:30", HALF_PAST_TEN),
    Dated("20261110T103000+0800", HALF_PAST_TEN),
    Dated("20261110103000", HALF_PAST_TEN),
    Dated("202611101030", HALF_PAST_TEN),
    Dated("1794277800", HALF_PAST_TEN),
    Dated("1794277800000", HALF_PAST_TEN),
    Dated("1794277800.25", HALF_PAST_TEN),
    Dated("Tue Nov 10 10:30:00 2026", HALF_PAST_TEN),
    Dated("Tue Nov 10 10:30:00 HKT 2026", HALF_PAST_TEN, "UTC"),
    Dated("Nov 10, 2026 10:30 AM", HALF_PAST_TEN),
    Dated("10th November 2026, 10.30am", HALF_PAST_TEN),
    Dated("November 10, 2026, 2:05 p.m.", "2026-11-10 06:05:00"),
    Dated("10 Nov 2026 12:00 AM", TENTH),
    Dated("10-Nov-2026 10:30", HALF_PAST_TEN),
    Dated("10/11/2026 10:30", HALF_PAST_TEN),
    Dated("11/13/2025", "day 2025-11-13"),
    Dated("星期二, 10 Nov 2026 10:30:00 +0800", HALF_PAST_TEN),
    Dated("2026年11月10日", TENTH),
    Dated("2026年11月10日 10:30", HALF_PAST_TEN),
    Dated("2026年11月10日（星期二）10時30分", HALF_PAST_TEN),
    Dated("2026年11月10日 10时30分00秒", HALF_PAST_TEN),
    Dated("2026 年 11 月 10 日 上午 10:30", HALF_PAST_TEN),
    Dated("2026年11月10日 下午2時05分", "2026-11-10 06:05:00"),
    Dated("香港時間10時30分，2026年11月10日", HALF_PAST_TEN, "UTC"),
    Dated("二零二六年十一月十日", TENTH),
    Dated("二〇二六年十月三十一日", "day 2026-10-31"),
    Dated("２０２６年１１月１０日", TENTH),
    Dated("Tue, 10 Nov 2026 00:00:00 +0800", TENTH),
    Dated("Mon, 09 Nov 2026 16:00:00 GMT", TENTH),
    Dated("Tue, 10 Nov 2026 00:00:00 GMT", "2026-11-10 00:00:00"),
    Dated("Tue, 10 Nov 2026", TENTH),
    Dated("2026-11-10", TENTH),
    Dated("2026-11-10+08:00", TENTH),
    Dated("20261110", TENTH),
    Dated("2026.11.10", TENTH),
    Dated("Mon, 09 Nov 2026 24:00:00 +0800", TENTH),
    Dated("Tue, 10 Nov 2026 10:29:60 +0800", HALF_PAST_TEN),
    Dated("Thu, 29 Feb 2024 10:30:00 +0800", "2024-02-29 02:30:00"),
    Dated("Sun, 08 Mar 2026 02:30:00", "2026-03-08 07:30:00", "America/New_York"),
    Dated("Thu, 04 Jan 1996 00:00:00 +0800", "day 1996-01-04"),
    Dated("Wed, 11 Nov 2026 06:30:00 GMT", "2026-11-11 06:30:00"),
    Dated("Wed, 11 Nov 2026 06:30:01 GMT", "none"),
    Dated("Tue, 10 Nov 3026 10:30:00 GMT", "none"),
    Dated("Sat, 10 Nov 1984 10:30:00 GMT", "none"),
    Dated("Thu, 01 Jan 1970 00:00:00 GMT", "none"),
    Dated("0000-00-00 00:00:00", "none"),
    Dated("Tue, 31 Feb 2026 10:30:00 GMT", "none"),
    Dated("Sun, 29 Feb 2026 10:30:00 GMT", "none"),
    Dated("Tue, 10 Nov 2026 25:00:00 GMT", "none"),
    Dated("Tue, 10 Nov 2026 10:61:00 GMT", "none"),
    Dated("2026-13-45", "none"),
    Dated("2026", "none"),
    Dated("November 2026", "none"),
    Dated("yesterday", "none"),
    Dated("now() - 1 day", "none"),
    Dated("９" * 60, "none"),
    Dated("", "none"),
)


ENCODINGS_INTRO = f"""# Encodings and dates tried

Feeds say one thing and do another. These are the encodings and the dates that were tried, each
with what comes of it; tests run every row and compare this page. Written by
`python -m tests.feeds.tried`.

## Encodings ({len(ENCODINGS)})

| what | encoded as | HTTP header says | XML declaration says | title read |
| --- | --- | --- | --- | --- |
"""

DATES_INTRO = f"""
## Dates ({len(DATES)})

It is 2026-11-10 06:30:00 UTC. A *day* is a date without a time of day, shown as that day in the
feed's zone; *none* means that the item has no believable date.

| date | feed's zone | UTC |
| --- | --- | --- |
"""


def document() -> str:
    """docs/feeds-tried.md, from what the code does now."""
    encodings = (
        f"| {case.what} | {case.codec} | {case.http or '–'} | {case.xml or '–'} | {case.result} |\n"
        for case in ENCODINGS
    )
    dates = (f"| `{case.text or ' '}` | {case.zone} | {case.result} |\n" for case in DATES)
    return ENCODINGS_INTRO + "".join(encodings) + DATES_INTRO + "".join(dates)


if __name__ == "__main__":
    print(document(), end="")
