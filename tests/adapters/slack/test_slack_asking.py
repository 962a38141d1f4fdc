"""Asking in every way that Slack offers, in both modes, against the fake Slack."""

import asyncio

import pytest

from handlers.messages import Card, ChannelRef, Person, Reply, Request
from handlers.ports import Refusal
from tests.adapters.slack.conftest import House, Open, socket_settings
from tests.adapters.slack.fake_slack import FakeSlack, Message, View
from tests.adapters.slack.fake_slack_payloads import buttons_in


async def test_a_slash_command_is_answered_to_the_asker_alone(house: House) -> None:
    """Answers are private unless asked otherwise, and carry all in their text too."""
    answer = await house.slack.answer(await house.slack.command("/aspire", "pillar s"))
    assert isinstance(answer, Message)
    assert answer.only_for == "U1"
    assert "Safeguards" in answer.seen
    assert "Dynamic custody" in answer.text
    assert "https://www.sfc.hk/one" in answer.text
    assert house.desk.asked[-1].text == "pillar s"
    assert house.slack.messages("C1") == []


async def test_the_request_says_who_asks_and_where(house: House) -> None:
    """The core is told the workspace, the channel with its name, and the person's language."""
    await house.slack.answer(await house.slack.command("/aspire", "roadmap", "C2", "U2"))
    request = house.desk.asked[-1]
    assert (request.channel.platform, request.channel.workspace) == ("slack", "T0ASPIRE")
    assert (request.channel.channel, request.channel_name) == ("C2", "#compliance")
    assert (request.person.id, request.person.name) == ("U2", "bob")
    assert request.person.language == "zh-TW"
    assert request.person.may_manage


async def test_a_private_channel_is_named_by_its_own_name(house: House) -> None:
    """Slack calls every private channel "privategroup" in commands; people do not."""
    await house.slack.answer(await house.slack.command("/aspire", "roadmap", "C3"))
    assert house.desk.asked[-1].channel_name == "#board"


async def test_share_shows_the_answer_to_the_channel(house: House) -> None:
    """A public reply is for everybody, even where the bot is no member."""
    await house.slack.answer(await house.slack.command("/aspire", "pillar s share", "C4"))
    assert [one.only_for for one in house.slack.messages("C4")] == [""]


async def test_a_mention_is_answered_in_its_thread(house: House) -> None:
    """The same words after @ASPIRe are answered under the message."""
    said = await house.slack.mention("pillar s")
    answer = await house.slack.until(lambda: house.slack.messages("C1")[1:])
    assert answer[0].thread_ts == said.ts
    assert house.desk.asked[-1].text == "pillar s"


async def test_a_mention_inside_a_thread_stays_there(house: House) -> None:
    """A reply's own time would start a second thread; the parent's is used."""
    parent = house.slack.say("Have you seen this?")
    await house.slack.mention("news", thread=parent.ts)
    answers = await house.slack.until(lambda: house.slack.messages("C1")[2:])
    assert answers[0].thread_ts == parent.ts


async def test_a_direct_message_needs_no_command(house: House) -> None:
    """Words written to the bot are asked as they stand; "/aspire" before them does no harm."""
    await house.slack.direct_message("/aspire feeds test <https://a.example/x?a=1&amp;b=2>")
    await house.slack.until(lambda: house.slack.messages("D1")[1:])
    request = house.desk.asked[-1]
    assert request.text == "feeds test https://a.example/x?a=1&b=2"
    assert request.person.may_manage
    assert request.channel_name == ""


async def test_edits_and_its_own_messages_are_not_answered(house: House) -> None:
    """The bot hears people, once: not its own posts, nor what Slack says of changed messages."""
    await house.slack.direct_message("one", bot_id="B1")
    await house.slack.direct_message("two", subtype="message_changed")
    await house.slack.direct_message("three")
    await house.slack.until(lambda: house.desk.asked)
    assert [request.text for request in house.desk.asked] == ["three"]


async def test_the_shortcut_tags_a_message_and_its_links_title(house: House) -> None:
    """The shortcut reads the words as people do, and what the link unfurled to."""
    said = house.slack.say("Look: <https://a.example|SFC &amp; HKMA> &lt;now&gt;", user="U2")
    unfurled = [{"title": "Circular on custody", "text": "For platforms"}]
    sent = await house.slack.shortcut(said, attachments=unfurled)
    answer = await house.slack.answer(sent)
    assert isinstance(answer, Message)
    assert answer.only_for == "U1"
    request = house.desk.asked[-1]
    assert request.command == "tag"
    assert request.options["text"] == "Look: SFC & HKMA <now> Circular on custody For platforms"


async def test_a_button_asks_what_it_says(house: House) -> None:
    """A press is the same as typing the button's words, answered to the presser alone."""
    first = await house.slack.answer(await house.slack.command("/aspire", "pillar s"))
    second = await house.slack.answer(await house.slack.press(first, "More news"))
    assert house.desk.asked[-1].text == "news safeguards"
    assert isinstance(second, Message)
    assert second.only_for == "U1"


