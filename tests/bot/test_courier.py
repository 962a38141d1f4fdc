"""The courier: what hangs holds up nothing else, and no outcome is lost or sent anew."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from bot.app import open_database
from bot.courier import Courier, Duties, Times
from bot.pacing import Line, Places, Rate
from feeds.database import Connection, Database, StorageError
from handlers import delivery, ledger, ledger_channels, pausing
from handlers.delivery import Outcome
from handlers.messages import Card, ChannelRef
from handlers.ports import NO_SPACING, Never, Refusal, Sender, Spacing, TryLater, Unknown
from tests.adapters.discord.waiting import until
from tests.handlers.world import World

QUICK = Times(lease=120, send=5.0, idle=0.05, finish=0.2)


@dataclass
class Scripted:
    """A platform that takes everything, unless `on` says otherwise for a channel."""

    platform: str = "test"
    spacing: Spacing = NO_SPACING
    on: dict[str, Callable[[], object]] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    at: dict[str, list[float]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self._put("send", channel, card, key)

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self._put("plain", channel, card, key)

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self._put("settle", channel, card, key)

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        self.calls.append("edit")

    async def _put(self, verb: str, channel: ChannelRef, card: Card, key: str) -> str:
        self.calls.append(verb)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            what = self.on.get(channel.channel, lambda: None)()
            if isinstance(what, Exception):
                raise what
            if asyncio.iscoroutine(what):
                await what
        finally:
            self.under_way -= 1
        self.sent.append((channel.channel, card.title))
        self.keys[key] += 1
        self.at.setdefault(channel.channel, []).append(asyncio.get_running_loop().time())
        return f"m{len(self.sent)}" if not isinstance(what, str) else what


def channel(name: str, workspace: str = "W1", platform: str = "test") -> ChannelRef:
    return ChannelRef(platform, workspace, name)


def subscribed(world: World, *refs: ChannelRef, stories: int = 1) -> None:
    for ref in refs:
        world.ask("subscribe safeguards", channel=ref)
    for number in range(stories):
        world.publish(f"Story {number}")
    world.tick()


def duties(world: World, *senders: Sender, database: Database | None = None) -> Duties:
    by_name = {sender.platform: sender for sender in senders}
    return Duties(
        database or world.database, by_name, world.roadmap, world.manners, lambda: world.now
    )


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(courier.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def counts(world: World) -> dict[str, int]:
    return world.database.write_now(ledger.counts)


async def test_one_that_hangs_delays_no_other(world: World) -> None:
    """A channel whose send hangs holds up only itself, also what is published meanwhile."""
    stuck = asyncio.Event()
    sender = Scripted(on={"a": stuck.wait})
    subscribed(world, channel("a"), channel("b"), stories=2)
    courier = Courier(duties(world, sender), QUICK)
    async with running(courier):
        await until(lambda: len(sender.sent) == 2)
        world.publish("Later")
        world.tick()
        courier.wake()
        await until(lambda: ("b", "Later") in sender.sent)
        assert [name for name, _ in sender.sent] == ["b", "b", "b"]
        stuck.set()
        await until(lambda: len(sender.sent) == 6)
    assert [title for name, title in sender.sent if name == "a"] == ["Story 0", "Story 1", "Later"]


async def test_a_workspace_that_hangs_leaves_places_to_others(world: World) -> None:
    """However many of a workspace's channels hang, others have places left."""
    stuck = asyncio.Event()
    crowd = [channel(f"c{number}") for number in range(20)]
    sender = Scripted(on={ref.channel: stuck.wait for ref in crowd})
    subscribed(world, *crowd, channel("z", "W2"))
    async with running(Courier(duties(world, sender), QUICK, Places(platform=8, workspace=4))):
        await until(lambda: sender.sent == [("z", "Story 0")])
        assert sender.most_under_way <= 5
        stuck.set()
        await until(lambda: len(sender.sent) == 21)


async def test_a_platform_that_hangs_delays_no_other(world: World) -> None:
    """One platform's places are its own."""
    stuck = asyncio.Event()
    one = Scripted("one", on={f"c{number}": stuck.wait for number in range(9)})
    two = Scripted("two")
    subscribed(world, *(channel(f"c{n}", f"W{n}", "one") for n in range(9)))
    subscribed(world, channel("d", "W", "two"), stories=0)
    world.publish("For both")
    world.tick()
    async with running(Courier(duties(world, one, two), QUICK, Places(platform=4))):
        await until(lambda: two.sent == [("d", "For both")])
        assert one.sent == []
        stuck.set()
        await until(lambda: len(one.sent) == 18)


