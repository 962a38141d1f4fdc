"""All that crosses between a platform and the core: frozen, and free of any platform's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class ChannelRef:
    """A place where people talk, as the adapter names it. Opaque to the core, but hashable.

    `workspace` is the Slack team or the Discord guild ("" in a direct message or the console).
    """

    platform: str
    workspace: str
    channel: str

    @property
    def home(self) -> str:
        """Who shares feeds with this channel: its workspace, or itself where it has none."""
        return f"{self.platform}:{self.workspace or self.channel}"


@dataclass(frozen=True)
class Person:
    """Who asks. What they may are facts that the adapter finds; the core keeps the rules."""

    id: str
    name: str = ""
    may_manage: bool = False
    """They may change this channel."""
    runs_the_bot: bool = False
    """They sit at the machine that the bot runs on."""
    language: str = ""
    """BCP 47, as the platform tells it; empty if it does not."""


@dataclass(frozen=True)
class Request:
    """One thing that a person asked, typed or pressed.

    Either `text` holds what was typed after the command's name ("pillar safeguards"), or
    `command` and `options` hold what the platform has parsed already (Discord's typed options,
    a submitted form). An option that takes several values holds them separated by spaces.
    """

    channel: ChannelRef
    person: Person
    text: str = ""
    command: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    channel_name: str = ""
    """As people see it ("#compliance"), for announcements and lists."""
    token: str = ""
    """Opaque, minted by the adapter: where an answer belongs (a thread, a message)."""


@dataclass(frozen=True)
class Moment:
    """A time for people. With `date_only` it is that calendar day in `timezone`, everywhere."""

    at: int
    """UTC seconds."""
    date_only: bool = False
    timezone: str = "Asia/Hong_Kong"


LineKind = Literal["text", "heading", "bullet", "note", "quote"]


@dataclass(frozen=True)
class Line:
    """One line of a card. All text is plain and may be hostile; the adapter escapes it.

    Drawn as: `label` (stressed), `text` (a link if `url` is set), `after`, then the moment.
    """

    text: str
    kind: LineKind = "text"
    url: str = ""
    label: str = ""
    after: str = ""
    when: Moment | None = None


@dataclass(frozen=True)
class Chip:
    """A pillar or initiative drawn small beside a title."""

    topic: str
    """A pillar's name ("safeguards") or an initiative's number ("3")."""
    letter: str
    """A, S, P, I or Re; for an initiative "#3"."""
    label: str
    """In the reader's language."""


MAX_ASK_BYTES = 100
"""What a button can carry, in UTF-8 (the least of the platforms' limits: Discord's custom id)."""


@dataclass(frozen=True)
class Button:
    """A press means: ask `ask`, as if typed. `form` says that the answer may be a form, which
    some platforms must open at once. At most 100 bytes of UTF-8 in `ask`.
    """

    label: str
    ask: str
    style: Literal["plain", "primary", "danger"] = "plain"
    form: bool = False
    url: str = ""
    """Set for a button that only opens an address; `ask` is then empty."""


@dataclass(frozen=True)
class Picture:
    """A PNG that says the same as the card's lines; `alt` says it in words."""

    png: bytes
    alt: str
    name: str = "picture.png"


@dataclass(frozen=True)
class Card:
    """What is meant, never how it looks. Lengths, escapes and colours are the adapter's."""

    title: str
    url: str = ""
    lines: tuple[Line, ...] = ()
    chips: tuple[Chip, ...] = ()
    footer: str = ""
    when: Moment | None = None
    """Drawn with the footer."""
    buttons: tuple[Button, ...] = ()
    picture: Picture | None = None
    tone: Literal["plain", "good", "warning", "error"] = "plain"
    mention: str = ""
    """The one role or user (platform's id) that a manager chose for this; empty for none."""
    topic: str = ""
    """The pillar that gives the card its colour; empty for none."""
    language: str = "en"
    """BCP 47: the language of the card's own words."""
    group: str = ""
    """Sent cards of one channel with the same group stand together under this name, where the
    platform can do that (one post of a forum); empty for a card that stands alone.
    """


@dataclass(frozen=True)
class Choice:
    """One thing to pick: what people read, and what the core is told."""

    label: str
    value: str


FieldKind = Literal["choice", "choices", "text"]


@dataclass(frozen=True)
class Field:
    """One question of a form. `value` holds the values now chosen (one string for text)."""

    name: str
    label: str
    kind: FieldKind
    choices: tuple[Choice, ...] = ()
    value: tuple[str, ...] = ()
    hint: str = ""
    required: bool = False


@dataclass(frozen=True)
class Form:
    """Questions to ask a person at once; sent back as Request(command, options).

    `fixed` are options that come along unasked (the item a correction is for).
    At most five fields, at most 25 choices each.
    """

    command: str
    title: str
    fields: tuple[Field, ...]
    submit: str
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The core's answer to one request.

    `card` is for the asker, private unless `public`. `form`, where set, is the better answer on
    a platform that can open one; `card` then says the same as words to type. `announcement` is
    for the whole channel: what was changed and by whom. `ok` is False for a request that was not
    understood or not allowed; the card then says what to do.
    """

    card: Card
    public: bool = False
    form: Form | None = None
    announcement: Card | None = None
    ok: bool = True
