"""Sources added, tried and removed in chat, through the whole house and over loopback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.config import FeedSection
from feeds.worker import Worker
from handlers.messages import ChannelRef, Person, Reply, Request
from tests.feed_server import FeedServer, rss
from tests.handlers.world import card_text
from tests.house import Clock, House, configured, opened

NOON = 1_780_286_400


@dataclass
class Desk:
    house: House
    server: FeedServer
    clock: Clock

    async def ask(self, text: str, *, manager: bool = True, workspace: str = "W1") -> Reply:
        person = Person("U1", "Ann", may_manage=manager)
        channel = ChannelRef("console", workspace, "compliance")
        return await self.house.app.service.answer(Request(channel, person, text=text))

    async def text(self, text: str, workspace: str = "W1") -> str:
        return card_text((await self.ask(text, workspace=workspace)).card)


@pytest.fixture
async def desk(tmp_path: Path, worker: Worker) -> AsyncIterator[Desk]:
    clock = Clock(NOON)
    async with FeedServer() as server:
        server.pages["sfc"] = rss(("1", "SFC licenses a virtual asset trading platform"))
        server.pages["own"] = rss(("1", "SFC warns of a virtual asset platform"), title="Our blog")
        sections = [FeedSection(name="SFC", url=server.url("sfc"), kind="official")]
        async with opened(tmp_path / "aspire.db", configured(sections), clock, worker) as house:
            yield Desk(house, server, clock)


async def test_a_source_is_added_polled_and_removed(desk: Desk) -> None:
    """Added in chat a source is polled: what it held is not sent, what it brings is, and only in
    its workspace; removed it is polled no more, and what it brought stays.
    """
    await desk.ask("subscribe all all", workspace="W1")
    await desk.ask("subscribe all all", workspace="W2")
    reply = await desk.ask(f"feeds add {desk.server.url('own')}")
    assert reply.ok
    assert reply.announcement is not None
    assert "Our blog" in reply.announcement.title
    await desk.house.deliver()
    assert await desk.house.poll() == []
    news = "SFC fines a virtual asset trading platform over custody of client assets"
    desk.server.pages["own"] = rss(("2", news), ("1", "SFC warns of a virtual asset platform"))
    desk.clock.now += 3600
    assert [card.title for card in await desk.house.poll()] == [news]
    assert "Our blog" in await desk.text("feeds")
    assert "Our blog" not in await desk.text("feeds", workspace="W2")
    assert news not in await desk.text("news custody", workspace="W2")
    assert (await desk.ask("feeds remove 2")).ok
    asked = desk.server.asked["own"]
    await desk.house.poll()
    assert desk.server.asked["own"] == asked
    assert news in await desk.text("news custody")


async def test_a_source_that_returns_begins_anew(desk: Desk) -> None:
    """What a source brought while it was removed is not sent when it is added again."""
    await desk.ask("subscribe all all")
    await desk.ask(f"feeds add {desk.server.url('own')}")
    await desk.house.poll()
    await desk.ask("feeds remove 2")
    desk.server.pages["own"] = rss(("2", "HKMA fines a virtual asset custodian"))
    await desk.ask(f"feeds add {desk.server.url('own')}")
    before = len(desk.house.recorder.sent)
    await desk.house.poll()
    titles = [card.title for _, card, _ in desk.house.recorder.sent[before:]]
    assert "HKMA fines a virtual asset custodian" not in titles


async def test_a_test_shows_what_would_be_stored(desk: Desk) -> None:
    """`feeds test` shows items with their tags, stores nothing, and offers to add."""
    reply = await desk.ask(f"feeds test {desk.server.url('own')}")
    assert reply.ok
    assert reply.card.title == "Our blog"
    assert any("SFC warns of a virtual asset platform" in line.text for line in reply.card.lines)
    assert reply.card.buttons[0].ask.startswith("feeds add ")
    assert "Our blog" not in await desk.text("feeds")


async def test_a_page_is_asked_about_its_feeds(desk: Desk) -> None:
    """For a page that names feeds: did you mean one of these?"""
    desk.server.pages["page"] = (
        b"<!doctype html><link rel=alternate type=application/rss+xml href=/own title=Feed>"
    )
    desk.server.headers["page"] = {"Content-Type": "text/html"}
    for verb in ("test", "add"):
        reply = await desk.ask(f"feeds {verb} {desk.server.url('page')}")
        assert not reply.ok
        assert f"feeds test {desk.server.url('own')}" in [one.ask for one in reply.card.buttons]


REFUSED = {
    "http://10.0.0.1/feed": "not on the public internet",
    "http://169.254.169.254/latest": "not on the public internet",
    "http://[::1]/feed": "not on the public internet",
    "ftp://news.example/feed": "not a web address",
    "http://user:pw@127.0.0.1/x": "not one that can be fetched",
    "http://[:::1/feed": "not a web address",
    "nonsense": "not a web address",
}


@pytest.mark.parametrize(("address", "why"), REFUSED.items())
async def test_bad_addresses_are_refused(desk: Desk, address: str, why: str) -> None:
    """What is not on the public web is refused, with a reason, for adding and testing alike."""
    for verb in ("add", "test"):
        reply = await desk.ask(f"feeds {verb} {address}")
        assert not reply.ok
        assert why in card_text(reply.card)
    assert "10.0.0.1" not in await desk.text("feeds")


async def test_a_redirect_inwards_is_refused(desk: Desk) -> None:
    """The guard stands at every connection, redirects included."""
    desk.server.statuses["out"] = 302
    desk.server.headers["out"] = {"Location": "http://192.168.1.1/feed"}
    assert "public internet" in await desk.text(f"feeds add {desk.server.url('out')}")


async def test_what_is_there_is_not_added_twice(desk: Desk) -> None:
    """A source that is there, configured or the workspace's own, is said to be."""
    own = desk.server.url("own")
    assert (await desk.ask(f"feeds add {own}")).ok
    for address in (own, own + "/", own + "?utm_source=x", desk.server.url("sfc")):
        desk.server.pages["own/"] = desk.server.pages["own"]
        assert "there already" in await desk.text(f"feeds add {address}")
    assert (await desk.ask(f"feeds add {own}", workspace="W2")).ok


