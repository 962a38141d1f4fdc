"""Socket Mode for months: cut, silenced, refreshed, refused, and closed."""

import asyncio
import gc
import logging

import pytest

from handlers.messages import ChannelRef
from tests.adapters.slack.conftest import House, Open, socket_settings
from tests.adapters.slack.desk import PILLAR
from tests.adapters.slack.fake_slack import TEAM, FakeSlack


async def asked_and_answered(house: House, words: str) -> bool:
    await house.slack.answer(await house.slack.command("/aspire", words))
    return house.desk.asked[-1].text == words


async def test_a_cut_socket_comes_back_by_itself(socket_house: House) -> None:
    """The connection is dropped without a word; people can ask again soon after."""
    await socket_house.slack.sockets.drop()
    await socket_house.slack.connected(2)
    assert await asked_and_answered(socket_house, "roadmap")


async def test_a_refresh_moves_to_a_new_connection(socket_house: House) -> None:
    """Slack asks for it every few hours."""
    await socket_house.slack.sockets.refresh()
    await socket_house.slack.connected(2)
    assert await asked_and_answered(socket_house, "roadmap")


async def test_what_was_asked_while_the_socket_was_down_is_answered_once(
    socket_house: House,
) -> None:
    """Slack holds what it could not deliver, and delivers it over the next connection."""
    slack = socket_house.slack
    await slack.sockets.drop()
    await slack.until(lambda: not slack.sockets.open)
    await slack.mention("news")
    await slack.until(lambda: slack.messages("C1")[1:])
    assert await asked_and_answered(socket_house, "roadmap")
    assert [one.text for one in socket_house.desk.asked] == ["news", "roadmap"]


async def test_a_silent_socket_is_built_anew_and_readiness_says_so(
    slack: FakeSlack, open_house: Open
) -> None:
    """A connection that is open but dead looks alive to everybody but the watchdog."""
    house = await open_house(socket_settings(slack), silence_s=0.6, ping_s=60)
    await slack.until(lambda: house.chat.health()["ready"])
    slack.sockets.mute = True
    await slack.until(lambda: not house.chat.health()["ready"])
    slack.sockets.mute = False
    await slack.until(lambda: house.chat.health()["ready"])
    assert house.chat.health()["reconnects"] == 1
    assert await asked_and_answered(house, "roadmap")


async def test_pongs_alone_are_life_enough(slack: FakeSlack, open_house: Open) -> None:
    """A quiet night without a single event is no reason to connect anew."""
    house = await open_house(socket_settings(slack), silence_s=0.6, ping_s=0.1)
    await slack.until(lambda: house.chat.health()["connected"])
    await asyncio.sleep(1.5)
    assert house.chat.health()["reconnects"] == 0
    assert slack.sockets.opened == 1


async def test_a_slack_that_is_down_at_start_is_waited_for(
    slack: FakeSlack, open_house: Open
) -> None:
    """The bot starts without Slack, says that it is not ready, and gets there."""
    slack.fail("apps.connections.open", "status", status=503, times=2)
    slack.fail("auth.test", "drop")
    house = await open_house(socket_settings(slack), ping_s=0.1)
    await slack.until(lambda: house.chat.health()["ready"])
    assert ("found", "slack", TEAM) in house.desk.happened


async def test_health_before_any_connection(slack: FakeSlack, open_house: Open) -> None:
    """Not connected, not ready, and no invented time."""
    house = await open_house(socket_settings(slack))
    await house.chat.close()
    health = house.chat.health()
    assert (health["connected"], health["ready"], health["mode"]) == (False, False, "socket")


async def test_closing_lets_what_is_under_way_finish(slack: FakeSlack, open_house: Open) -> None:
    """An answer that is being worked on when the bot stops still comes."""
    house = await open_house(socket_settings(slack))
    house.desk.hold = asyncio.Event()
    await slack.command("/aspire", "pillar s")
    await slack.until(lambda: house.desk.asked)
    closing = asyncio.ensure_future(house.chat.close())
    await slack.until(lambda: all(keeper.done() for keeper in house.chat._keepers))
    finished, _ = await asyncio.wait({closing}, timeout=0.2)
    assert not finished
    house.desk.hold.set()
    await closing
    assert slack.private("U1")[-1].text.startswith("Safeguards")


async def test_sending_goes_on_while_the_socket_is_cut(socket_house: House) -> None:
    """Cards go over HTTP: a socket cut in the middle of a drain loses and doubles nothing."""
    slack, channel = socket_house.slack, ChannelRef("slack", TEAM, "C1")
    for number in range(10):
        if number == 5:
            await slack.sockets.drop()
        await socket_house.chat.sender.send(channel, PILLAR, f"k{number}")
    await slack.connected(2)
    assert [one.key for one in slack.messages("C1")] == [f"k{number}" for number in range(10)]


async def test_no_token_and_no_ticket_is_ever_logged(
    slack: FakeSlack, open_house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Through failing starts, drops and refused answers, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    slack.fail("apps.connections.open", "error", error="invalid_auth")
    house = await open_house(socket_settings(slack), ping_s=0.1)
    slack.fail("response_url", "status", status=500)
    slack.fail("chat.postEphemeral", "error", error="invalid_auth")
    await slack.command("/aspire", "pillar s")
    await slack.sockets.drop()
    await slack.connected(2)
    await house.chat.close()
    assert "invalid_auth" in caplog.text
    for secret in ("xapp-", "xoxb-", "ticket=", slack.bot_token, slack.signing_secret, "/hooks/"):
        assert secret not in caplog.text
    assert slack.bot_token not in repr(socket_settings(slack))


async def test_a_stop_leaves_no_connection_behind(
    slack: FakeSlack, open_house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """`run` is cancelled and `close` called, as on SIGTERM: the second must not break the first."""
    house = await open_house(socket_settings(slack))
    running = asyncio.ensure_future(house.chat.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})
    await house.chat.close()
    await slack.until(lambda: not slack.sockets.open)
    gc.collect()
    assert "Unclosed" not in caplog.text


async def test_health_names_the_platform_and_its_last_word(socket_house: House) -> None:
    """/readyz and the metric of silence read the same names from every platform."""
    await socket_house.slack.until(lambda: socket_house.chat.health()["ready"])
    health = socket_house.chat.health()
    assert health["platform"] == "slack"
    heard = health["seconds_since_heard"]
    assert isinstance(heard, float)
    assert 0 <= heard < 5
