"""The trainer of the tagger's weights learns what labels say, and keeps what it knew."""

from collections.abc import Mapping, Sequence
from typing import Any

from feeds.items import PILLARS
from feeds.tagging_weights import BIAS, WORD, Feature, Weights
from scripts.train_tagger import LEAST_SEEN, TIMES, Example, learn

STAKE, FORGE, RARE = ("stake", WORD), ("forge", WORD), ("seldom", WORD)
PRODUCTS = PILLARS.index("products")


def example(
    features: Sequence[Feature], *pillars: str, times: float = 1.0, arguable: Sequence[str] = ()
) -> Example:
    row: Mapping[str, Any] = {"pillars": pillars, "arguable": arguable}
    return Example(row, dict.fromkeys(features, 1.0), times)


def labels(count: int) -> list[Example]:
    """Items that have a pillar by one word, and none by another."""
    given = [example([STAKE], "products") for _ in range(count)]
    return [*given, *(example([FORGE]) for _ in range(count))]


def products(weights: Weights, feature: Feature) -> float:
    return weights.rows[feature][PRODUCTS]


def test_words_lean_as_the_labels_say() -> None:
    """A word of items with the pillar leans for it, one of items without leans against it."""
    weights = learn(labels(20))
    assert products(weights, STAKE) > 1 > -1 > products(weights, FORGE)
    assert BIAS in weights.rows


def test_seldom_heard_words_get_no_row() -> None:
    """A few items are no ground to weigh a word by."""
    few = [example([RARE], "products") for _ in range(LEAST_SEEN[WORD] - 1)]
    assert RARE not in learn([*labels(20), *few]).rows


def test_arguable_labels_teach_nothing() -> None:
    """What only one of two readers gave counts neither for nor against."""
    doubted = [example([STAKE], arguable=["products"]) for _ in range(200)]
    assert products(learn([*labels(20), *doubted]), STAKE) > 1


def test_labelled_items_count_more_than_examples() -> None:
    """An item that counts several times moves the weights further."""
    plain = learn([*labels(20), *(example([STAKE]) for _ in range(10))])
    heavy = learn([*labels(20), *(example([STAKE], times=TIMES) for _ in range(10))])
    assert products(heavy, STAKE) < products(plain, STAKE)


def test_what_is_not_at_hand_is_not_forgotten() -> None:
    """Beginning at a table, words that the new labels do not have keep their rows."""
    known = (0.0,) * PRODUCTS + (2.5,) + (0.0,) * (len(PILLARS) - PRODUCTS - 1)
    before = Weights({BIAS: (-1.0,) * len(PILLARS), RARE: known})
    after = learn(labels(20), before)
    assert after.rows[RARE] == known
    assert products(after, STAKE) > 0
    assert products(after, STAKE) < products(learn(labels(20)), STAKE)
