"""Cards on their way into channels: sent once, edited, refused, or unknown and settled."""

import asyncio

import pytest

from adapters.discord_send import UNSEEN, DiscordSender
from handlers.messages import Button, Card, ChannelRef, Line, Picture
from handlers.ports import Never, Refusal, SendError, TryLater, Unknown
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_world import ANNOUNCEMENT, CATEGORY
from tests.adapters.discord.house import House
from tests.adapters.discord.waiting import until

CARD = Card("A story", url="https://sfc.hk/x", lines=(Line("It happened."),), topic="access")
MESSAGES = r"/channels/\d+/messages$"


class Brief:
    """The module asyncio, with short sleeps."""

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, delay: float) -> None:
        await asyncio.sleep(min(delay, 0.01))


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py sleeps 25 seconds over its repetitions of a server's error; here it need not."""
    monkeypatch.setattr("discord.http.asyncio", Brief())


async def test_a_card_is_sent_with_its_key(house: House) -> None:
    """The message carries the delivery's key as its nonce; its id comes back."""
    number = await house.chat.sender.send(house.ref(), CARD, "d1")
    [message] = house.discord.messages(house.channel)
    assert message["id"] == number
    assert message["nonce"] == "d1"
    assert message["embeds"][0]["title"] == "A story"


@pytest.mark.parametrize("times", [1, 3])
async def test_the_same_key_is_never_sent_twice(house: House, times: int) -> None:
    """Sending and settling the same delivery again gives the first message's id and no second."""
    first = await house.chat.sender.send(house.ref(), CARD, "d1")
    for _ in range(times):
        assert await house.chat.sender.settle(house.ref(), CARD, "d1") == first
        assert await house.chat.sender.send(house.ref(), CARD, "d1") == first
    assert len(house.discord.messages(house.channel)) == 1


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_a_server_error_after_the_message_was_kept_is_unknown_and_settled(
    house: House, status: int
) -> None:
    """Whatever the server's error, the message stands once after settling."""
    repeated = status in {500, 502, 504}
    fault = Fault("POST", MESSAGES, status=status, done=True, times=5 if repeated else 1)
    house.discord.fail(fault)
    with pytest.raises(Unknown):
        await house.chat.sender.send(house.ref(), CARD, "d1")
    number = await house.chat.sender.settle(house.ref(), CARD, "d1")
    assert [one["id"] for one in house.discord.messages(house.channel)] == [number]


@pytest.mark.usefixtures("brief")
async def test_discord_pys_own_repetitions_do_not_double(house: House) -> None:
    """A 502 after the message was kept is repeated by the library, with the same nonce."""
    house.discord.fail(Fault("POST", MESSAGES, status=502, done=True, times=2))
    number = await house.chat.sender.send(house.ref(), CARD, "d1")
    assert house.discord.statuses("POST", "/messages") == [502, 502, 200]
    assert [one["id"] for one in house.discord.messages(house.channel)] == [number]


async def test_accepted_and_then_cut_off_is_unknown_and_settled(house: House) -> None:
    """A connection that breaks after the request left says nothing; the same nonce finds out."""
    house.discord.fail(Fault("POST", MESSAGES, drop=True, done=True))
    with pytest.raises(Unknown):
        await house.chat.sender.send(house.ref(), CARD, "d1")
    await house.chat.sender.settle(house.ref(), CARD, "d1")
    assert len(house.discord.messages(house.channel)) == 1


async def test_an_answer_that_never_comes_is_unknown(house: House) -> None:
    """A send is bounded in time; if the request had left by then, its outcome is unknown."""
    impatient = DiscordSender(house.chat.sender.around, longest_s=0.2)
    house.discord.fail(Fault("POST", MESSAGES, late_s=1.0))
    with pytest.raises(Unknown):
        await impatient.send(house.ref(), CARD, "d1")


async def test_a_platform_out_of_reach_is_tried_later(house: House) -> None:
    """If no connection can be made nothing has left: try later, all of the platform."""
    await house.discord.__aexit__(None, None, None)
    with pytest.raises(TryLater) as later:
        await house.chat.sender.send(house.ref(), CARD, "d1")
    assert later.value.scope == "platform"


