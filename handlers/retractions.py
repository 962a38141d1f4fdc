"""Withdrawing an item as a person, and taking that back: `retract`."""

from feeds import archive_changes
from feeds.items import Article
from handlers import ledger_channels
from handlers.cards import title_of
from handlers.channels import announce, audit, ensure
from handlers.context import Context
from handlers.corrections import asked_item
from handlers.errors import Misunderstood
from handlers.messages import Button, Card, Line, Reply


def retract(context: Context) -> Reply:
    """It holds wherever the item can be seen. Asking twice changes nothing more."""
    article = asked_item(context)
    if article.seeded:
        raise Misunderstood("tags.of_the_roadmap_stays")
    if _concerns_others(context, article):
        raise Misunderstood("tags.of_others_too", word=f"#{article.id}", item=article.id)
    if context.options.get("undo") == "yes":
        return _undo(context, article)
    if article.withdrawn:
        return Reply(_card(context, article, "retracted", "tags.retracted_already"))
    archive_changes.withdraw(context.connection, article.id, context.now, context.request.person.id)
    return _changed(context, article, "retracted")


def _concerns_others(context: Context, article: Article) -> bool:
    """What other workspaces hear as well is not one workspace's to silence."""
    return (
        not article.owner
        and not context.request.person.runs_the_bot
        and ledger_channels.subscribed_elsewhere(context.connection, context.request.channel)
    )


def _undo(context: Context, article: Article) -> Reply:
    if not article.withdrawn:
        return Reply(_card(context, article, "restored", "tags.restored_already"))
    if not article.retracted_by:
        raise Misunderstood("tags.withdrawn_at_source", word=f"#{article.id}")
    archive_changes.restore(context.connection, article.id, context.now, context.request.person.id)
    return _changed(context, article, "restored")


def _changed(context: Context, article: Article, what: str) -> Reply:
    channel = ensure(context)
    audit(context, channel, "retract", f"#{article.id} {what}")
    return Reply(
        _card(context, article, what, f"tags.{what}_note"),
        announcement=announce(context, channel, f"tags.{what}_announced", item=article.id),
    )


def _card(context: Context, article: Article, what: str, note: str) -> Card:
    """The item as it was, how it stands now, and how to change that."""
    undo = Button(context.say("core.button_undo"), f"retract {article.id} undo")
    by_source = article.withdrawn and not article.retracted_by
    buttons = (undo,) if what == "retracted" and not by_source else ()
    return Card(
        context.say(f"tags.{what}"),
        lines=(
            Line(title_of(article, context.roadmap, context.language), url=article.url),
            Line(context.say(note), kind="note"),
        ),
        buttons=buttons,
        tone="good",
        language=context.language,
    )
