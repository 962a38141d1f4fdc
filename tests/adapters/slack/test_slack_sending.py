"""The Sender's promises: what goes out, and what each failure means for the delivery."""

import asyncio

import pytest

from adapters.slack_limits import TEXT
from handlers.messages import Card, ChannelRef, Line
from handlers.ports import Never, Refusal, TryLater, Unknown
from tests.adapters.slack.cards import HOSTILE
from tests.adapters.slack.conftest import House, Open, http_settings, socket_settings
from tests.adapters.slack.desk import PILLAR
from tests.adapters.slack.fake_slack import TEAM, FakeSlack
from tests.adapters.slack.fake_slack_web import FaultKind

C1 = ChannelRef("slack", TEAM, "C1")


async def test_a_card_goes_out_once_with_its_key_and_without_unfurling(
    socket_house: House,
) -> None:
    """The message id is Slack's; the delivery's key travels as metadata; links stay quiet."""
    ts = await socket_house.chat.sender.send(C1, PILLAR, "d-17")
    message = socket_house.slack.messages("C1")[0]
    assert (message.ts, message.key, message.unfurls) == (ts, "d-17", False)
    assert message.metadata == {
        "event_type": "aspire_delivery",
        "event_payload": {"key": "d-17"},
    }
    assert message.called == []


async def test_an_edit_replaces_the_card_and_calls_nobody(socket_house: House) -> None:
    """The same message changes; no second one appears; its key stays."""
    sender = socket_house.chat.sender
    ts = await sender.send(C1, PILLAR, "d-1")
    await sender.edit(C1, ts, Card("Corrected <!channel>"))
    messages = socket_house.slack.messages("C1")
    assert [(one.edits, one.key) for one in messages] == [(1, "d-1")]
    assert messages[0].seen == "Corrected <!channel>"
    assert messages[0].called == []


async def test_only_the_chosen_person_or_group_is_called(socket_house: House) -> None:
    """A manager's choice notifies; nothing else does, whatever the card says."""
    sender = socket_house.chat.sender
    for mention in ("U2", "S77", "here", "!channel", ""):
        await sender.send(C1, Card("<!here>", mention=mention), "k")
    assert [one.called for one in socket_house.slack.messages("C1")] == [
        ["@U2", "U2"],
        ["!subteam^S77", "S77"],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("not_in_channel", Refusal.NOT_INVITED),
        ("channel_not_found", Refusal.CHANNEL_GONE),
        ("is_archived", Refusal.ARCHIVED),
        ("account_inactive", Refusal.TOKEN_REVOKED),
        ("token_revoked", Refusal.TOKEN_REVOKED),
        ("invalid_auth", Refusal.TOKEN_REVOKED),
        ("missing_scope", Refusal.NO_PERMISSION),
        ("restricted_action", Refusal.NO_PERMISSION),
        ("restricted_action_read_only_channel", Refusal.NO_PERMISSION),
        ("invalid_blocks", Refusal.PAYLOAD),
        ("msg_too_long", Refusal.PAYLOAD),
        ("msg_blocks_too_long", Refusal.PAYLOAD),
        ("no_text", Refusal.PAYLOAD),
    ],
)
async def test_never_says_why(socket_house: House, error: str, refusal: Refusal) -> None:
    """A refusal that time will not mend is told apart from one that it will."""
    socket_house.slack.fail("chat.postMessage", "error", error=error)
    with pytest.raises(Never) as refused:
        await socket_house.chat.sender.send(C1, PILLAR, "k")
    assert (refused.value.refusal, refused.value.reason) == (refusal, error)
    assert socket_house.slack.messages("C1") == []


