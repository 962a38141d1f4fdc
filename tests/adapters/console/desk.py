"""A small honest core for the console's tests: real verbs, keeps what was asked, can be slow."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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

PILLARS = ("access", "safeguards", "products", "infrastructure", "relationships")
SFC = "https://www.sfc.hk/en/News-and-announcements"

SAFEGUARDS = Card(
    title="Safeguards",
    url="https://www.sfc.hk/en/News-and-announcements/Policy-statements-and-announcements/"
    "A-S-P-I-Re-for-a-brighter-future-SFCs-regulatory-roadmap-for-Hong-Kongs-virtual-asset-market",
    topic="safeguards",
    chips=(Chip("safeguards", "S", "Safeguards"),),
    lines=(
        Line("Optimise compliance burdens without compromising security."),
        Line("Initiatives", "heading"),
        Line("Dynamic custody", "bullet", label="3", after="circular live"),
        Line("Insurance and compensation", "bullet", label="4", after="no milestone found"),
        Line("Onboarding and categorisation", "bullet", label="5", after="partial"),
        Line("Latest news", "heading"),
        Line(
            "Phishing-resistant login for internet brokers and virtual asset trading platforms, "
            "within 12 months",
            "bullet",
            url=f"{SFC}/News/doc?refNo=26PR101",
            label="26PR101",
            after="SFC press releases",
            when=Moment(1_783_591_440),
        ),
        Line(
            "Custody circular to platform operators, with immediate effect",
            "bullet",
            url=f"{SFC}/News/doc?refNo=25EC44",
            label="25EC44",
            when=Moment(1_755_187_200, date_only=True),
        ),
        Line("Names of initiatives are short forms, not the SFC's words.", "note"),
    ),
    footer="ASPIRe roadmap, published",
    when=Moment(1_739_923_200, date_only=True),
    buttons=(
        Button("Subscribe", "subscribe safeguards", style="primary"),
        Button("More news", "news safeguards"),
        Button("Open the roadmap", "", url="https://www.sfc.hk/en/"),
    ),
)
ALERT = Card(
    title="SFC requires phishing-resistant authentication for virtual asset trading platforms",
    url=f"{SFC}/News/doc?refNo=26PR101",
    topic="safeguards",
    chips=(Chip("safeguards", "S", "Safeguards"), Chip("3", "#3", "Dynamic custody")),
    lines=(Line("Also reported by SFC circulars", "note"),),
    footer="SFC press releases",
    when=Moment(1_783_591_440),
    buttons=(Button("Why?", "why 12"), Button("Correct", "retag 12", form=True)),
)
CHINESE = Card(
    title="證監會就虛擬資產交易平台的保管安排發出通函",
    url="https://www.sfc.hk/TC/",
    topic="safeguards",
    chips=(Chip("safeguards", "S", "保障"), Chip("3", "#3", "動態保管（非官方譯名）")),
    lines=(
        Line(
            "「通函即時生效，適用於持牌虛擬資產交易平台（VATP）；日後的保管人亦會以此作為基準。」"
            "平台營運者須檢視冷錢包、私人密碼匙及 withdrawal whitelisting 的安排，並保存紀錄。",
            "quote",
        ),
        Line("措施", "heading"),
        Line("動態保管", "bullet", label="3", after="通函已生效"),
        Line("保險及賠償", "bullet", label="4"),
    ),
    footer="證監會通函",
    when=Moment(1_755_187_200, date_only=True),
    language="zh-Hant",
)
SUBSCRIBE = Form(
    "subscribe",
    "Subscribe this channel",
    (
        Field(
            "topics",
            "Topics",
            "choices",
            tuple(Choice(name.title(), name) for name in PILLARS),
            value=("safeguards",),
            required=True,
        ),
        Field(
            "when",
            "When",
            "choice",
            (
                Choice("At once", "instant"),
                Choice("In the summary", "daily"),
                Choice("Both", "both"),
            ),
            value=("instant",),
        ),
        Field("with", "Only with these words", "text", hint="Such as: staking custody"),
    ),
    "Subscribe",
    fixed={"scope": "hk"},
)


@dataclass
class FakeDesk:
    """Answers a handful of commands; `held` keeps `feeds` waiting until it is set."""

    asked: list[Request] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    known: set[ChannelRef] = field(default_factory=set)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    language: str = "en"

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        command = request.command or request.text.split(" ")[0]
        if command == "feeds":
            await self.held.wait()
        if command == "settings":
            self.language = request.text.split(" ")[-1]
        reply = self._reply(command, request)
        return replace(reply, card=replace(reply.card, language=self.language))

    def _reply(self, command: str, request: Request) -> Reply:
        if command == "pillar":
            return Reply(SAFEGUARDS, public=request.text.endswith(" share"))
        if command == "news":
            return Reply(CHINESE)
        if command == "subscribe":
            return self._subscribed(request)
        if command == "hostile":
            return Reply(HOSTILE)
        if command in {"feeds", "settings", "why", "retag", "summary"}:
            return Reply(Card(f"You asked: {request.text}", tone="good"))
        return Reply(Card(f"Not understood: {request.text}", tone="error"), ok=False)

    def _subscribed(self, request: Request) -> Reply:
        topics = request.options.get("topics", "")
        if not topics and request.text == "subscribe":
            words = Card(
                "Say what to subscribe to", lines=(Line("subscribe safeguards", "bullet"),)
            )
            return Reply(words, form=SUBSCRIBE)
        topics = topics or request.text.removeprefix("subscribe ")
        done = Card(f"Subscribed to {topics}.", tone="good")
        who = f"{request.person.name} subscribed this channel to {topics}."
        return Reply(done, announcement=Card(who, topic="safeguards"))

    async def complete(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        self.asked.append(replace(request, text=f"? {option} {typed}"))
        if option in {"topics", "pillar", "words"}:
            names = (name for name in PILLARS if name.startswith(typed.lower()))
            return [Choice(name.title(), name) for name in names]
        return []

    async def home(self, request: Request) -> Sequence[Card]:
        return [SAFEGUARDS]

    async def joined(self, channel: ChannelRef, name: str) -> Card | None:
        if channel in self.known:
            return None
        self.known.add(channel)
        return Card(f"Hello {name}", lines=(Line("Ask: pillar safeguards"),))

    async def left(self, channel: ChannelRef, refusal: Refusal) -> None:
        self.known.discard(channel)

    async def workspace_lost(self, platform: str, workspace: str) -> None: ...

    async def workspace_found(self, platform: str, workspace: str) -> None: ...

    async def first_time(self, event: str, *, unsure: bool = True) -> bool:
        del unsure
        return True

    async def recall(self, name: str) -> str:
        return self.kept.get(name, "")

    async def remember(self, name: str, value: str) -> None:
        self.kept[name] = value


HOSTILE = Card(
    title="\x1b[2J\x1b]0;owned\x07Title\u202eevil\x9b31m\ntwo\x00",
    url="javascript:alert(1)",
    chips=(Chip("safeguards", "S\x1b[1m", "Safe\rguards"),),
    lines=(
        Line(
            "te\x1bxt", "bullet", url="https://example.org/\x1b\\>a b", label="\x08la", after="\x7f"
        ),
        Line("[bold]not markup[/bold] :smile: \ud800"),
        Line("tail\u2066\x85\u2028end", "quote"),
    ),
    footer="\x1b[?1049h foot",
    buttons=(Button("\x1b[5mpress", "why \x1b12"), Button("open", "", url="file:///etc/passwd")),
    mention="\x1b[0m<@U1>",
)
