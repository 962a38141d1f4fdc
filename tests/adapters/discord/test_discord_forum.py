"""Cards in forums: a post a story, a post for a group, tags, and no post twice."""

import pytest

from handlers.messages import Card, ChannelRef, Chip, Line
from handlers.ports import Never, Refusal, Unknown
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_rules import Json
from tests.adapters.discord.fake_world import FORUM, REQUIRE_TAG
from tests.adapters.discord.house import House, connected
from tests.adapters.discord.waiting import until

THREADS = r"/channels/\d+/threads$"
STORY = Card(
    "A story",
    lines=(Line("It happened."),),
    chips=(Chip("safeguards", "S", "保障"), Chip("3", "#3", "Custody")),
    topic="safeguards",
)


class Forum:
    """A forum that the running bot knows of."""

    def __init__(self, house: House, number: str) -> None:
        self.house = house
        self.number = number
        self.ref = house.ref(number)

    def posts(self) -> list[Json]:
        return self.house.discord.posts(self.number)

    def titles(self, post: Json) -> list[str]:
        return [one["embeds"][0]["title"] for one in self.house.discord.messages(post["id"])]

    async def send(self, card: Card, key: str) -> str:
        return await self.house.chat.sender.send(self.ref, card, key)


async def add_forum(house: House, tags: tuple[str, ...] = (), flags: int = 0) -> Forum:
    world = house.discord.world
    more = {"available_tags": [world.tag(name) for name in tags], "flags": flags}
    number = world.add_channel(house.guild, "updates", FORUM, **more)
    known = len(house.desk.told)
    await house.discord.join(house.guild)
    await until(lambda: len(house.desk.told) > known)
    return Forum(house, number)


@pytest.fixture
async def forum(house: House) -> Forum:
    return await add_forum(house, ("Official", "保障", "#3", "Products"))


async def test_each_story_is_a_post(forum: Forum) -> None:
    """A card without a group opens a post under its title; its id names post and message."""
    first = await forum.send(STORY, "d1")
    await forum.send(Card("Another"), "d2")
    assert [post["name"] for post in forum.posts()] == ["A story", "Another"]
    assert first == f"{forum.posts()[0]['id']}/{forum.posts()[0]['id']}"


async def test_a_post_has_the_tags_of_its_pillars(forum: Forum) -> None:
    """Tags that are named like a pillar or an initiative, in any language, are set."""
    await forum.send(STORY, "d1")
    available = forum.house.discord.world.channel(forum.number)["available_tags"]
    names = {tag["id"]: tag["name"] for tag in available}
    assert [names[one] for one in forum.posts()[0]["applied_tags"]] == ["保障", "#3"]


async def test_a_demanded_tag_is_given(house: House) -> None:
    """Where a tag is demanded and none fits, the first one is used rather than none."""
    forum = await add_forum(house, ("News",), REQUIRE_TAG)
    await forum.send(STORY, "d1")
    assert len(forum.posts()[0]["applied_tags"]) == 1


async def test_a_long_title_is_cut_for_the_name(forum: Forum) -> None:
    """A post's name has at most 100 characters; the card keeps its whole title."""
    await forum.send(Card("字" * 200), "d1")
    assert forum.posts()[0]["name"] == "字" * 99 + "…"
    assert forum.titles(forum.posts()[0]) == ["字" * 200]


async def test_a_group_shares_a_post(forum: Forum) -> None:
    """Cards of a group stand in one post under the group's name; another group has another."""
    for place, group in enumerate(["21 Sep", "21 Sep", "22 Sep"]):
        await forum.send(Card(f"Story {place}", group=group), f"d{place}")
    assert [post["name"] for post in forum.posts()] == ["21 Sep", "22 Sep"]
    assert forum.titles(forum.posts()[0]) == ["Story 0", "Story 1"]


async def test_a_groups_post_is_found_after_a_restart(forum: Forum) -> None:
    """The post of today is remembered; and found by its name if even that was lost."""
    house = forum.house
    await forum.send(Card("Story 0", group="21 Sep"), "d0")
    await house.chat.close()
    async with connected(house.discord, house.desk, house.clock) as chat:
        await until(lambda: chat.health()["servers"] == 1)
        await chat.sender.send(forum.ref, Card("Story 1", group="21 Sep"), "d1")
        house.desk.kept.clear()
        await chat.sender.send(forum.ref, Card("Story 2", group="21 Sep"), "d2")
    assert [forum.titles(post) for post in forum.posts()] == [["Story 0", "Story 1", "Story 2"]]


