"""A workspace at a glance: the roadmap, its subscriptions with their state, its news sources."""

from dataclasses import replace

from feeds.database import Connection
from handlers import feed_admin, ledger, ledger_channels, roadmap
from handlers.context import Context
from handlers.core import Core
from handlers.ledger_channels import Channel
from handlers.messages import Button, Card, Line, Request
from handlers.subscriptions import describe

ASKERS_CHANNELS = "channels"
"""The option in which the adapter names the channels that the asker is in, and so may see."""


def cards(connection: Connection, core: Core, request: Request, now: int) -> list[Card]:
    """Three cards: where the roadmap stands, who hears of what, and how the feeds are."""
    context = core.context(connection, request, now)
    return [roadmap.roadmap(context).card, _channels(context), feed_admin.feeds(context).card]


def _channels(context: Context) -> Card:
    ref = context.request.channel
    seen = context.request.options.get(ASKERS_CHANNELS, "").split()
    lines: list[Line] = []
    for channel in ledger_channels.workspace_channels(
        context.connection, ref.platform, ref.workspace
    ):
        if channel.ref.channel in seen:
            lines += _channel_lines(replace(context, channel=channel), channel)
    if not lines:
        lines = [Line(context.say("onboarding.no_channel_yet"))]
    return Card(
        context.say("onboarding.of_workspace"),
        lines=tuple(lines),
        buttons=(Button(context.say("core.button_help"), "help"),),
        language=context.language,
    )


def _channel_lines(context: Context, channel: Channel) -> list[Line]:
    present = ledger_channels.subscriptions(context.connection, channel.id)
    if not present and channel.state == "active":
        return []
    waiting = ledger.counts(context.connection, channel.id).get("paused", 0)
    lines = [Line(channel.name or channel.ref.channel, kind="heading")]
    if channel.state != "active":
        why = context.say(f"status.why.{channel.paused_why or 'unknown'}")
        lines.append(Line(context.say("status.paused", why=why)))
    if waiting:
        lines.append(Line(context.say("status.state.paused", many=waiting), kind="note"))
    return lines + [Line(describe(context, one), kind="bullet") for one in present]
