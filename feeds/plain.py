"""Turn whatever a feed puts into its text and link fields into plain text and safe addresses."""

import re
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

import nh3

from feeds.addresses import LONGEST_ADDRESS

LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 2_000

# HTML is cut before it is read: the parser takes quadratic time over deeply nested tags.
_LONGEST_HTML = 20_000
_MOST_TAGS = 500

_BLOCKS = (
    "address|article|aside|blockquote|br|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|li|main|nav|ol|option|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_INLINES = (
    "a|abbr|acronym|audio|b|bdi|bdo|big|body|button|canvas|caption|cite|code|col|colgroup|del|dfn"
    "|em|embed|font|frame|head|html|i|iframe|img|input|ins|kbd|label|link|map|area|mark|meta|meter"
    "|noscript|object|param|picture|progress|q|rp|rt|ruby|s|samp|script|select|small|source|span"
    "|strike|strong|style|sub|summary|details|sup|svg|template|textarea|time|title|track|tt|u|var"
    "|video|wbr|o:p|math|nobr|marquee|blink"
)
_BLOCK_TAG = re.compile(rf"<(?=/?(?:{_BLOCKS})[\s/>])", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!/?(?:{_BLOCKS}|{_INLINES})[\s/>]|!--)", re.IGNORECASE)
_SURE_TAG = re.compile(rf"</(?:{_BLOCKS}|{_INLINES})>|<(?:p|br ?/?|img [^<>]*)>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_REFERENCE = r"#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};"
_ENTITY = re.compile(f"&(?:{_REFERENCE})")
_NO_ENTITY = re.compile(f"&(?!{_REFERENCE})")
_HIDDEN_CONTENT = {"script", "style", "title", "textarea", "template", "noscript", "iframe"}

# Characters that show nothing, or that change the order in which others are shown.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"  # controls that are no white space
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # hyphen, marks, overrides
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)

_ODD_IN_LINK = re.compile(r'[\s<>"|`\\^{}]')
_NO_HOST = re.compile(r"https?:(?:(?!//)|//(?:[/?#]|$))", re.IGNORECASE)
_ODD_HOST = re.compile(r'[\s<>"|`\\^{}@]')


def plain(text: str, longest: int) -> str:
    """`text` as one line without markup: tags out, entities read, controls and overrides out.

    A `<` that starts no tag of HTML stays ("Vec<T>"), and so does a `&` that starts no entity.
    What was escaped once too often (tags or entities are left after the first reading) is read
    a second time, never a third. What is longer than `longest` ends in "…".
    """
    if "<" in text or "&" in text:
        text = _without_markup(_UNSEEN.sub("", _cut_html(text)))
        again = _SURE_TAG.search(text)
        text = _without_markup(text) if again else _entities_read(text)
    return shortened(" ".join(_UNSEEN.sub("", text).split()), longest)


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, at a space if there is one near the end."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    space = cut.rfind(" ", longest * 4 // 5)
    return (cut if space < 0 else cut[:space]) + "…"


def _cut_html(text: str) -> str:
    text = text[:_LONGEST_HTML]
    at = -1
    for _ in range(_MOST_TAGS):
        at = text.find("<", at + 1)
        if at < 0:
            return text
    return text[:at]


def _without_markup(text: str) -> str:
    """The words of an HTML fragment, read as a browser would, with a space between blocks."""
    text = _NO_TAG.sub("&lt;", _CDATA.sub("", text))
    if "<" in text:
        spaced = _BLOCK_TAG.sub(" <", _NO_ENTITY.sub("&amp;", text))
        text = nh3.clean(spaced, tags=set(), clean_content_tags=_HIDDEN_CONTENT, link_rel=None)
    return _entities_read(text)


def _entities_read(text: str) -> str:
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)


def web_link(text: str, base: str = "") -> str:
    """`text` as an absolute http(s) address, resolved against `base`; "" for anything else.

    Addresses with a user name are refused: they show one host and lead to another. Characters
    that no address may hold, and that mean something to chat platforms, are percent-encoded.
    """
    link = _UNSEEN.sub("", re.sub(r"[\t\r\n]", "", text)).strip()
    if not link or len(link) > LONGEST_ADDRESS or _NO_HOST.match(link):
        return ""
    try:
        link = urljoin(base, link)
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or _ODD_HOST.search(parts.netloc):
        return ""
    link = parts.scheme + link[len(parts.scheme) :]
    link = _ODD_IN_LINK.sub(lambda odd: quote(odd[0]), link)
    return link if len(link) <= LONGEST_ADDRESS else ""