async def test_the_world_itself_refuses_as_the_errors_say(socket_house: House) -> None:
    """Not invited, archived, private and unseen, revoked: met, not only told."""
    slack, sender = socket_house.slack, socket_house.chat.sender
    slack.workspace().channels["C2"].archived = True
    slack.workspace().channels["C3"].members.clear()
    met = []
    for channel in ("C4", "C2", "C3", "C404"):
        with pytest.raises(Never) as refused:
            await sender.send(ChannelRef("slack", TEAM, channel), PILLAR, "k")
        met.append(refused.value.refusal)
    slack.workspace().revoked = "account_inactive"
    with pytest.raises(Never) as refused:
        await sender.send(C1, PILLAR, "k")
    assert [*met, refused.value.refusal] == [
        Refusal.NOT_INVITED,
        Refusal.ARCHIVED,
        Refusal.CHANNEL_GONE,
        Refusal.CHANNEL_GONE,
        Refusal.TOKEN_REVOKED,
    ]


@pytest.mark.parametrize(
    ("kind", "error", "status", "after_s", "scope"),
    [
        ("rate", "", 429, 7.0, "workspace"),
        ("error", "rate_limited", 200, None, "workspace"),
        ("error", "service_unavailable", 200, None, "platform"),
        ("error", "team_added_to_org", 200, None, "workspace"),
        ("error", "a_word_that_slack_made_up_yesterday", 200, None, "channel"),
        ("status", "", 503, None, "platform"),
    ],
)
async def test_try_later_says_when_and_what_else_must_wait(
    socket_house: House, kind: FaultKind, error: str, status: int, after_s: float, scope: str
) -> None:
    """It was not sent, and may be: after the time that Slack names, if it names one."""
    socket_house.slack.fail("chat.postMessage", kind, error=error, status=status, retry_after=7)
    with pytest.raises(TryLater) as later:
        await socket_house.chat.sender.send(C1, PILLAR, "k")
    assert (later.value.after_s, later.value.scope) == (after_s, scope)
    assert socket_house.slack.messages("C1") == []


async def test_a_slack_that_cannot_be_reached_is_tried_later(
    slack: FakeSlack, open_house: Open
) -> None:
    """No connection, nothing sent."""
    house = await open_house(http_settings(slack), api_url="http://127.0.0.1:1/api/")
    with pytest.raises(TryLater) as later:
        await house.chat.sender.send(C1, PILLAR, "k")
    assert later.value.scope == "platform"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("drop", "", 0),
        ("hang", "", 0),
        ("status", "", 500),
        ("status", "", 502),
        ("status", "", 504),
        ("error", "internal_error", 200),
        ("error", "fatal_error", 200),
    ],
)
async def test_a_broken_answer_is_unknown_and_never_retried_behind_the_engines_back(
    slack: FakeSlack, open_house: Open, kind: FaultKind, error: str, status: int, after: bool
) -> None:
    """The message may stand there or not; only the engine may decide to send it again."""
    house = await open_house(http_settings(slack), timeout_s=0.3)
    slack.fail("chat.postMessage", kind, error=error, status=status, after=after)
    with pytest.raises(Unknown):
        await house.chat.sender.send(C1, PILLAR, "k")
    assert len(slack.messages("C1")) == (1 if after else 0)
    assert slack.api.calls["chat.postMessage"] == 1


async def test_an_unknown_send_is_found_in_history_where_the_app_may_look(
    slack: FakeSlack, open_house: Open
) -> None:
    """The key in the metadata tells whether it was sent: then it is not sent twice."""
    house = await open_house(http_settings(slack), look_in_history=True)
    slack.fail("chat.postMessage", "drop", after=True)
    with pytest.raises(Unknown):
        await house.chat.sender.send(C1, PILLAR, "d-9")
    ts = await house.chat.sender.settle(C1, PILLAR, "d-9")
    assert [one.ts for one in slack.messages("C1")] == [ts]


async def test_an_unknown_send_that_was_lost_is_sent(slack: FakeSlack, open_house: Open) -> None:
    """History does not hold it: so it goes out, once."""
    house = await open_house(http_settings(slack), look_in_history=True)
    slack.fail("chat.postMessage", "drop")
    with pytest.raises(Unknown):
        await house.chat.sender.send(C1, PILLAR, "d-9")
    await house.chat.sender.settle(C1, PILLAR, "d-9")
    assert [one.key for one in slack.messages("C1")] == ["d-9"]


