"""What the core needs of a platform, what a platform needs of the core, and how sends fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from handlers.messages import Card, ChannelRef, Choice, Reply, Request

PERSON = "@"
"""A `ChannelRef.channel` that begins with this and goes on with a person's id is that person's
direct conversation with the bot in that workspace.
"""


class SendError(Exception):
    """The platform did not say yes. Always one of the three below."""


class TryLater(SendError):
    """It was certainly not sent, and may be after `after_s` seconds (None: our own back-off).

    `scope` says what else must wait: this channel, its workspace, or the whole platform.
    """

    def __init__(self, reason: str, after_s: float | None = None, scope: str = "channel") -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_s = after_s
        self.scope = scope


class Refusal(Enum):
    """Why the platform will not take it. All but `PAYLOAD` pause the channel."""

    CHANNEL_GONE = "channel_gone"
    NOT_INVITED = "not_invited"
    NO_PERMISSION = "no_permission"
    ARCHIVED = "archived"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a reason, not a secret
    PAYLOAD = "payload"


class Never(SendError):
    """It was certainly not sent, and the same call will not work until something changes."""

    def __init__(self, refusal: Refusal, reason: str = "") -> None:
        super().__init__(reason or refusal.value)
        self.refusal = refusal
        self.reason = reason or refusal.value


class Unknown(SendError):
    """The connection broke after the request left: it may have been sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PlatformRefusedError(Exception):
    """The platform will not have the bot at all (a wrong token): this platform stops working,
    the others go on.
    """


@dataclass(frozen=True)
class Spacing:
    """Seconds that a platform wants between two calls of the same kind; 0 for no wish.

    Whoever paces itself (by the answers' headers, say) needs none.
    """

    channel_s: float = 0.0
    """Between two messages into a channel."""
    workspace_s: float = 0.0
    """Between two messages into a workspace, on average; a second's worth may come at once."""
    edit_s: float = 0.0
    """The same for edits."""


NO_SPACING = Spacing()


class Sender(Protocol):
    """Puts cards into channels, and into direct conversations (see `PERSON`). Each verb returns
    only when the platform said yes.
    """

    platform: str
    spacing: Spacing

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        """Send; return the platform's message id. `key` (at most 25 ASCII characters) names the
        delivery for ever and goes with the message where the platform can carry it.
        Raises TryLater, Never or Unknown.
        """

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        """The second try after Never(PAYLOAD): plain text and link only. Raises the same."""

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        """Finish a send whose outcome is unknown, doubling it only where the platform gives no
        means to tell (same nonce again, or a look into history first). Raises the same.
        """

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        """Replace a sent card without notifying anybody. Raises the same."""


class FrontDesk(Protocol):
    """What an adapter may ask of the core. Every call is safe to make concurrently, and answers
    in milliseconds but for `feeds add` and `feeds test`, which fetch (up to half a minute). What
    is told by `joined`, `left`, `workspace_lost` and `workspace_found` waits while the database
    cannot be used, and is written down in the order of the calls.
    """

    async def answer(self, request: Request) -> Reply:
        """Answer one request. Never raises for anything that a person can type."""

    async def complete(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        """At most 25 choices for `option` of `request.command`, in the asker's language."""

    async def home(self, request: Request) -> Sequence[Card]:
        """The asker's workspace at a glance: roadmap, subscriptions with their state, feeds.

        Only the channels in the option `channels` (ids, separated by spaces) are shown: those
        that the adapter knows the asker to be in.
        """

    async def joined(self, channel: ChannelRef, name: str) -> Card | None:
        """The bot was invited, or can send again. Paused deliveries resume; the greeting is
        returned the first time and None after that. The caller sends it.
        """

    async def left(self, channel: ChannelRef, refusal: Refusal) -> None:
        """The bot was removed, or the channel is gone or archived: it pauses, nothing is lost."""

    async def workspace_lost(self, platform: str, workspace: str) -> None:
        """Uninstalled or token revoked: all its channels pause."""

    async def workspace_found(self, platform: str, workspace: str) -> None:
        """Installed (again): channels that paused because of the token resume."""

    async def first_time(self, event: str, *, unsure: bool = True) -> bool:
        """True once for each event id (kept a day): platforms deliver events more than once.
        `unsure` while that cannot be noted: by default whoever asks is answered.
        """

    async def recall(self, name: str) -> str:
        """A small text that the adapter kept under `name` (a hash, a token); empty if none. Raises
        StorageError, at once, while the database cannot be used.
        """

    async def remember(self, name: str, value: str) -> None:
        """Keep a small text for the adapter. Raises StorageError like `recall`."""