async def test_a_button_on_a_sent_card_answers_the_presser_alone(house: House) -> None:
    """Cards stand in channels; what one person asks of them is not everybody's news."""
    card = (await house.desk.answer(request_for(house))).card
    ts = await house.chat.sender.send(house.desk.asked[0].channel, card, "k1")
    message = next(one for one in house.slack.messages("C1") if one.ts == ts)
    answer = await house.slack.answer(await house.slack.press(message, "More news", "U2"))
    assert isinstance(answer, Message)
    assert answer.only_for == "U2"
    assert len(house.slack.messages("C1")) == 1


def request_for(house: House) -> Request:
    place = ChannelRef("slack", "T0ASPIRE", "C1")
    return Request(place, Person("U1"), text="pillar s")


async def test_a_form_opens_where_the_core_has_one(house: House) -> None:
    """What is awkward to type is asked in a modal: few choices at once, many in a menu."""
    form = await house.slack.answer(await house.slack.command("/aspire", "subscribe"))
    assert isinstance(form, View)
    kinds = [block["element"]["type"] for block in form.blocks]
    assert kinds == ["multi_static_select", "radio_buttons", "plain_text_input"]
    assert house.slack.private("U1") == []


async def test_a_submitted_form_is_asked_with_its_options(house: House) -> None:
    """Choices are joined by spaces, what was chosen before stands, fixed options come along."""
    form = await house.slack.answer(await house.slack.command("/aspire", "subscribe", "C2"))
    assert isinstance(form, View)
    await house.slack.submit(form, {"topics": ["t1", "t17"], "with": "custody, 託管"})
    told = await house.slack.until(lambda: house.slack.private("U1"))
    request = house.desk.asked[-1]
    assert (request.command, request.channel.channel) == ("subscribe", "C2")
    assert request.options == {
        "item": "12",
        "topics": "t1 t17",
        "when": "instant",
        "with": "custody, 託管",
    }
    assert "Subscribed to t1 t17" in told[0].text


async def test_a_change_is_announced_in_the_channel(house: House) -> None:
    """What one person changes for a channel, the channel is told."""
    await house.slack.command("/aspire", "subscribe safeguards", "C2")
    announced = await house.slack.until(lambda: house.slack.messages("C2"))
    assert announced[0].text == "alice subscribed to safeguards"


async def test_a_change_is_announced_even_if_its_answer_cannot_be_shown(house: House) -> None:
    """The change is made; that the asker's own answer got lost is no reason to hide it."""
    house.slack.fail("response_url", "status", status=500)
    house.slack.fail("chat.postEphemeral", "error", error="fatal_error")
    await house.slack.command("/aspire", "subscribe safeguards", "C2")
    assert await house.slack.until(lambda: house.slack.messages("C2"))


async def test_an_announcement_waits_out_a_rate_limit(house: House) -> None:
    """A limit is no reason to keep a change from the channel; nothing was posted, so it may be."""
    house.slack.fail("chat.postMessage", "rate", retry_after=0)
    await house.slack.command("/aspire", "subscribe safeguards", "C2")
    assert len(await house.slack.until(lambda: house.slack.messages("C2"))) == 1


async def test_a_change_where_the_bot_is_not_in_is_kept_and_said(house: House) -> None:
    """Nothing can arrive in a channel that the bot was not invited to: the asker hears why."""
    await house.slack.command("/aspire", "subscribe safeguards", "C4")
    told = await house.slack.until(lambda: house.slack.private("U1")[1:])
    assert "/invite" in told[0].text
    await house.slack.until(lambda: house.desk.happened[-1][0] == "left")
    assert house.desk.happened[-1][2] is Refusal.NOT_INVITED


async def test_a_form_that_cannot_open_is_offered_as_a_button(house: House) -> None:
    """A message can open nothing, but a press can: so an answer in words brings the button."""
    await house.slack.mention("subscribe")
    answer = (await house.slack.until(lambda: house.slack.messages("C1")[1:]))[0]
    assert buttons_in(answer.blocks) == ["Open the form"]
    form = await house.slack.answer(await house.slack.press(answer, "Open the form", "U2"))
    assert isinstance(form, View)


async def test_a_form_asked_for_too_late_is_answered_in_words(house: House) -> None:
    """After three seconds no modal opens; the answer must come all the same."""
    house.slack.fail("views.open", "error", error="expired_trigger_id")
    answer = await house.slack.answer(await house.slack.command("/aspire", "subscribe"))
    assert isinstance(answer, Message)
    assert "Type: subscribe" in answer.seen


