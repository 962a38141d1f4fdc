"""Draws docs/pictures/console.svg from real answers: python -m scripts.draw_console."""

import asyncio
import tempfile
from pathlib import Path

from adapters.console_cards import picture
from bot.app import App, Parts, fetcher_of, open_database
from bot.config import Config
from bot.session import wall_clock
from feeds.worker import Worker
from handlers.messages import Card, ChannelRef, Person, Request

ASKED = ("pillar safeguards", "pillar safegards", "subscribe safeguards products official")
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "console.svg"


async def draw(folder: Path) -> str:
    database = open_database(folder / "aspire.db")
    config, worker = Config(), Worker()
    try:
        async with fetcher_of(config, wall_clock) as fetcher:
            app = App(Parts(config, database, fetcher, worker, wall_clock))
            await app.prepare()
            shown: list[Card | str] = []
            for text in ASKED:
                person = Person("console", "you", may_manage=True)
                request = Request(ChannelRef("console", "", "general"), person, text=text)
                reply = await app.service.answer(request)
                shown += [text, reply.card]
            return picture(shown, "aspire")
    finally:
        await worker.close()
        database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(asyncio.run(draw(Path(folder))), encoding="utf-8")
