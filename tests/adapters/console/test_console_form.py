"""A form asked one question after another: what an answer means, and what is asked again."""

import pytest

from adapters.console_form import MisunderstoodError, accept, fill, question
from handlers.messages import Card, Choice, Field
from tests.adapters.console.desk import SUBSCRIBE

TOPICS, WHEN, WITH = SUBSCRIBE.fields
INITIATIVES = Field(
    "topics",
    "Topics",
    "choices",
    (Choice("Safeguards", "safeguards"), Choice("#1 OTC", "1"), Choice("#12 Talent", "12")),
)


@pytest.mark.parametrize(
    ("field", "typed", "values"),
    [
        (TOPICS, "", ("safeguards",)),
        (TOPICS, "1 3", ("access", "products")),
        (TOPICS, "products, ACCESS、1", ("products", "access")),
        (TOPICS, "inf rel", ("infrastructure", "relationships")),
        (WHEN, "", ("instant",)),
        (WHEN, "2", ("daily",)),
        (WHEN, "in the summary", ("daily",)),
        (WHEN, "-", ()),
        (WITH, "staking  custody ", ("staking  custody",)),
        (WITH, "-", ("-",)),
        (WITH, "", ()),
        (INITIATIVES, "1 safe", ("1", "safeguards")),
        (INITIATIVES, "12", ("12",)),
        (INITIATIVES, "-", ()),
    ],
)
def test_what_an_answer_means(field: Field, typed: str, values: tuple[str, ...]) -> None:
    """Choices go by number, word or beginning; Enter keeps; numbers that are values stay values."""
    assert accept(field, typed) == values


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        (TOPICS, "-", "form_required"),
        (TOPICS, "access 9", "form_unknown"),
        (TOPICS, "0", "form_unknown"),
        (WHEN, "1 2", "form_unknown"),
        (INITIATIVES, "2", "form_unknown"),
        (INITIATIVES, "#", "form_unknown"),
    ],
)
def test_answers_that_are_not_taken(field: Field, typed: str, key: str) -> None:
    """What is none of the choices, several of them, or missing where needed is asked again."""
    with pytest.raises(MisunderstoodError) as caught:
        accept(field, typed)
    assert caught.value.key == key


def test_a_question_lists_its_choices() -> None:
    """Each question says where it stands, what can be chosen and what Enter keeps."""
    card = question(SUBSCRIBE, 2, "en")
    assert card.title == "Subscribe this channel · When (2/3)"
    assert [(line.label, line.text) for line in card.lines[:3]] == [
        ("1", "At once"),
        ("2", "In the summary"),
        ("3", "Both"),
    ]
    assert card.lines[-1].text == "One of these. Enter keeps: At once"
    assert [line.label for line in question(SUBSCRIBE, 3, "zh-Hant").lines] == ["", ""]


async def test_a_form_is_asked_until_it_is_answered() -> None:
    """A wrong answer is explained and the same question asked again; the rest follows."""
    shown: list[Card] = []
    typed = iter(["9", "1 2", "both", "staking"])

    async def show(card: Card) -> None:
        shown.append(card)

    async def ask(field: Field) -> str:
        return next(typed)

    answers = await fill(SUBSCRIBE, "en", show, ask)
    assert answers == {"topics": "access safeguards", "when": "both", "with": "staking"}
    assert [card.tone for card in shown] == ["plain", "warning", "plain", "plain"]
    assert shown[1].title == "“9” is none of these, or could be several of them."
