"""The figures of the tagger's quality are counted as docs/tagging.md says."""

import json
from pathlib import Path
from typing import Any

import pytest

from feeds.items import Tags
from feeds.quality import Count, LabelsError, Miss, evaluate, read_labels
from feeds.tagging import Tagger

LABELS = Path(__file__).resolve().parents[3] / "shared" / "labels" / "dev.jsonl"


def row(**fields: Any) -> dict[str, Any]:  # noqa: ANN401  # a labelled row is what JSON holds
    plain = {"id": 1, "title": "t", "summary": "", "source": "", "arguable": []}
    gates = {"virtual_asset": True, "hong_kong": True, "pillars": [], "initiatives": []}
    return {**plain, **gates, "arguable_initiatives": [], **fields}


def always(tags: Tags) -> Any:  # noqa: ANN401  # a tagger that says one thing
    return lambda _title, _summary, _source: tags


def test_counts_give_precision_recall_and_f1() -> None:
    """The three figures of a count, and of one in which nothing was at stake."""
    count = Count(right=6, wrong=2, missed=4)
    assert (count.precision, count.recall, round(count.f1, 3)) == (0.75, 0.6, 0.667)
    assert (Count().precision, Count().recall, Count().f1) == (0.0, 0.0, 1.0)


def test_arguable_labels_count_neither_way() -> None:
    """A tag that one careful reader would give is neither right nor wrong."""
    tags = Tags(True, True, ("access", "products"))
    quality = evaluate([row(pillars=["access"], arguable=["products"])], always(tags))
    assert quality.pillars.micro == Count(right=1)
    assert quality.misses == ()
    without = evaluate([row(arguable=["products"])], always(Tags(True, True)))
    assert without.pillars.micro == Count()


def test_gated_pillars_are_those_of_the_default_subscription() -> None:
    """Only Hong Kong's virtual-asset items count as expected or as given when gated."""
    tags = Tags(virtual_asset=True, hong_kong=True, pillars=("access",))
    abroad = row(hong_kong=False, pillars=["access"])
    quality = evaluate([abroad], always(tags))
    assert quality.pillars.micro == Count(right=1)
    assert quality.gated.micro == Count(wrong=1)
    missed = evaluate([row(pillars=["access"])], always(Tags(True, False, ("access",))))
    assert missed.gated.micro == Count(missed=1)


def test_gates_and_initiatives_are_counted() -> None:
    """The gates' accuracy is a share of items; initiatives are counted by number."""
    rows = [row(initiatives=[2, 12]), row(virtual_asset=False, initiatives=[])]
    quality = evaluate(rows, always(Tags(True, True, initiatives=(2, 3))))
    assert quality.gates == {"virtual_asset": 0.5, "hong_kong": 1.0}
    assert quality.initiatives.by_tag["2"] == Count(right=1, wrong=1)
    assert quality.initiatives.by_tag["3"] == Count(wrong=2)
    assert quality.initiatives.by_tag["12"] == Count(missed=1)


def test_macro_is_the_mean_over_pillars() -> None:
    """Every pillar weighs alike in the macro figure."""
    tags = Tags(True, True, ("access",))
    quality = evaluate([row(pillars=["access", "products"])], always(tags))
    assert quality.pillars.macro_f1 == pytest.approx((1 + 1 + 0 + 1 + 1) / 5)


def test_misses_say_what_was_expected_and_got() -> None:
    """The error view has the item, the part, what was expected and what was given."""
    tags = Tags(False, True, ())
    quality = evaluate([row(id=7, title="x", pillars=["access"], initiatives=[1])], always(tags))
    assert quality.misses == (
        Miss("7", "x", "virtual_asset", ("true",), ("false",)),
        Miss("7", "x", "pillars", ("access",), ()),
        Miss("7", "x", "initiatives", ("1",), ()),
    )


def test_bad_lines_are_all_named(tmp_path: Path) -> None:
    """A file of labels says every line that it is wrong in, at once."""
    good = json.dumps({"title": "t", "virtual_asset": True, "hong_kong": False})
    bad = [
        "{",
        "[]",
        '{"title": " "}',
        '{"title": "t", "virtual_asset": 1, "hong_kong": true}',
        '{"title": "t", "virtual_asset": true, "hong_kong": true, "pillars": ["A"]}',
        '{"title": "t", "virtual_asset": true, "hong_kong": true, "initiatives": [13]}',
        '{"title": "t", "virtual_asset": true, "hong_kong": true, "summary": null}',
    ]
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join([good, "", *bad]), encoding="utf-8")
    with pytest.raises(LabelsError) as refused:
        read_labels(file)
    lines = str(refused.value).splitlines()
    assert [line.split(":")[1] for line in lines] == [f" line {n}" for n in range(3, 10)]


def test_missing_lists_are_empty(tmp_path: Path) -> None:
    """A label needs its title and gates; the rest may be left out."""
    file = tmp_path / "labels.jsonl"
    file.write_text('{"title": "t", "virtual_asset": true, "hong_kong": true}\n', encoding="utf-8")
    (only,) = read_labels(file)
    assert (only["pillars"], only["arguable"], only["summary"]) == ([], [], "")


@pytest.mark.skipif(not LABELS.exists(), reason="the labelled items lie beside the checkout only")
def test_the_tagger_keeps_its_quality_on_the_labelled_items() -> None:
    """No change of the lexicon may lose what it knew of the items that it was built with.

    These are floors on items that the lexicon has seen; docs/tagging.md has the honest figures.
    """
    quality = evaluate(read_labels(LABELS), Tagger.load().tag)
    assert quality.items == 337
    assert quality.gated.micro.f1 >= 0.95
    assert quality.pillars.micro.f1 >= 0.95
    assert quality.initiatives.micro.f1 >= 0.90
    assert min(count.f1 for count in quality.gated.by_tag.values()) >= 0.88
    assert min(quality.gates.values()) >= 0.985


EXAMPLES = Path(__file__).resolve().parents[2] / "scripts" / "tagger_examples.jsonl"
PLAIN = 1_356  # the file begins with these;
NEARER = 5_375  # up to here it is nearer to the edges, after that oblique, as much of the press is


@pytest.mark.parametrize(
    ("first", "gated", "virtual_asset", "hong_kong"),
    [(PLAIN, 0.92, 0.98, 0.98), (NEARER, 0.87, 0.96, 0.97), (None, 0.85, 0.95, 0.96)],
)
def test_the_tagger_keeps_its_quality_on_the_projects_own_examples(
    first: int | None, gated: float, virtual_asset: float, hong_kong: float
) -> None:
    """The examples that the project wrote are tagged as they were meant, most of them."""
    quality = evaluate(read_labels(EXAMPLES)[:first], Tagger.load().tag)
    assert quality.gated.micro.f1 >= gated
    assert quality.gates["virtual_asset"] >= virtual_asset
    assert quality.gates["hong_kong"] >= hong_kong
