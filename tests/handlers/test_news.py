"""The archive as people see it: latest, by topic, by words, by time, in pages."""

import pytest

from tests.handlers.world import OTHER, World, card_text

DAY = 86400


def test_seeds_answer_before_the_first_poll(world: World) -> None:
    """A new database has true content: the roadmap's milestones, marked as such."""
    text = world.text("news staking")
    assert "ASPIRe roadmap" in text
    assert "circular on staking" in text


@pytest.mark.parametrize("words", ["樓", "樓市", "楼市", "市穩", "“樓市”"])
def test_chinese_words_of_any_length_are_found(world: World, words: str) -> None:
    """One character, two, either script: all find the same item."""
    world.publish("香港樓市穩定，代幣化債券受歡迎", ("products",))
    assert "香港樓市穩定" in world.text(f"news {words}")


def test_all_words_must_occur(world: World) -> None:
    """Several words narrow the search down."""
    world.publish("Bank tests tokenised deposits")
    world.publish("Bank sells gold")
    assert "deposits" in world.text("news bank deposits")
    assert "gold" not in world.text("news bank deposits")


def test_the_indexs_own_syntax_is_only_words(world: World) -> None:
    """Nothing typed is read as the search engine's syntax, and nothing typed breaks it."""
    for words in ('"', "AND", "NEAR(", "title:x", "-staking", "a OR b", "*", "'; DROP", '"a" "'):
        assert world.ask(f"news {words}").card.lines, words


def test_newest_first_and_in_pages(world: World) -> None:
    """Items come newest first, and the pages hold every one of them once."""
    for number in range(20):
        world.publish(f"Widget story {number:02}", age_s=(number + 1) * 3600)
    seen: list[str] = []
    ask = "news widget"
    while ask:
        card = world.ask(ask).card
        seen += [line.text for line in card.lines]
        ask = next((b.ask for b in card.buttons if b.label == "Next page"), "")
    assert seen == [f"Widget story {number:02}" for number in range(20)]


def test_since_is_a_span_or_a_date(world: World) -> None:
    """`since` takes hours, days, weeks, months, years or a date; anything else is explained."""
    world.publish("Old widget", age_s=40 * DAY)
    world.publish("New widget", age_s=2 * DAY)
    assert "Old widget" not in world.text("news widget since 7d")
    assert "Old widget" in world.text("news widget since 2m")
    assert "Old widget" in world.text("news widget since 2026-04-01")
    assert "Old widget" not in world.text("news widget since 2026-05-20")
    reply = world.ask("news widget since soon")
    assert not reply.ok
    assert "soon" in card_text(reply.card)


def test_a_topic_narrows_the_news(world: World) -> None:
    """A pillar or a numbered initiative first, words after it."""
    world.publish("Custody widget", ("safeguards",), initiatives=(3,))
    world.publish("Margin widget", ("products",))
    assert "Margin" not in world.text("news safeguards widget")
    assert "Custody" in world.text("news 保障 widget")
    assert "Custody" in world.text("news #3 widget")
    assert "Margin" not in world.text("news #3")


def test_an_owned_feed_is_seen_by_its_owners_only(world: World) -> None:
    """What a workspace's own feed brings, others do not find."""
    world.publish("Secret widget", owner=OTHER.home)
    assert "Secret widget" in world.text("news widget", channel=OTHER)
    from handlers.messages import ChannelRef

    stranger = ChannelRef("test", "W2", "x")
    assert "Secret widget" not in world.text("news widget", channel=stranger)
    assert not world.ask("why 48", channel=stranger).ok
