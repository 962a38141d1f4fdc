"""`aspire ask`: one request, one answer."""

import asyncio
import json
import sys

from adapters.console_text import plain, reply_as_json
from adapters.console_words import channel_named
from bot.environment import Surroundings
from bot.session import FAULT, complain, opened, surroundings
from feeds.database import DatabaseError
from handlers.messages import ChannelRef, Person, Reply, Request

NOT_UNDERSTOOD = 1


def ask_once(config: str | None, text: str, channel: str, *, as_json: bool) -> int:
    """Print the answer; return the exit code: 1 if it was not understood."""
    around = surroundings(config)
    if around is None:
        return FAULT
    ref = channel_named(channel)
    if ref is None:
        complain(f"{channel!r} is no channel's name: use letters, digits, - and _, up to 40")
        return FAULT
    try:
        reply = asyncio.run(_answer(around, text, ref))
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return FAULT
    if as_json:
        print(json.dumps(reply_as_json(reply), ensure_ascii=False, indent=2))  # noqa: T201 - the answer
    else:
        sys.stdout.write(plain(reply.card) + "\n")
        if reply.announcement is not None:
            sys.stdout.write("\n" + plain(reply.announcement) + "\n")
    return 0 if reply.ok else NOT_UNDERSTOOD


async def _answer(around: Surroundings, text: str, channel: ChannelRef) -> Reply:
    async with opened(around) as app:
        request = Request(
            channel=channel,
            person=Person("console", "console", may_manage=True, runs_the_bot=True),
            text=text,
            channel_name=f"#{channel.channel}",
        )
        return await app.service.answer(request)
