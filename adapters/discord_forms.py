"""A form as a Discord modal, and what came back from one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import discord
from discord.ui import Label, Modal, Select, TextInput

from adapters import discord_limits as limits
from adapters.discord_presses import Manner, mint
from adapters.discord_text import clean, clip, units
from handlers.messages import Field, Form

_LABEL: Final = 18
"""The type number of a label around one component; older clients send rows (1) instead."""


def modal(form: Form, keep: dict[str, str]) -> Modal:
    """The form as a modal; its command and fixed options travel in its custom id."""
    state = f"{form.command}?{urlencode(form.fixed)}"
    drawn = Modal(
        title=clip(form.title, limits.MODAL_TITLE, clean) or "…",
        custom_id=mint(Manner.SUBMIT, state, keep),
    )
    for field in form.fields[: limits.FIELDS]:
        drawn.add_item(_label(field))
    drawn.stop()  # submissions are read from the wire, so that they work after a restart
    return drawn


def _label(field: Field) -> Label[Any]:
    component = _select(field) if _selectable(field) else _text(field)
    hint = clip(field.hint, limits.FIELD_HINT, clean)
    if field.kind != "text" and not _selectable(field):
        hint = clip(", ".join(choice.value for choice in field.choices), limits.FIELD_HINT, clean)
    return Label(
        text=clip(field.label, limits.FIELD_LABEL, clean) or field.name,
        description=hint or None,
        component=component,
    )


def _selectable(field: Field) -> bool:
    """Whether its choices fit a select; if not, the values are typed, with the choices as hint."""
    values = [choice.value for choice in field.choices]
    return (
        field.kind != "text"
        and 0 < len(values) <= limits.CHOICES
        and len(set(values)) == len(values)
        and all(0 < units(value) <= limits.CHOICE for value in values)
    )


def _select(field: Field) -> Select[Any]:
    several = field.kind == "choices"
    return Select(
        custom_id=field.name,
        options=[
            discord.SelectOption(
                label=clip(choice.label, limits.CHOICE, clean) or choice.value,
                value=choice.value,
                default=choice.value in field.value,
            )
            for choice in field.choices
        ],
        min_values=1 if field.required else 0,
        max_values=len(field.choices) if several else 1,
        required=field.required,
    )


def _text(field: Field) -> TextInput[Any]:
    now = " ".join(field.value)
    return TextInput(
        custom_id=field.name,
        default=clip(now, limits.TEXT_INPUT, clean) or None,
        required=field.required,
        max_length=limits.TEXT_INPUT,
    )


def submitted(state: str, components: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, str]]:
    """The command and its options: the fixed ones, then each field, "" where it was left empty;
    several values are separated by spaces.
    """
    command, _, query = state.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    for component in _flat(components):
        values = component.get("values") or [component.get("value") or ""]
        options[str(component["custom_id"])] = " ".join(map(str, values)).strip()
    return command, options


def _flat(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        if component.get("type") == _LABEL:
            yield from _flat([component["component"]])
        elif "components" in component:
            yield from _flat(component["components"])
        elif "custom_id" in component:
            yield component
