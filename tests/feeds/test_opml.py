"""Lists of feeds: what is read, what is refused, and that what is written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.items import Source
from feeds.opml import MOST_BYTES, MOST_FEEDS, NotOpml, read_opml, write_opml

HEAD = '<?xml version="1.0"?><opml version="2.0"><body>'


def opml(*outlines: str) -> bytes:
    return f"{HEAD}{''.join(outlines)}</body></opml>".encode()


def feed(**attributes: str) -> str:
    given = {"type": "rss", "text": "A", "xmlUrl": "https://a.example/feed"} | attributes
    return "<outline " + " ".join(f'{name}="{value}"' for name, value in given.items()) + "/>"


def test_other_readers_lists_are_read() -> None:
    """Feeds in folders are found; what a list does not say has its usual value."""
    listed = read_opml(opml('<outline text="News">', feed(text="A &amp; B"), "</outline>"))
    assert listed.sources == (Source("A & B", "https://a.example/feed"),)
    assert listed.bad == ()


names = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), min_size=1, max_size=80)
sources = st.builds(
    Source,
    name=names.map(lambda name: " ".join(name.split())).filter(bool),
    url=st.integers(1, 10**6).map(lambda n: f"https://a.example/feed?n={n}&x=%3C"),
    kind=st.sampled_from(["official", "press"]),
    language=st.sampled_from(["en", "zh-Hant", "zh-Hans"]),
    timezone=st.sampled_from(["Asia/Hong_Kong", "UTC", "Europe/London"]),
    hong_kong=st.booleans(),
    interval_s=st.integers(0, 86_400),
)


@given(st.lists(sources, unique_by=lambda source: source.url, max_size=5))
def test_what_is_written_is_read_back(some: list[Source]) -> None:
    """A list that was exported brings the same feeds with all their particulars."""
    assert read_opml(write_opml(some).encode()).sources == tuple(some)


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"xmlUrl": ""}, "no address"),
        ({"xmlUrl": "file:///etc/passwd"}, "only http and https"),
        ({"xmlUrl": "https://user:pw@a.example/"}, "user name"),
        ({"xmlUrl": "https://" + "a" * 3000 + ".example/"}, "too long"),
        ({"aspire:kind": "rumour"}, "kind"),
        ({"aspire:language": "fr"}, "language"),
        ({"aspire:timezone": "Mars/Base"}, "no time zone"),
        ({"aspire:timezone": "../etc/passwd"}, "no time zone"),
        ({"aspire:interval": "soon"}, "interval"),
        ({"aspire:hongKong": "perhaps"}, "hongKong"),
    ],
)
def test_each_bad_outline_is_told(attributes: dict[str, str], why: str) -> None:
    """A feed that cannot be taken is told with its line and the reason; the others are taken."""
    good = feed(xmlUrl="https://good.example/")
    listed = read_opml(opml("\n", feed(**attributes), good))
    assert [source.url for source in listed.sources] == ["https://good.example/"]
    assert [(bad.line, why in bad.why) for bad in listed.bad] == [(2, True)]


def test_a_feed_that_is_listed_twice_is_taken_once() -> None:
    """The same address again is told as such."""
    listed = read_opml(opml(feed(), feed(text="B")))
    assert [source.name for source in listed.sources] == ["A"]
    assert [bad.name for bad in listed.bad] == ["B"]


BOMB = (
    b'<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<opml><body><outline type="rss" text="&b;"/></body></opml>'
)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<rss version='2.0'/>",
        b"<opml><body><outline",
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="nonsense"?><opml/>',
        b"<opml>" + b"<outline>" * 5_000,
        opml(*(feed(xmlUrl=f"https://a.example/{n}") for n in range(MOST_FEEDS + 1))),
        b"<opml>" + b" " * MOST_BYTES + b"</opml>",
    ],
    ids=range(10),
)
def test_what_is_no_list_is_refused(document: bytes) -> None:
    """What is no OPML, declares a document type, or is too large is refused with a reason."""
    with pytest.raises(NotOpml):
        read_opml(document)


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(document: bytes) -> None:
    """Any bytes are either a list or refused."""
    try:
        read_opml(b"<opml>" + document)
    except NotOpml:
        return
