"""What a channel hears of: `subscribe`, `unsubscribe`, `subscriptions`."""

from collections.abc import Sequence
from dataclasses import replace

from feeds import archive
from feeds.archive import Arrived
from handlers import ledger_channels
from handlers.channels import announce, audit, ensure
from handlers.context import Context
from handlers.errors import Misunderstood
from handlers.ledger_channels import Channel, Subscription
from handlers.matching import hears, words_in
from handlers.messages import MAX_ASK_BYTES, Button, Card, Choice, Field, Form, Line, Reply

LOOK_BACK_S = 30 * 86400
MAX_SUBSCRIPTIONS = 20
MAX_WORDS = 20
MAX_MENTION = 64
ALL = "all"
_PLAIN_CHOICES = ("when", "scope", "sources")
_NO_WORDS = {"none", "-", "無", "无"}


def subscribe(context: Context) -> Reply:
    if not context.options.get("topics"):
        return subscribe_form(context)
    topics = read_topics(context, context.options["topics"])
    channel = ensure(context)
    present = ledger_channels.subscriptions(context.connection, channel.id)
    if len({*topics, *(one.topic for one in present)}) > MAX_SUBSCRIPTIONS:
        raise Misunderstood("subs.too_many", most=MAX_SUBSCRIPTIONS)
    before = {one.topic: one for one in present}
    wanted = [_wanted(context, topic, before.get(topic)) for topic in topics]
    for one in wanted:
        ledger_channels.subscribe(context.connection, channel.id, one)
    names = context.listed(context.topic_name(topic) for topic in topics)
    audit(context, channel, "subscribe", "; ".join(describe(context, one) for one in wanted))
    lines = [Line(describe(context, one), kind="bullet") for one in wanted]
    lines.append(Line(_would_have_sent(context, wanted), kind="note"))
    lines.append(Line(_daily_line(context, channel), kind="note"))
    return Reply(
        Card(
            context.say("subs.subscribed", topics=names),
            lines=tuple(lines),
            chips=tuple(context.chip(topic) for topic in topics if topic != ALL),
            buttons=(
                Button(context.say("core.button_subscriptions"), "subscriptions"),
                Button(context.say("core.button_settings"), "settings", form=True),
                *_undo(context, [topic for topic in topics if topic not in before]),
            ),
            tone="good",
            language=context.language,
        ),
        announcement=announce(context, channel, "subs.announced", topics),
    )


def _wanted(context: Context, topic: str, before: Subscription | None) -> Subscription:
    """What is asked for; what is not said stays as it was."""
    options = context.options
    present = before or Subscription(topic)
    mention = options.get("mention", present.mention)
    if len(mention) > MAX_MENTION:
        raise Misunderstood("subs.bad_mention", word=mention[:MAX_MENTION])
    return replace(
        present,
        mode=options.get("when", present.mode),
        scope=options.get("scope", present.scope),
        sources=options.get("sources", present.sources),
        with_words=_words(options.get("with"), present.with_words),
        without_words=_words(options.get("without"), present.without_words),
        mention="" if mention == "none" else mention,
        created_by=context.request.person.id,
        created_at=present.created_at or context.now,
    )


def _undo(context: Context, new: Sequence[str]) -> tuple[Button, ...]:
    """Takes back what is new. What was changed has no way back but to say it again."""
    ask = f"unsubscribe {' '.join(new)}"
    if not new or len(ask.encode()) > MAX_ASK_BYTES:
        return ()
    return (Button(context.say("core.button_undo"), ask),)


def _words(typed: str | None, present: tuple[str, ...]) -> tuple[str, ...]:
    if typed is None:
        return present
    words = () if typed.strip().casefold() in _NO_WORDS else words_in(typed)
    if len(words) > MAX_WORDS:
        raise Misunderstood("subs.too_many_words", most=MAX_WORDS)
    return words


def read_topics(context: Context, typed: str) -> list[str]:
    """The topics that a person named, each once. Raises Misunderstood for the first unknown.

    Several words may make one topic ("margin financing"): the longest that does is taken.
    """
    words = typed.replace(",", " ").replace("、", " ").replace("，", " ").split()
    topics: list[str] = []
    while words:
        size, topic = _longest_topic(context, words)
        if not size:
            found = context.roadmap.find_topic(words[0])
            raise Misunderstood(
                "core.unknown_topic",
                word=words[0],
                suggestions=tuple(_mended(context, words[0], one) for one in found.suggestions),
            )
        topics.append(topic)
        del words[:size]
    return list(dict.fromkeys(topics))


def _longest_topic(context: Context, words: Sequence[str]) -> tuple[int, str]:
    for size in range(min(len(words), 5), 0, -1):
        found = context.roadmap.find_topic(" ".join(words[:size]))
        if found.topic:
            return size, found.topic
    return 0, ""


def _mended(context: Context, wrong: str, right: str) -> str:
    """The same request with the one word put right."""
    given = [context.options.get("item", ""), context.options["topics"].replace(wrong, right, 1)]
    given += [value for name, value in context.options.items() if name in _PLAIN_CHOICES]
    return " ".join(filter(None, [context.command, *given]))


