"""`aspire run` and `aspire chat`: the bot at work until it is told to stop."""

import asyncio
import contextlib
import getpass
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from bot.app import App
from bot.environment import Surroundings
from bot.health import HealthServer
from bot.platforms import Platform, platforms
from bot.session import FAULT, complain, opened, set_up_logging, surroundings
from feeds.database import DatabaseError
from handlers.ports import PlatformRefusedError

_log = logging.getLogger(__name__)

Work = Callable[[Surroundings], Awaitable[None]]


def run_bot(config: str | None) -> int:
    """Every platform that has a token, in one process; with none, the console."""
    around = surroundings(config)
    if around is None:
        return FAULT
    if around.secrets.slack and not (around.secrets.slack_app_token or around.config.http.port):
        complain(
            "Slack's HTTP mode needs the bot's own HTTP server: set port in the section [http],"
            " or set SLACK_APP_TOKEN for Socket Mode."
        )
        return FAULT
    if not (around.secrets.slack or around.secrets.discord):
        if not sys.stdin.isatty():
            complain("No token is set, so this is the console, read from standard input.")
        return _start(around, _console, quiet=True)
    return _start(around, _serve, quiet=False)


def run_console(config: str | None) -> int:
    around = surroundings(config)
    return FAULT if around is None else _start(around, _console, quiet=True)


def _start(around: Surroundings, work: Work, *, quiet: bool) -> int:
    set_up_logging(quiet=quiet)
    try:
        asyncio.run(_until_told(work(around)))
    except DatabaseError as error:
        complain(f"The database cannot be used: {error}")
        return FAULT
    except KeyboardInterrupt:
        return 130
    return 0


async def _until_told(work: Awaitable[None]) -> None:
    """Run until done or told to stop by SIGTERM; either way everything is closed in order."""
    task = asyncio.ensure_future(work)
    with contextlib.suppress(NotImplementedError):  # Windows has no such signal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _serve(around: Surroundings) -> None:
    async with opened(around) as app:
        running = platforms(around, app)
        for platform in running:
            app.attach(platform.sender)
        health = HealthServer(around.config.http, app, running)
        async with health, asyncio.TaskGroup() as group:
            group.create_task(app.run())
            for platform in running:
                group.create_task(_keep(platform))


async def _keep(platform: Platform) -> None:
    """Run a platform to its end. One whose token is refused stops alone; `/readyz` says so."""
    try:
        await platform.start()
        await platform.run()
    except PlatformRefusedError as error:
        name = platform.sender.platform
        _log.error("%s refuses the bot (%s); see aspire doctor", name, error)
    finally:
        await platform.close()


async def _console(around: Surroundings) -> None:
    from adapters.console_chat import ConsoleChat, Settings
    from adapters.console_screen import Screen, supports_links

    section = around.config.bot
    async with opened(around) as app:
        screen = Screen(sys.stdout, app.clock, section.timezone, links=supports_links(os.environ))
        settings = Settings(
            user=_user(),
            language=section.language,
            history_file=around.database.with_suffix(".db.history"),
        )
        chat = ConsoleChat(app.service, screen, sys.stdin, settings)
        app.attach(chat.sender)
        await _beside(app, chat.run())


async def _beside(app: App, conversation: Awaitable[None]) -> None:
    """Poll and deliver while people talk; stop when they have finished."""
    work = asyncio.create_task(app.run())
    talk = asyncio.ensure_future(conversation)
    try:
        await asyncio.wait({work, talk}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (work, talk):
            task.cancel()
        results = await asyncio.gather(work, talk, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "you"
