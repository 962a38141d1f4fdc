"""Mend the text of an XML feed so that a strict parser can read what a lenient reader would.

What is left after mending has no DOCTYPE (hence no entities of its own: no bombs), no comments
and no processing instructions, and no character that XML forbids.
"""

import re
from html.entities import html5

_JUNK_BEFORE_ROOT = 5_000

# These match any text from its start, so they never go back over what they have passed.
_ASIDE = r"[\s\ufeff\0]+|<\?.*?\?>|<!--.*?-->"
_ASIDES = re.compile(rf"(?:{_ASIDE})*", re.DOTALL)
_PROLOG = re.compile(rf"(?:{_ASIDE}|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<\?xml\s|<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|(?:html|head|body|title|meta)[\s>/])", re.IGNORECASE)
_LIKE_HTML = re.compile(r"<(?:script|div|p|br|b|table|h1|center|font)[\s>/]", re.IGNORECASE)

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile(r"<(?:!--|!\[CDATA\[|[!?])")
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_AMPERSAND = re.compile(r"&(?:#(\d{1,9});|#[xX]([0-9a-fA-F]{1,8});|([A-Za-z][A-Za-z0-9]{1,31};))?")
_UNUSED = re.compile(
    r"<(/?)(?:[\w.-]+:)?(?:category|keywords|subject|tags)(?=[\s/>])", re.IGNORECASE
)
_EMPTY_LINK = re.compile(r"<link\s*(?:/>|>\s*</link\s*>)")
_OF_XML = {"amp;", "lt;", "gt;", "quot;", "apos;"}
_LAST_CODE_POINT = 0x10FFFF


def is_html(text: str) -> bool:
    """True for a page that is meant for a browser, not for a feed that a server printed
    warnings before.
    """
    start = _end(_ASIDES, text)
    if _HTML.match(text, start):
        return True
    return bool(_LIKE_HTML.match(text, start)) and not _ROOT.search(text, 0, _JUNK_BEFORE_ROOT)


def mended(text: str) -> str:
    """The document from its root element on, mended. Takes linear time over anything.

    Mended are: what stands before the root, control characters, `&` that begins no reference,
    HTML's entities, references to characters that do not exist, `<!` or `<?` that begins
    something that never ends, and empty links, beside which feedparser would not take a guid
    for one. Categories are renamed, which nobody here reads: feedparser compares each with all
    before it. The contents of CDATA stay as they are.
    """
    text = _FORBIDDEN.sub("", _from_root(text))
    pieces = []
    at = 0
    endless = {""}
    for special in _SPECIAL.finditer(text):
        if special.start() < at:
            continue
        if special.start() > at:
            pieces.append(_text_mended(text[at : special.start()]))
        closer = _CLOSERS.get(special[0], "")
        end = -1 if closer in endless else text.find(closer, special.end())
        if end < 0:
            endless.add(closer)  # nor will it be found from further on
            pieces.append("&lt;" + special[0][1:])
            at = special.end()
            continue
        at = end + len(closer)
        if special[0] == "<![CDATA[":
            pieces.append(text[special.start() : at])
    pieces.append(_text_mended(text[at:]))
    return _EMPTY_LINK.sub("", "".join(pieces))


def _text_mended(text: str) -> str:
    return _UNUSED.sub(r"<\1unused", _AMPERSAND.sub(_reference, text))


def _from_root(text: str) -> str:
    text = text[_end(_PROLOG, text) :]
    root = _ROOT.search(text, 0, _JUNK_BEFORE_ROOT)
    if root and root.start() > 0:
        text = text[root.start() :]
        text = text[_end(_PROLOG, text) :]
    return text


def _end(start: re.Pattern[str], text: str) -> int:
    found = start.match(text)
    return found.end() if found else 0


def _reference(found: re.Match[str]) -> str:
    """A reference that XML knows, for one that it may not."""
    decimal, hexadecimal, name = found.groups()
    if name:
        if name in _OF_XML:
            return found[0]
        return html5.get(name) or f"&amp;{name}"
    if decimal or hexadecimal:
        point = int(decimal) if decimal else int(hexadecimal, 16)
        exists = point <= _LAST_CODE_POINT and not _FORBIDDEN.match(chr(point))
        return f"&#{point};" if exists else ""
    return "&amp;"
