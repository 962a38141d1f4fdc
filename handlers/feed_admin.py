"""The news sources: `feeds`, and adding, removing or trying one."""

from urllib.parse import urlsplit

from feeds import archive_feeds
from feeds.archive_feeds import Feed
from feeds.identity import address as address_of
from feeds.items import Source
from handlers.cards import letters
from handlers.channels import announce, audit, ensure
from handlers.context import Context, Trial
from handlers.errors import Misunderstood
from handlers.feed_health import fault_sentence, health
from handlers.messages import Button, Card, Line, Moment, Reply

SHOWN = 5
"""Items that a test shows."""


def feeds(context: Context) -> Reply:
    action = context.options.get("action", "")
    target = context.options.get("target", "")
    if action and not target:
        raise Misunderstood("feeds.which", action=action)
    if target and not action:
        raise Misunderstood("feeds.what_to_do", word=target)
    if action in {"add", "test"}:
        address(target)  # what is none was not tried
    families = {"": _list, "add": _add, "remove": _remove, "test": _test}
    return families[action](context)


def address(target: str) -> str:
    """The feed's address that was meant. Raises Misunderstood for what is none."""
    wanted = target.strip("<>")
    if "://" not in wanted:
        wanted = f"https://{wanted}"
    try:
        parts = urlsplit(wanted)
    except ValueError as error:
        raise Misunderstood("feeds.not_an_address", word=target) from error
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not any(mark in host for mark in ".:"):
        raise Misunderstood("feeds.not_an_address", word=target)
    return wanted


def _list(context: Context) -> Reply:
    known = archive_feeds.feeds(context.connection, context.workspace)
    lines = [_health_line(context, feed) for feed in known if feed.source.enabled]
    off = [feed.source.name for feed in known if not feed.source.enabled]
    if off:
        lines.append(Line(context.say("feeds.off", names=", ".join(off)), kind="note"))
    if not lines:
        lines.append(Line(context.say("feeds.none")))
    return Reply(Card(context.say("feeds.title"), lines=tuple(lines), language=context.language))


def _health_line(context: Context, feed: Feed) -> Line:
    when = feed.state.last_good
    return Line(
        feed.source.name,
        kind="bullet",
        label=str(feed.id),
        after=" · ".join(health(feed, context.now, context.language)),
        when=Moment(when, timezone=context.timezone) if when else None,
    )


def _test(context: Context) -> Reply:
    trial = _trial(context)
    if trial.reading is None:
        return _bad_trial(context, trial)
    entries = list(zip(trial.reading.entries, trial.reading.tags, strict=True))
    lines = [Line(context.say("feeds.would_store", count=trial.reading.parsed.total))]
    for entry, tags in entries[:SHOWN]:
        moment = (
            Moment(entry.published, entry.date_only, context.timezone)
            if entry.published is not None
            else None
        )
        verdict = letters(context.roadmap, tags) or context.say(
            "feeds.no_pillar" if tags.virtual_asset else "feeds.not_virtual_asset"
        )
        lines.append(Line(entry.title, kind="bullet", url=entry.url, after=verdict, when=moment))
    tagged = sum(1 for _, tags in entries if tags.pillars)
    lines.append(Line(context.say("feeds.tagged", tagged=tagged, all=len(entries)), kind="note"))
    return Reply(
        Card(
            trial.reading.parsed.title or trial.url,
            lines=tuple(lines),
            buttons=_add_button(context, trial.url),
            language=context.language,
        )
    )


def _add_button(context: Context, url: str) -> tuple[Button, ...]:
    ask = f"feeds add {url}"
    if len(ask.encode()) > 100 or not context.request.person.may_manage:  # noqa: PLR2004 - a button's limit
        return ()
    return (Button(context.say("feeds.button_add"), ask),)


def _bad_trial(context: Context, trial: Trial) -> Reply:
    lines = [Line(fault_sentence(trial.fault, context.language))]
    alternates = trial.not_a_feed.alternates if trial.not_a_feed else ()
    if alternates:
        lines.append(Line(context.say("feeds.did_you_mean")))
        lines += [Line(url, kind="bullet", url=url) for url in alternates[:SHOWN]]
    return Reply(
        Card(
            context.say("feeds.cannot_use", url=trial.url),
            lines=tuple(lines),
            buttons=tuple(
                Button(url[:60], f"feeds test {url}")
                for url in alternates[:SHOWN]
                if len(f"feeds test {url}".encode()) <= 100  # noqa: PLR2004 - a button's limit
            ),
            tone="error",
            language=context.language,
        ),
        ok=False,
    )


def _add(context: Context) -> Reply:
    trial = _trial(context)
    if trial.reading is None:
        return _bad_trial(context, trial)
    known = archive_feeds.feeds(context.connection, context.workspace)
    if any(_lives_at(feed, trial.url) for feed in known if feed.source.enabled):
        raise Misunderstood("feeds.known_already", url=trial.url)
    own = [feed for feed in known if feed.source.owner and feed.source.enabled]
    if len(own) >= context.manners.feeds_per_workspace:
        raise Misunderstood("feeds.too_many", most=context.manners.feeds_per_workspace)
    channel = ensure(context)
    source = Source(
        name=(trial.reading.parsed.title or trial.url)[:80],
        url=trial.url,
        language=channel.language,
        timezone=channel.timezone,
        owner=context.workspace,
    )
    identifier = archive_feeds.add(
        context.connection, source, context.now, context.request.person.id
    )
    archive_feeds.begin_again(context.connection, identifier)
    audit(context, channel, "feeds add", trial.url)
    return Reply(
        Card(
            context.say("feeds.added", name=source.name, number=identifier),
            lines=(Line(context.say("feeds.added_hint"), kind="note"),),
            tone="good",
            language=context.language,
        ),
        announcement=announce(context, channel, "feeds.announced", name=source.name),
    )


def _lives_at(feed: Feed, url: str) -> bool:
    return address_of(url) in {address_of(feed.source.url), address_of(feed.state.moved_to)}


def _remove(context: Context) -> Reply:
    target = context.options["target"].lstrip("#")
    known = archive_feeds.feeds(context.connection, context.workspace)
    feed = next((one for one in known if str(one.id) == target or one.source.url == target), None)
    if feed is None:
        raise Misunderstood("feeds.no_such", word=target, suggestions=("feeds",))
    if not feed.source.owner:
        raise Misunderstood("feeds.configured", name=feed.source.name)
    channel = ensure(context)
    archive_feeds.disable(context.connection, feed.id)
    audit(context, channel, "feeds remove", feed.source.url)
    return Reply(
        Card(
            context.say("feeds.removed", name=feed.source.name),
            tone="good",
            language=context.language,
        ),
        announcement=announce(context, channel, "feeds.announced_end", name=feed.source.name),
    )


def _trial(context: Context) -> Trial:
    if context.trial is None:
        raise LookupError("a command that fetches was asked without its trial")
    return context.trial
