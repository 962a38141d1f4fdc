"""A fake Slack, a fake desk, and the adapter running between them in either mode."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack_chat import SlackChat
from adapters.slack_settings import SlackSettings
from tests.adapters.slack.desk import FakeDesk
from tests.adapters.slack.fake_slack import FakeSlack


@dataclass
class Kept:
    """Installations in memory."""

    texts: dict[str, str] = field(default_factory=dict)

    async def save(self, team: str, text: str) -> None:
        self.texts[team] = text

    async def find(self, team: str) -> str:
        return self.texts.get(team, "")

    async def delete(self, team: str) -> None:
        self.texts.pop(team, None)

    async def list(self) -> list[str]:
        return sorted(self.texts)


@dataclass
class Clock:
    """The wall clock, or ahead of it."""

    ahead: int = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead


now = Clock()


@dataclass
class House:
    """The adapter, and what stands round it."""

    slack: FakeSlack
    desk: FakeDesk
    chat: SlackChat
    kept: Kept
    clock: Clock
    server: TestServer | None = None


Open = Callable[..., Awaitable[House]]


def socket_settings(slack: FakeSlack) -> SlackSettings:
    return SlackSettings(
        app_token=slack.app_token, bot_token=slack.bot_token, api_url=slack.api_url, ping_s=0.5
    )


def http_settings(slack: FakeSlack) -> SlackSettings:
    return SlackSettings(
        bot_token=slack.bot_token, signing_secret=slack.signing_secret, api_url=slack.api_url
    )


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest.fixture
async def open_house(slack: FakeSlack) -> AsyncIterator[Open]:
    """Start an adapter with these settings; all are closed in the end."""
    houses: list[House] = []

    async def start(settings: SlackSettings, desk: FakeDesk | None = None, **more: object) -> House:
        desk, kept = desk or FakeDesk(), Kept()
        settings = replace(settings, **more)  # type: ignore[arg-type]  # tests name real fields
        clock = Clock()
        house = House(slack, desk, SlackChat(settings, desk, clock, kept), kept, clock)
        houses.append(house)
        await house.chat.start()
        if settings.mode == "http":
            await _serve(house)
        else:
            await slack.connected(slack.sockets.opened + 1 if slack.sockets.open else 1)
        return house

    yield start
    for house in houses:
        await house.chat.close()
        if house.server:
            await house.server.close()


async def _serve(house: House) -> None:
    app = web.Application()
    app.add_routes(house.chat.routes())
    house.server = TestServer(app)
    await house.server.start_server()
    house.slack.request_url = str(house.server.make_url("/slack/events"))


@pytest.fixture(params=["socket", "http"])
async def house(request: pytest.FixtureRequest, slack: FakeSlack, open_house: Open) -> House:
    """The adapter in each mode: whatever uses this is promised for both."""
    settings = socket_settings if request.param == "socket" else http_settings
    return await open_house(settings(slack))


@pytest.fixture
async def socket_house(slack: FakeSlack, open_house: Open) -> House:
    return await open_house(socket_settings(slack))
