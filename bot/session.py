"""Opening the house for one command and closing it again, with every fault as a sentence."""

import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import App, Parts, fetcher_of, open_database
from bot.config import ConfigError
from bot.environment import Surroundings, look_around
from feeds.database import DatabaseError
from feeds.worker import Worker

FAULT = 2
"""The exit code when the bot cannot start."""
TURN_S = 0.0005
"""How long a thread computes while another waits. With Python's usual five milliseconds, answers
and the workers' pipes wait behind whoever stores a large feed.
"""


def wall_clock() -> int:
    """UTC seconds."""
    return int(time.time())


def surroundings(config: str | None) -> Surroundings | None:
    """The configuration, or None when it cannot be used, which is then said."""
    try:
        return look_around(config)
    except ConfigError as error:
        complain(f"The configuration cannot be used. {error}")
        return None


@asynccontextmanager
async def opened(around: Surroundings) -> AsyncIterator[App]:
    """The app on its database, ready; closed afterwards. Raises DatabaseError."""
    sys.setswitchinterval(TURN_S)
    database = open_database(around.database)
    worker = Worker()
    try:
        async with fetcher_of(around.config, wall_clock) as fetcher:
            app = App(Parts(around.config, database, fetcher, worker, wall_clock))
            await app.prepare()
            yield app
    finally:
        await worker.close()
        database.close()


def complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def set_up_logging(*, quiet: bool) -> None:
    """Warnings only while people talk at the console; everything noteworthy otherwise."""
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


__all__ = ["FAULT", "DatabaseError", "complain", "opened", "surroundings", "wall_clock"]
