"""What every platform promises: the same scenarios through each real adapter to the real core."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feeds import archive
from feeds.archive import NewArticle
from feeds.items import Tags
from feeds.worker import Worker
from tests.adapters.stages import NAMES, Theatre, theatre

HOSTILE = "Alert <!channel> @everyone <@U1> *_~`> [x](javascript:alert(1)) &amp; \u202egnp"


@pytest.fixture(params=NAMES)
async def play(
    request: pytest.FixtureRequest, tmp_path: Path, worker: Worker
) -> AsyncIterator[Theatre]:
    async with theatre(request.param, tmp_path, worker) as play:
        yield play


async def publish(play: Theatre, title: str, pillars: tuple[str, ...] = ("safeguards",)) -> int:
    app = play.house.app
    now = app.clock()
    new = NewArticle(
        feed=None,
        owner="",
        title=title,
        url="https://www.sfc.hk/en/news/1",
        summary="",
        source="SFC",
        kind="official",
        language="en",
        published=now,
        date_only=False,
        timezone="Asia/Hong_Kong",
        first_seen=now,
        alert=True,
        tags=Tags(virtual_asset=True, hong_kong=True, pillars=pillars),
        tagger="test",
    )
    return await app.database.write(archive.store, new)


@pytest.mark.parametrize("name", ["safeguards", "s", "保障"])
async def test_a_pillar_answers_privately(play: Theatre, name: str) -> None:
    """`pillar` answers the asker alone, whatever name is used."""
    shown = await play.stage.ask(f"pillar {name}")
    assert "Safeguards" in shown.text
    assert "Optimise compliance burdens without compromising security" in shown.text
    assert shown.private


async def test_a_near_miss_has_a_button_that_asks_rightly(play: Theatre) -> None:
    """A misspelt pillar is asked about, and pressing the suggestion answers."""
    shown = await play.stage.ask("pillar safegards")
    assert "safegards" in shown.text
    answer = await play.stage.press(shown, "pillar safeguards")
    assert "Optimise compliance burdens" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "help",
        "help subscribe",
        "roadmap",
        "initiative 8",
        "news",
        "news products staking",
        "subscriptions",
        "summary week",
        "trends",
        "status",
        "why 3",
        "tag SFC warns of an unlicensed virtual asset trading platform",
        "feeds",
    ],
)
async def test_every_look_up_answers(play: Theatre, text: str) -> None:
    """Each look-up shows something in every dialect."""
    shown = await play.stage.ask(text)
    assert len(shown.text) > 20


async def test_subscribe_alert_and_correct(play: Theatre) -> None:
    """Subscribe, be told, press wrong pillar, and the sent card is edited in place."""
    await play.ask("subscribe safeguards")
    await play.deliver()
    item = await publish(play, "Custody rules for platforms")
    (post,) = await play.deliver()
    assert "Custody rules for platforms" in post.text
    assert {"Why?", "Wrong pillar?"} <= set(post.buttons)
    assert await play.deliver() == []
    before = len(play.stage.posts())
    await play.stage.ask(f"retag {item} products 7")
    await play.deliver()
    if play.stage.platform != "console":  # a screen shows the edited card below
        cards = [one for one in play.stage.posts() if "Custody rules for platforms" in one.text]
        assert "Products" in cards[0].text
        assert len(play.stage.posts()) <= before + 1, "an announcement, and no second card"
    shown = await play.stage.ask("news products custody")
    assert "Custody rules for platforms" in shown.text


async def test_withdraw_and_take_back(play: Theatre) -> None:
    """The sent card says that it is withdrawn, and stands again, without a second card."""
    await play.ask("subscribe safeguards")
    await play.deliver()
    item = await publish(play, "Custody rules for platforms")
    await play.deliver()
    for text, says in ((f"retract {item}", True), (f"retract {item} undo", False)):
        shown = await play.stage.ask(text)
        assert "Custody rules for platforms" in shown.text
        await play.deliver()
        if play.stage.platform != "console":  # a screen shows the edited card below
            cards = [one for one in play.stage.posts() if "Custody rules for" in one.text]
            assert ["withdrawn" in card.text for card in cards] == [says]


async def test_why_by_button(play: Theatre) -> None:
    """The button on a card tells why, to whoever presses it."""
    await play.ask("subscribe safeguards")
    await publish(play, "Custody rules")
    (post,) = await play.deliver()
    shown = await play.stage.press(post, "Why?")
    assert shown.private
    assert "Custody rules" in shown.text


async def test_a_change_is_announced(play: Theatre) -> None:
    """The channel is told of a change and by whom."""
    shown = await play.ask("subscribe safeguards")
    told = [post.text for post in play.stage.posts()] + [shown.text]
    assert any("subscribed this channel to Safeguards" in text for text in told)


async def test_share_shows_everybody(play: Theatre) -> None:
    """`share` makes an answer public."""
    if play.stage.platform == "console":
        return  # one person, one screen
    shown = await play.stage.ask("pillar s share")
    assert not shown.private


async def test_a_stranger_changes_nothing(play: Theatre) -> None:
    """Who may not manage the channel cannot by command, nor by a button."""
    if not play.stage.has_strangers:
        return  # the console has one person
    shown = await play.stage.ask("subscribe safeguards", stranger=True)
    assert "may not change" in shown.text
    pillar = await play.stage.ask("pillar s", stranger=True)
    shown = await play.stage.press(pillar, "Subscribe", stranger=True)
    assert "may not change" in shown.text
    assert "not subscribed" in (await play.stage.ask("subscriptions")).text


async def test_hostile_titles_stay_words(play: Theatre) -> None:
    """Nothing in a title mentions, links falsely or breaks a card."""
    await play.ask("subscribe safeguards")
    await publish(play, HOSTILE)
    (post,) = await play.deliver()
    assert "\u202e" not in post.text
    called = getattr(post.raw, "called", [])
    assert called == []


async def test_a_burst_is_few_messages(play: Theatre) -> None:
    """Thirty stories at once are a few cards and a list, each within the platform's limits."""
    await play.ask("subscribe safeguards")
    for number in range(30):
        await publish(play, f"Story number {number:02} " + "很長的標題" * 30)
    shown = []
    for _ in range(12):  # a platform may want a pause between two messages
        shown += await play.deliver()
    text = "\n".join(post.text for post in shown)
    assert len(shown) <= 8
    assert "Story number 00" in text
    assert "Story number 29" in text or "more" in text


async def test_the_summary_comes_at_its_hour(play: Theatre) -> None:
    """At the channel's hour there is one summary with the story in it."""
    await play.ask("subscribe safeguards daily")
    await publish(play, "Custody rules")
    assert await play.deliver() == []
    play.clock.ahead += 86400
    (post,) = await play.deliver()
    assert "ASPIRe summary" in post.text
    assert "Custody rules" in post.text
    assert await play.deliver() == []
