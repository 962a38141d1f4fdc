"""A console on this process's own terminal with the fake core, for tests and for trying out.

SIGUSR1 posts an alert to #compliance, SIGUSR2 one that is hostile. What was asked is written as
one line of JSON to the file named by the first argument; the second names the history file.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from adapters.console_chat import ConsoleChat, Settings
from adapters.console_screen import Screen, supports_links
from handlers.messages import Card, ChannelRef
from tests.adapters.console.desk import ALERT, HOSTILE, FakeDesk


async def sit(desk: FakeDesk, history: Path) -> None:
    screen = Screen(
        sys.stdout, lambda: 1_783_591_500, "Asia/Hong_Kong", links=supports_links(os.environ)
    )
    chat = ConsoleChat(desk, screen, sys.stdin, Settings(user="Kit", history_file=history))
    tasks = set[asyncio.Task[str]]()

    def post(card: Card) -> None:
        channel = ChannelRef("console", "", "compliance")
        tasks.add(asyncio.ensure_future(chat.sender.send(channel, card, "k1")))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, post, ALERT)
    loop.add_signal_handler(signal.SIGUSR2, post, HOSTILE)
    sitting = asyncio.ensure_future(chat.run())
    loop.add_signal_handler(signal.SIGTERM, sitting.cancel)
    with suppress(asyncio.CancelledError):
        await sitting


def main(asked: Path, history: Path) -> None:
    if sys.stdin.isatty():
        os.open(os.ttyname(0), os.O_RDWR)  # makes it this session's own, where none has it yet
    desk = FakeDesk()
    asyncio.run(sit(desk, history))
    asked.write_text(json.dumps([[r.channel.channel, r.text, dict(r.options)] for r in desk.asked]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
