"""Commands, presses, menus and forms, from Discord and back."""

import asyncio

import pytest

from adapters import discord_answers, discord_replies
from handlers.messages import Button, Card, Line, Picture, Reply
from handlers.texts import say
from tests.adapters.discord.desk import SUBSCRIBE, asked, subscribe_form, with_buttons
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_people import (
    DEFERRED,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    UPDATE,
    NotAnswered,
)
from tests.adapters.discord.fake_world import FORUM
from tests.adapters.discord.house import House, connected
from tests.adapters.discord.waiting import until

SLOW_S = 0.2


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that waits only a moment for the core, so that tests need not wait long."""
    monkeypatch.setattr(discord_replies, "PATIENCE_S", SLOW_S / 2)
    monkeypatch.setattr(discord_replies, "FORM_PATIENCE_S", SLOW_S / 2)


PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_command_reaches_the_core_with_its_options(house: House) -> None:
    """Who asks, where, what they may and which language they read come along."""
    user = house.discord.world.add_user("Mei", "zh-TW", manages=False)
    await house.discord.command("news", {"words": "custody", "since": "7d"}, house.channel, user)
    request = house.desk.requests[0]
    assert (request.command, request.options) == ("news", {"words": "custody", "since": "7d"})
    assert request.channel == house.ref()
    assert request.channel_name == "#compliance"
    assert (request.person.id, request.person.name) == (user.id, "Mei")
    assert (request.person.may_manage, request.person.language) == (False, "zh-TW")


async def test_answers_are_private_unless_shared(house: House) -> None:
    """Only the asker sees an answer; with `share` the channel does."""
    answer = await house.discord.command("pillar", {"pillar": "s"}, house.channel)
    assert answer.private
    assert answer.type == MESSAGE
    assert house.discord.messages(house.channel) == []
    shared = await house.discord.command("pillar", {"pillar": "s", "share": True}, house.channel)
    assert not shared.private
    assert [one["id"] for one in house.discord.messages(house.channel)] == [shared.message["id"]]


async def test_who_manages_channels_may_change_them(house: House) -> None:
    """Manage Channels in that very channel is what counts, checked on presses and forms too."""
    house.desk.answers["pillar"] = with_buttons(Button("Subscribe", "subscribe s"))
    house.desk.answers["subscribe"] = subscribe_form
    guest = house.discord.world.add_user("Guest", manages=False)
    answer = await house.discord.command("pillar", {"pillar": "s", "share": True}, house.channel)
    pressed = await house.discord.press(answer, "Subscribe", guest)
    await house.discord.submit(pressed, {"topics": "access"}, guest)
    await house.discord.press(answer, "Subscribe")
    may = [request.person.may_manage for request in house.desk.requests]
    assert may == [True, False, False, True]


async def test_a_slow_answer_is_deferred_and_filled_in(house: House) -> None:
    """If the core takes longer than a moment, Discord hears at once that it will."""
    house.desk.slow_s = 1.8
    answer = await house.discord.command("feeds", {}, house.channel)
    assert answer.type == DEFERRED
    assert answer.after_s < 3
    assert answer.private
    assert answer.embed["title"] == "feeds"


@pytest.mark.usefixtures("impatient")
async def test_a_slow_shared_answer_is_public(house: House) -> None:
    """What was deferred in private is still shared with the channel in the end."""
    house.desk.slow_s = SLOW_S
    answer = await house.discord.command("status", {"share": True}, house.channel)
    await until(lambda: house.discord.messages(house.channel))
    assert answer.message["content"] == say("en", "discord.shared")
    assert house.discord.messages(house.channel)[0]["embeds"][0]["title"] == "status share=yes"


async def test_a_late_answer_is_counted_and_survived(house: House) -> None:
    """If Discord gave an interaction up, the bot notes that and goes on."""
    house.discord.people.answer_within_s = SLOW_S
    house.discord.fail(Fault("POST", "/callback", status=404, code=10062))
    with pytest.raises(NotAnswered):
        await house.discord.command("status", {}, house.channel)
    assert house.chat.health()["late_answers"] == 1
    answer = await house.discord.command("status", {}, house.channel)
    assert answer.private


async def test_a_change_is_announced_even_if_the_asker_got_no_answer(house: House) -> None:
    """What changed a channel is said there, by a message of the bot's own if need be."""
    house.desk.answers["subscribe"] = subscribe_form
    house.discord.people.answer_within_s = SLOW_S
    house.discord.fail(Fault("POST", "/callback", status=404, code=10062))
    with pytest.raises(NotAnswered):
        await house.discord.command("subscribe", {"topics": "access"}, house.channel)
    said = house.discord.messages(house.channel)
    assert [one["embeds"][0]["title"] for one in said] == ["Ada subscribed this channel to access"]


