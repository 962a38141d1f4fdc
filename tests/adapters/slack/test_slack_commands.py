"""Every command and form of the table, through Slack in both modes to the real core."""

import re
from pathlib import Path

import pytest

from feeds.worker import Worker
from handlers.commands import COMMANDS, Command
from tests.adapters.slack.fake_slack import View
from tests.adapters.stages import SlackStage, theatre
from tests.adapters.test_contract import publish
from tests.feed_server import FeedServer

MODES = ("slack-socket", "slack-http")
FORMS = [command for command in COMMANDS if command.form]
EMPTY = b'<rss version="2.0"><channel><title>Example</title></channel></rss>'


@pytest.mark.parametrize("mode", MODES)
async def test_every_command_answers_its_example(mode: str, tmp_path: Path, worker: Worker) -> None:
    """Each example that help prints is understood, and its answer is one that Slack takes."""
    async with theatre(mode, tmp_path, worker) as play, FeedServer() as feeds:
        stage = play.stage
        assert isinstance(stage, SlackStage)
        feeds.pages["feed.xml"] = EMPTY
        item = await publish(play, "Custody rules for platforms")
        for command in COMMANDS:
            text = command.example.replace("https://example.org/", feeds.url(""))
            text = re.sub(r"(retag|retract) 12\b", rf"\1 {item}", text)  # 12 is a milestone here
            shown = await stage.ask(text)
            assert shown.private, text
            assert "⛔" not in shown.text, (text, shown.text)
        assert stage.slack.api.refusals == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("command", FORMS, ids=lambda one: one.name)
async def test_every_form_opens_and_is_understood(
    mode: str, command: Command, tmp_path: Path, worker: Worker
) -> None:
    """Asked with nothing it opens a modal; sent back filled in, the change is made and told."""
    async with theatre(mode, tmp_path, worker) as play:
        stage = play.stage
        assert isinstance(stage, SlackStage)
        item = await publish(play, "Custody rules for platforms")
        shown = await stage.ask(f"retag {item}" if command.name == "retag" else command.name)
        assert isinstance(shown.raw, View)
        filled = {} if command.name == "settings" else {"topics": ["products", "7"]}
        await stage.slack.submit(shown.raw, filled)
        (answer,) = await stage.slack.until(lambda: stage.slack.private("U3"))
        assert "⛔" not in answer.seen, answer.text
        await play.settled("carol")
        assert stage.slack.api.refusals == []
