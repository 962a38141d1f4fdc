"""Recorded feeds to real adapters: Slack and Discord at once, in one process, to the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from feeds.worker import Worker
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.house import connected
from tests.adapters.slack.fake_slack import FakeSlack
from tests.adapters.stages import DiscordStage, LiveClock, SlackStage, Stage, slack_chat
from tests.end_to_end.test_recorded_feeds import DAYS, FATF, PHISHING, REPLAY, feeds_of, serve
from tests.feed_server import FeedServer
from tests.house import House, opened

pytestmark = pytest.mark.skipif(not REPLAY.is_dir(), reason="the recorded feeds are not here")


@dataclass
class Town:
    """Both platforms, the house between them, and the feeds."""

    house: House
    slack: FakeSlack
    stages: tuple[Stage, Stage]
    server: FeedServer
    clock: LiveClock

    async def poll(self, day: str) -> None:
        serve(self.server, day)
        await self.house.app.poll(everything=True)
        await self.deliver()

    async def deliver(self) -> None:
        for _ in range(4):  # Slack wants a pause between two messages of a channel
            self.clock.ahead += 3
            await self.house.deliver()

    def cards(self, stage: Stage, part: str) -> list[str]:
        return [post.text for post in stage.posts() if part in post.text]


@asynccontextmanager
async def town(path: Path, worker: Worker) -> AsyncIterator[Town]:
    clock = LiveClock()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(FeedServer())
        house = await stack.enter_async_context(
            opened(path / "aspire.db", feeds_of(server), clock, worker)
        )
        slack = await stack.enter_async_context(FakeSlack())
        chat = slack_chat(house, slack, http=False)
        stack.push_async_callback(chat.close)
        await chat.start()
        await slack.connected(1)
        discord = await stack.enter_async_context(FakeDiscord(now=clock))
        channel = discord.world.add_channel(discord.world.add_guild("Acme"), "compliance")
        bot = await stack.enter_async_context(connected(discord, house.app.service, clock))
        house.app.attach(bot.sender)
        stages = (SlackStage(slack), DiscordStage(discord, channel))
        yield Town(house, slack, stages, server, clock)


@pytest.fixture
async def both(tmp_path: Path, worker: Worker) -> AsyncIterator[Town]:
    """Day one polled as a baseline, and a channel of each platform subscribed."""
    async with town(tmp_path, worker) as both:
        await both.poll(DAYS[0])
        for stage in both.stages:
            await stage.ask("subscribe safeguards products")
        yield both


async def test_one_story_one_card_in_each_channel(both: Town) -> None:
    """Day two's two stories reach each platform's channel once, in the same words."""
    await both.poll(DAYS[1])
    await both.poll(DAYS[1])
    for stage in both.stages:
        assert len(both.cards(stage, PHISHING)) == 1, stage.platform
        assert len(both.cards(stage, FATF)) == 1, stage.platform
    said = [_words(both.cards(stage, PHISHING)[0]) for stage in both.stages]
    assert {"Safeguards", "SFC", "item", *PHISHING.split()[1:-1]} <= said[0] & said[1]
    slack, discord = (
        next(post for post in stage.posts() if PHISHING in post.text) for stage in both.stages
    )
    assert slack.buttons == discord.buttons == ["Why?", "Wrong pillar?"]


def _words(text: str) -> set[str]:
    return set(text.replace("|", " ").replace(">", " ").split())


async def test_a_wrong_pillar_is_mended_everywhere(both: Town) -> None:
    """Press *Wrong pillar?* on Slack, choose the right one: both cards change, `news` agrees."""
    await both.poll(DAYS[1])
    slack, discord = both.stages
    (post,) = [one for one in slack.posts() if PHISHING in one.text]
    modal = await slack.press(post, "Wrong pillar?")
    await both.slack.submit(
        modal.raw,
        {"topics": ["infrastructure", "9"]},
    )
    for stage in both.stages:
        await both.slack.until(lambda: both.cards(slack, "corrected"))
        await both.deliver()
        cards = both.cards(stage, PHISHING)
        assert "Infrastructure" in cards[0], stage.platform
        assert "Safeguards" not in cards[0], stage.platform
    assert PHISHING in (await discord.ask("news infrastructure phishing")).text
    assert PHISHING not in (await discord.ask("news safeguards phishing")).text


async def test_a_summary_at_its_hour(both: Town) -> None:
    """The next morning each channel has one summary, with both stories once."""
    await both.poll(DAYS[1])
    both.clock.ahead += 86400
    await both.deliver()
    await both.deliver()
    for stage in both.stages:
        (summary,) = both.cards(stage, "ASPIRe summary")
        assert summary.count(PHISHING) >= 1
        assert FATF in summary


async def test_the_socket_cut_in_the_middle_of_a_drain(both: Town) -> None:
    """Slack's socket is cut while alerts go out, and restored: nothing lost, nothing twice."""
    serve(both.server, DAYS[1])
    await both.house.app.poller.poll(everything=True)
    await both.house.app.tick()
    opened_before = both.slack.sockets.opened
    await both.slack.sockets.drop()
    await both.deliver()
    await both.slack.connected(opened_before + 1)
    await both.deliver()
    assert len(both.cards(both.stages[0], PHISHING)) == 1
    assert "Safeguards" in (await both.stages[0].ask("pillar s")).text
