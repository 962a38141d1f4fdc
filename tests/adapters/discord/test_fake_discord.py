"""The fake itself: what it would let through, no test could catch."""

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_people import NotAnswered
from tests.adapters.discord.fake_rules import (
    ApiError,
    Json,
    check_commands,
    check_message,
    check_modal,
    pings,
)
from tests.adapters.discord.house import House

ROOT = Path(__file__).resolve().parents[3]
BUTTON: Json = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}


def row(*parts: Json) -> Json:
    return {"components": [{"type": 1, "components": list(parts)}], "content": "x"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "  "},
        {"content": "x" * 2001},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"description": "x" * 4097}]},
        {"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]},
        {"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]},
        {"embeds": [{"title": "x", "url": "javascript:alert(1)"}]},
        {"embeds": [{"title": "x"}] * 11},
        {"content": "x", "nonce": "x" * 26},
        {"content": "x", "flags": 64},
        {"content": "x", "attachments": [{"id": 0, "description": "x" * 1025}]},
        {"content": "x", "allowed_mentions": {"parse": ["roles"], "roles": ["1"]}},
        row(BUTTON, BUTTON),
        row({**BUTTON, "label": "x" * 81}),
        row({**BUTTON, "custom_id": "x" * 101}),
        row({**BUTTON, "url": "https://a.hk"}),
        row({"type": 2, "style": 5, "label": "x", "url": "https://a.hk/" + "x" * 512}),
        row(*({**BUTTON, "custom_id": str(place)} for place in range(6))),
    ],
)
def test_messages_beyond_the_limits_are_refused(body: Json) -> None:
    """One over each of Discord's limits is an error."""
    with pytest.raises(ApiError):
        check_message(body)


def test_lengths_are_counted_in_code_points() -> None:
    """As Discord's API counts: 2,000 emoji are 2,000 characters."""
    check_message({"content": "😀" * 2000})


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 46},
        {"custom_id": ""},
        {"components": []},
        {"components": [{"type": 1, "components": []}]},
    ],
)
def test_modals_beyond_the_limits_are_refused(change: Json) -> None:
    """A modal has a title, an id, and one to five labels."""
    text = {"type": 4, "style": 1, "custom_id": "a"}
    good: Json = {"title": "x", "custom_id": "m", "components": []}
    good["components"] = [{"type": 18, "label": "x", "component": text}]
    check_modal(good)
    with pytest.raises(ApiError):
        check_modal({**good, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Upper"},
        {"name": "two words"},
        {"description": ""},
        {"description_localizations": {"zh-HK": "x"}},
        {"options": [{"type": 3, "name": str(place), "description": "x"} for place in range(26)]},
        {
            "options": [
                {"type": 3, "name": "a", "description": "x"},
                {"type": 3, "name": "b", "description": "x", "required": True},
            ]
        },
        {
            "options": [
                {
                    "type": 3,
                    "name": str(place),
                    "description": "x" * 100,
                    "choices": [{"name": f"{n}" * 50, "value": f"{n}" * 50} for n in range(10)],
                }
                for place in range(9)
            ]
        },
    ],
)
def test_commands_beyond_the_rules_are_refused(change: Json) -> None:
    """Names, lengths, locales, counts, order and the sum of 8,000."""
    good: Json = {"name": "aspire", "description": "x"}
    check_commands([good])
    with pytest.raises(ApiError):
        check_commands([{**good, **change}])


def test_a_bots_message_notifies_everyone_by_default() -> None:
    """Without allowed_mentions a bot's message parses all of them, as Discord does."""
    content = "@everyone <@&1> <@2>"
    assert pings({"content": content}, by_bot=True) == ["everyone", "role:1", "user:2"]
    allowed = {"parse": [], "roles": ["1"]}
    assert pings({"content": content, "allowed_mentions": allowed}, by_bot=True) == ["role:1"]


async def test_three_seconds_are_enforced(house: House) -> None:
    """A response after the limit is refused, and the person saw a failure."""
    house.discord.people.answer_within_s = 0.05
    house.desk.slow_s = 0.1
    with pytest.raises(NotAnswered):
        await house.discord.command("status", {}, house.channel)
    await asyncio.sleep(0.1)
    assert house.discord.people.refused_late == 1


async def test_what_is_not_registered_cannot_be_asked(house: House) -> None:
    """Unknown commands, options and choices, and missing required options, fail the test."""
    for name, options in (
        ("nonsense", {}),
        ("status", {"nonsense": "x"}),
        ("summary", {"period": "century"}),
        ("pillar", {}),
        ("status", {"share": "yes"}),
    ):
        with pytest.raises(AssertionError):
            await house.discord.command(name, options, house.channel)


async def test_only_a_nonce_that_is_enforced_is_looked_up(discord: FakeDiscord) -> None:
    """The same nonce twice makes two messages, unless enforce_nonce asks for one."""
    channel = discord.world.add_channel(discord.world.add_guild("Acme"), "general")
    url = f"{discord.api_url}/channels/{channel}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        for enforced in (False, False, True, True):
            body = {"content": "x", "nonce": "n", "enforce_nonce": enforced}
            async with session.post(url, json=body) as response:
                assert response.status == 200
    assert len(discord.messages(channel)) == 2


async def test_it_runs_as_a_process_of_its_own() -> None:
    """It prints its address, answers the API, and shows messages at its control endpoint."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.adapters.discord.fake_discord",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        started = json.loads(await process.stdout.readline())
        [(_, channels)] = started["guilds"].items()
        [channel] = channels
        control = f"http://127.0.0.1:{started['port']}/control/messages?channel={channel}"
        headers = {"Authorization": "Bot bot-token"}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{started['api_url']}/channels/{channel}/messages"
            await session.post(url, json={"content": "hello"})
            async with session.get(control) as response:
                assert [one["content"] for one in await response.json()] == ["hello"]
    finally:
        process.kill()
        await process.wait()
