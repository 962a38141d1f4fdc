"""Form -> modal, a submitted modal -> options, and a card shown as a modal."""

from collections.abc import Mapping

from adapters.slack_blocks import Room, card_blocks, plain
from adapters.slack_limits import (
    BLOCKS_IN_VIEW,
    CHECKBOXES,
    INPUT_HINT,
    INPUT_LABEL,
    INPUT_VALUE,
    MODAL_TITLE,
    OPTION_LABEL,
    OPTION_VALUE,
    OPTIONS,
    VIEW_JSON,
    Json,
    width,
)
from adapters.slack_places import Place, memo, remembered
from adapters.slack_text import clean
from handlers.messages import Card, Choice, Field, Form
from handlers.texts import say

FORM = "form"
CARD = "card"
RADIO_UP_TO = 5
"""Few choices are shown at once, more go into a menu."""
VIEW = Room(BLOCKS_IN_VIEW, VIEW_JSON)


def form_view(form: Form, place: Place, language: str) -> Json | None:
    """The modal that asks `form`; None where it cannot be opened (what it must remember is too
    long), so that the answer has to be given in words.
    """
    kept = remembered(place, command=form.command, fixed=dict(form.fixed))
    blocks = [block for field in form.fields if (block := _input(field))]
    if not kept or not blocks:
        return None
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": kept,
        "title": plain(clean(form.title) or say(language, "slack.modal"), MODAL_TITLE),
        "submit": plain(clean(form.submit) or "OK", MODAL_TITLE),
        "close": plain(say(language, "slack.close"), MODAL_TITLE),
        "blocks": blocks,
    }


def card_view(card: Card, place: Place, language: str) -> Json:
    """The modal that shows `card`; its buttons ask on behalf of `place`."""
    return {
        "type": "modal",
        "callback_id": CARD,
        "private_metadata": remembered(place),
        "title": plain(say(language, "slack.modal"), MODAL_TITLE),
        "close": plain(say(language, "slack.close"), MODAL_TITLE),
        "blocks": card_blocks(card, VIEW),
    }


def submitted(view: Mapping[str, Json]) -> tuple[str, dict[str, str]]:
    """The command and options of a submitted form. Several values are joined by spaces; a field
    left empty is "".
    """
    kept = memo(str(view["private_metadata"]))
    fixed = kept.get("fixed")
    options = {str(k): str(v) for k, v in fixed.items()} if isinstance(fixed, dict) else {}
    for field in view["state"]["values"].values():
        for name, answer in field.items():
            options[name] = _answer(answer)
    return str(kept.get("command", "")), options


def _answer(answer: Json) -> str:
    if "selected_options" in answer:
        return " ".join(option["value"] for option in answer["selected_options"] or [])
    if "selected_option" in answer:
        option = answer["selected_option"]
        return str(option["value"]) if option else ""
    return str(answer.get("value") or "").strip()


def _input(field: Field) -> Json | None:
    """An input block; None for a question that has nothing to choose from."""
    element = _text_element(field) if field.kind == "text" else _choice_element(field)
    if element is None:
        return None
    block: Json = {
        "type": "input",
        "block_id": f"field:{field.name}",
        "label": plain(clean(field.label) or field.name, INPUT_LABEL),
        "element": {**element, "action_id": field.name},
        "optional": not field.required,
    }
    return {**block, "hint": plain(clean(field.hint), INPUT_HINT)} if clean(field.hint) else block


def _text_element(field: Field) -> Json:
    element: Json = {"type": "plain_text_input", "max_length": INPUT_VALUE}
    value = " ".join(field.value)
    return {**element, "initial_value": value} if value and width(value) <= INPUT_VALUE else element


def _choice_element(field: Field) -> Json | None:
    options = _options(field.choices)
    chosen = [option for option in options if option["value"] in field.value]
    if not options:
        return None
    if field.kind == "choices":
        kind = "checkboxes" if len(options) <= CHECKBOXES else "multi_static_select"
        element: Json = {"type": kind, "options": options}
        return {**element, "initial_options": chosen} if chosen else element
    kind = "radio_buttons" if len(options) <= RADIO_UP_TO else "static_select"
    element = {"type": kind, "options": options}
    return {**element, "initial_option": chosen[0]} if chosen else element


def _options(choices: tuple[Choice, ...]) -> list[Json]:
    """At most Slack's hundred, each value once."""
    by_value = {
        choice.value: {
            "text": plain(clean(choice.label) or choice.value, OPTION_LABEL),
            "value": choice.value,
        }
        for choice in choices
        if 0 < width(choice.value) <= OPTION_VALUE
    }
    return list(by_value.values())[:OPTIONS]
