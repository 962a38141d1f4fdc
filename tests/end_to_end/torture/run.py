"""The torture: stories appear, the bot is killed again and again, and everything else fails too."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bot.app import open_database
from feeds import archive, archive_changes
from feeds.database import Connection, Database
from handlers import alerts
from tests.adapters.slack.fake_slack import TEAM
from tests.end_to_end.torture import plan, servers
from tests.end_to_end.torture.bots import Bot, Bots, Clock
from tests.end_to_end.torture.faults import Faults
from tests.end_to_end.torture.plan import Life, Size
from tests.end_to_end.torture.servers import Place, Servers
from tests.end_to_end.torture.stories import Story, invent
from tests.end_to_end.torture.verdict import Owed, Trial, judge

CALM_S = 6.0
"""When nothing has come for so long, time passes more quickly."""
LAST_S = 900.0


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    seed: int
    kills: int
    met: Mapping[str, int]
    """How often each kind of trouble was really met."""
    faults: Sequence[str]
    """What the verdict says; empty where the promise was kept."""
    messages: int
    repeats: int
    """Messages that came again, on Slack without history only."""
    seconds: float

    def lines(self) -> list[str]:
        kinds = ", ".join(f"{kind}: {many}" for kind, many in sorted(self.met.items()))
        said = f"{self.kills} kills, {self.messages} messages, {self.repeats} repeats where Slack"
        said = f"seed {self.seed}: {said} cannot tell, {self.seconds:.0f} s"
        return [said, f"met: {kinds}", *self.faults]


@dataclass
class Torture:
    """One run in progress."""

    seed: int
    size: Size
    servers: Servers
    bots: Bots
    database: Database
    faults: Faults
    chance: Random
    told: list[Story] = field(default_factory=list)
    items: dict[int, int] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    restored: set[int] = field(default_factory=set)
    kills: list[float] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    """What was met besides the servers' faults."""

    @property
    def now(self) -> int:
        return int(time.time()) + self.bots.clock.ahead_s

    # what happens in the world

    async def stories_appear(self, seconds: float) -> None:
        for number in range(self.size.stories):
            story = invent(self.chance, number)
            self.items[number] = await self.database.write(archive.store, story.article(self.now))
            self.told.append(story)
            every = self.size.withdrawn
            if number % every == every // 2:
                await self._withdraw(number - self.chance.randrange(every // 2))
            await asyncio.sleep(seconds / self.size.stories)

    async def _withdraw(self, number: int) -> None:
        """And one that was withdrawn before is said to stand."""
        for earlier in self.withdrawn if len(self.withdrawn) % 2 else ():
            again = self.items[earlier], self.now, "Ann"
            await self.database.write(archive_changes.restore, *again)
            self.restored.add(earlier)
        self.withdrawn -= self.restored
        self.withdrawn.add(number)
        await self.database.write(archive_changes.withdraw, self.items[number], self.now, "Ann")

    # one life

    async def live(self, life: Life) -> None:
        self.bots.clock.set(life.set_before_s)
        self.more["clock set"] += bool(life.set_before_s) + bool(life.set_within_s)
        bot = await self.bots.start()
        twin = await self.bots.start() if life.twin_s else None
        self.more["two bots at once"] += twin is not None
        async with asyncio.TaskGroup() as group:
            for at, kind in life.faults:
                group.create_task(self._later(at, kind))
            group.create_task(self._meddle(life, bot))
            if twin:
                group.create_task(self._kill(twin, life.twin_s))
            group.create_task(self._kill(bot, life.seconds))

    async def _later(self, at: float, kind: str) -> None:
        await asyncio.sleep(at)
        self.faults.arm(kind)

    async def _kill(self, bot: Bot, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.kills.append(time.monotonic())
        assert await bot.end(signal.SIGKILL) == -signal.SIGKILL
        self.more["disk full"] += bot.felt_full

    async def _meddle(self, life: Life, bot: Bot) -> None:
        """In the second third of the life, and put right before its last."""
        third = life.seconds / 3
        await asyncio.sleep(third)
        self.bots.clock.set(life.set_within_s)
        if life.disk_full:
            bot.fill_disk(full=True)
        await self._revoke(life, restore=False)
        if life.shut_out:
            self._shut_out(self.chance.sample(self.servers.places, 2), out=True)
        await asyncio.sleep(min(third, 4.0))
        if life.disk_full:
            bot.fill_disk(full=False)
        await self._revoke(life, restore=True)
        self._shut_out(self.servers.places, out=False)

    async def _revoke(self, life: Life, *, restore: bool) -> None:
        if not life.revoked:
            return
        self.more[f"token revoked: {life.revoked}"] += not restore
        if life.revoked == "Discord":
            await self.servers.discord.revoke(self.servers.token if restore else "another")
        else:
            team = TEAM if life.revoked == "own" else "T1ASPIRE"
            self.servers.slack.workspace(team).revoked = "" if restore else "token_revoked"

    def _shut_out(self, places: Sequence[Place], *, out: bool) -> None:
        """Of these channels, or into them again; the bot is told of neither."""
        self.more["thrown out"] += len(places) if out else 0
        for place in places:
            if place.ref.platform == "discord":
                self.servers.discord.world.forbid(place.ref.channel, *["send_messages"] * out)
                continue
            workspace = self.servers.slack.workspace(place.ref.workspace)
            members = workspace.channels[place.ref.channel].members
            (members.discard if out else members.add)(workspace.bot_user)

    # the end

    async def finish(self) -> None:
        """All trouble ends, and time passes until everything is told."""
        self.faults.end()
        end = time.monotonic() + LAST_S
        while not await self._done():
            assert time.monotonic() < end, f"not done: {await self.database.read(waiting)}"
            self.bots.clock.set(plan.PROBES_S)
            bot = await self.bots.start()
            await self._quiet(bot)
            assert await bot.end(signal.SIGTERM) == 0

    async def _quiet(self, bot: Bot) -> None:
        """Until all is told, or nothing has come for some time."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < CALM_S and not await self._done():
            assert bot.runs, f"it ended by itself: {bot.log}"
            many = self._messages()
            if many != count:
                count, since = many, time.monotonic()
            await asyncio.sleep(0.5)

    def _messages(self) -> int:
        slack = sum(self.servers.slack.api.calls.values())
        return slack + len(self.servers.discord.rest.requests)

    async def _done(self) -> bool:
        return not await self.database.read(waiting)

    def outcome(self, seconds: float) -> Outcome:
        trial = Trial(self.kills, self.servers.slack.api.unheard)
        faults: list[str] = []
        messages = repeats = 0
        for place in self.servers.places:
            stands = self.servers.messages(place)
            wrong, again = judge(self._owed(place), stands, trial)
            faults += wrong
            if wrong:
                faults += [f"  {one}" for one in stands]
            messages, repeats = messages + len(stands), repeats + again
        met = self.faults.met() + self.more
        return Outcome(self.seed, len(self.kills), met, faults, messages, repeats, seconds)

    def _owed(self, place: Place) -> Owed:
        wanted = tuple(one.number for one in self.told if place.taste.wants(one))
        where = f"{place.ref.platform} {place.ref.workspace} {place.ref.channel}"
        gone, late = frozenset(self.withdrawn), frozenset(self.restored)
        return Owed(where, place.tells, wanted, gone, late)


def waiting(connection: Connection) -> dict[str, int]:
    """How much is still to be done, by kind; what people are told of pauses does not count."""
    looks = {
        "articles": "SELECT max(id) - (SELECT value FROM cursors WHERE name = 'fan-out')"
        " FROM articles",
        "changes": "SELECT coalesce(max(id), 0)"
        " - (SELECT value FROM cursors WHERE name = 'changes') FROM changes",
        "deliveries": "SELECT count(*) FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE d.state IN ('queued', 'sending', 'unknown') AND c.channel NOT LIKE '@%'",
        "edits": "SELECT count(*) FROM edits",
    }
    counts = {name: int(connection.execute(sql).fetchone()[0]) for name, sql in looks.items()}
    return {name: many for name, many in counts.items() if many}


@asynccontextmanager
async def _set_up(folder: Path, seed: int, size: Size) -> AsyncIterator[Torture]:
    async with servers.servers(size.channels) as made:
        (folder / "config.toml").write_text(made.configuration(), encoding="utf-8")
        database = open_database(folder / "aspire.db")
        bots = Bots(folder, made.environment(), Clock(folder / "ahead"))
        await database.write(alerts.start_cursors)
        await database.write(servers.prepare, made, int(time.time()))
        yield Torture(seed, size, made, bots, database, Faults(made), Random(seed))
        database.close()


async def torture(folder: Path, seed: int, size: Size) -> Outcome:
    """Run the plan that the seed makes; what came of it."""
    began = time.monotonic()
    lives = plan.lives(seed, size)
    async with _set_up(folder, seed, size) as one:
        appearing = asyncio.create_task(
            one.stories_appear(0.95 * sum(life.seconds for life in lives))
        )
        for life in lives:
            await one.live(life)
        await appearing
        await one.finish()
        return one.outcome(time.monotonic() - began)