async def test_a_change_is_announced_in_the_channel(house: House) -> None:
    """The asker's confirmation is private, the announcement is for everybody."""
    house.desk.answers["subscribe"] = subscribe_form
    answer = await house.discord.command("subscribe", {"topics": "access"}, house.channel)
    await until(lambda: house.discord.messages(house.channel))
    assert answer.private
    assert answer.embed["title"] == "Done"
    said = house.discord.messages(house.channel)
    assert [one["embeds"][0]["title"] for one in said] == ["Ada subscribed this channel to access"]


async def test_a_press_asks_what_the_button_says(house: House) -> None:
    """A button's question reaches the core as if typed, by whoever presses it."""
    house.desk.answers["pillar"] = with_buttons(Button("News", "news safeguards"))
    answer = await house.discord.command("pillar", {"pillar": "s", "share": True}, house.channel)
    other = house.discord.world.add_user("Bo")
    pressed = await house.discord.press(answer, "News", other)
    assert house.desk.requests[-1].text == "news safeguards"
    assert house.desk.requests[-1].person.id == other.id
    assert pressed.private
    assert pressed.type == MESSAGE


@pytest.mark.usefixtures("impatient")
async def test_pages_turn_in_place(house: House) -> None:
    """Another page of a private answer takes its place; the message stays the same one."""
    house.desk.answers["news"] = with_buttons(Button("Next", "news page 2"))
    answer = await house.discord.command("news", {}, house.channel)
    turned = await house.discord.press(answer, "Next")
    assert turned.type == UPDATE
    assert turned.message["id"] == answer.message["id"]
    assert turned.embed["title"] == "news page 2"
    house.desk.slow_s = SLOW_S
    turned = await house.discord.press(turned, "Next")
    assert turned.type == DEFERRED_UPDATE
    await until(lambda: answer.original is not None and answer.original.edits == 2)


async def test_buttons_work_after_a_restart(house: House) -> None:
    """Nothing of a button is in the process: short questions are in it, long ones in the core."""
    long = "news " + "stablecoin " * 8 + "custody"
    house.desk.answers["pillar"] = with_buttons(Button("Short", "why 3"), Button("Long", long))
    answer = await house.discord.command("pillar", {"pillar": "s"}, house.channel)

    await house.chat.close()
    async with connected(house.discord, house.desk, house.clock):
        await house.discord.press(answer, "Short")
        await house.discord.press(answer, "Long")
    assert [request.text for request in house.desk.requests[-2:]] == ["why 3", long]


async def test_a_full_disk_costs_the_long_buttons_only(house: House) -> None:
    """An answer is shown though its buttons cannot be kept; a press on one is answered."""
    long = "news " + "stablecoin " * 8 + "custody"
    house.desk.answers["pillar"] = with_buttons(Button("Short", "why 3"), Button("Long", long))
    house.desk.full = True
    answer = await house.discord.command("pillar", {"pillar": "s"}, house.channel)
    await house.discord.press(answer, "Short")
    pressed = await house.discord.press(answer, "Long")
    assert pressed.message["content"] == say("en", "discord.sorry")
    assert house.desk.requests[-1].text == "why 3"


async def test_a_button_that_nobody_knows_is_answered(house: House) -> None:
    """A message of an older version may carry buttons without a meaning: say so, politely."""
    message = house.discord.world.keep(
        house.channel,
        {"components": [{"type": 1, "components": [{"type": 2, "label": "?", "custom_id": "x1"}]}]},
        {},
    ).json
    answer = await house.discord.press(message, "?")
    assert answer.message["content"] == say("en", "discord.old_button")
    assert house.desk.requests == []


async def test_a_form_opens_and_is_sent_back(house: House) -> None:
    """A command that answers with a form opens it at once; its answers come as options."""
    house.desk.answers["subscribe"] = subscribe_form
    opened = await house.discord.command("subscribe", {}, house.channel)
    assert opened.type == MODAL
    answer = await house.discord.submit(
        opened, {"topics": ["access", "products"], "when": "daily", "with": "stablecoin"}
    )
    request = house.desk.requests[-1]
    assert request.command == "subscribe"
    assert request.options == {
        "source": "form & more",
        "topics": "access products",
        "when": "daily",
        "with": "stablecoin",
    }
    assert answer.private


async def test_a_form_can_be_sent_back_after_a_restart(house: House) -> None:
    """A form that was open while the bot restarted is still understood."""
    house.desk.answers["subscribe"] = subscribe_form
    opened = await house.discord.command("subscribe", {}, house.channel)

    await house.chat.close()
    async with connected(house.discord, house.desk, house.clock):
        await house.discord.submit(opened, {"topics": "access"})
    assert house.desk.requests[-1].options["topics"] == "access"


