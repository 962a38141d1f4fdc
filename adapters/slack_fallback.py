"""A card as one text: what notifications show, screen readers read, and plain sends consist of."""

from adapters.slack_limits import LINE_AFTER, LINE_LABEL, LINE_TEXT, TEXT, TITLE, cut, width
from adapters.slack_text import clean, date_token, escape, linked, mention_token, written
from handlers.messages import Card, Line
from handlers.texts import say

_MARKS = {"text": "", "heading": "", "bullet": "• ", "note": "", "quote": "» "}


def fallback_text(card: Card, limit: int = TEXT) -> str:
    """The whole card in at most `limit` units, escaped.

    Long ones go without addresses first, then without their last lines, and say how many.
    """
    for lines in (_lines(card, links=True), _lines(card, links=False)):
        text = "\n".join(lines)
        if width(text) <= limit:
            return text
    return _shortened(lines, card.language, limit)


def _shortened(lines: list[str], language: str, limit: int) -> str:
    kept = list(lines)
    while len(kept) > 1:
        kept.pop()
        text = "\n".join(
            [*kept, escape(say(language, "slack.left_out", count=len(lines) - len(kept)))]
        )
        if width(text) <= limit:
            return text
    return cut(kept[0], limit)


def _lines(card: Card, *, links: bool) -> list[str]:
    title = cut(clean(card.title), TITLE)
    title = linked(title, card.url) if links and card.url else escape(title)
    lines = [" ".join(filter(None, (mention_token(card.mention), title)))]
    if card.chips:
        lines.append(escape(" · ".join(f"{chip.letter} {chip.label}" for chip in card.chips)))
    lines += [_line(line, card.language, links=links) for line in card.lines]
    footer = [escape(clean(card.footer))] if card.footer else []
    if card.when:
        footer.append(date_token(card.when, card.language))
    return [*lines, " · ".join(footer)] if footer else lines


def _line(line: Line, language: str, *, links: bool) -> str:
    text = cut(clean(line.text), LINE_TEXT)
    said = [
        escape(cut(clean(line.label), LINE_LABEL)),
        linked(text, line.url) if links and line.url else escape(text),
    ]
    more = [" ".join(filter(None, said)), escape(cut(clean(line.after), LINE_AFTER))]
    if line.when:
        short = escape(written(line.when, language))
        more.append(date_token(line.when, language) if links else short)
    return _MARKS[line.kind] + " · ".join(filter(None, more))
