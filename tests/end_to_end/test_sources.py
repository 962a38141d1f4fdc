"""What one source may do to another's news: nothing but join it."""

from pathlib import Path

import pytest

from bot.config import FeedSection
from feeds import archive_feeds
from feeds.items import Source
from feeds.worker import Worker
from tests.feed_server import FeedServer, rss
from tests.handlers.world import card_text
from tests.house import Clock, configured, opened

JUNE = 1_780_300_000
LINK = (
    "https://apps.sfc.hk/edistributionWeb/gateway/EN/news-and-announcements/news/doc?refNo=26PR900"
)
RELEASE = "SFC warns of an unlicensed virtual asset trading platform"


def linking(title: str, guid: str, link: str = LINK) -> bytes:
    return rss((guid, title)).replace(
        f"https://news.example/{guid}".encode(), link.replace("&", "&amp;").encode()
    )


async def test_the_press_does_not_take_an_official_releases_place(
    tmp_path: Path, worker: Worker
) -> None:
    """A press item that links to the release first does not keep it from `official` channels."""
    async with FeedServer() as server:
        feeds = (
            FeedSection(name="Daily Coin", url=server.url("press")),
            FeedSection(name="SFC", url=server.url("sfc"), kind="official", hong_kong=True),
        )
        server.pages = {"press": rss(("1", "Old")), "sfc": rss(("26PR1", "Older"))}
        clock = Clock(JUNE)
        async with opened(tmp_path / "a.db", configured(feeds), clock, worker) as house:
            await house.poll()
            await house.ask("subscribe all official")
            clock.now += 3600
            server.pages["press"] = linking("Crypto watchdog cracks down", "2")
            await house.poll()
            server.pages["sfc"] = linking(RELEASE, "26PR900")
            cards = await house.poll()
    assert [card.title for card in cards] == [RELEASE]


@pytest.mark.parametrize("hostile", [linking("FREE TOKENS", "x1"), linking(RELEASE, "x1")])
async def test_a_workspaces_feed_changes_nothing_for_others(
    tmp_path: Path, worker: Worker, hostile: bytes
) -> None:
    """An item of a workspace's own feed that links to a release leaves everybody's card alone."""
    async with FeedServer() as server:
        feeds = (FeedSection(name="SFC", url=server.url("sfc"), kind="official", hong_kong=True),)
        server.pages = {"sfc": rss(("26PR1", "Older")), "own": rss(("0", "Nothing"))}
        clock = Clock(JUNE)
        async with opened(tmp_path / "a.db", configured(feeds), clock, worker) as house:
            own = Source("FREE TOKENS at evil.example", server.url("own"), owner="console:evil")
            await house.app.database.write(archive_feeds.add, own, clock.now)
            await house.poll()
            await house.ask("subscribe all official")
            clock.now += 3600
            server.pages["sfc"] = linking(RELEASE, "26PR900")
            (card,) = await house.poll()
            server.pages["own"] = hostile
            clock.now += 3600
            await house.poll()
            assert house.recorder.edits == []
            assert "FREE TOKENS" not in card_text((await house.ask("news all")).card)
    assert card.title == RELEASE
