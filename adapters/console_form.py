"""A form asked one question after another: what each question says, and what an answer means."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from adapters.console_text import clean
from handlers.messages import Card, Choice, Field, Form, Line
from handlers.texts import say

NOTHING = "-"

Show = Callable[[Card], Awaitable[None]]
AskOne = Callable[[Field], Awaitable[str]]


class MisunderstoodError(Exception):
    """An answer that is none of the choices: a key of the locale and its words."""

    def __init__(self, key: str, **words: str) -> None:
        super().__init__(key)
        self.key = key
        self.words = words


async def fill(form: Form, language: str, show: Show, ask: AskOne) -> Mapping[str, str]:
    """Show and ask every field until it is answered; the answers by field, values by space."""
    answers: dict[str, str] = {}
    for number, field in enumerate(form.fields, 1):
        await show(question(form, number, language))
        answers[field.name] = " ".join(await _answered(field, language, show, ask))
    return answers


async def _answered(field: Field, language: str, show: Show, ask: AskOne) -> tuple[str, ...]:
    while True:
        try:
            return accept(field, await ask(field))
        except MisunderstoodError as error:
            sentence = say(language, f"console.{error.key}", **error.words)
            await show(Card(title=sentence, tone="warning", language=language))


def question(form: Form, number: int, language: str) -> Card:
    """The card that asks for the field of that number (from 1)."""
    field = form.fields[number - 1]
    chosen = [_labels(field).get(value, value) for value in field.value]
    present = ", ".join(chosen) or say(language, "console.form_empty")
    rows = [
        Line(choice.label, "bullet", label=mark)
        for mark, choice in zip(marks(field), field.choices, strict=True)
    ]
    if field.hint:
        rows.append(Line(field.hint, "note"))
    rows.append(Line(say(language, f"console.form_{field.kind}", present=present), "note"))
    return Card(
        title=f"{form.title} · {field.label} ({number}/{len(form.fields)})",
        lines=tuple(rows),
        language=language,
    )


def _labels(field: Field) -> Mapping[str, str]:
    return {choice.value: choice.label for choice in field.choices}


def marks(field: Field) -> Sequence[str]:
    """What to type for each choice: its number in the list, or its value where some value is
    itself a number, which would be taken for another's place.
    """
    values = [choice.value for choice in field.choices]
    if any(value.isdecimal() for value in values):
        return values
    return [str(number) for number in range(1, len(values) + 1)]


def accept(field: Field, typed: str) -> tuple[str, ...]:
    """The values that `typed` means for `field`. Raises MisunderstoodError.

    Nothing keeps the present values of a choice, `-` empties it; text is taken as it is.
    """
    typed = clean(typed).strip()
    values: tuple[str, ...] = ()
    if field.kind == "text":
        values = (typed,) if typed else ()
    elif not typed:
        values = field.value
    elif typed != NOTHING:
        words = typed.replace(",", " ").replace("，", " ").replace("、", " ").split()
        parts = [typed] if field.kind == "choice" else words
        values = tuple(dict.fromkeys(_chosen(field, part) for part in parts))
    if field.required and not values:
        raise MisunderstoodError("form_required", label=field.label)
    return values


def _chosen(field: Field, word: str) -> str:
    """The value of the one choice that `word` names by mark, value, label or its beginning."""
    wanted = word.casefold()
    exact = [
        choice
        for mark, choice in zip(marks(field), field.choices, strict=True)
        if wanted in {mark, *_names(choice)}
    ]
    found = exact or [
        choice
        for choice in field.choices
        if any(name.startswith(wanted) for name in _names(choice))
    ]
    if len(found) != 1:
        raise MisunderstoodError("form_unknown", word=word)
    return found[0].value


def _names(choice: Choice) -> tuple[str, str]:
    return choice.value.casefold(), choice.label.casefold()
