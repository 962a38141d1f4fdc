"""Builds the whole house from a configuration; the only file that names everything."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.config import Config
from bot.courier import Courier, Duties
from bot.service import Service
from bot.trial import Trials
from feeds import archive_feeds
from feeds.archive_schema import archive_migrations
from feeds.database import Connection, Database, StorageError
from feeds.enrich import EnrichingReader
from feeds.fetch import Fetcher, Limits
from feeds.poll import Poller, PollResult, WorkerReader
from feeds.roadmap import load_roadmap
from feeds.schedule import PollRules
from feeds.seeds import seed
from feeds.worker import Worker
from handlers import alerts, digests, feed_notices, heartbeat
from handlers.context import Manners
from handlers.core import Core
from handlers.ledger_channels import Habits
from handlers.ledger_schema import ledger_migrations
from handlers.pausing import close_lost
from handlers.ports import Sender

_log = logging.getLogger(__name__)

USER_AGENT = "aspire-bot/0.1"
POLL_LOOK_S = 15.0
"""How often the bot looks whether a feed is due."""
TICK_S = 2.0
"""How often it looks for what is owed: new stories, changes, summaries whose hour has come."""
_MOST_PAUSE_S = 60.0
"""Between two tries while the database cannot be used."""


def open_database(path: Path) -> Database:
    """Open, create or migrate the one database. Raises feeds.database.DatabaseError."""
    return Database(path, (archive_migrations, ledger_migrations))


@dataclass(frozen=True)
class Parts:
    """What the app is made of; tests put in their own."""

    config: Config
    database: Database
    fetcher: Fetcher
    worker: Worker
    clock: Callable[[], int]


class App:
    """The bot without its platforms: give it senders, and adapters its `service`."""

    def __init__(self, parts: Parts) -> None:
        config = parts.config
        self.database = parts.database
        self.clock = parts.clock
        self.roadmap = load_roadmap()
        self.manners = manners_of(config)
        self.senders: dict[str, Sender] = {}
        self.core = Core(self.roadmap, self.manners)
        self.courier = Courier(
            Duties(self.database, self.senders, self.roadmap, self.manners, self.clock)
        )
        trials = Trials(parts.fetcher, parts.worker, self.clock)
        self.service = Service(self.database, self.core, trials, self.clock, wake=self.courier.wake)
        reader = EnrichingReader(
            WorkerReader(parts.worker, self.clock),
            parts.fetcher,
            parts.worker,
            config.fetch.sfc_api.rstrip("/"),
        )
        self.poller = Poller(self.database, parts.fetcher, reader, rules_of(config), self.clock)
        self._config = config

    async def prepare(self) -> None:
        """Make the database ready: the roadmap's milestones, the configured feeds, cursors."""
        await self.database.write(self._prepare)

    def _prepare(self, connection: Connection) -> None:
        now = self.clock()
        seed(connection, self.roadmap, now)
        archive_feeds.sync_configured(connection, self._config.sources(), now)
        alerts.start_cursors(connection)

    def attach(self, sender: Sender) -> None:
        """From now on that platform's deliveries are sent."""
        self.senders[sender.platform] = sender
        self.courier.wake()

    async def poll(
        self,
        *,
        everything: bool = False,
        on_result: Callable[[PollResult], None] | None = None,
    ) -> Sequence[PollResult]:
        """Poll what is due (or all), then write down what became owed."""
        results = await self.poller.poll(everything=everything, on_result=on_result)
        await self.tick()
        await self.database.write(heartbeat.caught_up, self.clock())
        self.courier.wake()
        return results

    async def tick(self) -> None:
        """Write down all that is owed by now: alerts, edits, summaries."""
        now = self.clock()
        while await self.database.write(alerts.fan_out, self.manners, now):
            continue
        while await self.database.write(alerts.follow_changes, self.manners, now):
            continue
        while await self.database.write(digests.write_due, now):
            continue
        await self.database.write(feed_notices.write_due, now)
        await self.database.write(close_lost, self.manners, now)
        self.courier.wake()

    async def run(self) -> None:
        """Poll, tick and deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(POLL_LOOK_S, self.poll))
            group.create_task(self._every(TICK_S, self.tick))
            group.create_task(self.courier.run())

    async def _every(self, seconds: float, function: Callable[[], Awaitable[object]]) -> None:
        """Again and again, however long the database cannot be used: what was not done then is
        done later. Anything else that goes wrong ends the bot.
        """
        pause_s = seconds
        while True:
            try:
                await function()
                pause_s = seconds
            except StorageError as error:
                pause_s = min(2 * pause_s, _MOST_PAUSE_S)
                _log.error("%s; next try in %.0f s", error, pause_s)
            await asyncio.sleep(pause_s)


def rules_of(config: Config) -> PollRules:
    usual = PollRules()
    asked = [feed.interval for feed in config.feeds if feed.interval]
    return PollRules(
        interval_s=config.fetch.interval,
        # Whoever writes a shorter interval into the configuration gets it.
        least_s=min(usual.least_s, config.fetch.interval, *asked),
        old_after_s=config.alerts.old_after,
    )


def manners_of(config: Config) -> Manners:
    return Manners(
        habits=Habits(
            language=config.bot.language,
            timezone=config.bot.timezone,
            daily_at=config.summary.time,
            daily_days=config.summary.days,
        ),
        burst=config.alerts.burst,
        catch_up_after_s=config.alerts.catch_up_after,
        edit_within_s=config.alerts.edit_within,
    )


def fetcher_of(config: Config, clock: Callable[[], int]) -> Fetcher:
    contact = f" (+{config.fetch.contact})" if config.fetch.contact else ""
    return Fetcher(
        Limits(timeout_s=config.fetch.timeout, max_bytes=config.fetch.max_bytes),
        config.fetch.allow_addresses,
        USER_AGENT + contact,
        now=clock,
    )
