"""A channel's own row: made when it is first needed, told of changes, and kept account of."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import ledger_channels
from handlers.context import Context
from handlers.ledger_channels import Channel, ensure_channel
from handlers.messages import Button, Card, Line
from handlers.texts import say
from handlers.times import next_due


def ensure(context: Context) -> Channel:
    """The channel's row, made if there is none. The first change that anybody makes in a channel
    winds its daily summary, at the usual hour if no other was chosen.
    """
    channel = context.channel or ensure_channel(
        context.connection,
        context.request.channel,
        context.request.channel_name,
        context.manners.habits,
        context.now,
    )
    if channel.daily_at and channel.daily_due is None:
        channel = replace(channel, daily_due=next_daily(channel, context.now))
        ledger_channels.save_settings(context.connection, channel)
    return channel


def announce(
    context: Context, channel: Channel, key: str, topics: Sequence[str] = (), **words: object
) -> Card:
    """What the whole channel is told of a change, in the channel's language."""
    theirs = replace(context, language=channel.language)
    person = context.request.person.name or context.request.person.id
    names = theirs.listed(theirs.topic_name(topic) for topic in topics)
    return Card(theirs.say(key, person=person, topics=names, **words), language=channel.language)


def audit(context: Context, channel: Channel, action: str, detail: str) -> None:
    ledger_channels.write_audit(
        context.connection, context.now, channel.id, context.request.person.id, action, detail
    )


def next_daily(channel: Channel, now: int) -> int | None:
    """When the channel's next summary is due, by its own clock."""
    return next_due(channel.daily_at, channel.daily_days, channel.timezone, now)


def greeting(language: str) -> Card:
    """The one message with which the bot introduces itself to a channel."""
    return Card(
        say(language, "onboarding.greeting_title"),
        lines=(
            Line(say(language, "onboarding.greeting")),
            Line("/aspire pillar safeguards", kind="bullet"),
            Line("/aspire subscribe safeguards products", kind="bullet"),
            Line("/aspire summary week", kind="bullet"),
        ),
        buttons=(
            Button(say(language, "core.button_subscribe"), "subscribe", "primary", form=True),
            Button(say(language, "core.button_roadmap"), "roadmap"),
        ),
        language=language,
    )
