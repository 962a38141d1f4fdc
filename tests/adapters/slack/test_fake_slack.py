"""The fake itself: it must refuse what Slack refuses, or the other tests prove nothing."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.adapters.slack.fake_slack import FakeSlack, Message
from tests.adapters.slack.fake_slack_checks import Json, Refused, check_blocks, check_message
from tests.adapters.slack.fake_slack_socket import NotAcknowledged

ROOT = Path(__file__).resolve().parents[3]


def client_of(slack: FakeSlack, token: str = "") -> AsyncWebClient:
    return AsyncWebClient(token or slack.bot_token, base_url=slack.api_url)


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action: str, **more: object) -> Json:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": "Press"},
        **more,
    }


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3_001)],
        [section("寬" * 1_000 + "👍" * 1_001)],
        [section("")],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "divider"}] * 51,
        [],
        [{"type": "marquee"}],
        [{"type": "input"}],
        [{**section("x"), "block_id": "b" * 256}],
        [{**section("x"), "block_id": "b"}, {**section("y"), "block_id": "b"}],
        [{"type": "actions", "elements": [button("a"), button("a")]}],
        [{"type": "actions", "elements": [button(f"a{n}") for n in range(26)]}],
        [{"type": "actions", "elements": [button("a", style="blue")]}],
        [{"type": "actions", "elements": [button("a", url="javascript:1")]}],
        [{"type": "context", "elements": [section("x")["text"]] * 11}],
        [{"type": "rich_text", "elements": []}],
        [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}
                ],
            }
        ],
    ],
)
def test_it_refuses_blocks_that_slack_refuses(blocks: list[Json]) -> None:
    """Too long, too many, twice, empty, unknown, unsafe."""
    with pytest.raises(Refused):
        check_message({"text": "x", "blocks": blocks})


def test_it_refuses_messages_that_are_too_long_or_empty() -> None:
    """By their text, and by the size of all their blocks."""
    for arguments, error in (
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [section("x" * 2_900)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
    ):
        with pytest.raises(Refused) as refused:
            check_message(arguments)
        assert refused.value.error == error
    with pytest.raises(Refused):
        check_message({"text": "x" * 4_001}, update=True)
    check_blocks([section("x")], 50, {"section"})


async def test_it_asks_for_tokens_scopes_and_membership(slack: FakeSlack) -> None:
    """The errors that the real one gives, by the real SDK."""
    slack.workspace().scopes = "chat:write"
    cases = [
        (client_of(slack, "xoxb-wrong").auth_test(), "invalid_auth"),
        (client_of(slack).users_info(user="U1"), "missing_scope"),
        (client_of(slack).chat_postMessage(channel="C4", text="x"), "not_in_channel"),
        (client_of(slack).chat_postMessage(channel="C404", text="x"), "channel_not_found"),
        (client_of(slack).api_call("nonsense.method"), "unknown_method"),
    ]
    for call, error in cases:
        with pytest.raises(SlackApiError) as refused:
            await call
        assert refused.value.response["error"] == error


async def test_a_trigger_opens_one_modal_and_not_late(slack: FakeSlack) -> None:
    """Once, and within three seconds."""
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "T"},
        "blocks": [section("x")],
    }
    client = client_of(slack)
    trigger = slack._trigger(slack.workspace(), "U1")
    await client.views_open(trigger_id=trigger, view=view)
    late = slack._trigger(slack.workspace(), "U1")
    slack.world.triggers[late].until -= 3.1
    for given, error in (
        (trigger, "exchanged_trigger_id"),
        (late, "expired_trigger_id"),
        ("made-up", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client.views_open(trigger_id=given, view=view)
        assert refused.value.response["error"] == error


async def test_a_response_url_is_good_five_times(slack: FakeSlack) -> None:
    """And for half an hour."""
    url = slack._response_url(slack.workspace(), "C1", "U1", "t")
    old = slack._response_url(slack.workspace(), "C1", "U1", "t")
    slack.world.urls[old].until -= 1_801
    async with aiohttp.ClientSession() as session:
        statuses = []
        for given in [url] * 6 + [old]:
            async with session.post(given, json={"text": "x"}) as answer:
                statuses.append(answer.status)
    assert statuses == [200] * 5 + [404, 404]
    assert {one.only_for for one in slack.workspace().messages} == {"U1"}


async def test_it_notices_a_missing_acknowledgement(slack: FakeSlack) -> None:
    """After three seconds, here less, the person would see an error."""
    slack.sockets.ack_s = 0.1
    with pytest.raises(NotAcknowledged):
        await slack.command("/aspire", "roadmap")


async def test_it_limits_a_channels_rate_when_told_to(slack: FakeSlack) -> None:
    """One message, then 429 with a time, for that channel alone."""
    slack.api.per_second = 0.5
    client = client_of(slack)
    await client.chat_postMessage(channel="C1", text="x")
    await client.chat_postMessage(channel="C2", text="x")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C1", text="x")
    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) >= 1


def test_it_knows_a_live_mention_when_it_sees_one() -> None:
    """In mrkdwn and in rich text; not in plain text, and not escaped."""
    live = Message("T", "C", "1", "U", "<!channel> <@U1>", [section("<!subteam^S1|x>")])
    assert live.called == ["!channel", "@U1", "!subteam^S1|x"]
    dead = Message("T", "C", "1", "U", "&lt;!channel&gt; @here", [])
    assert dead.called == []


# As a process of its own


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "tests.adapters.slack.fake_slack", "--port", "0"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    try:
        yield json.loads(running.stdout.readline())
    finally:
        running.terminate()
        running.wait(10)
        running.stdout.close()


async def test_it_runs_as_a_process_that_outlives_the_bot(process: dict[str, str]) -> None:
    """Messages posted by one client are there for the next, as JSON, with their keys."""
    client = AsyncWebClient(process["bot_token"], base_url=process["api_url"])
    metadata = {"event_type": "aspire_delivery", "event_payload": {"key": "d-1"}}
    await client.chat_postMessage(channel="C1", text="kept", metadata=metadata)

    def told(path: str, given: Json | None = None) -> object:
        data = None if given is None else json.dumps(given).encode()
        address = f"http://{process['host']}/control/{path}"
        with urllib.request.urlopen(address, data, timeout=5) as answer:
            return json.load(answer)

    messages = await asyncio.to_thread(told, "messages?channel=C1")
    assert isinstance(messages, list)
    assert [(one["text"], one["key"]) for one in messages] == [("kept", "d-1")]
    await asyncio.to_thread(told, "fail", {"method": "auth.test", "kind": "error", "error": "x"})
    with pytest.raises(SlackApiError):
        await client.auth_test()
    state = await asyncio.to_thread(told, "state")
    assert isinstance(state, dict)
    assert state["calls"] == {"chat.postMessage": 1, "auth.test": 1}
