"""Learn feeds/lexicon/weights.tsv: how much all that is heard in an item speaks for each pillar.

    python -m scripts.train_tagger LABELS.jsonl [MORE.jsonl ...] [--folds 10] [--write] [--afresh]

Each file has labelled items, one JSON object a line, in the shape that `aspire labels export`
writes. The project's own examples (scripts/tagger_examples.jsonl) are always used as well.
Prints the F1 that the tagger reaches on parts of the files that the weights were not learned
from; the rules and words stay as they are, so that this says nothing of how they were found.
With --write the weights are learned from everything and kept. They then stay near those of the
present table, so that what it knows from items that are not at hand is not lost; with --afresh
they forget it.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path
from typing import Any

from feeds import tagging_lexicon, tagging_reader, tagging_weights
from feeds.items import PILLARS
from feeds.quality import Count, evaluate, read_labels
from feeds.tagging import Tagger
from feeds.tagging_weights import BIAS, NEUTRAL, WORD, Feature, Row, Weights

EXAMPLES = Path(__file__).parent / "tagger_examples.jsonl"
NEAR = 0.1
"""C of an L2-regularised logistic regression that begins at the present table: what the loss counts
against the penalty for leaving it;"""
AFRESH = 1.0
"""and of one that begins at nothing."""
TIMES = 3.0
"""A labelled item of a file counts as much as so many of the project's own examples."""
ROUNDS = 60
STILL = 0.002
"""The learning ends when no weight moves by more in a round."""
WHERE = frozenset(
    (
        "anywhere",
        "foreign_place",
        "hong_kong_event",
        "hong_kong_name",
        "mainland",
        "other_place",
        "united_states",
    )
)
"""Concepts that say where, not what: they get no weight, for a pillar is judged by topic."""
LEAST_SEEN = {WORD: 6}
"""A word heard in fewer items gets no weight;"""
LEAST_SEEN_ELSE = 3
"""nor does anything else in fewer than these."""
LEAST_WEIGHT = 0.15
"""A word that leans less for or against every pillar is left out of the table."""
PREFACE = """\
Learned by scripts/train_tagger.py. How much what was heard, and where, leans for a pillar: the sum
of an item's rows (title whole, summary half; rules' points by their number) and the bias.
"""


@dataclass(frozen=True)
class Example:
    """One labelled item as the model sees it."""

    row: Mapping[str, Any]
    features: Mapping[Feature, float]
    times: float
    """How much it counts."""


def examples(rows: Iterable[Mapping[str, Any]], tagger: Tagger, times: float) -> list[Example]:
    """The rows about virtual assets, with all that is heard in them."""
    return [
        Example(
            row, {each: share for each, share in features.items() if each[0] not in WHERE}, times
        )
        for row in rows
        if row["virtual_asset"]
        for features in [tagger.features(row["title"], row["summary"], row["source"])]
    ]


def learn(items: Sequence[Example], before: Weights | None = None) -> Weights:
    """The weights for all pillars, learned one by one; near those of before, if there are any."""
    known = before.rows if before else {}
    seen = Counter(feature for item in items for feature in item.features)
    often = {
        feature
        for feature, times in seen.items()
        if times >= LEAST_SEEN.get(feature[1], LEAST_SEEN_ELSE)
    }
    kept = (BIAS, *sorted((often | known.keys()) - {BIAS}))
    penalty = 1.0 / (NEAR if before else AFRESH)
    columns = [
        _column(items, {each: known.get(each, NEUTRAL)[at] for each in kept}, pillar, penalty)
        for at, pillar in enumerate(PILLARS)
    ]
    rows = {each: tuple(column[each] for column in columns) for each in kept}
    return Weights({each: row for each, row in rows.items() if _telling(each, row)})


def _telling(feature: Feature, row: Row) -> bool:
    return feature[1] != WORD or max(map(abs, row)) >= LEAST_WEIGHT