async def test_a_short_rate_limit_is_waited_out(house: House) -> None:
    """A 429 of some milliseconds is discord.py's own affair."""
    house.discord.fail(Fault("POST", MESSAGES, status=429, retry_after=0.05))
    await house.chat.sender.send(house.ref(), CARD, "d1")
    assert house.discord.statuses("POST", "/messages") == [429, 200]


async def test_a_long_rate_limit_is_handed_back(house: House) -> None:
    """More than half a minute is not slept on: try later, then."""
    house.discord.fail(Fault("POST", MESSAGES, status=429, retry_after=120.0))
    with pytest.raises(TryLater) as later:
        await house.chat.sender.send(house.ref(), CARD, "d1")
    assert later.value.after_s == 120.0


async def test_a_rate_limit_that_outlasts_our_patience_was_not_sent(house: House) -> None:
    """Still waiting for its turn when its time is over, a card is certainly not sent."""
    impatient = DiscordSender(house.chat.sender.around, longest_s=0.3)
    house.discord.fail(Fault("POST", MESSAGES, status=429, retry_after=20.0, times=100))
    with pytest.raises(TryLater):
        await impatient.send(house.ref(), CARD, "d1")
    house.discord.rest.faults.clear()
    assert house.discord.messages(house.channel) == []


async def test_a_send_that_ends_while_discord_py_rests_was_perhaps_sent(house: House) -> None:
    """After a bucket's last message discord.py rests before it returns; ended there, the message
    stands, and settling finds it.
    """
    impatient = DiscordSender(house.chat.sender.around, longest_s=0.3)
    house.discord.limits.per_channel = (1, 20.0)
    with pytest.raises(Unknown):
        await impatient.send(house.ref(), CARD, "d1")
    house.discord.limits.per_channel = None
    house.clock.now += 20
    assert len(house.discord.messages(house.channel)) == 1


async def test_a_global_rate_limit_holds_all_channels(house: House) -> None:
    """During a global 429 no other channel's request is made."""
    other = house.discord.world.add_channel(house.guild, "other")
    fault = Fault("POST", MESSAGES, status=429, retry_after=0.3, everywhere=True)
    house.discord.fail(fault)
    first = asyncio.create_task(house.chat.sender.send(house.ref(), CARD, "d1"))
    await until(lambda: fault.met)
    start = asyncio.get_running_loop().time()
    await house.chat.sender.send(house.ref(other), CARD, "d2")
    assert asyncio.get_running_loop().time() - start > 0.2
    await first
    assert house.discord.statuses("POST", "/messages") == [429, 200, 200]


async def test_a_ban_by_discords_front_stops_everything(house: House) -> None:
    """A 429 without Discord's own headers means an hour of silence for the whole platform."""
    house.discord.fail(Fault("POST", MESSAGES, status=429, from_front=True))
    for _ in range(2):
        with pytest.raises(TryLater) as later:
            await house.chat.sender.send(house.ref(), CARD, "d1")
        assert (later.value.after_s, later.value.scope) == (3600.0, "platform")
    assert house.discord.statuses("POST", "/messages") == [429]
    house.clock.now += 3600
    await house.chat.sender.send(house.ref(), CARD, "d1")


async def test_invalid_requests_stop_us_long_before_discord_would(house: House) -> None:
    """After 1,000 refusals in ten minutes nothing more is sent until they are over."""
    gone = ChannelRef("discord", house.guild.id, "1")
    for place in range(1000):
        with pytest.raises(Never):
            await house.chat.sender.send(gone, CARD, f"d{place}")
    with pytest.raises(TryLater) as later:
        await house.chat.sender.send(house.ref(), CARD, "d")
    assert (later.value.scope, later.value.after_s) == ("platform", 600.0)
    assert house.chat.health()["invalid_requests"] == 1000
    house.clock.now += 600
    await house.chat.sender.send(house.ref(), CARD, "d")