async def test_an_outcome_that_cannot_be_written_is_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """While the disk is full nothing is sent anew; what was sent is written down afterwards."""
    sender = Scripted(on={"a": lambda: "m" * 20_000})  # an id that needs pages of its own
    subscribed(world, channel("a"), stories=2)
    pages = world.database.write_now(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    limit_pages(world.database, pages)
    async with running(Courier(duties(world, sender), QUICK)):
        await until(lambda: caplog.text.count("1 outcomes wait to be written") >= 2)
        assert len(sender.sent) == 1
        assert counts(world) == {"sending": 1, "queued": 1}
        limit_pages(world.database, pages + 10_000)
        await until(lambda: len(sender.sent) == 2)
    assert counts(world) == {"sent": 2}
    assert set(sender.keys.values()) == {1}


def limit_pages(database: Database, pages: int) -> None:
    """Let the file grow so far and no further: SQLite then says that the disk is full."""
    database.write_now(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone())


async def test_a_locked_database_is_waited_for(world: World) -> None:
    """Another program that holds the file for long ends nothing and doubles nothing."""
    sender = Scripted()
    subscribed(world, channel("a"), stories=3)
    world.database.write_now(lambda c: c.execute("PRAGMA busy_timeout = 50").fetchone())
    other = sqlite3.connect(world.path, isolation_level=None)
    async with running(Courier(duties(world, sender), QUICK)):
        for _ in range(3):
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.3)
            other.execute("ROLLBACK")
            await asyncio.sleep(0.3)
        await until(lambda: len(sender.sent) == 3)
    other.close()
    assert counts(world) == {"sent": 3}
    assert [title for _, title in sender.sent] == [f"Story {number}" for number in range(3)]


async def test_two_processes_on_one_database_send_nothing_twice(world: World) -> None:
    """Two couriers on the same file, each with its own connections, share the work."""
    refs = [channel(f"c{number:02}", f"W{number % 5}") for number in range(40)]
    subscribed(world, *refs, stories=5)

    def moment() -> object:
        return asyncio.sleep(0.001)

    sender = Scripted(on={ref.channel: moment for ref in refs})
    second = open_database(world.path)
    try:
        here = Courier(duties(world, sender), QUICK, Places(platform=6))
        there = Courier(duties(world, sender, database=second), QUICK, Places(platform=6))
        async with running(here), running(there):
            await until(lambda: len(sender.sent) >= 200, within_s=30)
            await until(lambda: counts(world) == {"sent": 200})
    finally:
        second.close()
    assert set(sender.keys.values()) == {1}
    for ref in refs:
        titles = [title for name, title in sender.sent if name == ref.channel]
        assert titles == [f"Story {number}" for number in range(5)]


async def test_a_leap_of_the_clock_claims_nothing_that_is_under_way(world: World) -> None:
    """A lease that seems to have run out while its send is under way here is not taken again,
    neither by this process nor by another.
    """
    stuck = asyncio.Event()
    sender = Scripted(on={"a": stuck.wait})
    subscribed(world, channel("a"))
    second = open_database(world.path)
    try:
        here = Courier(duties(world, sender), QUICK)
        there = Courier(duties(world, sender, database=second), QUICK)
        async with running(here), running(there):
            await until(lambda: sender.calls)
            world.now += 86400
            here.wake()
            there.wake()
            await asyncio.sleep(6 * QUICK.idle)  # several turns of both
            assert sender.calls == ["send"]
            stuck.set()
            await until(lambda: counts(world) == {"sent": 1})
    finally:
        second.close()


async def test_a_stop_lets_sends_end(world: World) -> None:
    """Told to stop, the bot waits for what is under way and writes it down; what does not end in
    time is unknown, not lost.
    """
    slow = asyncio.Event()
    never = asyncio.Event()
    sender = Scripted(on={"a": slow.wait, "b": never.wait})
    subscribed(world, channel("a"), channel("b"), stories=2)
    courier = Courier(duties(world, sender), QUICK)
    task = asyncio.create_task(courier.run())
    await until(lambda: sender.under_way == 2)
    task.cancel()
    slow.set()
    await asyncio.gather(task, return_exceptions=True)
    assert counts(world) == {"sent": 1, "unknown": 1, "queued": 2}


async def test_a_stop_in_the_middle_of_a_claim_gives_back(world: World) -> None:
    """What was claimed in the moment of stopping is queued again, not thought to be sent."""
    sender = Scripted()
    subscribed(world, channel("a"))
    courier = Courier(duties(world, sender), QUICK)
    task = asyncio.create_task(courier.run())
    await asyncio.sleep(0)  # the claim is on the database's thread
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sender.calls == []
    assert counts(world) == {"queued": 1}


async def test_a_fault_of_ours_fails_one_delivery(world: World) -> None:
    """A card that the sender stumbles over is failed with its error; the channel goes on."""
    faults = iter([KeyError("colour")])
    sender = Scripted(on={"a": lambda: next(faults, None)})
    subscribed(world, channel("a"), stories=2)
    assert await Courier(duties(world, sender), QUICK).drain() == 1
    assert counts(world) == {"failed": 1, "sent": 1}
    error = world.database.write_now(failure)
    assert error == "KeyError: 'colour'"


async def test_a_sender_that_cannot_keep_its_notes_fails_nothing(world: World) -> None:
    """A full disk that a sender stumbles over is no fault of the card: it is settled later."""
    faults = iter([StorageError("database or disk is full")])
    sender = Scripted(on={"a": lambda: next(faults, None)})
    subscribed(world, channel("a"))
    assert await Courier(duties(world, sender), QUICK).drain() == 0
    assert counts(world) == {"unknown": 1}
    world.now += 60
    assert await Courier(duties(world, sender), QUICK).drain() == 1
    assert sender.calls == ["send", "settle"]