@pytest.mark.usefixtures("impatient")
async def test_a_form_that_comes_too_late_is_behind_a_button(house: House) -> None:
    """Once deferred, a form cannot open: the words are shown, with a button that opens it."""
    house.desk.answers["subscribe"] = subscribe_form
    house.desk.slow_s = SLOW_S
    answer = await house.discord.command("subscribe", {}, house.channel)
    assert answer.type == DEFERRED
    assert "subscribe" in answer.embed["title"]
    house.desk.slow_s = 0
    opened = await house.discord.press(answer, say("en", "discord.open_form"))
    assert opened.type == MODAL


async def test_a_form_in_answer_to_a_form_is_behind_a_button(house: House) -> None:
    """Discord opens no form from a form: the words are shown, with a button that opens it."""
    house.desk.answers["subscribe"] = lambda _: Reply(Card("No such topic"), form=SUBSCRIBE)
    opened = await house.discord.command("subscribe", {}, house.channel)
    answer = await house.discord.submit(opened, {})
    assert answer.embed["title"] == "No such topic"
    again = await house.discord.press(answer, say("en", "discord.open_form"))
    assert again.type == MODAL


async def test_the_menu_of_a_message_asks_for_its_pillar(house: House) -> None:
    """The text and the embeds' titles of the message go to `tag`."""
    message = house.discord.world.keep(
        house.channel, {"content": "SFC news", "embeds": [{"title": "A headline"}]}, {}
    ).json
    await house.discord.menu(message, house.channel)
    request = house.desk.requests[-1]
    assert (request.command, request.options) == ("tag", {"text": "SFC news\nA headline"})


async def test_the_menu_on_a_message_without_words_says_so(house: House) -> None:
    """A message of pictures only has nothing to look at; the core is not asked."""
    message = house.discord.world.keep(house.channel, {"content": " "}, {}).json
    user = house.discord.world.add_user("Mei", "zh-TW")
    answer = await house.discord.menu(message, house.channel, user)
    assert answer.message["content"] == say("zh-Hant", "discord.nothing_to_read")
    assert house.desk.requests == []


async def test_suggestions_continue_what_is_typed(house: House) -> None:
    """Each suggestion is all that was typed plus one topic, for Discord replaces the whole."""
    first = await house.discord.suggest("subscribe", {"topics": "saf"}, "topics", house.channel)
    assert [one["value"] for one in first] == ["safeguards"]
    more = await house.discord.suggest(
        "subscribe", {"topics": "safeguards "}, "topics", house.channel
    )
    assert "safeguards access" in [one["value"] for one in more]
    assert "safeguards safeguards" not in [one["value"] for one in more]
    pillar = await house.discord.suggest("pillar", {"pillar": "pro"}, "pillar", house.channel)
    assert pillar == [{"name": "Products", "value": "products"}]


async def test_slow_suggestions_are_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Suggestions that would come too late are an empty list, not an error."""
    monkeypatch.setattr(discord_answers, "COMPLETION_S", SLOW_S / 2)
    house.desk.slow_s = SLOW_S
    assert await house.discord.suggest("pillar", {"pillar": "p"}, "pillar", house.channel) == []


async def test_it_works_in_direct_messages(house: House) -> None:
    """In a direct message everybody manages their own; there is no server and no announcement."""
    house.desk.answers["subscribe"] = subscribe_form
    dm = house.discord.world.open_dm(house.discord.someone)
    answer = await house.discord.command("subscribe", {"topics": "access"}, dm)
    request = house.desk.requests[-1]
    assert (request.channel.workspace, request.channel.channel) == ("", dm)
    assert request.person.may_manage
    assert request.channel_name == ""
    assert answer.embed["title"] == "Done"
    assert answer.followups == []


async def test_it_works_in_threads(house: House) -> None:
    """A thread is a channel of its own."""
    thread = house.discord.world.add_thread(house.channel, "side talk")
    await house.discord.command("status", {}, thread)
    assert house.desk.requests[-1].channel == house.ref(thread)


async def test_a_forums_post_stands_for_its_forum(house: House) -> None:
    """Nobody can ask in a forum itself: what is asked in a post is about the forum."""
    world = house.discord.world
    forum = world.add_channel(house.guild, "updates", FORUM)
    post = world.add_thread(forum, "a post")
    await house.discord.join(house.guild)
    await until(lambda: ("workspace_found", "discord", house.guild.id) in house.desk.told[1:])
    house.desk.answers["subscribe"] = subscribe_form
    answer = await house.discord.command("subscribe", {"topics": "access"}, post)
    assert house.desk.requests[-1].channel == house.ref(forum)
    assert house.desk.requests[-1].channel_name == "#updates"
    await until(lambda: answer.followups)
    assert answer.followups[0].json["channel_id"] == post


async def test_everyone_cannot_be_chosen_to_be_mentioned(house: House) -> None:
    """The role of everybody is refused before the core is asked."""
    answer = await house.discord.command(
        "subscribe", {"topics": "access", "mention": house.guild.id}, house.channel
    )
    assert answer.message["content"] == say("en", "discord.no_everyone")
    assert house.desk.requests == []


async def test_a_role_can_be_chosen_to_be_mentioned(house: House) -> None:
    """The chosen role reaches the core as Discord mentions it."""
    role = house.discord.world.add_role(house.guild, "compliance")
    await house.discord.command("subscribe", {"topics": "access", "mention": role}, house.channel)
    assert house.desk.requests[-1].options["mention"] == f"<@&{role}>"


async def test_answers_notify_nobody(house: House) -> None:
    """Whatever the core or a feed says, an answer's text pings no one, public or not."""
    text = "@everyone <@&1> <@1>"
    card = Card(text, lines=(Line(text),), mention=f"<@{house.discord.someone.id}>")
    house.desk.answers["status"] = lambda _request: Reply(card, public=True, announcement=card)
    await house.discord.command("status", {}, house.channel)
    await until(lambda: len(house.discord.messages(house.channel)) == 2)
    kept = [house.discord.kept(one) for one in house.discord.messages(house.channel)]
    assert [one.pings for one in kept] == [[], []]