async def test_a_workspace_has_a_limit(desk: Desk) -> None:
    """A workspace can add so many sources and no more, until it removes one."""
    most = desk.house.app.manners.feeds_per_workspace
    for number in range(most + 1):
        desk.server.pages[f"f{number}"] = rss((str(number), f"Item {number}"))
    for number in range(most):
        assert (await desk.ask(f"feeds add {desk.server.url(f'f{number}')}")).ok
    more = f"feeds add {desk.server.url(f'f{most}')}"
    assert f"A workspace can have {most}" in await desk.text(more)
    assert (await desk.ask("feeds remove 2")).ok
    assert (await desk.ask(more)).ok


async def test_only_managers_add_and_remove(desk: Desk) -> None:
    """Who may not manage a channel may look and test, and change nothing."""
    own = desk.server.url("own")
    asked = desk.server.asked["own"]
    assert not (await desk.ask(f"feeds add {own}", manager=False)).ok
    assert desk.server.asked["own"] == asked
    reply = await desk.ask(f"feeds test {own}", manager=False)
    assert reply.ok
    assert reply.card.buttons == ()
    assert not (await desk.ask("feeds remove 1", manager=False)).ok


async def test_configured_and_others_sources_stay(desk: Desk) -> None:
    """A source of the configuration or of another workspace cannot be removed in chat."""
    await desk.ask(f"feeds add {desk.server.url('own')}")
    assert "configuration" in await desk.text("feeds remove 1")
    assert not (await desk.ask("feeds remove 2", workspace="W2")).ok


async def test_the_list_says_how_each_fares(desk: Desk) -> None:
    """`feeds` says of each source whether it is good, what is wrong with it, or that it is off."""
    assert "not polled yet" in await desk.text("feeds")
    await desk.house.poll()
    assert "good · holds 1" in await desk.text("feeds")
    desk.server.statuses["sfc"] = 403
    desk.clock.now += 60
    await desk.house.poll()
    text = await desk.text("feeds")
    assert "failing: the site refuses the bot" in text
    assert "next try in" in text
    desk.server.statuses["sfc"] = 410
    await desk.house.poll()
    assert "Switched off: SFC" in await desk.text("feeds")
