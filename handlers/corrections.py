"""Why an item has its tags, and what to do when they are wrong: `why`, `retag`, `tag`."""

from collections.abc import Iterable
from dataclasses import replace

from feeds import archive, archive_changes
from feeds.items import PILLARS, Article, Evidence, Tags
from feeds.reading import loaded_tagger
from handlers import ledger_channels
from handlers.cards import chips, moment, source_of, title_of, withdrawn_by
from handlers.channels import announce, ensure
from handlers.context import Context
from handlers.errors import Misunderstood
from handlers.messages import Button, Card, Choice, Field, Form, Line, Reply
from handlers.subscriptions import read_topics

NONE = {"none", "無", "无", "-"}
GATES = {"virtual_asset", "hong_kong"}


def why(context: Context) -> Reply:
    article = asked_item(context)
    lines = list(_reasons(context, article.tags))
    if article.seeded:
        lines = [Line(context.say("tags.of_the_roadmap"))]
    if article.corrected_by:
        lines.insert(0, Line(context.say("tags.corrected"), kind="note"))
    if article.withdrawn:
        lines.insert(0, Line(withdrawn_by(article, context.language), kind="note"))
    return Reply(
        Card(
            title_of(article, context.roadmap, context.language),
            url=article.url,
            lines=tuple(lines),
            chips=chips(context.roadmap, article.tags, context.language),
            footer=context.say(
                "core.source_and_item",
                source=source_of(article, context.language),
                item=article.id,
            ),
            when=moment(article, context.roadmap),
            buttons=()
            if article.seeded
            else (Button(context.say("core.button_wrong"), f"retag {article.id}", form=True),),
            topic=article.tags.pillars[0] if article.tags.pillars else "",
            language=context.language,
        ),
        public=context.public,
    )


def tag(context: Context) -> Reply:
    text = context.options.get("text", "")
    if not text:
        raise Misunderstood("tags.which_text")
    tags = loaded_tagger().tag(text)
    key = "tags.touches" if tags.pillars else "tags.touches_none"
    return Reply(
        Card(
            context.say(key),
            lines=(Line(text, kind="quote"), *_reasons(context, tags)),
            chips=chips(context.roadmap, tags, context.language),
            topic=tags.pillars[0] if tags.pillars else "",
            language=context.language,
        ),
        public=context.public,
    )


def _reasons(context: Context, tags: Tags) -> Iterable[Line]:
    """One line a topic, in the order gates, pillars, initiatives; what was not found, too."""
    gates = [
        gate
        for gate, open_ in (
            ("virtual_asset", tags.virtual_asset),
            ("hong_kong", tags.hong_kong),
        )
        if open_
    ]
    said = {one.topic for one in tags.evidence}
    for gate in (gate for gate in gates if gate in said):
        yield _reason(context, gate, context.say(f"tags.{gate}"), tags.evidence)
    if not tags.virtual_asset:
        yield Line(context.say("tags.not_virtual_asset"))
        return
    if not tags.hong_kong:
        yield Line(context.say("tags.not_hong_kong"))
    for pillar in tags.pillars:
        yield _reason(context, pillar, context.topic_name(pillar), tags.evidence)
    if not tags.pillars:
        yield Line(context.say("tags.no_pillar"))
    for number in tags.initiatives:
        yield _reason(context, str(number), context.topic_name(str(number)), tags.evidence)


def _reason(context: Context, topic: str, label: str, evidence: Iterable[Evidence]) -> Line:
    spoke = [one for one in evidence if one.topic == topic]
    if not spoke:
        return Line(context.say("tags.no_evidence"), kind="bullet", label=label)
    tagger = loaded_tagger()
    parts = []
    for one in spoke:
        words = context.listed(context.say("tags.quoted", word=word) for word in one.words)
        rule = tagger.describe(one.rule, context.language)
        parts.append(context.say("tags.heard", words=words, rule=rule) if words else rule)
    return Line(context.say("tags.and_also").join(dict.fromkeys(parts)), kind="bullet", label=label)