def _column(
    items: Sequence[Example], before: Mapping[Feature, float], pillar: str, penalty: float
) -> dict[Feature, float]:
    """The weights for one pillar, from those items that are sure to have it or not."""
    sure = [
        item
        for item in items
        if pillar in item.row["pillars"] or pillar not in item.row["arguable"]
    ]
    hits: dict[Feature, list[tuple[int, float]]] = {each: [] for each in before}
    for at, item in enumerate(sure):
        hits[BIAS].append((at, 1.0))
        for feature, share in item.features.items():
            if feature in hits:
                hits[feature].append((at, share))
    wanted = [float(pillar in item.row["pillars"]) for item in sure]
    return _descend(hits, wanted, [item.times for item in sure], before, penalty)


def _descend(
    hits: Mapping[Feature, Sequence[tuple[int, float]]],
    wanted: Sequence[float],
    times: Sequence[float],
    before: Mapping[Feature, float],
    penalty: float,
) -> dict[Feature, float]:
    """Logistic regression by coordinate descent: a Newton step for each feature, round after
    round, until all is still. It begins at `before`, and the penalty is for leaving that.
    """
    weights = dict(before)
    scores = [0.0] * len(wanted)
    for feature, places in hits.items():
        for at, share in places:
            scores[at] += share * weights[feature]
    chances = [1.0 / (1.0 + exp(-score)) for score in scores]
    for _ in range(ROUNDS):
        moved = 0.0
        for feature, places in hits.items():
            bend = 0.0 if feature == BIAS else penalty
            slope = bend * (weights[feature] - before[feature])
            for at, share in places:
                chance, force = chances[at], times[at] * share
                slope += force * (chance - wanted[at])
                bend += force * share * max(chance * (1.0 - chance), _FLATTEST)
            step = max(min(slope / bend, 1.0), -1.0) if bend else 0.0
            moved = max(moved, abs(step))
            if abs(step) > STILL / 4:
                weights[feature] -= step
                for at, share in places:
                    scores[at] -= step * share
                    chances[at] = 1.0 / (1.0 + exp(-scores[at]))
        if moved < STILL:
            break
    return weights


_FLATTEST = 0.02
"""Steps are never longer than where a chance is this near to certain."""


def folds(rows: Sequence[Mapping[str, Any]], count: int) -> list[list[Mapping[str, Any]]]:
    """The rows dealt out evenly, always in the same way."""
    dealt = list(rows)
    random.Random(5).shuffle(dealt)
    return [dealt[at::count] for at in range(count)]


def cross_validate(
    rows: Sequence[Mapping[str, Any]], extra: Sequence[Mapping[str, Any]], count: int
) -> tuple[Count, Count]:
    """Counts over pillars (gated, ungated), each part tagged with weights from all the others."""
    lexicon = tagging_reader.load(tagging_lexicon.FOLDER, weighed=False)
    plain = Tagger(lexicon)
    gated, ungated = Count(), Count()
    parts = folds(rows, count)
    for part in parts:
        rest = [row for other in parts if other is not part for row in other]
        weights = learn([*examples(rest, plain, TIMES), *examples(extra, plain, 1.0)])
        quality = evaluate(part, Tagger(replace(lexicon, weights=weights)).tag)
        gated, ungated = gated + quality.gated.micro, ungated + quality.pillars.micro
    return gated, ungated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("labels", nargs="*", type=Path)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--afresh", action="store_true")
    options = parser.parse_args()
    rows = [row for path in options.labels for row in read_labels(path)]
    own = read_labels(EXAMPLES)
    if rows and options.folds > 1:
        for name, count in zip(
            ("gated", "ungated"), cross_validate(rows, own, options.folds), strict=True
        ):
            print(f"{name}: F1 {count.f1:.3f}, P {count.precision:.3f}, R {count.recall:.3f}")
    if options.write:
        lexicon = tagging_reader.load(tagging_lexicon.FOLDER, weighed=not options.afresh)
        plain = Tagger(lexicon)
        items = [*examples(rows, plain, TIMES), *examples(own, plain, 1.0)]
        weights = learn(items, None if options.afresh else lexicon.weights)
        path = tagging_lexicon.FOLDER / tagging_weights.FILE
        tagging_weights.write(path, weights, PREFACE.rstrip())
        print(f"{len(weights.rows)} rows, learned from {len(rows) + len(own)} items -> {path.name}")


if __name__ == "__main__":
    main()
