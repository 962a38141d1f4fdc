"""Figures, printed and not judged: run with `-s` to see them.

The fake and its checks run in the same process and on the same core, so both are part of it.
"""

import asyncio
import time
from statistics import quantiles

from handlers.messages import ChannelRef
from tests.adapters.slack.conftest import House, Open, socket_settings
from tests.adapters.slack.desk import PILLAR
from tests.adapters.slack.fake_slack import TEAM, FakeSlack
from tests.adapters.slack.fake_slack_world import Channel

COMMANDS = 300
SENDS = 1_600
SIDE_BY_SIDE = 16


def percentiles(seconds: list[float]) -> str:
    cuts = quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1_000:.1f} ms, p99 {cuts[98] * 1_000:.1f} ms"


async def test_figure_from_slash_command_to_answer(socket_house: House) -> None:
    """How long people wait, without the network: acknowledgement first, then the answer."""
    acked, answered = [], []
    for _ in range(COMMANDS):
        started = time.perf_counter()
        sent = await socket_house.slack.command("/aspire", "pillar s")
        await socket_house.slack.answer(sent)
        acked.append(sent.acked_after)
        answered.append(time.perf_counter() - started)
    print(
        f"\nslash command over the socket ({COMMANDS}): ack {percentiles(acked)}; "
        f"answer {percentiles(answered)}"
    )
    assert len(socket_house.slack.private("U1")) == COMMANDS


async def test_figure_of_sending(slack: FakeSlack, open_house: Open) -> None:
    """Cards a second against a Slack without limits, some of them side by side."""
    house = await open_house(socket_settings(slack))
    workspace = slack.workspace()
    for number in range(SIDE_BY_SIDE):
        channel = Channel(f"CF{number}", f"f{number}", members={workspace.bot_user})
        workspace.channels[channel.id] = channel

    async def drain(number: int) -> None:
        ref = ChannelRef("slack", TEAM, f"CF{number}")
        for key in range(SENDS // SIDE_BY_SIDE):
            await house.chat.sender.send(ref, PILLAR, f"{number}-{key}")

    started = time.perf_counter()
    await asyncio.gather(*(drain(number) for number in range(SIDE_BY_SIDE)))
    took = time.perf_counter() - started
    print(f"\nsending: {SENDS / took:.0f} cards a second, {SIDE_BY_SIDE} channels side by side")
    assert len(workspace.messages) == SENDS