def retag(context: Context) -> Reply:
    article = asked_item(context)
    typed = context.options.get("topics", "")
    if not typed:
        return _retag_form(context, article)
    if article.seeded:
        raise Misunderstood("tags.of_the_roadmap_fixed")
    tags = _corrected(context, article, typed)
    channel = ensure(context)
    archive_changes.correct(
        context.connection, article, tags, context.request.person.id, context.now
    )
    before, after = _names(context, article.tags), _names(context, tags)
    detail = f"#{article.id}: {before} -> {after}"
    ledger_channels.write_audit(
        context.connection, context.now, channel.id, context.request.person.id, "retag", detail
    )
    return Reply(
        Card(
            context.say("tags.thanks"),
            lines=(
                Line(title_of(article, context.roadmap, context.language), url=article.url),
                Line(context.say("tags.before_after", before=before, after=after)),
                Line(context.say("tags.for_good"), kind="note"),
            ),
            chips=chips(context.roadmap, tags, context.language),
            tone="good",
            language=context.language,
        ),
        announcement=announce(
            context, channel, "tags.announced", item=article.id, before=before, after=after
        ),
    )


def _corrected(context: Context, article: Article, typed: str) -> Tags:
    """What the person said is right. Pillars make it a virtual-asset item, and an initiative one
    of its pillar's; otherwise the gates stay as they were, unless an initiative, which only Hong
    Kong has, is named.
    """
    kept = tuple(one for one in article.tags.evidence if one.topic in GATES)
    if typed.strip().casefold() in NONE:
        return replace(article.tags, pillars=(), initiatives=(), evidence=kept)
    topics = read_topics(context, typed)
    if "all" in topics:
        topics = [*PILLARS, *topics]
    initiatives = tuple(sorted(int(topic) for topic in topics if topic.isdigit()))
    topics = [*topics, *(context.roadmap.initiative(number).pillar for number in initiatives)]
    return Tags(
        virtual_asset=True,
        hong_kong=article.tags.hong_kong or bool(initiatives),
        pillars=tuple(pillar for pillar in PILLARS if pillar in topics),
        initiatives=initiatives,
        evidence=kept,
    )


def _names(context: Context, tags: Tags) -> str:
    topics = [*tags.pillars, *map(str, tags.initiatives)]
    return context.listed(context.topic_name(topic) for topic in topics) or context.say("tags.none")


def _retag_form(context: Context, article: Article) -> Reply:
    title = title_of(article, context.roadmap, context.language)
    present = (*article.tags.pillars, *map(str, article.tags.initiatives))
    topics = [pillar.key for pillar in context.roadmap.pillars]
    topics += [str(one.number) for one in context.roadmap.initiatives]
    choices = [Choice(context.topic_name(topic), topic) for topic in topics]
    choices.append(Choice(context.say("tags.none"), "none"))
    field = Field(
        "topics",
        context.say("tags.field_topics"),
        "choices",
        tuple(choices),
        present or ("none",),
        required=True,
    )
    form = Form(
        "retag",
        context.say("tags.form_title"),
        (field,),
        context.say("core.button_save"),
        fixed={"item": str(article.id)},
    )
    card = Card(
        context.say("tags.form_title"),
        lines=(
            Line(title, url=article.url),
            Line(context.say("tags.form_hint")),
            Line(f"/aspire retag {article.id} safeguards 3", kind="bullet"),
            Line(f"/aspire retag {article.id} none", kind="bullet"),
        ),
        chips=chips(context.roadmap, article.tags, context.language),
        language=context.language,
    )
    return Reply(card, form=form)


def asked_item(context: Context) -> Article:
    """The item that the option `item` names, if it may be seen here. Raises Misunderstood."""
    typed = context.options.get("item", "").lstrip("#")
    if not typed:
        raise Misunderstood("tags.which_item", suggestions=("news",))
    if not typed.isdecimal() or len(typed) > 12:  # noqa: PLR2004 - more digits than any archive has
        raise Misunderstood("tags.bad_item", word=typed)
    article = archive.article(context.connection, int(typed), context.workspace)
    if article is None:
        raise Misunderstood("tags.no_such_item", word=typed, suggestions=("news",))
    return article
