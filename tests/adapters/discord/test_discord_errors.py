"""What Discord's refusals and failures mean to the core."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from adapters.discord_errors import judge
from adapters.discord_guard import Guard, Pace
from adapters.discord_wire import SaidOnce
from handlers.ports import Never, Refusal, TryLater, Unknown
from tests.adapters.discord.house import Clock


def answer(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="", headers=headers)
    kind = discord.DiscordServerError if status >= 500 else discord.HTTPException
    return kind(response, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (404, 10003, Refusal.CHANNEL_GONE),
        (403, 50001, Refusal.NO_PERMISSION),
        (403, 50013, Refusal.NO_PERMISSION),
        (403, 50007, Refusal.NO_PERMISSION),
        (403, 99999, Refusal.NO_PERMISSION),
        (404, 10004, Refusal.NOT_INVITED),
        (400, 50083, Refusal.ARCHIVED),
        (403, 160005, Refusal.ARCHIVED),
        (401, 0, Refusal.TOKEN_REVOKED),
        (400, 50035, Refusal.PAYLOAD),
        (403, 200000, Refusal.PAYLOAD),
        (404, 10008, Refusal.PAYLOAD),
        (413, 40005, Refusal.PAYLOAD),
        (400, 50008, Refusal.CHANNEL_GONE),
    ],
)
def test_a_plain_no_is_never(status: int, code: int, refusal: Refusal) -> None:
    """Discord's own refusals are certain, each with the reason that the core acts on."""
    said = judge(answer(status, code), doubt=False)
    assert isinstance(said, Never)
    assert said.refusal is refusal


def test_missing_access_without_being_there_is_not_invited() -> None:
    """No permission in a server that the bot is not in means that it was thrown out."""
    said = judge(answer(403, 50001), doubt=False, invited=False)
    assert isinstance(said, Never)
    assert said.refusal is Refusal.NOT_INVITED


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524])
def test_a_server_error_after_the_request_left_is_unknown(status: int) -> None:
    """Any of them may come after the message was stored, a 503 included."""
    assert isinstance(judge(answer(status), doubt=True), Unknown)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(),
        TimeoutError(),
        SaidOnce("HTTP 500"),
        discord.RateLimited(60),
    ],
)
def test_in_doubt_the_outcome_is_unknown(error: Exception) -> None:
    """If an earlier try had left unanswered, no later failure makes it certain."""
    assert isinstance(judge(error, doubt=True), Unknown)
    assert isinstance(judge(error, doubt=False), TryLater)


@pytest.mark.parametrize(
    ("error", "after_s", "scope"),
    [
        (discord.RateLimited(60), 60.0, "channel"),
        (answer(429), 3600.0, "platform"),
        (answer(429, 0, Via="1.1 google"), 5.0, "channel"),
        (answer(429, 0, Via="x", **{"Retry-After": "7"}), 7.0, "channel"),
        (answer(429, 0, Via="x", **{"X-RateLimit-Scope": "global"}), 5.0, "platform"),
        (answer(403, 0), 600.0, "platform"),
        (answer(404, 0), 600.0, "platform"),
        (answer(400, 160006), 3600.0, "channel"),
        (answer(521), None, "platform"),
        (OSError("no route"), None, "platform"),
        (TimeoutError(), None, "channel"),
    ],
)
def test_what_time_mends_is_tried_later(
    error: Exception, after_s: float | None, scope: str
) -> None:
    """Limits and outages say for how long, and what else must wait."""
    said = judge(error, doubt=False)
    assert isinstance(said, TryLater)
    assert (said.after_s, said.scope) == (after_s, scope)


def test_invalid_requests_are_counted_in_a_sliding_window() -> None:
    """1,000 in ten minutes stop us until the oldest of them are ten minutes old."""
    clock = Clock(0)
    guard = Guard(clock, most=3)
    for now, status in ((0, 401), (10, 403), (20, 200), (30, 404)):
        clock.now = now
        guard.saw(status)
    assert (guard.count, guard.wait_s()) == (3, 570)
    clock.now = 600
    assert (guard.count, guard.wait_s()) == (2, 0)


def test_shared_limits_are_nobodys_fault() -> None:
    """A 429 of a shared resource does not count, as it does not with Discord."""
    guard = Guard(Clock(), most=1)
    guard.saw(429, "shared")
    assert guard.wait_s() == 0
    guard.saw(429, "user")
    assert guard.wait_s() == 600


def test_a_ban_keeps_us_still() -> None:
    """When Discord's front shuts us out, nothing is sent for an hour."""
    clock = Clock(0)
    guard = Guard(clock)
    guard.keep_still()
    assert guard.wait_s() == 3600
    clock.now = 3600
    assert guard.wait_s() == 0


async def test_sends_are_spread_over_the_second() -> None:
    """At 200 a second, ten turns take at least nine gaps of 5 ms; without a limit none."""
    loop = asyncio.get_running_loop()
    pace, start = Pace(200), loop.time()
    await asyncio.gather(*(pace.turn() for _ in range(10)))
    assert loop.time() - start >= 9 / 200
    start = loop.time()
    free = Pace(0)
    await asyncio.gather(*(free.turn() for _ in range(10)))
    assert loop.time() - start < 0.045