def unsubscribe(context: Context) -> Reply:
    typed = context.options.get("topics", "")
    if not typed:
        raise Misunderstood("subs.which_topic", suggestions=("subscriptions",))
    topics = read_topics(context, typed)
    channel = context.channel
    present = ledger_channels.subscriptions(context.connection, channel.id) if channel else []
    if ALL in topics:
        topics = [one.topic for one in present]
    removed = ledger_channels.unsubscribe(context.connection, channel.id, topics) if channel else []
    if not removed or channel is None:
        return Reply(
            Card(context.say("subs.not_subscribed"), tone="warning", language=context.language),
            ok=False,
        )
    names = context.listed(context.topic_name(topic) for topic in removed)
    audit(context, channel, "unsubscribe", names)
    return Reply(
        Card(
            context.say("subs.unsubscribed", topics=names),
            buttons=(Button(context.say("core.button_subscriptions"), "subscriptions"),),
            tone="good",
            language=context.language,
        ),
        announcement=announce(context, channel, "subs.announced_end", removed),
    )


def subscriptions(context: Context) -> Reply:
    channel = context.channel
    present = ledger_channels.subscriptions(context.connection, channel.id) if channel else []
    if channel is None or not present:
        return Reply(
            Card(
                context.say("subs.none"),
                lines=(Line(context.say("subs.none_hint"), kind="note"),),
                buttons=(
                    Button(context.say("core.button_subscribe"), "subscribe", "primary", form=True),
                ),
                language=context.language,
            ),
            public=context.public,
        )
    lines = [Line(describe(context, one), kind="bullet") for one in present]
    lines.append(Line(_daily_line(context, channel), kind="note"))
    if channel.state != "active":
        why = context.say(f"status.why.{channel.paused_why or 'unknown'}")
        lines.append(Line(context.say("status.paused", why=why), kind="note"))
    return Reply(
        Card(
            context.say("subs.title"),
            lines=tuple(lines),
            chips=tuple(context.chip(one.topic) for one in present if one.topic != ALL),
            buttons=(
                Button(context.say("core.button_change"), "subscribe", form=True),
                Button(context.say("core.button_summary"), "summary"),
            ),
            language=context.language,
        ),
        public=context.public,
    )


def describe(context: Context, one: Subscription) -> str:
    """One subscription in a sentence's worth: topic, when, where from, words."""
    parts = [
        context.topic_name(one.topic),
        context.say(f"commands.choice.{one.mode}"),
        context.say(f"commands.choice.{one.scope}"),
    ]
    if one.sources != "any":
        parts.append(context.say(f"commands.choice.{one.sources}"))
    if one.with_words:
        parts.append(context.say("subs.with_words", words=context.listed(one.with_words)))
    if one.without_words:
        parts.append(context.say("subs.without_words", words=context.listed(one.without_words)))
    if one.mention:
        parts.append(context.say("subs.mentions", who=one.mention))
    return " · ".join(parts)


def _would_have_sent(context: Context, wanted: Sequence[Subscription]) -> str:
    recent = archive.arrived_between(
        context.connection,
        Arrived(
            context.now - LOOK_BACK_S,
            context.now + 1,
            context.workspace,
            tuple(one.topic for one in wanted),
        ),
    )
    stories = {one.story for one in recent if any(hears(sub, one) for sub in wanted)}
    return context.say("subs.would_have_sent", count=len(stories))


def _daily_line(context: Context, channel: Channel) -> str:
    if not channel.daily_at:
        return context.say("subs.no_daily")
    return context.say(
        "subs.daily_at",
        time=channel.daily_at,
        days=context.say(f"commands.choice.{channel.daily_days}"),
        timezone=channel.timezone,
    )


def subscribe_form(context: Context) -> Reply:
    """The questions for a subscription, with what holds now."""
    channel = context.channel
    present = ledger_channels.subscriptions(context.connection, channel.id) if channel else []
    first = present[0] if present else Subscription("")
    topics = [ALL, *(pillar.key for pillar in context.roadmap.pillars)]
    topics += [str(one.number) for one in context.roadmap.initiatives]
    fields = (
        Field(
            "topics",
            context.say("subs.field_topics"),
            "choices",
            tuple(Choice(context.topic_name(topic), topic) for topic in topics),
            tuple(one.topic for one in present),
            required=True,
        ),
        _choice_field(context, "when", ("both", "instant", "daily"), first.mode),
        _choice_field(context, "scope", ("hk", "all"), first.scope),
        _choice_field(context, "sources", ("any", "official", "press"), first.sources),
        Field(
            "with",
            context.say("subs.field_with"),
            "text",
            value=(" ".join(first.with_words),) if first.with_words else (),
            hint=context.say("subs.hint_with"),
        ),
    )
    form = Form(
        "subscribe",
        context.say("subs.form_title"),
        fields,
        context.say("core.button_subscribe"),
    )
    card = Card(
        context.say("subs.which_topic"),
        lines=(
            Line(context.say("subs.form_hint")),
            *(
                Line(f"/aspire subscribe {one.key}", kind="bullet", label=one.letter)
                for one in context.roadmap.pillars
            ),
        ),
        buttons=tuple(
            Button(one.name(context.language), f"subscribe {one.key}")
            for one in context.roadmap.pillars
        ),
        language=context.language,
    )
    return Reply(card, form=form)


def _choice_field(context: Context, name: str, values: Sequence[str], present: str) -> Field:
    return Field(
        name,
        context.say(f"subs.field_{name}"),
        "choice",
        tuple(Choice(context.say(f"commands.choice.{value}"), value) for value in values),
        (present,),
    )
