"""`aspire tag` and `aspire evaluate`: the tagger by itself, without a database."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.session import FAULT, complain
from feeds.items import Evidence, Tags
from feeds.quality import Count, LabelsError, Quality, Scores, evaluate, read_labels
from feeds.reading import loaded_tagger
from feeds.tagging import LexiconError, Tagger

BAD_INPUT = 1


def tag_title(title: str, summary: str, source: str) -> int:
    """Print what a headline touches, with the words and the rule for each."""
    try:
        tagger = loaded_tagger()
    except LexiconError as error:
        complain(str(error))
        return FAULT
    tags = tagger.tag(title, summary, source)
    for name, value in (
        ("virtual asset", _yes(tags.virtual_asset)),
        ("Hong Kong", _yes(tags.hong_kong)),
        ("pillars", ", ".join(tags.pillars) or "none"),
        ("initiatives", ", ".join(map(str, tags.initiatives)) or "none"),
    ):
        sys.stdout.write(f"{name:14} {value}\n")
    for one in tags.evidence:
        words = ", ".join(one.words)
        sys.stdout.write(f"  {one.topic}: {words} ({tagger.describe(one.rule, 'en')})\n")
    return 0


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def tag_file(path: str) -> int:
    """One JSON object a line in, one out, in order; a bad line is told and stops nothing."""
    tagger = loaded_tagger()
    bad = 0
    try:
        with Path(path).open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                item = _item(path, number, line)
                if item is None:
                    bad += 1
                    continue
                tags = tagger.tag(
                    str(item["title"]),
                    str(item.get("summary") or ""),
                    str(item.get("source") or ""),
                )
                sys.stdout.write(json.dumps(as_row(item, tags), ensure_ascii=False) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{path} cannot be read: {error}")
        return FAULT
    return BAD_INPUT if bad else 0


def _item(path: str, number: int, line: str) -> Mapping[str, object] | None:
    try:
        item = json.loads(line)
    except json.JSONDecodeError as error:
        complain(f"{path}, line {number}: is not JSON ({error.msg}); left out")
        return None
    if not isinstance(item, dict) or not isinstance(item.get("title"), str):
        complain(f"{path}, line {number}: has no title; left out")
        return None
    return item


def as_row(item: Mapping[str, object], tags: Tags) -> dict[str, object]:
    """What `tag --file` prints for an item."""
    return {
        "id": item.get("id"),
        "virtual_asset": tags.virtual_asset,
        "hong_kong": tags.hong_kong,
        "pillars": list(tags.pillars),
        "initiatives": list(tags.initiatives),
        "evidence": [_evidence(one) for one in tags.evidence],
    }


def _evidence(one: Evidence) -> dict[str, object]:
    return {"topic": one.topic, "words": list(one.words), "rule": one.rule, "weight": one.weight}


def evaluate_file(path: str, lexicon: str | None = None, *, errors: bool) -> int:
    """Print the quality table for a file of labelled items; with another lexicon's folder, the
    table before and after.
    """
    try:
        rows = read_labels(Path(path))
        other = Tagger.load(Path(lexicon)) if lexicon else None
        quality = evaluate(rows, loaded_tagger().tag)
    except (OSError, UnicodeDecodeError, LabelsError, LexiconError) as error:
        complain(f"{path} cannot be used: {error}")
        return FAULT
    sys.stdout.write("\n".join(quality_table(quality)) + "\n")
    if other is not None:
        quality = evaluate(rows, other.tag)
        sys.stdout.write(f"\nwith {lexicon}:\n" + "\n".join(quality_table(quality)) + "\n")
    if errors:
        for miss in quality.misses:
            sys.stdout.write(f"{miss}\n")
    return 0


def quality_table(quality: Quality) -> Iterator[str]:
    """The quality as lines of text: by pillar, micro and macro, gates, initiatives."""
    yield f"{quality.items} items"
    yield from _scores("pillars, as the default subscription gets them", quality.gated)
    yield from _scores("pillars, wherever in the world", quality.pillars)
    yield from _scores("initiatives", quality.initiatives)
    yield "\ngates"
    for gate, share in quality.gates.items():
        yield f"  {gate:16} right {share:.3f}"


def _scores(title: str, scores: Scores) -> Iterator[str]:
    yield f"\n{title:48} precision  recall     F1  expected  got"
    for name, count in scores.by_tag.items():
        yield _row(name, count)
    yield _row("micro", scores.micro)
    yield f"  {'macro':46} {'':9}  {'':6}  {scores.macro_f1:5.3f}"


def _row(name: str, count: Count) -> str:
    expected, got = count.right + count.missed, count.right + count.wrong
    numbers = f"{count.precision:9.3f}  {count.recall:6.3f}  {count.f1:5.3f}"
    return f"  {name:46} {numbers}  {expected:8}  {got:3}"
