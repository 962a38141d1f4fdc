"""`aspire labels export` and `aspire retag-archive`: what people corrected, and a new lexicon."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.app import open_database
from bot.environment import Surroundings
from bot.session import FAULT, complain, surroundings
from feeds import archive_changes
from feeds.archive import topics_of
from feeds.database import Connection, DatabaseError
from feeds.items import Article, Tags
from feeds.reading import loaded_tagger

_AT_ONCE = 500
_SHOWN = 20


def export_labels(config: str | None) -> int:
    """Print every corrected item as a labelled example, one JSON object a line."""
    around = surroundings(config)
    if around is None:
        return FAULT
    try:
        database = open_database(around.database)
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return FAULT
    for article, person, at in database.write_now(archive_changes.corrected):
        row = label(article) | {"corrected_by": person, "corrected_at": at}
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    database.close()
    return 0


def label(article: Article) -> dict[str, object]:
    """An article as a labelled example, in the shape that `aspire evaluate` reads."""
    zone = ZoneInfo(article.timezone)
    return {
        "id": article.id,
        "title": article.title,
        "summary": article.summary,
        "source": article.source,
        "lang": article.language,
        "date": datetime.fromtimestamp(article.published, UTC).astimezone(zone).date().isoformat(),
        "virtual_asset": article.tags.virtual_asset,
        "hong_kong": article.tags.hong_kong,
        "pillars": list(article.tags.pillars),
        "arguable": [],
        "initiatives": list(article.tags.initiatives),
        "arguable_initiatives": [],
    }


@dataclass
class Retagging:
    """What a new lexicon changes: how many articles were looked at, and each that differs."""

    looked_at: int = 0
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    changed: list[tuple[Article, Tags]] = field(default_factory=list)


def retag_archive(config: str | None, *, dry_run: bool) -> int:
    """Tag the archive anew with the present lexicon; say what changes, then do it quietly."""
    around = surroundings(config)
    if around is None:
        return FAULT
    try:
        outcome = asyncio.run(_retag(around, dry_run=dry_run))
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return FAULT
    for line in _report(outcome, dry_run=dry_run):
        sys.stdout.write(line + "\n")
    return 0


async def _retag(around: Surroundings, *, dry_run: bool) -> Retagging:
    database = open_database(around.database)
    try:
        outcome, cursor = Retagging(), 0
        while True:
            run = database.read if dry_run else database.write
            last = await run(_step, outcome, cursor, write=not dry_run)
            if last == cursor:
                return outcome
            cursor = last
    finally:
        database.close()


def _step(connection: Connection, outcome: Retagging, cursor: int, *, write: bool) -> int:
    """Look at the next articles, a transaction's worth; return the last one's id."""
    tagger = loaded_tagger()
    some = archive_changes.tagged_otherwise(connection, tagger.version, cursor, _AT_ONCE)
    for one in some:
        article = one.article
        tags = tagger.tag(
            article.title, article.summary, article.source, hong_kong=one.hong_kong_feed
        )
        before, after = set(topics_of(article.tags)), set(topics_of(tags))
        outcome.looked_at += 1
        outcome.gained.update(after - before)
        outcome.lost.update(before - after)
        if before != after or article.tags.hong_kong != tags.hong_kong:
            outcome.changed.append((article, tags))
        if write:
            archive_changes.retag(connection, article.id, tags, tagger.version)
    return some[-1].article.id if some else cursor


def _report(outcome: Retagging, *, dry_run: bool) -> Iterator[str]:
    would = "would change" if dry_run else "changed"
    yield f"{outcome.looked_at} articles looked at, {len(outcome.changed)} {would}"
    for topic in sorted(outcome.gained | outcome.lost):
        yield f"  {topic:16} +{outcome.gained[topic]} -{outcome.lost[topic]}"
    for article, tags in outcome.changed[:_SHOWN]:
        yield f"#{article.id} {article.title[:90]}"
        yield f"    {_names(article.tags)} -> {_names(tags)}"
    left = len(outcome.changed) - _SHOWN
    if left > 0:
        yield f"and {left} more"


def _names(tags: Tags) -> str:
    return ", ".join(topics_of(tags)) or "none"
