"""Cards as plain text for pipes and as plain JSON, and what makes foreign text safe to print."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from handlers.messages import Button, Card, Chip, Form, Line, Moment, Reply

DOT = " · "

_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0 (ESC among them), DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # what turns the direction of text
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # what is never seen
)
_BROKEN = re.compile("[\ud800-\udfff]")
_MARKS = {"bullet": "- ", "quote": "> "}
_KEPT_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;=~"


def clean(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal would obey.

    Line breaks and tabs become one space; control characters, escapes and overrides of the
    writing direction are dropped; half a surrogate pair becomes U+FFFD.
    """
    return _BROKEN.sub("\ufffd", _UNSAFE.sub("", _BREAKS.sub(" ", text)))


def address(url: str) -> str:
    """`url` in printable ASCII if it is an http(s) address, else nothing."""
    safe = clean(url).strip()
    if not safe.lower().startswith(("https://", "http://")):
        return ""
    return quote(safe, safe=_KEPT_IN_ADDRESSES)


def local(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment.at, ZoneInfo(moment.timezone))


def moment_text(moment: Moment) -> str:
    """A day like 2026-07-09, or 2026-07-09 18:04 HKT where the clock time is known."""
    return f"{local(moment):%Y-%m-%d}" if moment.date_only else f"{local(moment):%Y-%m-%d %H:%M %Z}"


def footer_text(card: Card) -> str:
    when = moment_text(card.when) if card.when else ""
    return _joined(DOT, clean(card.footer), when)


def plain(card: Card, numbers: Sequence[int] = ()) -> str:
    """The card as stable plain text: no colours, no boxes, nothing wrapped, no newline at the end.

    `numbers` are those that press the card's buttons; without them each button shows what to
    type instead.
    """
    blocks = (_head(card), _body(card), [footer_text(card)], _buttons(card.buttons, numbers))
    return "\n\n".join("\n".join(rows) for rows in blocks if any(rows))


def _head(card: Card) -> list[str]:
    chips = "  ".join(f"[{clean(chip.letter)}] {clean(chip.label)}".rstrip() for chip in card.chips)
    return [row for row in (_linked(clean(card.title), card.url), chips) if row]


def _body(card: Card) -> list[str]:
    rows: list[str] = []
    for line in card.lines:
        if line.kind == "heading" and rows and rows[-1]:
            rows.append("")
        rows.append((_MARKS.get(line.kind, "") + _words(line)).rstrip())
    return rows


def _words(line: Line) -> str:
    said = _joined(" ", clean(line.label), _linked(clean(line.text), line.url))
    when = moment_text(line.when) if line.when else ""
    return _joined(DOT, said, clean(line.after), when) if line.after else _joined(" ", said, when)


def _joined(by: str, *parts: str) -> str:
    return by.join(part for part in parts if part)


def _linked(text: str, url: str) -> str:
    link = address(url)
    return _joined(" ", text, f"<{link}>" if link else "")


def _buttons(buttons: Sequence[Button], numbers: Sequence[int]) -> list[str]:
    if numbers:
        pairs = zip(numbers, buttons, strict=True)
        return ["  ".join(f"[{number}] {clean(button.label)}" for number, button in pairs)]
    return [
        f"[{clean(button.label)}] {address(button.url) or clean(button.ask)}" for button in buttons
    ]


def reply_as_json(reply: Reply) -> dict[str, object]:
    """All that the reply says as plain JSON: the card's own keys, then those of the reply.

    Times are ISO 8601: a date alone where only the day is known, else with the zone's offset.
    Of a picture only name and words are given.
    """
    return {
        "ok": reply.ok,
        "public": reply.public,
        **card_as_json(reply.card),
        "form": _form(reply.form) if reply.form else None,
        "announcement": card_as_json(reply.announcement) if reply.announcement else None,
    }


def card_as_json(card: Card) -> dict[str, object]:
    return {
        "language": card.language,
        "title": clean(card.title),
        "url": address(card.url),
        "tone": card.tone,
        "topic": card.topic,
        "chips": [_chip(chip) for chip in card.chips],
        "lines": [_line(line) for line in card.lines],
        "footer": clean(card.footer),
        "when": _iso(card.when),
        "buttons": [_button(button) for button in card.buttons],
        "mention": clean(card.mention),
        "picture": {"name": card.picture.name, "alt": clean(card.picture.alt)}
        if card.picture
        else None,
    }


def _iso(when: Moment | None) -> str | None:
    if when is None:
        return None
    return local(when).date().isoformat() if when.date_only else local(when).isoformat()


def _chip(chip: Chip) -> dict[str, str]:
    return {"topic": chip.topic, "letter": chip.letter, "label": clean(chip.label)}


def _line(line: Line) -> dict[str, object]:
    return {
        "kind": line.kind,
        "label": clean(line.label),
        "text": clean(line.text),
        "url": address(line.url),
        "after": clean(line.after),
        "when": _iso(line.when),
    }


def _button(button: Button) -> dict[str, object]:
    return {
        "label": clean(button.label),
        "ask": clean(button.ask),
        "url": address(button.url),
        "style": button.style,
    }


def _form(form: Form) -> dict[str, object]:
    return {
        "command": form.command,
        "title": clean(form.title),
        "fixed": dict(form.fixed),
        "fields": [
            {
                "name": field.name,
                "label": clean(field.label),
                "kind": field.kind,
                "choices": [choice.value for choice in field.choices],
                "value": list(field.value),
                "required": field.required,
            }
            for field in form.fields
        ],
    }
