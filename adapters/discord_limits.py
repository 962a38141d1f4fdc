"""Discord's limits on what is sent, and the budgeter that keeps a card within them.

The numbers stand in Discord's API reference: message.mdx, components/reference.mdx,
application-commands.mdx and channel.mdx of discord-api-docs.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from adapters.discord_text import units

TITLE: Final = 256
DESCRIPTION: Final = 4096
FOOTER: Final = 2048
EMBED_SUM: Final = 6000
CONTENT: Final = 2000
ALT: Final = 1024
NONCE: Final = 25
CUSTOM_ID: Final = 100
BUTTON_LABEL: Final = 80
BUTTON_URL: Final = 512
BUTTONS: Final = 25
MODAL_TITLE: Final = 45
FIELD_LABEL: Final = 45
FIELD_HINT: Final = 100
FIELDS: Final = 5
CHOICES: Final = 25
CHOICE: Final = 100
TEXT_INPUT: Final = 4000
POST_NAME: Final = 100
POST_TAGS: Final = 5

LINE: Final = 1000
"""Our own limit on one line, so that a long one cannot push out all others."""


Rest = Callable[[int], str]


def fit(lines: Sequence[str], limit: int, rest: Rest) -> str:
    """As many of `lines` as `limit` units allow, cut between lines; `rest(n)` says, on a line of
    its own, that `n` lines with words were left out.
    """
    whole = "\n".join(lines)
    if units(whole) <= limit:
        return whole
    ends = list(accumulate(units(line) + 1 for line in lines))
    for count in range(len(lines) - 1, -1, -1):
        tail = rest(sum(bool(line) for line in lines[count:]))
        if (ends[count - 1] if count else 0) + units(tail) <= limit:
            return "\n".join([*lines[:count], tail])
    return ""
