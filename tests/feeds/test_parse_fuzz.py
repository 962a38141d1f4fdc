"""Random documents: none breaks the parser or gives an entry that is not safe."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.plain import plain, web_link
from tests.feeds.fuzzing import CHARSETS, SEEDS, TOKENS, check, check_pair, mutated, recorded_seeds

MUTATIONS = 800


def test_mutated_feeds() -> None:
    """Feeds with random accidents are read or refused, and what is read is safe."""
    chance = random.Random(20261110)
    seeds = (*SEEDS * 4, *recorded_seeds())
    for _ in range(MUTATIONS):
        check(mutated(chance, seeds), chance.choice(CHARSETS))


def test_mutated_answers_of_one_feed() -> None:
    """After random accidents between two answers, reading the unseen loses nothing."""
    chance = random.Random(11)
    seeds = (*SEEDS * 4, *recorded_seeds())
    pairs = 0
    for _ in range(MUTATIONS // 4):
        before = chance.choice(seeds)
        pairs += check_pair(before, mutated(chance, (before,)))
    assert pairs > 0


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=8)), max_size=40),
    st.sampled_from(SEEDS),
    st.sampled_from(CHARSETS),
)
def test_documents_of_tokens(tokens: list[bytes], seed: bytes, charset: str) -> None:
    """Nor does anything that is put together of a feed's words break it."""
    text = b"".join(tokens)
    check(text, charset)
    middle = seed.find(b"A")
    check(seed[:middle] + text + seed[middle:], charset)


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(2, 100))
def test_any_text_is_made_plain(text: str, longest: int) -> None:
    """Plain text is one line of at most the length asked for, and stays as it is when it is
    without markup.
    """
    made = plain(text, longest)
    assert len(made) <= longest
    assert made == " ".join(made.split())
    if "<" not in made and "&" not in made:
        assert plain(made, longest) == made


@settings(deadline=None)
@given(st.text(max_size=100), st.text(max_size=50))
def test_any_link_is_safe_or_none(link: str, base: str) -> None:
    """A link is safe whatever it and its base are, and safe links stay as they are."""
    made = web_link(link, base)
    assert made == "" or made.startswith(("http://", "https://"))
    assert web_link(made) == made