async def refusal(house: House, channel: ChannelRef) -> Refusal:
    with pytest.raises(Never) as never:
        await house.chat.sender.send(channel, CARD, "d1")
    return never.value.refusal


async def test_each_refusal_has_its_reason(house: House) -> None:
    """Gone, not to be seen, not to be written in, no embeds, locked, wrong kind, thrown out."""
    world, discord = house.discord.world, house.discord
    assert await refusal(house, house.ref("1")) is Refusal.CHANNEL_GONE
    assert await refusal(house, ChannelRef("discord", house.guild.id, "x")) is Refusal.CHANNEL_GONE
    category = world.add_channel(house.guild, "category", CATEGORY)
    assert await refusal(house, house.ref(category)) is Refusal.CHANNEL_GONE
    for name in ("view_channel", "send_messages", "embed_links"):
        await discord.forbid(house.channel, name)
        assert await refusal(house, house.ref()) is Refusal.NO_PERMISSION
    await discord.forbid(house.channel)
    thread = world.add_thread(house.channel, "old")
    await discord.archive(thread, locked=True)
    assert await refusal(house, house.ref(thread)) is Refusal.ARCHIVED
    await house.chat.wait_until_ready()
    await discord.leave(house.guild)
    await until(lambda: house.chat.health()["servers"] == 0)
    assert await refusal(house, house.ref()) is Refusal.NOT_INVITED


async def test_a_revoked_token_is_named(house: House) -> None:
    """401 means that the token was revoked, for every channel."""
    house.discord.rest.token = "another"
    assert await refusal(house, house.ref()) is Refusal.TOKEN_REVOKED


async def test_a_payload_that_is_refused_goes_plain(house: House) -> None:
    """After Never(PAYLOAD) the plain form is taken, without an embed or a preview of its link."""
    house.discord.fail(Fault("POST", MESSAGES, status=400, code=50035))
    assert await refusal(house, house.ref()) is Refusal.PAYLOAD
    await house.chat.sender.send_plain(house.ref(), CARD, "d1")
    [message] = house.discord.messages(house.channel)
    assert message["content"] == "**A story**\n<https://sfc.hk/x>\nIt happened."
    assert message["embeds"] == []
    assert message["flags"] == 4


async def test_an_archived_thread_is_opened_by_sending(house: House) -> None:
    """A thread that fell asleep wakes up; only a locked one refuses."""
    thread = house.discord.world.add_thread(house.channel, "sleepy")
    await house.discord.archive(thread)
    await house.chat.sender.send(house.ref(thread), CARD, "d1")
    assert not house.discord.world.channel(thread)["thread_metadata"]["archived"]


async def test_announcement_channels_and_direct_messages_are_channels(house: House) -> None:
    """A card goes into an announcement channel, and to a person, as into any channel."""
    announcements = house.discord.world.add_channel(house.guild, "news", ANNOUNCEMENT)
    dm = house.discord.world.open_dm(house.discord.someone)
    await house.chat.sender.send(house.ref(announcements), CARD, "d1")
    await house.chat.sender.send(ChannelRef("discord", "", dm), CARD, "d2")
    assert len(house.discord.messages(announcements)) == len(house.discord.messages(dm)) == 1


async def test_only_the_chosen_role_is_notified(house: House) -> None:
    """Feed text that mentions everyone notifies no one; the manager's chosen role is notified."""
    role = house.discord.world.add_role(house.guild, "compliance")
    hostile = "@everyone <@&1> <@1> <@&" + house.guild.id + ">"
    card = Card(hostile, lines=(Line(hostile, url="javascript:x"),), mention=f"<@&{role}>")
    number = await house.chat.sender.send(house.ref(), card, "d1")
    assert house.discord.kept(number).pings == [f"role:{role}"]
    plainly = await house.chat.sender.send_plain(house.ref(), card, "d2")
    assert house.discord.kept(plainly).pings == [f"role:{role}"]


