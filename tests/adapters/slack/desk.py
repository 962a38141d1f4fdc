"""A small honest front desk for the adapter's tests: it answers, remembers, and can be slow."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from handlers.messages import (
    Button,
    Card,
    ChannelRef,
    Chip,
    Choice,
    Field,
    Form,
    Line,
    Moment,
    Reply,
    Request,
)
from handlers.ports import Refusal

PILLAR = Card(
    title="Safeguards",
    chips=(Chip("safeguards", "S", "Safeguards"), Chip("3", "#3", "Dynamic custody")),
    lines=(
        Line("Optimise compliance burdens without compromising security", kind="quote"),
        Line("Latest news", kind="heading"),
        Line(
            "Circular on custody",
            kind="bullet",
            url="https://www.sfc.hk/one",
            after="SFC",
            when=Moment(1_783_587_180),
        ),
    ),
    footer="2 sources",
    when=Moment(1_783_587_180),
    buttons=(
        Button("Subscribe", "subscribe safeguards", style="primary"),
        Button("More news", "news safeguards"),
    ),
)
SUBSCRIBE = Form(
    command="subscribe",
    title="Subscribe",
    submit="Save",
    fields=(
        Field(
            "topics",
            "Topics",
            "choices",
            tuple(Choice(f"Topic {n}", f"t{n}") for n in range(18)),
            required=True,
        ),
        Field(
            "when",
            "When",
            "choice",
            (Choice("At once", "instant"), Choice("Daily", "daily")),
            value=("instant",),
        ),
        Field("with", "Words", "text", hint="Only items with these words"),
    ),
    fixed={"item": "12"},
)


@dataclass
class FakeDesk:
    """Answers a few words as the core would; `replies` overrides by what was typed."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    happened: list[tuple[object, ...]] = field(default_factory=list)
    home_cards: tuple[Card, ...] = (PILLAR,)
    greeting: Card | None = None
    hold: asyncio.Event | None = None
    """Answers wait for it, where it is set."""
    broken: Exception | None = None
    full: bool = False
    """Whether no event can be noted."""
    _seen: set[str] = field(default_factory=set)
    _notes: dict[str, str] = field(default_factory=dict)
    _greeted: set[ChannelRef] = field(default_factory=set)

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.hold:
            await self.hold.wait()
        if self.broken:
            raise self.broken
        words = request.text or request.command
        if words in self.replies:
            return self.replies[words]
        return self._reply(request)

    def _reply(self, request: Request) -> Reply:
        words = request.text.split()
        first = request.command or (words[0] if words else "help")
        public = "share" in words
        if first == "subscribe":
            return self._subscribe(request, words)
        if first == "pillar":
            return Reply(PILLAR, public=public)
        if first == "subscriptions":
            button = Button("Subscribe", "subscribe", form=True)
            return Reply(Card(f"Subscriptions of {request.channel.channel}", buttons=(button,)))
        text = " ".join([first, *(f"{k}={v}" for k, v in request.options.items())])
        return Reply(Card(f"You asked: {text}"), public=public)

    def _subscribe(self, request: Request, words: list[str]) -> Reply:
        if not request.person.may_manage:
            return Reply(Card("Only those who may manage this channel can", tone="error"), ok=False)
        topics = request.options.get("topics") or " ".join(words[1:])
        if not topics:
            return Reply(Card("Type: subscribe <topic>"), form=SUBSCRIBE)
        said = f"{request.person.name} subscribed to {topics}"
        return Reply(Card(f"Subscribed to {topics}", tone="good"), announcement=Card(said))

    async def complete(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        return ()

    async def home(self, request: Request) -> Sequence[Card]:
        self.asked.append(request)
        return self.home_cards

    async def joined(self, channel: ChannelRef, name: str) -> Card | None:
        self.happened.append(("joined", channel, name))
        if channel in self._greeted:
            return None
        self._greeted.add(channel)
        return self.greeting

    async def left(self, channel: ChannelRef, refusal: Refusal) -> None:
        self.happened.append(("left", channel, refusal))

    async def workspace_lost(self, platform: str, workspace: str) -> None:
        self.happened.append(("lost", platform, workspace))

    async def workspace_found(self, platform: str, workspace: str) -> None:
        self.happened.append(("found", platform, workspace))

    async def first_time(self, event: str, *, unsure: bool = True) -> bool:
        if self.full:
            return unsure
        new = event not in self._seen
        self._seen.add(event)
        return new

    async def recall(self, name: str) -> str:
        return self._notes.get(name, "")

    async def remember(self, name: str, value: str) -> None:
        self._notes[name] = value
