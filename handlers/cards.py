"""How news and milestones are said: the lines and cards that several families share."""

from collections.abc import Sequence

from feeds.items import PILLARS, Article, Tags
from feeds.roadmap import Roadmap
from feeds.roadmap_parts import Milestone
from feeds.seeds import midnight_in_hong_kong
from handlers.context import chip
from handlers.messages import Button, Card, Chip, Line, Moment
from handlers.texts import listed, say

SUMMARY_CHARS = 300
"""Of an article's summary, as much as a card shows."""


def moment(article: Article, roadmap: Roadmap) -> Moment | None:
    """When it was published; None for a milestone of which only the month is known."""
    if article.seeded and milestone_of(article, roadmap).precision == "month":
        return None
    return Moment(article.published, article.date_only, article.timezone)


def milestone_of(article: Article, roadmap: Roadmap) -> Milestone:
    """The milestone that a seeded article is."""
    return roadmap.milestone(article.facts["milestone"])


def title_of(article: Article, roadmap: Roadmap, language: str) -> str:
    """Its title; a milestone says itself in the reader's language."""
    if article.seeded:
        return milestone_of(article, roadmap).text(language)
    return article.title


def letters(roadmap: Roadmap, tags: Tags) -> str:
    """The pillars' letters and the initiatives' numbers, short: "S·P #3"."""
    pillars = "·".join(roadmap.pillar(pillar).letter for pillar in tags.pillars)
    return " ".join([pillars, *(f"#{number}" for number in tags.initiatives)]).strip()


def chips(roadmap: Roadmap, tags: Tags, language: str) -> tuple[Chip, ...]:
    topics = [*tags.pillars, *map(str, tags.initiatives)]
    return tuple(chip(roadmap, topic, language) for topic in topics)


def source_of(article: Article, language: str) -> str:
    """Who says it; the roadmap's milestones are our own record."""
    return say(language, "core.milestone") if article.seeded else article.source


def news_line(article: Article, roadmap: Roadmap, language: str) -> Line:
    """One item in a list: its letters, title, source and number, and its date."""
    source = source_of(article, language)
    after = say(language, "core.source_and_item", source=source, item=article.id)
    if article.seeded:
        after = f"{after} · {_how_sure(milestone_of(article, roadmap), language)}"
    if article.withdrawn:
        after = f"{after} · {say(language, 'core.withdrawn')}"
    return Line(
        title_of(article, roadmap, language),
        kind="bullet",
        url=article.url,
        label=letters(roadmap, article.tags),
        after=after,
        when=moment(article, roadmap),
    )


def _how_sure(milestone: Milestone, language: str) -> str:
    """A milestone's confidence, and its month where no day is known."""
    sure = say(language, f"core.confidence.{milestone.confidence}")
    by_month = milestone.precision == "month"
    return f"{sure} · {milestone.date:%Y-%m}" if by_month else sure


def milestone_line(milestone: Milestone, language: str) -> Line:
    """A dated milestone with its sources and how sure we are."""
    sure = say(language, f"core.confidence.{milestone.confidence}")
    notes = [listed(language, milestone.sources), sure]
    if milestone.adjacent:
        notes.append(say(language, "core.adjacent"))
    if milestone.note(language):
        notes.append(milestone.note(language))
    by_month = milestone.precision == "month"
    return Line(
        milestone.text(language),
        kind="bullet",
        url=milestone.url,
        label=milestone.date.strftime("%Y-%m") if by_month else "",
        after=" · ".join(note for note in notes if note),
        when=None if by_month else Moment(midnight_in_hong_kong(milestone), date_only=True),
    )


def story_card(
    articles: Sequence[Article], others: Sequence[str], roadmap: Roadmap, language: str
) -> Card:
    """One story: its leading article, and who else reported it.

    `articles` are the story's, leading one first; `others` further sources of the leading one.
    """
    lead = articles[0]
    lines = []
    summary = clipped(lead.summary, SUMMARY_CHARS)
    if summary and not lead.seeded:
        lines.append(Line(summary))
    lines += _also(articles, others, language)
    if lead.withdrawn:
        lines.insert(0, Line(withdrawn_by(lead, language), kind="note"))
    if lead.corrected_by:
        lines.append(Line(say(language, "core.tags_corrected"), kind="note"))
    first = lead.tags.pillars[0] if lead.tags.pillars else ""
    return Card(
        title=title_of(lead, roadmap, language),
        url=lead.url,
        lines=tuple(lines),
        chips=chips(roadmap, lead.tags, language),
        footer=say(
            language, "core.source_and_item", source=source_of(lead, language), item=lead.id
        ),
        when=moment(lead, roadmap),
        buttons=story_buttons(lead.id, language),
        topic=first,
        language=language,
    )


def withdrawn_by(article: Article, language: str) -> str:
    """That it was withdrawn, and by whom: its source, or a person (who is not named here)."""
    key = "core.withdrawn_by_person" if article.retracted_by else "core.withdrawn_by_source"
    return say(language, key)


def _also(articles: Sequence[Article], others: Sequence[str], language: str) -> list[Line]:
    lead = articles[0]
    names = [name for name in others if name != lead.source]
    lines = [Line(say(language, "core.also_in", sources=listed(language, names)), kind="note")]
    lines = lines if names else []
    seen = {lead.source}
    for article in articles[1:]:
        if article.withdrawn or article.source not in seen or article.kind == "official":
            seen.add(article.source)
            key = "core.also_withdrawn" if article.withdrawn else "core.also_reported_by"
            label = say(language, key, source=article.source)
            lines.append(Line(article.title, kind="note", url=article.url, label=label))
    return lines


def story_buttons(item: int, language: str) -> tuple[Button, ...]:
    return (
        Button(say(language, "core.button_why"), f"why {item}"),
        Button(say(language, "core.button_wrong"), f"retag {item}", form=True),
    )


def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ", most * 2 // 3)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def main_pillar(tags: Tags, wanted: Sequence[str] = PILLARS) -> str:
    """The pillar under which a summary lists an item: the first one that the channel follows."""
    for pillar in tags.pillars:
        if pillar in wanted:
            return pillar
    return tags.pillars[0] if tags.pillars else ""
