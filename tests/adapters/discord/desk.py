"""A small honest core for the Discord tests: it answers, remembers, and can be told what to say."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from feeds.database import StorageError
from handlers.messages import Button, Card, ChannelRef, Choice, Field, Form, Line, Reply, Request
from handlers.ports import Refusal

TOPICS = ("access", "safeguards", "products", "infrastructure", "relationships")


class Desk:
    """A `FrontDesk`. Without instructions it repeats what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.told: list[tuple[str, ...]] = []
        """What the adapter reported, in order: the verb and its arguments as text."""
        self.kept: dict[str, str] = {}
        self.answers: dict[str, Callable[[Request], Reply]] = {}
        """By command: what to answer instead."""
        self.full = False
        """Whether nothing can be kept or recalled."""
        self.slow_s = 0.0
        self.greeting: Card | None = Card("Hello", lines=(Line("I follow ASPIRe."),))
        self._greeted: set[ChannelRef] = set()
        self._events: Counter[str] = Counter()

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        await asyncio.sleep(self.slow_s)
        command = request.command or request.text.split(" ", 1)[0]
        return self.answers.get(command, repeat)(request)

    async def complete(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        await asyncio.sleep(self.slow_s)
        self.requests.append(request)
        del option
        return [Choice(one.title(), one) for one in TOPICS if one.startswith(typed.casefold())]

    async def home(self, request: Request) -> Sequence[Card]:
        return [Card(f"Home of {request.person.id}")]

    async def joined(self, channel: ChannelRef, name: str) -> Card | None:
        self._tell("joined", channel.workspace, channel.channel, name)
        if channel in self._greeted:
            return None
        self._greeted.add(channel)
        return self.greeting

    async def left(self, channel: ChannelRef, refusal: Refusal) -> None:
        self._tell("left", channel.workspace, channel.channel, refusal.value)

    async def workspace_lost(self, platform: str, workspace: str) -> None:
        self._tell("workspace_lost", platform, workspace)

    async def workspace_found(self, platform: str, workspace: str) -> None:
        self._tell("workspace_found", platform, workspace)

    async def first_time(self, event: str, *, unsure: bool = True) -> bool:
        del unsure
        self._events[event] += 1
        return self._events[event] == 1

    async def recall(self, name: str) -> str:
        self._need_room()
        return self.kept.get(name, "")

    async def remember(self, name: str, value: str) -> None:
        self._need_room()
        self.kept[name] = value

    def _need_room(self) -> None:
        if self.full:
            raise StorageError("database or disk is full")

    # for tests

    def heard(self, *what: str, times: int = 1) -> bool:
        """Whether the adapter reported exactly this, so many times."""
        return self.told.count(what) == times

    def _tell(self, *what: str) -> None:
        self.told.append(what)


def asked(request: Request) -> str:
    """A request in one line, whichever way it came."""
    options = " ".join(f"{name}={value}" for name, value in request.options.items())
    return f"{request.command} {options}".strip() if request.command else request.text


def repeat(request: Request) -> Reply:
    shared = request.options.get("share") == "yes" or request.text.endswith(" share")
    return Reply(Card(asked(request)), public=shared)


def with_buttons(*buttons: Button) -> Callable[[Request], Reply]:
    return lambda request: Reply(Card(asked(request), buttons=buttons))


def subscribe_form(request: Request) -> Reply:
    """A form while nothing was chosen; then a change that the channel hears of."""
    if not request.options.get("topics"):
        return Reply(Card("Say: subscribe <topic>"), form=SUBSCRIBE)
    said = f"{request.person.name} subscribed this channel to {request.options['topics']}"
    return Reply(Card("Done", tone="good"), announcement=Card(said))


SUBSCRIBE = Form(
    command="subscribe",
    title="Subscribe this channel",
    fields=(
        Field(
            "topics",
            "Topics",
            "choices",
            tuple(Choice(topic.title(), topic) for topic in TOPICS),
            value=("safeguards",),
            required=True,
        ),
        Field("when", "When", "choice", (Choice("At once", "instant"), Choice("Daily", "daily"))),
        Field("with", "Only with words", "text", hint="stablecoin custody"),
    ),
    submit="Subscribe",
    fixed={"source": "form & more"},
)
