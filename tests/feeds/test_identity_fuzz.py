"""Whatever answers a feed gives, in whatever order, what was stored once is known ever after."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeds.bodies import rss
from tests.feeds.fuzzing import SEEDS, mutated, recorded_seeds
from tests.feeds.fuzzing_identity import check_identity

FEEDS = 150

# So few values that items meet in every way: a guid used again, a link shared, a title repeated.
FIELDS = st.tuples(
    st.sampled_from(("", "<guid isPermaLink='false'>1</guid>", "<guid>https://n.example/2</guid>")),
    st.sampled_from(
        ("", "<link>https://n.example/1</link>", "<link>https://n.example/2?a=1</link>")
    ),
    st.sampled_from(("<title>SFC licenses A</title>", "<title>SFC fines B</title>", "")),
    st.sampled_from(("<description>x</description>", "<description>y</description>", "")),
    st.sampled_from(
        (
            *("", "<pubDate>Tue, 10 Nov 2026 10:30:00 +0800</pubDate>"),
            *(
                "<pubDate>2026-11-09</pubDate>",
                "<pubDate>Mon, 09 Nov 2026 22:00:00 +0800</pubDate>",
            ),
        )
    ),
)
ANSWERS = st.lists(st.lists(FIELDS.map("".join), max_size=5), min_size=1, max_size=4)


@settings(deadline=None, max_examples=400)
@given(ANSWERS)
def test_any_answers_are_known_again(answers: list[list[str]]) -> None:
    """An item that was stored is never new again, whatever else the feed said in between."""
    check_identity([rss(*items).encode() for items in answers])


def test_answers_after_accidents_are_known_again() -> None:
    """Nor after random accidents between a feed's answers; and no item is without an article."""
    chance = random.Random(20261110)
    seeds = (*SEEDS * 4, *recorded_seeds())
    stored = 0
    for _ in range(FEEDS):
        before = chance.choice(seeds)
        stored += check_identity((before, mutated(chance, (before,)), mutated(chance, (before,))))
    assert stored > FEEDS


def test_an_item_told_twice_under_two_guids_is_known_by_both() -> None:
    """Found by atheris: an item that stands in a document twice, once under a new guid and once
    under its old one without its link, is known by all its names.
    """
    dated = "<title>A</title><pubDate>Tue, 10 Nov 2026 10:30:00 +0800</pubDate><link>/1</link>"
    before = rss(f"<guid isPermaLink='false'>1</guid>{dated}")
    twice = rss(
        "<guid isPermaLink='false'>1</guid><title>A</title>",
        f"<guid isPermaLink='false'>0</guid>{dated}",
    )
    assert check_identity([before.encode(), twice.encode()]) == 1