async def test_an_edit_replaces_the_card(house: House) -> None:
    """Title, lines, buttons and picture are those of the new card; nobody is notified again."""
    picture = Picture(b"png", "alt", "p.png")
    old = Card("Old", buttons=(Button("Why", "why 1"),), picture=picture, mention="<@&5>")
    number = await house.chat.sender.send(house.ref(), old, "d1")
    await house.chat.sender.edit(house.ref(), number, Card("New"))
    [message] = house.discord.messages(house.channel)
    assert message["embeds"][0]["title"] == "New"
    assert (message["components"], message["attachments"]) == ([], [])


async def test_an_edit_of_what_is_gone_does_not_pause_the_channel(house: House) -> None:
    """A deleted message refuses the edit only."""
    number = await house.chat.sender.send(house.ref(), CARD, "d1")
    house.discord.delete(house.discord.messages(house.channel)[0])
    for message in (number, UNSEEN, "nonsense"):
        with pytest.raises(Never) as never:
            await house.chat.sender.edit(house.ref(), message, CARD)
        assert never.value.refusal is Refusal.PAYLOAD


async def test_an_edit_that_breaks_off_is_tried_later(house: House) -> None:
    """Editing twice is as good as once, so no outcome of an edit is unknown."""
    number = await house.chat.sender.send(house.ref(), CARD, "d1")
    house.discord.fail(Fault("PATCH", r"/messages/\d+$", drop=True, done=True))
    with pytest.raises(TryLater):
        await house.chat.sender.edit(house.ref(), number, CARD)


async def test_a_message_that_was_deleted_before_it_was_settled_counts_as_sent(
    house: House,
) -> None:
    """Discord answers a known nonce of a deleted message with Unknown Message: it was sent."""
    await house.chat.sender.send(house.ref(), CARD, "d1")
    house.discord.delete(house.discord.messages(house.channel)[0])
    assert await house.chat.sender.settle(house.ref(), CARD, "d1") == UNSEEN


async def test_a_picture_is_sent_with_its_words(house: House) -> None:
    """The PNG arrives whole, with alt text, and the embed shows it."""
    card = Card("Trends", picture=Picture(b"\x89PNG data", "12 items", "trends.png"))
    number = await house.chat.sender.send(house.ref(), card, "d1")
    kept = house.discord.kept(number)
    assert kept.files == {"trends.png": b"\x89PNG data"}
    assert kept.json["attachments"][0]["description"] == "12 items"


async def test_a_long_question_on_a_sent_button_is_kept_before_it_is_sent(house: House) -> None:
    """What does not fit a custom id is in the core by the time that anybody can press it."""
    long = "news " + "x" * 95
    number = await house.chat.sender.send(
        house.ref(), Card("A", buttons=(Button("More", long),)), "d1"
    )
    await house.discord.press(house.discord.kept(number).json, "More")
    assert house.desk.requests[-1].text == long


async def test_the_limits_of_a_channel_are_kept(house: House) -> None:
    """At five messages in half a second, twelve arrive in order and hardly any is refused."""
    house.discord.limits.per_channel = (5, 0.5)
    house.discord.world.now = house.discord.limits._now = asyncio.get_running_loop().time
    for place in range(12):
        await house.chat.sender.send(house.ref(), Card(f"{place}"), f"d{place}")
    titles = [one["embeds"][0]["title"] for one in house.discord.messages(house.channel)]
    assert titles == [str(place) for place in range(12)]


async def test_one_slow_channel_holds_up_no_other(house: House) -> None:
    """While one channel's answer is late, a hundred other messages go through."""
    others = [house.discord.world.add_channel(house.guild, f"c{place}") for place in range(100)]
    house.discord.fail(Fault("POST", f"/channels/{house.channel}/messages", late_s=5.0))
    slow = asyncio.create_task(house.chat.sender.send(house.ref(), CARD, "slow"))
    sends = [house.chat.sender.send(house.ref(one), CARD, f"d{one}") for one in others]
    await asyncio.wait_for(asyncio.gather(*sends), 4)
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_closing_turns_sends_into_later(house: House) -> None:
    """What is tried while the adapter closes is not lost: it is for later."""
    await house.chat.close()
    with pytest.raises(SendError):
        await house.chat.sender.send(house.ref(), CARD, "d1")