async def test_a_groups_post_that_was_deleted_or_locked_is_opened_anew(forum: Forum) -> None:
    """If somebody deletes or locks today's post, the next card opens another."""
    await forum.send(Card("Story 0", group="21 Sep"), "d0")
    await forum.house.discord.remove_channel(forum.posts()[0]["id"])
    await forum.send(Card("Story 1", group="21 Sep"), "d1")
    await forum.house.discord.archive(forum.posts()[0]["id"], locked=True)
    await forum.send(Card("Story 2", group="21 Sep"), "d2")
    assert [forum.titles(post) for post in forum.posts()] == [["Story 1"], ["Story 2"]]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_discord_py_may_not_open_a_post_twice(forum: Forum, status: int) -> None:
    """Opening a post has no nonce: an error of the server ends the try at once, as unknown."""
    forum.house.discord.fail(Fault("POST", THREADS, status=status, done=True))
    with pytest.raises(Unknown):
        await forum.send(STORY, "d1")
    assert forum.house.discord.statuses("POST", "/threads") == [status]
    assert len(forum.posts()) == 1


@pytest.mark.parametrize("group", ["", "21 Sep"])
@pytest.mark.parametrize("done", [True, False])
async def test_an_unknown_post_is_settled_by_looking(forum: Forum, group: str, done: bool) -> None:
    """Whether the post was opened or not before the line broke, it stands once in the end."""
    card = Card("A story", group=group)
    forum.house.discord.fail(Fault("POST", THREADS, drop=True, done=done))
    with pytest.raises(Unknown):
        await forum.send(card, "d1")
    number = await forum.house.chat.sender.settle(forum.ref, card, "d1")
    assert len(forum.posts()) == 1
    assert number == f"{forum.posts()[0]['id']}/{forum.posts()[0]['id']}"
    assert forum.titles(forum.posts()[0]) == ["A story"]


async def test_an_older_post_of_the_same_name_is_not_taken_for_it(forum: Forum) -> None:
    """A post of yesterday or by somebody else does not settle today's outcome."""
    world = forum.house.discord.world
    await forum.send(STORY, "d0")
    forum.house.clock.now += 90_000
    world.add_thread(forum.number, "A story", owner="42")
    await forum.house.chat.sender.settle(forum.ref, STORY, "d1")
    assert len(forum.posts()) == 3


async def test_a_post_is_edited_by_its_id(forum: Forum) -> None:
    """The first message of a post, and a later one in it, are edited where they stand."""
    first = await forum.send(Card("Story 0", group="21 Sep"), "d0")
    second = await forum.send(Card("Story 1", group="21 Sep"), "d1")
    for number in (first, second):
        await forum.house.chat.sender.edit(forum.ref, number, Card("New"))
    assert forum.titles(forum.posts()[0]) == ["New", "New"]


async def test_an_edit_in_an_archived_post_does_not_pause_the_forum(forum: Forum) -> None:
    """An archived or deleted post refuses its own edits, not the forum's next posts."""
    number = await forum.send(STORY, "d1")
    await forum.house.discord.archive(forum.posts()[0]["id"])
    with pytest.raises(Never) as never:
        await forum.house.chat.sender.edit(forum.ref, number, Card("New"))
    assert never.value.refusal is Refusal.PAYLOAD


async def test_a_forum_without_permission_refuses(forum: Forum) -> None:
    """Without Send Messages no post can be opened, and the reason says so."""
    await forum.house.discord.forbid(forum.number, "send_messages")
    with pytest.raises(Never) as never:
        await forum.send(STORY, "d1")
    assert never.value.refusal is Refusal.NO_PERMISSION


async def test_a_forum_that_the_gateway_has_not_told_of_is_found(house: House) -> None:
    """A forum that is not in the cache yet shows itself by refusing a message."""
    number = house.discord.world.add_channel(house.guild, "new", FORUM)
    channel = ChannelRef("discord", house.guild.id, number)
    await house.chat.sender.send(channel, STORY, "d1")
    assert [post["name"] for post in house.discord.posts(number)] == ["A story"]
