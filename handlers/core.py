"""The command core: from a request to a reply, whatever the platform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from feeds.database import Connection
from feeds.roadmap import Roadmap
from handlers import (
    completion,
    corrections,
    digests,
    feed_admin,
    ledger_channels,
    news,
    retractions,
    roadmap,
    settings,
    status,
    subscriptions,
    trends,
)
from handlers.commands import command_changes
from handlers.context import Context, Manners, Trial
from handlers.errors import Misunderstood, NotAllowed, RequestError
from handlers.messages import MAX_ASK_BYTES, Button, Card, Choice, Line, Reply, Request
from handlers.parsing import Asked, find_command, understand
from handlers.texts import language_of, say

Family = Callable[[Context], Reply]

FAMILIES: Mapping[str, Family] = {
    "help": roadmap.help_,
    "roadmap": roadmap.roadmap,
    "pillar": roadmap.pillar,
    "initiative": roadmap.initiative,
    "news": news.news,
    "subscribe": subscriptions.subscribe,
    "unsubscribe": subscriptions.unsubscribe,
    "subscriptions": subscriptions.subscriptions,
    "summary": digests.summary,
    "daily": digests.daily,
    "trends": trends.trends,
    "why": corrections.why,
    "retag": corrections.retag,
    "retract": retractions.retract,
    "tag": corrections.tag,
    "feeds": feed_admin.feeds,
    "settings": settings.settings,
    "status": status.status,
}


@dataclass(frozen=True)
class Core:
    """Answers requests. Holds no state but what it is made with; the rest is in the database."""

    roadmap: Roadmap
    manners: Manners

    def answer(
        self, connection: Connection, request: Request, now: int, trial: Trial | None = None
    ) -> Reply:
        """Answer one request, in the transaction of its caller. `trial` is what the address of a
        `feeds add` or `feeds test` gave (see `fetches`).
        """
        context = self.context(connection, request, now)
        try:
            asked = understand(request)
            _check_permission(asked, request)
            language = _shared_language(asked, context)
            context = replace(
                context,
                command=asked.command.name,
                options=asked.options,
                language=language,
                trial=trial,
            )
            return FAMILIES[asked.command.name](context)
        except RequestError as error:
            return Reply(error_card(error, context.language), ok=False)

    def context(self, connection: Connection, request: Request, now: int) -> Context:
        """The surroundings of a request, before its options are known."""
        channel = ledger_channels.find_channel(connection, request.channel)
        return Context(
            connection=connection,
            request=request,
            command="",
            options={},
            now=now,
            language=self._language(request, channel),
            channel=channel,
            roadmap=self.roadmap,
            manners=self.manners,
        )

    def apology(self, request: Request) -> Reply:
        """The answer when the database cannot be used just now. Needs no database."""
        language = language_of(request.person.language) or self.manners.habits.language
        return Reply(error_card(Misunderstood("core.out_of_order"), language), ok=False)

    def writes(self, request: Request) -> bool:
        """Whether answering may write, so that the caller chooses the transaction."""
        try:
            asked = understand(request)
        except RequestError:
            return False
        return asked.command.writes or command_changes(asked.command, asked.options)

    def fetches(self, request: Request) -> str:
        """The address that must be tried before `answer` is called; empty for none. Raises
        nothing: what is wrong with the request is the answer's to say.
        """
        try:
            asked = understand(request)
            if asked.options.get("action") not in {"add", "test"}:
                return ""
            _check_permission(asked, request)
            return feed_admin.address(asked.options.get("target", ""))
        except RequestError:
            return ""

    def complete(
        self, connection: Connection, request: Request, option: str, typed: str
    ) -> Sequence[Choice]:
        """At most 25 choices for an option of `request.command`, best first."""
        command = find_command(request.command)
        if command is None:
            return ()
        wanted = next((one for one in command.options if one.name == option), None)
        if wanted is None:
            return ()
        context = self.context(connection, request, 0)
        return completion.choices(context, wanted, typed)

    def _language(self, request: Request, channel: ledger_channels.Channel | None) -> str:
        """The asker's, as the platform tells it; else the channel's; else the usual one."""
        told = language_of(request.person.language)
        if told:
            return told
        return channel.language if channel else self.manners.habits.language


def _shared_language(asked: Asked, context: Context) -> str:
    """What everybody in a channel will read is in the channel's language."""
    if asked.options.get("share") == "yes" and context.channel:
        return context.channel.language
    return context.language


def _check_permission(asked: Asked, request: Request) -> None:
    """The one rule of who may change a channel: those of whom the platform says so."""
    if command_changes(asked.command, asked.options) and not request.person.may_manage:
        raise NotAllowed("core.not_allowed", command=asked.command.name)


def error_card(error: RequestError, language: str) -> Card:
    """What was wrong and what to do, with what may have been meant as buttons."""
    words = {name: _harmless(value) for name, value in error.words.items()}
    lines = [Line(say(language, f"{error.key}_hint", **words))]
    asks = [ask for ask in error.suggestions if len(ask.encode()) <= MAX_ASK_BYTES]
    if asks:
        lines.append(Line(", ".join(asks), label=say(language, "core.did_you_mean")))
    return Card(
        say(language, error.key, **words),
        lines=tuple(lines),
        buttons=(
            *(Button(ask, ask) for ask in asks[:5]),
            Button(say(language, "core.button_help"), "help"),
        ),
        tone="error",
        language=language,
    )


def _harmless(value: object) -> object:
    """What a person typed, short enough to repeat."""
    if not isinstance(value, str):
        return value
    return value if len(value) <= 100 else f"{value[:99]}…"  # noqa: PLR2004 - a line's worth
