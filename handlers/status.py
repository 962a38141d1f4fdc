"""How it stands with this channel and with the bot: `status`."""

from feeds import archive, archive_feeds
from handlers import ledger
from handlers.context import Context
from handlers.messages import Card, Line, Moment, Reply

_STATES = ("queued", "sending", "unknown", "paused", "sent", "failed")


def status(context: Context) -> Reply:
    lines = [*_channel_lines(context), *_feed_lines(context)]
    return Reply(
        Card(context.say("status.title"), lines=tuple(lines), language=context.language),
        public=context.public,
    )


def _channel_lines(context: Context) -> list[Line]:
    channel = context.channel
    lines = [Line(context.say("status.this_channel"), kind="heading")]
    if channel is None:
        return [*lines, Line(context.say("subs.none"))]
    if channel.state != "active":
        why = context.say(f"status.why.{channel.paused_why or 'unknown'}")
        lines.append(Line(context.say("status.paused", why=why)))
    counts = ledger.counts(context.connection, channel.id)
    parts = [
        context.say(f"status.state.{state}", many=counts[state])
        for state in _STATES
        if counts.get(state)
    ]
    lines.append(Line(" · ".join(parts) or context.say("status.nothing_yet")))
    waiting = ledger.trouble(context.connection, channel.id)
    if waiting is not None:
        said = context.say("status.trouble", error=waiting.error)
        lines.append(Line(said, when=_at(context, max(waiting.ready, context.now))))
    if channel.last_sent is not None:
        lines.append(Line(context.say("status.last_sent"), when=_at(context, channel.last_sent)))
    if channel.daily_due is not None:
        lines.append(Line(context.say("status.next_summary"), when=_at(context, channel.daily_due)))
    return lines


def _feed_lines(context: Context) -> list[Line]:
    feeds = [
        feed
        for feed in archive_feeds.feeds(context.connection, context.workspace)
        if feed.source.enabled
    ]
    failing = [feed for feed in feeds if feed.state.failures]
    polled = max((feed.state.last_try or 0 for feed in feeds), default=0)
    lines = [
        Line(context.say("status.news"), kind="heading"),
        Line(
            context.say(
                "status.feeds",
                many=len(feeds),
                failing=len(failing),
                articles=archive.count(context.connection),
            )
        ),
    ]
    if polled:
        lines.append(Line(context.say("status.last_poll"), when=_at(context, polled)))
    else:
        lines.append(Line(context.say("status.never_polled")))
    return lines


def _at(context: Context, at: int) -> Moment:
    return Moment(at, timezone=context.timezone)
