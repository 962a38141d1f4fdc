"""The real ledger beside a simple model of it: whatever happens in whatever order, each story that
a channel is owed arrives once, in order, or is there to be seen.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from feeds import archive_changes
from feeds.database import Connection
from handlers import heartbeat, ledger_clock, ledger_queue, pausing
from handlers.delivery import Job
from handlers.ledger_channels import find_channel
from handlers.messages import ChannelRef
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown
from tests.handlers.world import ANN, LEASE_S, World

CHANNELS = tuple(ChannelRef("test", f"W{n % 2}", f"c{n}") for n in range(2))
OUTCOMES = ("sent", "lost answer", "lost", "later", "workspace", "refused", "payload")
SOME = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3)


@dataclass(eq=False)
class Flight:
    """A send that a process has made, and knows the result of (None: it went well)."""

    job: Job
    worker: str
    result: SendError | None


class Ledger(RuleBasedStateMachine):
    """Two processes, `a` and `b`, on one file. `arrived` is what stands in the channels: the
    platform's truth, which the processes learn of only through outcomes.
    """

    items = Bundle("items")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name) / "aspire.db")
        self.arrived: list[Job] = []
        self.hands: list[Flight] = []
        self.withdrawn: dict[int, int] = {}
        self.taken_up: set[int] = set()
        for ref in CHANNELS:
            self.world.ask("subscribe safeguards instant", channel=ref)
        self.publish(2)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.finish()
            finally:
                self.world.close()
                self.folder.cleanup()

    # what happens in the world

    @rule(target=items, many=st.sampled_from([1, 2, 9]))
    def publish(self, many: int) -> object:
        items = [self.world.publish(f"Story {self.world.now} {n}") for n in range(many)]
        self.world.tick()
        return multiple(*items)

    @rule(item=items, person=st.sampled_from(["", ANN.id]))
    def withdraw(self, item: int, person: str) -> None:
        """By its source, or by a person."""
        self.withdrawn.setdefault(item, self.world.now)
        self.world.database.write_now(archive_changes.withdraw, item, self.world.now, person)
        self.world.tick()

    @rule(item=items)
    def restore(self, item: int) -> None:
        """A person takes back what a person withdrew: what was dropped comes later than it was."""
        before = self.world.database.write_now(dropped, item)
        self.world.ask(f"retract {item} undo")
        self.world.tick()
        self.taken_up |= before - self.world.database.write_now(dropped, item)
        lately = self.world.now - self.withdrawn.get(item, 0) < 4 * 86_400
        if lately and self.world.database.write_now(archive_changes.stands, item):
            self.withdrawn.pop(item, None)

    @rule(ref=st.sampled_from(CHANNELS), what=st.sampled_from(["away", "back", "off", "on"]))
    def change(self, ref: ChannelRef, what: str) -> None:
        """The bot is thrown out of a channel or invited again, or the channel (un)subscribes."""
        if what in {"on", "off"}:
            self.world.ask(
                "subscribe safeguards instant" if what == "on" else "unsubscribe all", ANN, ref
            )
            return
        world, channel = self.world, self.world.database.write_now(find_channel, ref)
        if channel is not None and what == "away":
            world.database.write_now(pausing.pause, channel.id, Refusal.NOT_INVITED, world.now)
        elif channel is not None:
            world.database.write_now(pausing.resume, channel, world.manners, world.now)

    @rule(seconds=st.sampled_from([10, 130, 130, 4000, 90_000]))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds
        self.world.tick()
        self.world.database.write_now(heartbeat.caught_up, self.world.now)

    @rule(seconds=st.sampled_from([-86_400, -3600, 200, 86_400]))
    def clock_is_set(self, seconds: int) -> None:
        self.world.tick()
        self.world.now += seconds
        if seconds > 0:  # the courier sees it by its own clock
            self.world.database.write_now(ledger_clock.renew_leases, self.world.now + LEASE_S)
        self.world.tick()

    # what the processes do

    @rule(worker=st.sampled_from("ab"), outcomes=SOME)
    def work(self, worker: str, outcomes: list[str]) -> None:
        """Take some deliveries, send them, and write down what came of it."""
        self.send(worker, outcomes)
        self.settle(worker)

    @rule(outcomes=SOME, seconds=st.sampled_from([10, 130]))
    def work_and_wait(self, outcomes: list[str], seconds: int) -> None:
        """The same, and then the time that a wait or a lease takes."""
        self.work("a", outcomes)
        self.wait(seconds)

    @rule(first=SOME, second=SOME, order=st.sampled_from(["ab", "ba"]))
    def overtaken(self, first: list[str], second: list[str], order: str) -> None:
        """A process is so slow to write down what came of its sends that another takes over."""
        self.send("a", first)
        self.wait(LEASE_S + 10)
        self.send("b", second)
        for worker in order:
            self.settle(worker)

    @rule(worker=st.sampled_from("ab"), outcomes=SOME)
    def send(self, worker: str, outcomes: list[str]) -> None:
        """Take some deliveries and send them; nothing of it is written down yet."""
        for job in self.world.claim(len(outcomes), worker):
            if job.ref in CHANNELS and not job.edit:
                result = self.platform(job, outcomes[len(self.hands) % len(outcomes)])
                self.hands.append(Flight(job, worker, result))
            else:
                self.world.settle(job)

    @rule(worker=st.sampled_from("ab"))
    def settle(self, worker: str) -> None:
        for flight in [flight for flight in self.hands if flight.worker == worker]:
            self.hands.remove(flight)
            self.world.settle(flight.job, flight.result)

    @rule(worker=st.sampled_from("ab"))
    def crash(self, worker: str) -> None:
        """Killed: what it had in hand it never writes down."""
        self.hands = [flight for flight in self.hands if flight.worker != worker]

    @rule()
    def restart(self) -> None:
        self.hands.clear()
        self.world.restart()

    @rule(number=st.integers(1, 12))
    def retry(self, number: int) -> None:
        """Somebody tries again what waits; what has failed stays so, to keep the order simple."""
        if self.state_of(number) in {"queued", "unknown"}:
            self.world.database.write_now(ledger_queue.retry, number)

    def state_of(self, number: int) -> str:
        row = self.world.database.write_now(
            lambda c: c.execute("SELECT state FROM deliveries WHERE id = ?", (number,)).fetchone()
        )
        return str(row[0]) if row else ""

    def platform(self, job: Job, outcome: str) -> SendError | None:
        """What the platform makes of a send, and what it says."""
        there = any(one.delivery.key == job.delivery.key for one in self.arrived)
        if there:
            assert job.claimed.unsure, "sent again as if it were new"
        elif outcome in {"sent", "lost answer"}:
            self.arrived.append(job)
        said: dict[str, SendError] = {
            "lost answer": Unknown("broke"),
            "lost": Unknown("broke"),
            "later": TryLater("busy", 3),
            "workspace": TryLater("busy", 5, scope="workspace"),
            "refused": Never(Refusal.ARCHIVED),
            "payload": Unknown("broke") if there else Never(Refusal.PAYLOAD),
        }
        return said.get(outcome)

    # what must hold at all times

    @invariant()
    def nothing_arrived_twice_or_out_of_order(self) -> None:
        if not hasattr(self, "world"):
            return
        keys = Counter(job.delivery.key for job in self.arrived)
        assert not keys or max(keys.values()) == 1
        for ref in CHANNELS:
            order = [job.delivery.id for job in self.arrived if job.ref == ref]
            order = [number for number in order if number not in self.taken_up]
            assert order == sorted(order)

    @invariant()
    def the_ledger_is_sound(self) -> None:
        if hasattr(self, "world"):
            self.world.database.write_now(check_ledger)

    # and in the end

    def finish(self) -> None:
        """All trouble ends; then everything that is owed is in its channel, once."""
        self.hands.clear()
        self.world.now += LEASE_S + heartbeat.CATCH_UP_S
        for ref in CHANNELS:
            self.change(ref, "back")
        for _ in range(200):
            self.world.tick()
            self.world.database.write_now(heartbeat.caught_up, self.world.now)
            for job in self.world.claim():
                if job.ref in CHANNELS and not job.edit:
                    self.platform(job, "sent")
                self.world.settle(job)
            if not self.world.database.write_now(still_open):
                break
            self.world.now += 60
        note(f"arrived: {[job.delivery.id for job in self.arrived]}")
        self.nothing_arrived_twice_or_out_of_order()
        told = Counter(pair for job in self.arrived for pair in self.stories(job))
        assert not told or max(told.values()) == 1
        for channel, story, state in self.world.database.write_now(owed):
            if state == "sent":
                assert told[channel, story] == 1
            else:
                assert state == "failed" or (state == "dropped" and story in self.withdrawn)

    def stories(self, job: Job) -> list[tuple[int, int]]:
        rows = self.world.database.write_now(
            lambda c: c.execute(
                "SELECT channel, story FROM owed WHERE delivery = ?", (job.delivery.id,)
            ).fetchall()
        )
        return [(row[0], row[1]) for row in rows]


def still_open(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM deliveries d JOIN channels c ON c.id = d.channel"
        " WHERE d.state IN ('queued', 'sending', 'unknown') AND c.channel NOT LIKE '@%'"
    ).fetchone()
    return int(row[0])


def owed(connection: Connection) -> list[tuple[int, int, str]]:
    rows = connection.execute(
        "SELECT o.channel, o.story, d.state FROM owed o JOIN deliveries d ON d.id = o.delivery"
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def dropped(connection: Connection, story: int) -> set[int]:
    rows = connection.execute(
        "SELECT d.id FROM owed o JOIN deliveries d ON d.id = o.delivery"
        " WHERE o.story = ? AND d.state = 'dropped'",
        (story,),
    ).fetchall()
    return {row[0] for row in rows}


def check_ledger(connection: Connection) -> None:
    """Each lane stands for its channel's oldest open delivery, and at most one is being sent."""
    heads = {
        row[0]: (row[1], row[2], row[3])
        for row in connection.execute(
            "SELECT d.channel, min(d.id), sum(d.state = 'sending'), c.state"
            " FROM deliveries d JOIN channels c ON c.id = d.channel"
            " WHERE d.state IN ('queued', 'sending', 'unknown') GROUP BY d.channel"
        )
    }
    lanes = dict(connection.execute("SELECT channel, delivery FROM lanes").fetchall())
    assert lanes == {channel: head for channel, (head, _, _) in heads.items()}
    assert all(sending <= 1 for _, sending, _ in heads.values())
    orphans = connection.execute(
        "SELECT count(*) FROM owed WHERE delivery NOT IN (SELECT id FROM deliveries)"
    ).fetchone()[0]
    assert orphans == 0


@pytest.mark.parametrize(
    ("examples", "steps"), [(50, 40), pytest.param(300, 60, marks=pytest.mark.slow)]
)
@pytest.mark.timeout(900)
def test_the_ledger_keeps_the_promise(examples: int, steps: int) -> None:
    """Crashes, refusals, lost answers, pauses and leaps of the clock lose and double nothing."""
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
