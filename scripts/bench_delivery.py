"""Measure the delivery path: `python -m scripts.bench_delivery [fan-out claims queue drain …]`.

Without arguments all of it, in some minutes. Wall-clock seconds, and in brackets CPU seconds of the
process, which other work on the machine disturbs less. `servers` and `limits` send through the real
adapters to fake servers in a process of their own.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.discord_chat import DiscordChat
from adapters.discord_settings import DiscordSettings
from adapters.slack_chat import SlackChat
from adapters.slack_settings import SlackSettings
from bot.courier import Courier, Duties
from feeds.database import Connection
from handlers import alerts, ledger_channels
from handlers.delivery import Outcome, settle
from handlers.ledger_channels import Habits, Subscription
from handlers.messages import Card, ChannelRef
from handlers.ports import NO_SPACING, Sender, Spacing, TryLater
from tests.adapters.discord.desk import Desk
from tests.adapters.slack.desk import FakeDesk
from tests.handlers.world import World

SIZES = [1_000, 10_000, 100_000]
"""Channels; `--most` leaves the larger ones out."""
BATCH = 48


@contextmanager
def world(channels: Sequence[ChannelRef]) -> Iterator[World]:
    """A world on a real file in which all these channels follow one pillar."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "aspire.db", now=int(time.time()))
        world.database.write_now(_subscribe, channels, world.now)
        yield world
        world.close()


def _subscribe(connection: Connection, channels: Sequence[ChannelRef], now: int) -> None:
    for ref in channels:
        one = ledger_channels.ensure_channel(connection, ref, ref.channel, Habits(), now)
        ledger_channels.subscribe(connection, one.id, Subscription("safeguards"))


def crowd(many: int, platform: str = "test") -> list[ChannelRef]:
    """So many channels, a hundred workspaces."""
    return [ChannelRef(platform, f"W{number % 100:02}", f"c{number}") for number in range(many)]


@contextmanager
def timed(what: str, rate_of: int = 0) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rate = f"{rate_of / wall:12,.0f} a second" if rate_of else ""
    print(f"{what:58} {wall:8.3f} s ({cpu:.3f}){rate}", flush=True)


def fan_out() -> None:
    """One story to all channels, the second and the third of a ledger."""
    for many in SIZES:
        with world(crowd(many)) as one:
            for number in range(3):
                one.publish(f"Story {number}")
                with timed(f"fan-out of story {number + 1} to {many:,} channels"):
                    one.database.write_now(alerts.fan_out, one.manners, one.now)


def claims() -> None:
    """Claimed, drawn and settled in batches, on disk, without sending anything."""
    for many in SIZES:
        with world(crowd(many)) as one:
            one.publish("Story")
            one.tick()
            total = min(many, 4_800)
            with timed(f"claim, draw and settle with {many:,} channels waiting", total):
                _claim_all(one, total)


def _claim_all(one: World, total: int) -> None:
    done = 0
    while done < total:
        jobs = one.claim(limit=BATCH)
        outcomes = [Outcome(job, message="m") for job in jobs]
        one.database.write_now(settle, outcomes, one.manners, one.now)
        done += len(jobs)


def queue() -> None:
    """A claim beside channels with ten thousand messages each that cannot be sent just now."""
    refs = crowd(20)
    with world(refs) as one:
        for number in range(10_000):
            one.publish(f"Story {number}")
        manners = one.manners
        one.manners = type(manners)(burst=1_000_000)
        one.tick()
        for job in one.claim():
            one.settle(job, TryLater("busy", 3600))
        with timed("1,000 claims beside 20 blocked queues of 10,000 messages"):
            for _ in range(1_000):
                assert one.claim() == []


@dataclass
class Instant:
    """A platform that takes everything at once."""

    platform: str
    spacing: Spacing = NO_SPACING
    sent: int = 0

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        del channel, card, key
        self.sent += 1
        return str(self.sent)

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self.send(channel, card, key)

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self.send(channel, card, key)

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        del channel, message, card


async def _drain(one: World, senders: Mapping[str, Sender]) -> int:
    now: Callable[[], int] = lambda: int(time.time())  # noqa: E731 - a clock
    duties = Duties(one.database, senders, one.roadmap, one.manners, now)
    return await Courier(duties).drain()