async def test_without_its_response_url_an_answer_comes_by_itself(house: House) -> None:
    """A used-up or unreachable response URL loses no answer."""
    house.slack.fail("response_url", "status", status=500)
    await house.slack.command("/aspire", "pillar s")
    told = await house.slack.until(lambda: house.slack.private("U1"))
    assert told[0].via == ""


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_an_answer_whose_blocks_are_refused_comes_as_text(house: House, error: str) -> None:
    """A card that Slack will not draw is no reason to leave somebody without an answer."""
    slack = house.slack
    slack.fail("response_url", "status", status=400)
    slack.fail("chat.postEphemeral", "error", error=error)
    await slack.command("/aspire", "pillar s")
    (answer,) = await slack.until(lambda: slack.private("U1"))
    assert answer.text.startswith("Safeguards")
    assert answer.blocks == []
    slack.fail("chat.postMessage", "error", error=error)
    await slack.mention("pillar s")
    told = await slack.until(lambda: slack.messages("C1")[1:])
    assert told[0].text.startswith("Safeguards")
    assert told[0].blocks == []


async def test_an_answer_that_fits_nowhere_goes_to_the_asker_directly(house: House) -> None:
    """Where the bot is not in the channel and the response URL fails, a direct message is left."""
    house.slack.fail("response_url", "status", status=404)
    await house.slack.command("/aspire", "pillar s", "C4")
    assert await house.slack.until(lambda: house.slack.messages("D1"))


async def test_whoever_may_not_manage_is_recognised_on_buttons_and_forms(
    slack: FakeSlack, open_house: Open
) -> None:
    """With `admins`, only workspace admins may change channels: asked for each press anew."""
    house = await open_house(socket_settings(slack), who_may_manage="admins")
    first = await slack.answer(await slack.command("/aspire", "pillar s"))
    await slack.answer(await slack.press(first, "Subscribe"))
    assert not house.desk.asked[-1].person.may_manage
    await slack.answer(await slack.command("/aspire", "subscribe s", user="U3"))
    assert house.desk.asked[-1].person.may_manage


async def test_an_admin_elsewhere_is_no_admin_here(slack: FakeSlack, open_house: Open) -> None:
    """In a channel shared between companies, another company's admin has no say."""
    house = await open_house(socket_settings(slack), who_may_manage="admins")
    first = await slack.answer(await slack.command("/aspire", "pillar s", user="U3"))
    slack.workspace().users["U3"].team = "T0OTHER"
    await slack.answer(await slack.press(first, "Subscribe", "U3"))
    assert not house.desk.asked[-1].person.may_manage


async def test_if_slack_does_not_say_who_it_is_nobody_may(
    slack: FakeSlack, open_house: Open
) -> None:
    """An unknown fact must not open a door; and the answer still comes in time."""
    slack.fail("users.info", "hang", times=9)
    house = await open_house(socket_settings(slack), who_may_manage="admins")
    await slack.answer(await slack.command("/aspire", "subscribe s", user="U3"))
    assert not house.desk.asked[-1].person.may_manage


async def test_the_acknowledgement_waits_for_nothing(house: House) -> None:
    """A core that takes its time does not make Slack tell the person that the app timed out."""
    house.desk.hold = asyncio.Event()
    sent = await house.slack.command("/aspire", "feeds test https://slow.example")
    assert sent.acked_after < 1
    assert house.slack.private("U1") == []
    told = await house.slack.until(lambda: house.slack.private("U1"))
    assert "One moment" in told[0].text
    house.desk.hold.set()
    assert (await house.slack.until(lambda: house.slack.private("U1")[1:]))[0].text.startswith(
        "You"
    )


async def test_a_fault_in_the_core_is_told_and_not_hidden(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The asker is not left waiting, and whoever runs the bot finds the fault in the log."""
    house.desk.broken = ValueError("a fault")
    answer = await house.slack.answer(await house.slack.command("/aspire", "pillar s"))
    assert isinstance(answer, Message)
    assert "went wrong" in answer.text
    await house.slack.until(lambda: "a fault" in caplog.text)


async def test_what_is_delivered_twice_acts_once(house: House) -> None:
    """Slack delivers again what it thinks was lost; a second act would be a second answer."""
    house.slack.sockets.repeat = True
    await house.slack.answer(await house.slack.command("/aspire", "roadmap"))
    await house.slack.mention("news")
    await house.slack.until(lambda: house.slack.messages("C1")[1:])
    house.slack.sockets.repeat = False
    await house.slack.answer(await house.slack.command("/aspire", "last"))
    assert [request.text for request in house.desk.asked] == ["roadmap", "news", "last"]


async def test_a_reply_never_calls_anybody(house: House) -> None:
    """Whatever a person types comes back as text, not as a mention."""
    house.desk.replies["<!channel> & <@U1>"] = Reply(Card("<!channel> & <@U1>"))
    await house.slack.direct_message("&lt;!channel&gt; &amp; &lt;@U1&gt;")
    answer = (await house.slack.until(lambda: house.slack.messages("D1")[1:]))[0]
    assert answer.seen == "<!channel> & <@U1>"
    assert answer.called == []
