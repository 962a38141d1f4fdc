"""The App Home: the core's cards one under the other, and a way to change any channel."""

from collections.abc import Sequence

from adapters.slack_blocks import Room, card_blocks, plain
from adapters.slack_limits import BLOCKS_IN_VIEW, VIEW_JSON, Json, json_width
from adapters.slack_places import Place, remembered
from handlers.messages import Card
from handlers.texts import say

PICK = "home:channel"


def home_view(cards: Sequence[Card], place: Place, language: str) -> Json:
    """The home view of these cards; those that do not fit are left out and counted."""
    end = _change_a_channel(language)
    blocks: list[Json] = []
    for index, card in enumerate(cards):
        left = _left(blocks, end)
        drawn = card_blocks(card, left, f"home{index}")
        if len(drawn) > left.blocks or json_width(drawn) > left.characters:
            blocks.append(_left_out(len(cards) - index, language))
            break
        blocks += [*drawn, {"type": "divider"}]
    return {
        "type": "home",
        "private_metadata": remembered(place),
        "blocks": [*blocks, *end],
    }


def _left(blocks: list[Json], end: list[Json]) -> Room:
    """What a further card may use, with a divider and a line on what was left out kept free."""
    used = [*blocks, *end]
    return Room(BLOCKS_IN_VIEW - len(used) - 2, VIEW_JSON - json_width(used) - 500)


def _left_out(count: int, language: str) -> Json:
    words = say(language, "slack.home.left_out", count=count)
    return {"type": "context", "elements": [plain(words)]}


def _change_a_channel(language: str) -> list[Json]:
    return [
        {"type": "header", "text": plain(say(language, "slack.home.change"))},
        {
            "type": "section",
            "block_id": PICK,
            "text": plain(say(language, "slack.home.hint")),
            "accessory": {
                "type": "conversations_select",
                "action_id": PICK,
                "placeholder": plain(say(language, "slack.home.pick")),
                "filter": {"include": ["public", "private"], "exclude_bot_users": True},
            },
        },
    ]
