"""The torture's verdict can fail: doctored channels, and what it says of them."""

from dataclasses import replace

import pytest

from tests.end_to_end.torture.verdict import Message, Owed, Told, Trial, judge

OWED = Owed("here", tells=True, stories=(1, 2, 3, 4))
DEAF = replace(OWED, tells=False)


def channel(*messages: str | tuple[str, float]) -> list[Message]:
    """Messages by the stories that they tell ("1", or "2 3" for a list), and when they came."""
    found = []
    for number, one in enumerate(messages):
        words, at = one if isinstance(one, tuple) else (one, float(number))
        told = tuple(Told(int(word)) for word in words.split())
        found.append(Message(f"key of {words}", at, told))
    return found


def test_what_is_as_it_should_be_is_not_blamed() -> None:
    """Cards and lists in order, each story once; notices do not count."""
    assert judge(OWED, channel("1", "", "2 3", "4"), Trial()) == ([], 0)


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        (channel("1", "2 4"), "story 3 is lost"),
        (channel(), "story 1 is lost"),
        (channel("1", "2", "3 3", "4"), "story 3 came 2 times"),
        (channel("1", "2", "3", "2 4"), "story 2 came 2 times"),
        (channel("1", "3", "2", "4"), "out of order"),
        (channel("1", "3 2", "4"), "out of order"),
        (channel("1", "2", "3", "4", "5"), "story 5 was not asked for"),
        (channel("1", "2", "2", "3", "4"), "came again, where the platform can tell"),
    ],
)
@pytest.mark.parametrize("kills", [(), (1.5, 2.5)])
def test_what_is_not_is_named(
    messages: list[Message], fault: str, kills: tuple[float, ...]
) -> None:
    """Lost, doubled, out of order, uncalled for: no kill excuses any of it."""
    faults, _ = judge(OWED, messages, Trial(kills))
    assert any(fault in said for said in faults), faults
    assert all(said.startswith("here: ") for said in faults)


def test_one_repeat_for_each_kill_where_the_platform_cannot_tell() -> None:
    """A kill between a message and its repeat explains that one; a second one needs a second."""
    twice = channel("1", ("2", 1.0), ("2", 9.0), "3", "4")
    assert judge(DEAF, twice, Trial((1.2,))) == ([], 1)
    assert judge(DEAF, twice, Trial((20.0,)))[0]
    thrice = channel("1", ("2", 1.0), ("2", 2.0), ("2", 3.0), "3", "4")
    assert judge(DEAF, thrice, Trial((1.5, 2.5))) == ([], 2)
    assert len(judge(DEAF, thrice, Trial((1.5,)))[0]) == 1


def test_of_a_repeated_message_the_last_one_counts() -> None:
    """The bot knows of that one, and edits it; its turn was that of the first."""
    twice = channel("1", "2", "3", "2", "4")
    twice[3] = replace(twice[3], told=(Told(2, withdrawn=True),))
    gone = replace(DEAF, withdrawn=frozenset({2}))
    assert judge(gone, twice, Trial((1.5,))) == ([], 1)
    assert judge(gone, [*twice[:3], replace(twice[3], told=(Told(2),))], Trial((1.5,)))[0]


def test_a_repeat_long_after_is_no_kills_fault() -> None:
    """What was sent long before the kill had been written down."""
    assert judge(DEAF, channel("1", ("2", 1.0), ("2", 99.0), "3", "4"), Trial((60.0,)))[0]


def test_a_lost_answer_explains_a_repeat() -> None:
    """One of that very message, and no other."""
    twice = channel("1", "2", "2", "3", "4")
    assert judge(DEAF, twice, Trial(unheard={"key of 2": 1})) == ([], 1)
    assert judge(DEAF, twice, Trial(unheard={"key of 3": 1}))[0]


def test_the_same_story_under_another_key_is_never_explained() -> None:
    """A repeat is the same message; the same story in another one was owed twice."""
    assert judge(DEAF, channel("1", "2", "2 3", "4"), Trial((0.5, 1.5, 2.5)))[0]


def test_what_was_withdrawn_may_be_missing_and_must_say_so() -> None:
    """And what stands must not say it; what stands again may come late."""
    gone = replace(OWED, withdrawn=frozenset({2}))
    assert judge(gone, channel("1", "3", "4"), Trial()) == ([], 0)
    assert judge(gone, channel("1", "2", "3", "4"), Trial())[0]
    said = channel("1", "2", "3", "4")
    said[1] = replace(said[1], told=(Told(2, withdrawn=True),))
    assert judge(gone, said, Trial()) == ([], 0)
    assert judge(OWED, said, Trial())[0]
    late = replace(OWED, late=frozenset({2}))
    assert judge(late, channel("1", "3", "2", "4"), Trial()) == ([], 0)
    assert judge(late, channel("1", "3", "4"), Trial())[0]
