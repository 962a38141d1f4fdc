"""The App Home, and changing any channel from there."""

import asyncio

from handlers.messages import Button, Card, Line
from tests.adapters.slack.cards import long_card
from tests.adapters.slack.conftest import House, Open, socket_settings
from tests.adapters.slack.desk import PILLAR, SUBSCRIBE, FakeDesk
from tests.adapters.slack.fake_slack import FakeSlack, View


async def home_of(house: House, user: str = "U1") -> View:
    await house.slack.open_home(user)
    return await house.slack.until(lambda: house.slack.workspace().homes.get(user))


async def modal(house: House, depth: int = 1, user: str = "U1") -> View:
    """The person's topmost modal, once so many are open."""
    views = await house.slack.until(
        lambda: found if len(found := house.slack.modals(user)) == depth else None
    )
    return views[-1]


async def test_opening_the_home_shows_the_cores_cards(house: House) -> None:
    """Each card, and a way to any channel below them."""
    home = await home_of(house)
    assert "Safeguards" in home.seen
    assert "See or change a channel" in home.seen
    request = house.desk.asked[0]
    assert (request.channel.channel, request.person.id) == ("D1", "U1")


async def test_the_core_is_told_which_channels_the_person_is_in(house: House) -> None:
    """A private channel's name and subscriptions are its members' business."""
    house.slack.workspace().channels["C3"].members.discard("U2")
    await home_of(house, "U1")
    await home_of(house, "U2")
    seen = [request.options["channels"] for request in house.desk.asked]
    assert seen == ["C1 C2 C3 C4 D1", "C1 C2 C4 D2"]


async def test_the_home_is_in_the_readers_language(house: House) -> None:
    """What is the adapter's own to say follows the person's Slack."""
    assert "查看或更改頻道設定" in (await home_of(house, "U2")).seen


async def test_the_messages_tab_is_not_the_home(house: House) -> None:
    """Slack tells of both tabs; only one of them has a view to publish."""
    await house.slack.open_home("U1", tab="messages")
    await home_of(house, "U2")
    assert "U1" not in house.slack.workspace().homes


async def test_a_home_too_long_says_what_it_leaves_out(slack: FakeSlack, open_house: Open) -> None:
    """A hundred blocks and no more; the way to the channels stays."""
    notes = tuple(Line("n", kind="note") for _ in range(60))
    desk = FakeDesk(home_cards=(Card("A", lines=notes), Card("B", lines=notes), *[PILLAR] * 5))
    home = await home_of(await open_house(socket_settings(slack), desk))
    assert len(home.blocks) <= 100
    assert "more line" in home.seen
    assert "… and" in home.seen
    assert "See or change a channel" in home.seen


async def test_a_huge_card_on_the_home_is_cut_and_counted(
    slack: FakeSlack, open_house: Open
) -> None:
    """A view's size has a limit too, which the fake checks."""
    desk = FakeDesk(home_cards=(long_card(3_000, "託管新聞" * 20),))
    home = await home_of(await open_house(socket_settings(slack), desk))
    assert "more lines" in home.seen


async def test_buttons_on_the_home_are_answered_in_a_modal(house: House) -> None:
    """There is no channel to answer in, so a modal holds the answer, and answers further."""
    await house.slack.press(await home_of(house), "More news")
    assert "You asked: news" in (await modal(house)).seen
    assert house.desk.asked[-1].channel.channel == "D1"


async def test_a_picked_channel_can_be_changed_from_the_home(house: House) -> None:
    """Pick a channel, see what it follows, fill in the form over it, see the result beneath."""
    await house.slack.pick_channel(await home_of(house), "C2")
    shown = await modal(house)
    assert "Subscriptions of C2" in shown.seen
    assert house.desk.asked[-1].channel_name == "#compliance"
    await house.slack.press(shown, "Subscribe")
    form = await modal(house, 2)
    await house.slack.submit(form, {"topics": ["t3"]})
    await house.slack.until(lambda: "Subscribed to t3" in shown.seen)
    request = next(one for one in house.desk.asked if one.command == "subscribe")
    assert (request.channel.channel, request.options["topics"]) == ("C2", "t3")
    announced = await house.slack.until(lambda: house.slack.messages("C2"))
    assert announced[0].text == "alice subscribed to t3"


async def test_the_home_is_drawn_anew_after_a_change(house: House) -> None:
    """What was changed from the home shows on it."""
    await house.slack.pick_channel(await home_of(house), "C2")
    await house.slack.press(await modal(house), "Subscribe")
    form = await modal(house, 2)
    house.desk.home_cards = (Card("Now C2 follows t3"),)
    await house.slack.submit(form, {"topics": ["t3"]})
    homes = house.slack.workspace().homes
    await house.slack.until(lambda: "Now C2 follows t3" in homes["U1"].seen)


async def test_a_picked_channel_is_changed_only_by_its_members(house: House) -> None:
    """Slack's list offers public channels that the person is not in: they may look, not change."""
    await house.slack.pick_channel(await home_of(house, "U9"), "C2", "U9")
    assert "Subscriptions of C2" in (await modal(house, user="U9")).seen
    assert not house.desk.asked[-1].person.may_manage
    await house.slack.pick_channel(await home_of(house, "U1"), "C2", "U1")
    await modal(house, user="U1")
    assert house.desk.asked[-1].person.may_manage


async def test_a_form_on_the_home_itself_is_answered_in_a_new_modal(house: House) -> None:
    """The submitted form is gone by then, and there is no channel to whisper in."""
    button = Button("Subscribe me", "subscribe", form=True)
    house.desk.home_cards = (Card("You follow nothing", buttons=(button,)),)
    await house.slack.press(await home_of(house), "Subscribe me")
    form = await modal(house)
    assert form.content["title"]["text"] == SUBSCRIBE.title
    await house.slack.submit(form, {"topics": ["t1"]})
    result = await house.slack.until(
        lambda: next((v for v in house.slack.modals("U1") if v.id != form.id), None)
    )
    assert "Subscribed to t1" in result.seen
    assert house.slack.messages("D1") == []


async def test_an_answer_to_a_closed_modal_still_comes_and_is_announced(house: House) -> None:
    """People close what they have finished with; the change was made all the same."""
    await house.slack.pick_channel(await home_of(house), "C2")
    shown = await modal(house)
    await house.slack.press(shown, "Subscribe")
    form = await modal(house, 2)
    house.desk.hold = asyncio.Event()
    await house.slack.submit(form, {"topics": ["t3"]})
    shown.closed = True
    house.desk.hold.set()
    assert await house.slack.until(lambda: house.slack.messages("C2"))
    told = await house.slack.until(lambda: house.slack.messages("D1"))
    assert "Subscribed to t3" in told[0].text


async def test_a_modal_that_comes_too_late_becomes_a_direct_message(house: House) -> None:
    """The answer to a press on the home is never lost."""
    home = await home_of(house)
    house.slack.fail("views.open", "error", error="expired_trigger_id")
    await house.slack.press(home, "More news")
    told = await house.slack.until(lambda: house.slack.messages("D1"))
    assert "You asked: news" in told[0].text
