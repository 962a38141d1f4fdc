"""Find the feeds that an HTML page names, for "did you mean this feed?"."""

import re
from html import unescape

from feeds.plain import web_link

MOST_ALTERNATES = 10

_READ = 500_000
_BASE = re.compile(r"<base\s([^<>]{1,3000})>", re.IGNORECASE)
_LINK = re.compile(r"<link\s([^<>]{1,3000})>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s([^<>]{1,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
_LIKE_A_FEED = re.compile(
    r"\.(?:rss|atom|rdf)\b|rss[^?#]*\.xml\b|/(?:rss|feeds?|atom)/?$", re.IGNORECASE
)


def feeds_named_by(page: str, url: str) -> tuple[str, ...]:
    """The feeds that a page declares in its head, else those that its links look like leading
    to: absolute http(s) addresses, each once, at most 10.
    """
    page = page[:_READ]
    base = _BASE.search(page)
    start = (web_link(_attributes(base[1]).get("href", ""), url) if base else "") or url
    declared = [
        link["href"]
        for link in map(_attributes, _LINK.findall(page))
        if "href" in link
        and "alternate" in link.get("rel", "").lower().split()
        and link.get("type", "").lower().strip() in _FEED_TYPES
    ]
    guessed = (link.get("href", "") for link in map(_attributes, _ANCHOR.findall(page)))
    found = declared or [href for href in guessed if _LIKE_A_FEED.search(href)]
    safe = (web_link(href, start) for href in found)
    return tuple(dict.fromkeys(link for link in safe if link and link != url))[:MOST_ALTERNATES]


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }
