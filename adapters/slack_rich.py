"""Lines of a card -> rich text, in which nothing foreign is ever parsed.

Rich text shows its text as it is, so a title cannot mention, link or format; and it is stressed
by style, not by `*`, which Slack does not see beside Chinese characters.
"""

from adapters.slack_limits import LINE_AFTER, LINE_LABEL, LINE_TEXT, Json, cut
from adapters.slack_text import DATE_FORMAT, clean, link_label, web_address, written
from handlers.messages import Line, Moment


def text_element(text: str, *, bold: bool = False, italic: bool = False) -> Json:
    element: Json = {"type": "text", "text": text}
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    return {**element, "style": style} if style else element


def link_element(label: str, url: str, *, bold: bool = False) -> Json:
    """A link; plain text where the address cannot be one."""
    address = web_address(url)
    if not address:
        return text_element(label, bold=bold)
    element: Json = {"type": "link", "url": address, "text": link_label(label, address)}
    return {**element, "style": {"bold": True}} if bold else element


def date_element(moment: Moment, language: str) -> Json:
    words = written(moment, language)
    if moment.date_only:
        return text_element(words)
    return {"type": "date", "timestamp": moment.at, "format": DATE_FORMAT, "fallback": words}


def line_elements(line: Line, language: str) -> list[Json]:
    """A line as `Line` promises: label, text, after, moment. Never empty."""
    label = cut(clean(line.label), LINE_LABEL)
    text = cut(clean(line.text), LINE_TEXT)
    after = cut(clean(line.after), LINE_AFTER)
    parts = [text_element(label, bold=True)] if label else []
    if text:
        parts += [text_element(" ")] if parts else []
        parts.append(_words(text, line, bold=line.kind == "heading" and not label))
    for more in (text_element(after) if after else None, _date(line, language)):
        if more:
            parts += [text_element(" · "), more] if parts else [more]
    return parts or [text_element(" ")]


def _words(text: str, line: Line, *, bold: bool) -> Json:
    if line.url:
        return link_element(text, line.url, bold=bold)
    return text_element(text, bold=bold, italic=line.kind == "note")


def _date(line: Line, language: str) -> Json | None:
    return date_element(line.when, language) if line.when else None


def rich_text(lines: tuple[Line, ...], language: str) -> Json:
    """One rich text block of these lines: bullets as a list, quotes as quotes, the rest as text."""
    parts: list[Json] = []
    for line in lines:
        elements = line_elements(line, language)
        if line.kind == "heading" and parts:
            elements = [text_element("\n"), *elements]
        if line.kind == "bullet":
            _add_bullet(parts, elements)
        elif line.kind == "quote":
            _add_flow(parts, "rich_text_quote", elements)
        else:
            _add_flow(parts, "rich_text_section", elements)
    return {"type": "rich_text", "elements": parts}


def _add_bullet(parts: list[Json], elements: list[Json]) -> None:
    if not parts or parts[-1]["type"] != "rich_text_list":
        parts.append({"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": []})
    parts[-1]["elements"].append({"type": "rich_text_section", "elements": elements})


def _add_flow(parts: list[Json], kind: str, elements: list[Json]) -> None:
    """Lines of one kind that follow each other share an element, a line break between them."""
    if parts and parts[-1]["type"] == kind:
        parts[-1]["elements"] += [text_element("\n"), *elements]
    else:
        parts.append({"type": kind, "elements": elements})
