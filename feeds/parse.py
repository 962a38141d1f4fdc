"""Read a feed's body, whatever its encoding and format. Pure; runs in the worker process."""

from feeds.encodings import decode
from feeds.mending import is_html
from feeds.pages import feeds_named_by
from feeds.parse_json import parse_json
from feeds.parse_xml import parse_xml
from feeds.parsed import Body, NotAFeed, NotAFeedReason, Parsed

__all__ = ["Body", "NotAFeed", "NotAFeedReason", "Parsed", "parse"]


def parse(body: Body, seen: frozenset[bytes] = frozenset()) -> Parsed:
    """The entries of a feed, but for those in chunks that were `seen` in an earlier answer.

    Raises NotAFeed, and nothing else, for any bytes whatever.
    """
    text = decode(body.body, body.charset).text
    text = text.lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise NotAFeed(NotAFeedReason.EMPTY)
    if text.startswith("{"):
        return parse_json(text, body)
    if is_html(text):
        raise NotAFeed(NotAFeedReason.HTML, feeds_named_by(text, body.url))
    return parse_xml(text, body, seen)
