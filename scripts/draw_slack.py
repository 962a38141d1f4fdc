"""Draw the pictures of docs/slack.md from what the bot really sends. For maintainers.

`python -m scripts.draw_slack` runs the whole bot against the fake Slack and feeds of its own, takes
the payloads, and photographs them with a headless Chromium (`chromium` must be on the path).
"""

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from adapters.slack_chat import SlackChat
from adapters.slack_settings import SlackSettings
from bot.app import App, Parts, fetcher_of, open_database
from bot.config import AlertsSection, Config, FeedSection, FetchSection
from feeds.worker import Worker
from scripts.slack_html import home, message, modal, page
from tests.adapters.slack.fake_slack import FakeSlack, Message, View
from tests.feed_server import FeedServer
from tests.house import LOOPBACK

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NOW = 1_783_645_200
"""10 July 2026, 09:00 in Hong Kong."""
LATE = 90 * 86_400
"""So that circulars of May are still news."""
ITEM = """<item><title>{title}</title><link>{link}</link>
<pubDate>Wed, 27 May 2026 00:00:00 +0800</pubDate></item>"""
"""Circulars have a date and no time, which feeds write as midnight."""
HKMA = "https://brdr.hkma.gov.hk/eng/doc-ldg/current/"
CIRCULARS = {
    "20260527-1-EN": "Guidance on Offering of Financing for Virtual Asset Dealing, Shared Order "
    "Book, and Client Virtual Asset Withdrawals",
    "20260527-2-EN": "Virtual asset-related activities in relation to relevant stablecoins issued "
    "by licensed stablecoin issuers",
}
"""Circulars of the HKMA."""


def feed(items: int) -> bytes:
    """The newest first, as feeds are."""
    body = "".join(
        ITEM.format(title=title, link=HKMA + name)
        for name, title in [*CIRCULARS.items()][:items][::-1]
    )
    return f'<rss version="2.0"><channel><title>HKMA</title>{body}</channel></rss>'.encode()


async def pictures(app: App, slack: FakeSlack, feeds: FeedServer) -> dict[str, str]:
    """The HTML of each picture, by name."""
    await slack.until(lambda: slack.sockets.open)
    await slack.command("/aspire", "subscribe safeguards products access both", "C2")
    await slack.until(lambda: slack.messages("C2"))
    feeds.pages["hkma"] = feed(len(CIRCULARS))
    await app.poll(everything=True)
    await app.courier.drain()
    cards = [one for one in slack.messages("C2") if one.key]
    pillar = await asked(slack, "pillar safeguards")
    form = await slack.answer(await slack.command("/aspire", "subscribe", "C2"))
    first = cards[0].blocks[-1]["elements"][0]["text"]["text"]
    why = await slack.answer(await slack.press(cards[0], first))
    await slack.open_home("U1")
    chinese = await asked(slack, "pillar safeguards", "U2")
    view = await slack.until(lambda: slack.workspace().homes.get("U1"))
    assert isinstance(form, View)
    assert isinstance(why, Message)
    return {
        "alert": page(message(cards[0].blocks, private=False), 640),
        "pillar": page(message(pillar.blocks, private=True), 640),
        "chinese": page(message(chinese.blocks, private=True), 640),
        "why": page(message(why.blocks, private=True), 640),
        "subscribe": page(modal(form.content), 520),
        "home": page(home(view.content), 640),
    }


async def asked(slack: FakeSlack, words: str, user: str = "U1") -> Message:
    answer = await slack.answer(await slack.command("/aspire", words, "C2", user))
    assert isinstance(answer, Message)
    return answer


async def draw() -> dict[str, str]:
    async with FakeSlack() as slack, FeedServer() as feeds:
        feeds.pages["hkma"] = feed(0)
        section = FeedSection(
            name="HKMA circulars", url=feeds.url("hkma"), kind="official", hong_kong=True
        )
        config = Config(
            fetch=FetchSection(allow_addresses=LOOPBACK),
            alerts=AlertsSection(old_after=LATE),
            feeds=(section,),
        )
        settings = SlackSettings(
            app_token=slack.app_token, bot_token=slack.bot_token, api_url=slack.api_url
        )
        with tempfile.TemporaryDirectory() as folder:
            database, worker = open_database(Path(folder) / "aspire.db"), Worker()
            async with fetcher_of(config, clock) as fetcher:
                app = App(Parts(config, database, fetcher, worker, clock))
                await app.prepare()
                await app.poll(everything=True)
                chat = SlackChat(settings, app.service, clock)
                app.attach(chat.sender)
                await chat.start()
                try:
                    return await pictures(app, slack, feeds)
                finally:
                    await chat.close()
                    await worker.close()
                    database.close()


def clock() -> int:
    return NOW


def photograph(target: Path, html: str, folder: Path) -> None:
    """Twice: once to learn the height, once for the picture."""
    source = folder / f"{target.stem}.html"
    source.write_text(html, encoding="utf-8")
    width = int(html.partition("--w:")[2].partition("px")[0])
    told = chromium("--dump-dom", f"--window-size={width},100", source.as_uri())
    height = int(told.partition("<title>")[2].partition("</title>")[0])
    chromium(f"--screenshot={target}", f"--window-size={width},{height}", source.as_uri())
    print(target.name, height)


def chromium(*options: str) -> str:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    always = ("--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu")
    done = subprocess.run([program, *always, *options], check=True, capture_output=True, text=True)
    return done.stdout


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn = asyncio.run(draw())
    with tempfile.TemporaryDirectory() as folder:
        for name, html in drawn.items():
            photograph(PICTURES / f"slack-{name}.png", html, Path(folder))


if __name__ == "__main__":
    main()