async def drain() -> None:
    """Two platforms that answer at once: what the delivery path itself can do."""
    for many in SIZES:
        refs = [*crowd(many // 2, "one"), *crowd(many // 2, "two")]
        with world(refs) as one:
            one.publish("Story")
            one.tick()
            senders = {name: Instant(name) for name in ("one", "two")}
            with timed(f"drain of {many:,} deliveries to two instant platforms", many):
                assert await _drain(one, senders) == many


@dataclass
class Counting:
    """A sender, and how its sends ended."""

    inner: Sender
    ended: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def platform(self) -> str:
        return self.inner.platform

    @property
    def spacing(self) -> Spacing:
        return self.inner.spacing

    def __getattr__(self, verb: str) -> Any:  # noqa: ANN401 - any verb of the inner sender
        call = getattr(self.inner, verb)

        async def counted(*given: object) -> object:
            try:
                answer = await call(*given)
            except Exception as error:
                self.ended[type(error).__name__] += 1
                raise
            self.ended["sent"] += 1
            self.times.append(time.perf_counter())
            return answer

        return counted


Ask = Callable[[], Awaitable[dict[str, int]]]


@asynccontextmanager
async def elsewhere(*options: str) -> AsyncIterator[tuple[dict[str, Any], Ask]]:
    """The fake servers in a process of their own: what they said of themselves, and a way to ask
    how often a limit was passed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.bench_platforms",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    to, out = process.stdin, process.stdout

    async def ask() -> dict[str, int]:
        to.write(b"\n")
        passed: dict[str, int] = json.loads(await out.readline())
        return passed

    try:
        yield json.loads(await out.readline()), ask
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def adapters(told: Mapping[str, Any], per_second: float) -> AsyncIterator[list[Counting]]:
    """Both real adapters, connected to the fakes."""
    async with AsyncExitStack() as stack:
        settings = SlackSettings(
            bot_token=told["slack_token"], signing_secret="s", api_url=told["slack_url"]
        )
        slack = SlackChat(settings, FakeDesk(), lambda: int(time.time()))
        stack.push_async_callback(slack.close)
        await slack.start()
        discord = DiscordChat(
            DiscordSettings(
                told["discord_token"], told["discord_url"], requests_per_second=per_second
            ),
            Desk(),
            lambda: int(time.time()),
        )
        stack.push_async_callback(discord.close)
        await discord.start()
        yield [Counting(slack.sender), Counting(discord.sender)]


def _refs(told: Mapping[str, Any]) -> list[ChannelRef]:
    slack = [ChannelRef("slack", told["team"], name) for name in told["slack"]]
    return slack + [ChannelRef("discord", guild, place) for guild, place in told["discord"]]


async def servers() -> None:
    """Both real adapters in one process, to servers without limits."""
    options = ("--slack=250", "--discord=250")
    async with elsewhere(*options) as (told, _), adapters(told, 0) as senders:
        with world(_refs(told)) as one:
            one.manners = type(one.manners)(burst=100)
            for number in range(20):
                one.publish(f"SFC grants licence {number} to a virtual asset trading platform")
            one.tick()
            for sender in senders:
                sender.inner.spacing = NO_SPACING
            by_name = {sender.platform: sender for sender in senders}
            with timed("drain of 10,000 deliveries through both adapters", 10_000):
                await _drain(one, by_name)  # type: ignore[arg-type]  # it has every verb
            print(f"  ended: {[dict(sender.ended) for sender in senders]}")


async def limits() -> None:
    """As the platforms limit: a message a second into a Slack channel; 50 requests a second to
    Discord, and five messages in five seconds into a channel.
    """
    options = ("--slack=4", "--slack-per-second=1", "--discord=80", "--discord-bucket=5")
    options = (*options, "--discord-per-second=50")
    async with elsewhere(*options) as (told, passed), adapters(told, 45.0) as senders:
        with world(_refs(told)) as one:
            one.manners = type(one.manners)(burst=100)
            for number in range(25):
                one.publish(f"Story {number}")
            one.tick()
            by_name = {sender.platform: sender for sender in senders}
            with timed("25 stories to 4 Slack and 80 Discord channels, within limits"):
                await _drain(one, by_name)  # type: ignore[arg-type]  # it has every verb
            for sender in senders:
                lasted = sender.times[-1] - sender.times[0]
                rate = (len(sender.times) - 1) / lasted
                print(f"  {sender.platform}: {rate:.1f} a second; ended: {dict(sender.ended)}")
            print(f"  limits passed: {await passed()}")


PARTS: Mapping[str, Callable[[], object]] = {
    "fan-out": fan_out,
    "claims": claims,
    "queue": queue,
    "drain": lambda: asyncio.run(drain()),
    "servers": lambda: asyncio.run(servers()),
    "limits": lambda: asyncio.run(limits()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--most", type=int, default=SIZES[-1], help="channels at most")
    logging.disable(logging.WARNING)
    asked = parser.parse_args()
    SIZES[:] = [size for size in SIZES if size <= asked.most]
    for part in asked.parts or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main()
