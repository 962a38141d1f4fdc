"""A channel's own habits: `settings`."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import ledger_channels
from handlers.channels import announce, audit, ensure, next_daily
from handlers.context import Context
from handlers.ledger_channels import Channel
from handlers.messages import Button, Card, Choice, Field, Form, Line, Reply
from handlers.texts import LANGUAGES
from handlers.times import read_time, read_zone


def settings(context: Context) -> Reply:
    if not context.options:
        return _settings_form(context)
    channel = ensure(context)
    options = context.options
    changed = replace(
        channel,
        language=options.get("language", channel.language),
        timezone=read_zone(options["timezone"]) if "timezone" in options else channel.timezone,
        daily_at=read_time(options["daily"]) if "daily" in options else channel.daily_at,
        quiet=options["quiet"] == "yes" if "quiet" in options else channel.quiet,
        posts=options.get("posts", channel.posts),
    )
    changed = replace(changed, daily_due=next_daily(changed, context.now))
    ledger_channels.save_settings(context.connection, changed)
    context = replace(context, channel=changed, language=changed.language)
    audit(context, changed, "settings", ", ".join(f"{k} {v}" for k, v in options.items()))
    return Reply(
        Card(
            context.say("settings.saved"),
            lines=_lines(context, changed),
            tone="good",
            language=context.language,
        ),
        announcement=announce(context, changed, "settings.announced"),
    )


def _lines(context: Context, channel: Channel) -> tuple[Line, ...]:
    off = context.say("settings.off")
    return (
        _line(context, "language", context.say(f"commands.choice.{channel.language}")),
        _line(context, "timezone", channel.timezone),
        _line(context, "daily", channel.daily_at or off),
        _line(context, "quiet", context.say(f"commands.choice.{_yes(channel.quiet)}")),
        _line(context, "posts", context.say(f"commands.choice.{channel.posts}")),
    )


def _line(context: Context, name: str, value: str) -> Line:
    return Line(value, kind="bullet", label=context.say(f"settings.{name}"))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _settings_form(context: Context) -> Reply:
    channel = context.channel
    language = channel.language if channel else context.manners.habits.language
    posts = channel.posts if channel else "story"
    daily = channel.daily_at if channel else context.manners.habits.daily_at
    fields = (
        _choice_field(context, "language", LANGUAGES, language),
        Field("timezone", context.say("settings.timezone"), "text", value=(context.timezone,)),
        Field("daily", context.say("settings.daily"), "text", value=(daily or "off",)),
        _choice_field(context, "quiet", ("no", "yes"), _yes(channel.quiet if channel else False)),
        _choice_field(context, "posts", ("story", "day"), posts),
    )
    form = Form("settings", context.say("settings.title"), fields, context.say("core.button_save"))
    lines = _lines(context, channel) if channel else (Line(context.say("settings.usual")),)
    card = Card(
        context.say("settings.title"),
        lines=(*lines, Line(context.say("settings.hint"), kind="note")),
        buttons=tuple(
            Button(context.say(f"commands.choice.{one}"), f"settings language {one}")
            for one in LANGUAGES
            if one != language
        ),
        language=context.language,
    )
    return Reply(card, form=form)


def _choice_field(context: Context, name: str, values: Sequence[str], present: str) -> Field:
    choices = tuple(Choice(context.say(f"commands.choice.{one}"), one) for one in values)
    return Field(name, context.say(f"settings.{name}"), "choice", choices, (present,))
