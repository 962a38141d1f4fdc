"""The roadmap's milestones as the archive's first articles, so that it is never empty."""

from feeds import archive
from feeds.archive import NewArticle
from feeds.database import Connection
from feeds.items import Evidence, Tags
from feeds.roadmap import Roadmap
from feeds.roadmap_parts import Milestone

HONG_KONG_S = 8 * 3600
"""Hong Kong is always 8 hours ahead of UTC."""
_RULE = "roadmap"


def seed(connection: Connection, roadmap: Roadmap, now: int) -> int:
    """Store the milestones that the archive does not hold yet, marked as such and never
    alerted; return how many that were.
    """
    held = archive.seeded_milestones(connection)
    new = [one for one in roadmap.milestones if one.id not in held]
    for milestone in new:
        archive.store(connection, as_article(milestone, now))
    return len(new)


def as_article(milestone: Milestone, now: int) -> NewArticle:
    """A milestone as an article of its own day in Hong Kong. Its Chinese text is its summary,
    so that it is found in both languages.
    """
    topics = (*milestone.pillars, *map(str, milestone.initiatives))
    return NewArticle(
        feed=None,
        owner="",
        title=milestone.text("en"),
        url=milestone.url,
        summary=milestone.text("zh-Hant"),
        source="ASPIRe roadmap",
        kind="official",
        language="en",
        published=midnight_in_hong_kong(milestone),
        date_only=True,
        timezone="Asia/Hong_Kong",
        first_seen=now,
        alert=False,
        tags=Tags(
            virtual_asset=True,
            hong_kong=True,
            pillars=milestone.pillars,
            initiatives=milestone.initiatives,
            evidence=tuple(Evidence(topic, (), _RULE) for topic in topics),
        ),
        tagger=_RULE,
        seeded=True,
        facts=(
            ("milestone", milestone.id),
            ("confidence", milestone.confidence),
            ("sources", ", ".join(milestone.sources)),
        ),
    )


def midnight_in_hong_kong(milestone: Milestone) -> int:
    """The start of its day, in UTC seconds."""
    return (milestone.date.toordinal() - _EPOCH_DAY) * 86400 - HONG_KONG_S


_EPOCH_DAY = 719163
"""date(1970, 1, 1).toordinal()"""