async def test_without_the_right_to_look_settling_sends_again(
    slack: FakeSlack, open_house: Open
) -> None:
    """At least once: the documented limit where Slack gives no means to tell."""
    slack.workspace().scopes = "chat:write"
    house = await open_house(http_settings(slack), look_in_history=True)
    await house.chat.sender.send(C1, PILLAR, "d-9")
    await house.chat.sender.settle(C1, PILLAR, "d-9")
    assert [one.key for one in slack.messages("C1")] == ["d-9", "d-9"]


async def test_settling_waits_if_history_cannot_be_read_now(
    slack: FakeSlack, open_house: Open
) -> None:
    """A rate limit on looking is no reason to send blindly."""
    house = await open_house(http_settings(slack), look_in_history=True)
    await house.chat.sender.send(C1, PILLAR, "d-9")
    slack.fail("conversations.history", "rate", retry_after=30)
    with pytest.raises(TryLater) as later:
        await house.chat.sender.settle(C1, PILLAR, "d-9")
    assert later.value.after_s == 30
    assert len(slack.messages("C1")) == 1


async def test_the_plain_form_is_text_alone(socket_house: House) -> None:
    """What Slack takes when it does not take the blocks: words and links, nothing alive."""
    card = Card(HOSTILE[0], url="https://www.sfc.hk/x", lines=(Line("託管" * 3_000), Line("end")))
    await socket_house.chat.sender.send_plain(C1, card, "d-2")
    message = socket_house.slack.messages("C1")[0]
    assert message.blocks == []
    assert message.text.startswith("<https://www.sfc.hk/x|&lt;!channel&gt;>")
    assert len(message.text) <= TEXT
    assert message.called == []
    assert message.key == "d-2"


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("message_not_found", Refusal.PAYLOAD),
        ("cant_update_message", Refusal.PAYLOAD),
        ("edit_window_closed", Refusal.PAYLOAD),
        ("is_inactive", Refusal.ARCHIVED),
    ],
)
async def test_an_edit_that_is_refused_pauses_no_living_channel(
    socket_house: House, error: str, refusal: Refusal
) -> None:
    """A deleted message is no reason to stop sending to its channel."""
    socket_house.slack.fail("chat.update", "error", error=error)
    with pytest.raises(Never) as refused:
        await socket_house.chat.sender.edit(C1, "1.2", PILLAR)
    assert refused.value.refusal is refusal


async def test_a_workspace_without_a_token_is_never_sent_to(
    slack: FakeSlack, open_house: Open
) -> None:
    """Nobody installed the bot there (any more): its channels pause."""
    house = await open_house(http_settings(slack))
    await slack.until(lambda: house.desk.happened)
    with pytest.raises(Never) as refused:
        await house.chat.sender.send(ChannelRef("slack", "T404", "C1"), PILLAR, "k")
    assert refused.value.refusal is Refusal.TOKEN_REVOKED


async def test_one_slow_channel_holds_up_no_other(slack: FakeSlack, open_house: Open) -> None:
    """Sends run side by side; a call that hangs costs only itself."""
    house = await open_house(socket_settings(slack), timeout_s=0.5)
    slack.fail("chat.postMessage", "hang", channel="C1")
    stuck = asyncio.ensure_future(house.chat.sender.send(C1, PILLAR, "k1"))
    await house.chat.sender.send(ChannelRef("slack", TEAM, "C2"), PILLAR, "k2")
    assert not stuck.done()
    with pytest.raises(Unknown):
        await stuck


async def test_a_direct_message_is_a_channel_like_any_other(socket_house: House) -> None:
    """A subscription in a direct message is delivered there."""
    channel = socket_house.slack.workspace().direct_channel("U1")
    await socket_house.chat.sender.send(ChannelRef("slack", TEAM, channel.id), PILLAR, "k")
    assert len(socket_house.slack.messages(channel.id)) == 1
