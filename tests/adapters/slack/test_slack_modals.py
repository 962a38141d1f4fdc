"""Forms as modals: every limit and one over it, and what comes back from them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack_limits import PRIVATE_METADATA, Json, width
from adapters.slack_modals import card_view, form_view, submitted
from adapters.slack_places import Place, recalled
from handlers.messages import Choice, Field, Form
from tests.adapters.slack.cards import CARDS, HOSTILE, LETTERS
from tests.adapters.slack.desk import SUBSCRIBE
from tests.adapters.slack.fake_slack_checks import check_view
from tests.adapters.slack.fake_slack_payloads import filled_in
from tests.adapters.slack.fake_slack_world import View

PLACE = Place("T1", "C1", "U1", channel_name="#general", response_url="https://hooks.example/1")
CHOICES = st.builds(Choice, LETTERS, st.text("abcdefgh", min_size=1, max_size=160))
FIELDS = st.builds(
    Field,
    name=st.sampled_from(("topics", "when", "with", "scope", "hour")),
    label=LETTERS,
    kind=st.sampled_from(("choice", "choices", "text")),
    choices=st.lists(CHOICES, max_size=25).map(tuple),
    value=st.lists(st.text("abcdefgh", max_size=5), max_size=3).map(tuple),
    hint=LETTERS,
    required=st.booleans(),
)
FORMS = st.builds(
    Form,
    command=st.just("subscribe"),
    title=LETTERS,
    fields=st.lists(FIELDS, min_size=1, max_size=5, unique_by=lambda field: field.name).map(tuple),
    submit=LETTERS,
)


def view_of(form: Form, place: Place = PLACE) -> Json:
    view = form_view(form, place, "en")
    assert view is not None
    return view


def with_choices(count: int, label: str = "label", value: str = "v") -> Form:
    choices = tuple(Choice(label, f"{number:03}{value}") for number in range(count))
    return replace(SUBSCRIBE, fields=(Field("topics", "Topics", "choices", choices),))


@given(FORMS)
@settings(max_examples=100, deadline=None)
def test_any_form_is_one_that_slack_opens(form: Form) -> None:
    """Whatever the core asks, its modal keeps to all limits."""
    view = form_view(form, PLACE, "en")
    if view:
        check_view(view)


@given(CARDS)
@settings(max_examples=30, deadline=None)
def test_any_card_can_be_shown_in_a_modal(card: object) -> None:
    """The Home answers in modals."""
    check_view(card_view(card, PLACE, "zh-Hant"))  # type: ignore[arg-type]  # CARDS makes cards


@pytest.mark.parametrize(
    ("count", "kind"),
    [(10, "checkboxes"), (11, "multi_static_select"), (100, "multi_static_select")],
)
def test_choices_are_shown_at_once_or_in_a_menu(count: int, kind: str) -> None:
    """Ten boxes are the most that Slack shows; a menu takes a hundred."""
    view = view_of(with_choices(count))
    check_view(view)
    element = view["blocks"][0]["element"]
    assert (element["type"], len(element["options"])) == (kind, count)


def test_more_than_a_hundred_options_are_cut() -> None:
    """One over the limit would close the door on all of them."""
    view = view_of(with_choices(101))
    check_view(view)
    assert len(view["blocks"][0]["element"]["options"]) == 100


@pytest.mark.parametrize("letters", [75, 76])
def test_labels_are_cut_at_their_limit(letters: int) -> None:
    """75 for an option, in units that count an emoji twice."""
    for letter in ("題", "👍"):
        view = view_of(with_choices(2, label=letter * letters))
        check_view(view)
        shown = view["blocks"][0]["element"]["options"][0]["text"]["text"]
        assert (shown == letter * letters) == (width(letter * letters) <= 75)


@pytest.mark.parametrize(("letters", "kept"), [(147, 2), (148, 0)])
def test_a_value_that_does_not_fit_is_never_cut(letters: int, kept: int) -> None:
    """A shortened value would mean something else; such a choice is not offered."""
    form = with_choices(2, value="x" * letters)
    view = form_view(form, PLACE, "en")
    assert len(view["blocks"][0]["element"]["options"]) == kept if view else kept == 0


def test_a_form_that_cannot_be_remembered_is_not_opened() -> None:
    """private_metadata holds 3,000; the response URL is given up first."""
    room = PRIVATE_METADATA - len(view_of(SUBSCRIBE)["private_metadata"])
    full = replace(SUBSCRIBE, fixed={"item": "12" + "x" * room})
    view = view_of(full)
    check_view(view)
    assert width(view["private_metadata"]) == PRIVATE_METADATA
    over = view_of(replace(SUBSCRIBE, fixed={"item": "12" + "x" * (room + 1)}))
    check_view(over)
    assert "hooks.example" not in over["private_metadata"]
    assert form_view(replace(SUBSCRIBE, fixed={"item": "x" * 3_000}), PLACE, "en") is None


@pytest.mark.parametrize("words", HOSTILE)
def test_words_typed_into_a_form_come_back_as_typed(words: str) -> None:
    """No escaping on the way in: the core is told what the person wrote."""
    view = view_of(SUBSCRIBE)
    state = filled_in(View("T1", "U1", "V1", view), {"topics": ["t1", "t2"], "with": words})
    command, options = submitted({**view, "state": state})
    assert command == "subscribe"
    assert options == {"item": "12", "topics": "t1 t2", "when": "instant", "with": words.strip()}


def test_what_is_left_empty_is_sent_as_empty() -> None:
    """So that words can be taken away again."""
    view = view_of(SUBSCRIBE)
    state = filled_in(View("T1", "U1", "V1", view), {"topics": ["t1"]})
    assert submitted({**view, "state": state})[1]["with"] == ""


def test_a_modal_remembers_where_it_was_opened() -> None:
    """The submission itself names no channel."""
    kept = view_of(SUBSCRIBE)["private_metadata"]
    place = recalled(kept, Place("T1", "", "U1", trigger="t2"))
    assert (place.channel, place.channel_name, place.trigger) == ("C1", "#general", "t2")
    assert place.response_url == PLACE.response_url
