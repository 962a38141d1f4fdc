"""Where something was asked on Slack, and so where its answer belongs."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

from adapters.slack_limits import PRIVATE_METADATA, width

Surface = Literal["private", "thread", "home", "modal"]


@dataclass(frozen=True)
class Place:
    """One asking. `private` is answered to the asker alone, `thread` in the open, `home` and
    `modal` in a modal.
    """

    team: str
    channel: str
    user: str
    surface: Surface = "private"
    channel_name: str = ""
    user_name: str = ""
    user_team: str = ""
    """The asker's own workspace; another one's in a channel shared between companies."""
    thread: str = ""
    """The message under which the answer is put."""
    response_url: str = ""
    """Good for five answers within half an hour."""
    trigger: str = ""
    """Opens one modal within three seconds."""
    view: str = ""
    """The modal that shows the answer."""
    home: str = ""
    """The asker's direct message with the bot, where it is known; the App Home asks for it."""
    picked: bool = False
    """The channel was picked from a list, so that the asker may not be in it."""

    @property
    def direct(self) -> bool:
        return self.channel.startswith("D")


_KEPT = (
    "channel",
    "surface",
    "channel_name",
    "thread",
    "response_url",
    "view",
    "home",
    "picked",
)


def remembered(place: Place, **more: object) -> str:
    """The place as a modal's private_metadata, with `more` beside it; "" where it cannot fit."""
    kept = {name: value for name, value in asdict(place).items() if name in _KEPT and value}
    for given in ({**more, "place": kept}, {**more, "place": {**kept, "response_url": ""}}):
        text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        if width(text) <= PRIVATE_METADATA:
            return text
    return ""


def recalled(text: str, now: Place) -> Place:
    """`now`, in the place that a modal remembers."""
    kept = memo(text).get("place")
    return replace(now, **kept) if isinstance(kept, dict) else now


def memo(text: str) -> dict[str, object]:
    """What `remembered` kept; empty for a view that is none of ours."""
    if not text:
        return {}
    given = json.loads(text)
    return given if isinstance(given, dict) else {}
