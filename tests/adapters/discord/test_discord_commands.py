"""Every command and form of the table, through Discord to the real core."""

import re
from pathlib import Path

import pytest

from adapters.discord_embeds import TONES
from feeds.worker import Worker
from handlers.commands import COMMANDS, Command
from tests.adapters.stages import DiscordStage, theatre
from tests.adapters.test_contract import publish
from tests.feed_server import FeedServer

FORMS = [command for command in COMMANDS if command.form]
EMPTY = b'<rss version="2.0"><channel><title>Example</title></channel></rss>'


async def test_every_command_answers_its_example(tmp_path: Path, worker: Worker) -> None:
    """Each example that help prints is understood, and its answer is one that Discord takes."""
    async with theatre("discord", tmp_path, worker) as play, FeedServer() as feeds:
        stage = play.stage
        assert isinstance(stage, DiscordStage)
        feeds.pages["feed.xml"] = EMPTY
        item = await publish(play, "Custody rules for platforms")
        for command in COMMANDS:
            text = command.example.replace("https://example.org/", feeds.url(""))
            text = re.sub(r"(retag|retract) 12\b", rf"\1 {item}", text)  # 12 is a milestone here
            shown = await stage.ask(text)
            assert shown.private, text
            assert shown.raw.embed["color"] != TONES["error"], (text, shown.text)


@pytest.mark.parametrize("command", FORMS, ids=lambda one: one.name)
async def test_every_form_opens_and_is_understood(
    command: Command, tmp_path: Path, worker: Worker
) -> None:
    """Asked with nothing it opens a modal; sent back filled in, the change is made and told."""
    async with theatre("discord", tmp_path, worker) as play:
        stage = play.stage
        assert isinstance(stage, DiscordStage)
        item = await publish(play, "Custody rules for platforms")
        options = {"item": str(item)} if command.name == "retag" else {}
        opened = await stage.discord.command(command.name, options, stage.channel)
        filled = {} if command.name == "settings" else {"topics": ["products", "7"]}
        answer = await stage.discord.submit(opened, filled)
        assert answer.private
        assert answer.embed["color"] != TONES["error"], answer.embed
        await play.settled("Ada")
