"""Draw the pictures of docs/discord.md from what the bot really sends. For maintainers.

`python -m scripts.draw_discord` runs the whole bot against the fake Discord and feeds of its own,
takes the payloads, and photographs them with a headless Chromium (`chromium` must be on the path).
"""

import asyncio
import tempfile
from pathlib import Path

from bot.app import App, Parts, fetcher_of, open_database
from bot.config import AlertsSection, Config, FeedSection, FetchSection
from feeds.worker import Worker
from scripts.discord_html import message, modal, page
from scripts.draw_slack import CIRCULARS, LATE, NOW, PICTURES, feed, photograph
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_people import Answer
from tests.adapters.discord.house import connected
from tests.adapters.discord.waiting import until
from tests.feed_server import FeedServer
from tests.house import LOOPBACK

WIDTH = 620


async def pictures(app: App, discord: FakeDiscord, feeds: FeedServer) -> dict[str, str]:
    """The HTML of each picture, by name."""
    guild = next(iter(discord.world.guilds.values()))
    channel = next(iter(guild.channels))
    mei = discord.world.add_user("Mei", "zh-TW")
    topics = {"topics": "safeguards products access", "when": "both"}
    await discord.command("subscribe", topics, channel)
    feeds.pages["hkma"] = feed(len(CIRCULARS))
    await app.poll(everything=True)
    before = len(discord.messages(channel))
    await app.courier.drain()
    await until(lambda: len(discord.messages(channel)) > before)
    alert = discord.messages(channel)[before]
    pillar = await discord.command("pillar", {"pillar": "safeguards"}, channel)
    chinese = await discord.command("pillar", {"pillar": "safeguards"}, channel, mei)
    news = await discord.command("news", {"words": "custody"}, channel)
    why = await discord.press(alert, next(iter(_labels(alert))))
    form = await discord.command("subscribe", {}, channel)
    assert form.modal is not None
    return {
        "alert": page(message(alert, private=False), WIDTH),
        "pillar": _private(pillar),
        "chinese": _private(chinese),
        "news": _private(news),
        "why": _private(why),
        "subscribe": page(modal(form.modal), 500),
    }


def _labels(sent: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    return [part["label"] for row in sent["components"] for part in row["components"]]


def _private(answer: Answer) -> str:
    return page(message(answer.message, private=True), WIDTH)


async def draw() -> dict[str, str]:
    async with FakeDiscord(now=lambda: float(NOW)) as discord, FeedServer() as feeds:
        guild = discord.world.add_guild("Acme")
        discord.world.add_channel(guild, "compliance")
        feeds.pages["hkma"] = feed(0)
        section = FeedSection(
            name="HKMA circulars", url=feeds.url("hkma"), kind="official", hong_kong=True
        )
        config = Config(
            fetch=FetchSection(allow_addresses=LOOPBACK),
            alerts=AlertsSection(old_after=LATE),
            feeds=(section,),
        )
        with tempfile.TemporaryDirectory() as folder:
            database, worker = open_database(Path(folder) / "aspire.db"), Worker()
            try:
                async with fetcher_of(config, clock) as fetcher:
                    app = App(Parts(config, database, fetcher, worker, clock))
                    await app.prepare()
                    await app.poll(everything=True)
                    async with connected(discord, app.service, clock) as chat:
                        app.attach(chat.sender)
                        return await pictures(app, discord, feeds)
            finally:
                await worker.close()
                database.close()


def clock() -> int:
    return NOW


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn = asyncio.run(draw())
    with tempfile.TemporaryDirectory() as folder:
        for name, html in drawn.items():
            photograph(PICTURES / f"discord-{name}.png", html, Path(folder))


if __name__ == "__main__":
    main()