@pytest.mark.usefixtures("impatient")
async def test_a_picture_comes_with_the_answer(house: House) -> None:
    """An answer may carry a picture with its words, at once and deferred."""
    card = Card("Trends", picture=Picture(PNG, "12 items", "trends.png"))
    house.desk.answers["trends"] = lambda _request: Reply(card)
    for slow_s in (0.0, SLOW_S):
        house.desk.slow_s = slow_s
        answer = await house.discord.command("trends", {}, house.channel)
        attached = answer.message["attachments"]
        assert [(one["filename"], one["description"]) for one in attached] == [
            ("trends.png", "12 items")
        ]
        assert answer.embed["image"]["url"] == "attachment://trends.png"


async def test_a_card_that_discord_refuses_is_said_in_words(house: House) -> None:
    """If the embed is not taken, the asker gets plain text rather than nothing."""
    house.discord.fail(Fault("POST", "/callback", status=400, code=50035))
    answer = await house.discord.command("status", {}, house.channel)
    assert answer.message["content"] == "**status**"
    assert answer.private


async def test_a_fault_of_the_core_is_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """If the core fails, the asker hears so, and the fault is in the log."""

    def fail(_: object) -> Reply:
        raise RuntimeError("a fault in the core")

    house.desk.answers["status"] = fail
    answer = await house.discord.command("status", {}, house.channel)
    assert answer.message["content"] == say("en", "discord.sorry")
    await until(lambda: "a fault in the core" in caplog.text)


async def test_an_interaction_that_comes_twice_is_asked_once(house: House) -> None:
    """Should the gateway deliver an interaction twice, the core hears of it once."""
    people = house.discord.people
    data = people.command_data("status", {})
    answer, body = people.interaction(2, data, house.discord.someone, house.channel)
    for _ in range(2):
        await house.discord.gateway.dispatch("INTERACTION_CREATE", body, house.guild)
    await asyncio.wait_for(answer.responded.wait(), 3)
    await house.discord.command("help", {}, house.channel)
    assert [asked(request) for request in house.desk.requests] == ["status", "help"]


async def test_many_interactions_at_once_are_all_answered_in_time(house: House) -> None:
    """A hundred people asking in the same moment all have their answer within three seconds."""
    users = [house.discord.world.add_user(f"user {place}") for place in range(100)]
    answers = await asyncio.gather(
        *(house.discord.command("status", {}, house.channel, user) for user in users)
    )
    assert all(answer.private for answer in answers)
    assert house.discord.people.refused_late == 0


@pytest.mark.parametrize("locale", ["zh-TW", "zh-CN", "en-GB", "fr"])
async def test_the_asker_is_spoken_to_in_their_language(house: House, locale: str) -> None:
    """The adapter's own sentences are in the asker's language, English where it has none."""
    user = house.discord.world.add_user("Reader", locale)
    message = house.discord.world.keep(house.channel, {"content": ""}, {}).json
    answer = await house.discord.menu(message, house.channel, user)
    language = {"zh-TW": "zh-Hant", "zh-CN": "zh-Hans"}.get(locale, "en")
    assert answer.message["content"] == say(language, "discord.nothing_to_read")