def failure(connection: Connection) -> str:
    row = connection.execute("SELECT error FROM deliveries WHERE state = 'failed'").fetchone()
    return str(row[0])


async def test_a_plain_text_that_may_be_sent_is_settled_as_such(world: World) -> None:
    """Where the card was refused and its plain text is in doubt, the card's second refusal does
    not fail it.
    """
    told = iter(
        [
            Never(Refusal.PAYLOAD, "the card"),
            Unknown("the text"),
            Never(Refusal.PAYLOAD, "the card again"),
            None,
        ]
    )
    sender = Scripted(on={"a": lambda: next(told)})
    subscribed(world, channel("a"))
    courier = Courier(duties(world, sender), QUICK)
    await courier.drain()
    world.now += 60
    assert await courier.drain() == 1
    assert sender.calls == ["send", "plain", "settle", "plain"]
    assert counts(world) == {"sent": 1}


async def test_a_channel_is_given_its_rest(world: World) -> None:
    """Messages of a channel keep the platform's distance; channels do not wait for each other."""
    gap_s = 0.25
    sender = Scripted(spacing=Spacing(channel_s=gap_s))
    subscribed(world, channel("a"), channel("b"), stories=4)

    async def ticking() -> None:
        while True:  # the ledger's own rest is in whole seconds of the wall clock
            await asyncio.sleep(0.01)
            world.now += 1

    clock = asyncio.create_task(ticking())
    async with running(Courier(duties(world, sender), QUICK)):
        await until(lambda: len(sender.sent) == 8)
    clock.cancel()
    for times in sender.at.values():
        gaps = [later - before for before, later in pairwise(times)]
        assert min(gaps) >= gap_s
        assert max(gaps) < 3 * gap_s


async def test_a_wait_is_waited_out(world: World) -> None:
    """What the platform put off is sent when its time has come, without being asked for."""
    told = iter([TryLater("busy", 1.0)])
    sender = Scripted(on={"a": lambda: next(told, None)})
    subscribed(world, channel("a"))
    async with running(Courier(duties(world, sender), QUICK)):
        await until(lambda: counts(world) == {"queued": 1} and sender.calls)
        world.now += 3
        await until(lambda: counts(world) == {"sent": 1})


async def test_a_probe_that_goes_through_resumes_the_channel(world: World) -> None:
    """A paused channel goes on by itself when it can be reached again."""
    told = iter([Never(Refusal.NO_PERMISSION)])
    sender = Scripted(on={"a": lambda: next(told, None)})
    subscribed(world, channel("a"), stories=3)
    courier = Courier(duties(world, sender), QUICK)
    await courier.drain()
    assert ("a", "Story 0") not in sender.sent
    world.now += 2 * pausing.FIRST_PROBE_S
    await courier.drain()
    assert [title for name, title in sender.sent if name == "a"] == [
        "Story 0",
        "Story 1",
        "Story 2",
    ]
    found = world.database.write_now(ledger_channels.find_channel, channel("a"))
    assert found is not None
    assert found.state == "active"


def test_a_foreign_outcome_is_told(world: World) -> None:
    """Settling what somebody else settled meanwhile says so."""
    subscribed(world, channel("a"))
    (job,) = world.claim()
    world.settle(job)
    lost = world.database.write_now(delivery.settle, [Outcome(job, "m2")], world.manners, world.now)
    assert [one.message for one in lost] == ["m2"]


class Ticks:
    """A clock turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("gap_s", [0.2, 0.25, 1.2])
def test_a_workspaces_rate_is_never_passed(gap_s: float) -> None:
    """Taken as fast as allowed, a workspace gets a second's worth at once and then one a gap."""
    ticks = Ticks()
    rate = Rate(gap_s, ticks)
    taken: list[float] = []
    for _ in range(400):
        left = dict(rate.left()).get("W", rate.most)
        for _ in range(left):
            rate.took("W")
            taken.append(ticks.now)
        ticks.now += 0.05
    for start in taken:
        window = sum(start <= at < start + 10 for at in taken)
        assert window <= 10 / gap_s + max(1 / gap_s, 1)
    assert len(taken) >= 20 / gap_s - 1
    assert all(free > ticks.now for free in rate.frees())


def test_a_line_has_so_many_places(world: World) -> None:
    """A job takes a place while it is under way, and its channel rests afterwards."""
    ticks = Ticks()
    line = Line(Spacing(channel_s=1.0), Places(platform=3, workspace=2), ticks)
    subscribed(world, channel("a"), channel("b"))
    one, two = world.claim()
    line.begin(one)
    line.begin(two)
    assert line.room == 1
    assert line.sends().of("W1") == 0
    line.end(one)
    assert line.room == 2
    resting = {one.delivery.channel, two.delivery.channel}
    assert line.sends().resting == resting
    assert line.next_free() == ticks.now + 1
    ticks.now += 1.01
    assert line.sends().resting == {two.delivery.channel}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "aspire.db")
    yield world
    world.close()
