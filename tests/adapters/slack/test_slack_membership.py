"""Channels and workspaces come and go: what the core hears of it."""

import time

import pytest

from adapters import slack_chat
from handlers.messages import Button, Card, ChannelRef
from handlers.ports import Never, Refusal
from tests.adapters.slack.conftest import House
from tests.adapters.slack.desk import PILLAR
from tests.adapters.slack.fake_slack import TEAM
from tests.adapters.slack.fake_slack_payloads import buttons_in

C4 = ChannelRef("slack", TEAM, "C4")
GREETING = Card("I follow the roadmap", buttons=(Button("Subscribe", "subscribe", form=True),))


def happenings(house: House, *kinds: str) -> list[tuple[object, ...]]:
    return [one for one in house.desk.happened if one[0] in kinds]


async def test_an_invitation_is_answered_with_one_greeting(house: House) -> None:
    """Once for each channel, with a button to begin; a second invitation says nothing more."""
    house.desk.greeting = GREETING
    await house.slack.invite("C4")
    greeted = await house.slack.until(lambda: house.slack.messages("C4"))
    assert buttons_in(greeted[0].blocks) == ["Subscribe"]
    await house.slack.remove("C4")
    await house.slack.invite("C4")
    await house.slack.until(lambda: len(happenings(house, "joined")) == 2)
    assert happenings(house, "joined")[0] == ("joined", C4, "#random")
    assert len(house.slack.messages("C4")) == 1


async def test_somebody_elses_joining_is_none_of_its_business(house: House) -> None:
    """Slack tells of everybody who joins."""
    await house.slack.invite("C2", "U9")
    await house.slack.invite("C4")
    await house.slack.until(lambda: happenings(house, "joined"))
    assert happenings(house, "joined") == [("joined", C4, "#random")]


async def test_a_greeting_waits_out_a_rate_limit(house: House) -> None:
    """It comes once or never, so it is not given up easily."""
    house.desk.greeting = GREETING
    house.slack.fail("chat.postMessage", "rate", retry_after=0)
    await house.slack.invite("C4")
    assert await house.slack.until(lambda: house.slack.messages("C4"))


async def test_a_greeting_that_cannot_be_sent_breaks_nothing(house: House) -> None:
    """The channel counts as joined all the same."""
    house.desk.greeting = GREETING
    house.slack.fail("chat.postMessage", "error", error="restricted_action")
    await house.slack.invite("C4")
    await house.slack.until(lambda: happenings(house, "joined"))
    assert await house.slack.answer(await house.slack.command("/aspire", "roadmap"))


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        ("remove", Refusal.NOT_INVITED),
        ("archive", Refusal.ARCHIVED),
        ("delete", Refusal.CHANNEL_GONE),
    ],
)
async def test_a_lost_channel_pauses_for_its_reason(
    house: House, verb: str, refusal: Refusal
) -> None:
    """Removed, archived, deleted: the core hears which."""
    await getattr(house.slack, verb)("C2")
    await house.slack.until(lambda: happenings(house, "left"))
    assert happenings(house, "left") == [("left", ChannelRef("slack", TEAM, "C2"), refusal)]


async def test_the_bots_own_leaving_is_heard_in_either_form(house: House) -> None:
    """Slack sends "channel_left" only sometimes; others' leaving is nothing to the bot."""
    left = {"type": "member_left_channel", "channel": "C2", "team": TEAM}
    await house.slack.event({**left, "user": "U2"})
    await house.slack.event({**left, "user": house.slack.workspace().bot_user})
    await house.slack.until(lambda: happenings(house, "left"))
    channel = ChannelRef("slack", TEAM, "C2")
    assert happenings(house, "left") == [("left", channel, Refusal.NOT_INVITED)]


async def test_a_channel_out_of_the_archive_goes_on_if_the_bot_is_in_it(house: House) -> None:
    """Slack tells of both cases alike, so membership is looked up."""
    await house.slack.archive("C2")
    await house.slack.archive("C4")
    await house.slack.unarchive("C4")
    await house.slack.unarchive("C2")
    await house.slack.until(lambda: happenings(house, "joined"))
    joined = ("joined", ChannelRef("slack", TEAM, "C2"), "#compliance")
    assert happenings(house, "joined") == [joined]


async def test_a_renamed_channel_is_called_by_its_new_name(house: House) -> None:
    """Lists and announcements show what people see."""
    await house.slack.rename("C1", "hall")
    await house.slack.until(lambda: happenings(house, "joined"))
    assert happenings(house, "joined")[0][2] == "#hall"


async def test_uninstalling_pauses_the_workspace(house: House) -> None:
    """The app is gone and its token revoked: all channels there wait."""
    await house.slack.uninstall()
    await house.slack.until(lambda: happenings(house, "lost"))
    assert happenings(house, "lost")[0] == ("lost", "slack", TEAM)


async def test_another_persons_revoked_token_is_nothing_to_the_bot(house: House) -> None:
    """Only the bot's own token matters."""
    await house.slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    await house.slack.answer(await house.slack.command("/aspire", "roadmap"))
    assert happenings(house, "lost") == []


async def test_a_token_that_works_lets_its_workspace_go_on(house: House) -> None:
    """At start the core hears that the workspace is there."""
    await house.slack.until(lambda: happenings(house, "found"))
    assert happenings(house, "found") == [("found", "slack", TEAM)]


async def test_an_old_uninstallation_does_not_undo_a_new_installation(house: House) -> None:
    """Slack repeats events for minutes; the app may be back by then."""
    kept = '{"team": "T0ASPIRE", "team_name": "", "bot_token": "xoxb-new", "bot_user": "", '
    kept += f'"scopes": "", "installer": "", "at": {int(time.time())}}}'
    await house.kept.save(TEAM, kept)
    await house.slack.uninstall(at=int(time.time()) - 240)
    house.slack.workspace().revoked = ""
    await house.slack.answer(await house.slack.command("/aspire", "roadmap"))
    assert happenings(house, "lost") == []
    assert house.kept.texts == {TEAM: kept}


@pytest.mark.parametrize("noticed_by", ["a card", "an answer", "an event"])
async def test_a_token_that_is_good_again_lets_its_workspace_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch, noticed_by: str
) -> None:
    """However the refusal was noticed: the bot is not ready meanwhile, asks again, and goes on."""
    monkeypatch.setattr(slack_chat, "AGAIN_S", 0.05)
    monkeypatch.setattr(slack_chat, "INTRODUCE_S", (0.05,))
    slack, chat = house.slack, house.chat
    await slack.until(lambda: happenings(house, "found") and chat.health()["ready"])
    slack.workspace().revoked = "account_inactive"
    if noticed_by == "a card":
        with pytest.raises(Never):
            await chat.sender.send(ChannelRef("slack", TEAM, "C1"), PILLAR, "k")
    elif noticed_by == "an answer":
        await slack.mention("pillar s")
    else:
        await slack.uninstall()
    await slack.until(lambda: not chat.health()["ready"])
    slack.workspace().revoked = ""
    await slack.until(lambda: happenings(house, "found")[1:])
    assert chat.health()["ready"]
    assert await chat.sender.send(ChannelRef("slack", TEAM, "C1"), PILLAR, "k")
