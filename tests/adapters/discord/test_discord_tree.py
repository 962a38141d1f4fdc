"""The command list that Discord is given, and what comes back from it."""

import pytest

from adapters import discord_tree
from handlers.commands import COMMANDS
from handlers.texts import LANGUAGES, catalogue
from tests.adapters.discord.fake_rules import Json, check_commands, size


@pytest.fixture
def root() -> Json:
    return discord_tree.payload()[0]


def test_discord_takes_the_command_list() -> None:
    """Names, descriptions, options, choices and their translations are within Discord's rules."""
    check_commands(discord_tree.payload())


def test_the_list_has_room_to_grow(root: Json) -> None:
    """At most 25 subcommands and 8,000 characters; the figures are printed."""
    print(f"/aspire: {len(root['options'])} of 25 subcommands, {size(root)} of 8000 characters")
    assert len(root["options"]) <= 25
    assert size(root) <= 8000


def test_every_command_and_option_of_the_table_is_there(root: Json) -> None:
    """The tree is the table: the same commands in the same order, with all their options."""
    made = {one["name"]: {o["name"] for o in one["options"]} for one in root["options"]}
    assert made == {one.name: {o.name for o in one.options} for one in COMMANDS}
    assert [one["name"] for one in root["options"]] == [one.name for one in COMMANDS]


def test_options_have_discords_types(root: Json) -> None:
    """Flags are yes or no, a mention is picked, choices are listed, topics are completed."""
    options = {
        (command["name"], option["name"]): option
        for command in root["options"]
        for option in command["options"]
    }
    assert options["pillar", "share"]["type"] == discord_tree.BOOLEAN
    assert options["subscribe", "mention"]["type"] == discord_tree.MENTIONABLE
    assert options["pillar", "pillar"]["autocomplete"] is True
    assert options["pillar", "pillar"]["required"] is True
    scope = options["subscribe", "scope"]["choices"]
    assert [choice["value"] for choice in scope] == ["hk", "all"]
    assert scope[0]["name_localizations"]["zh-TW"] == "只限香港"
    assert "choices" in options["settings", "language"]


def test_a_command_that_opens_a_form_can_be_asked_with_nothing(root: Json) -> None:
    """Subscribe demands no topics, for its form asks for them; retag still needs its item."""
    required = {
        command["name"]: [o["name"] for o in command["options"] if o["required"]]
        for command in root["options"]
    }
    assert required["subscribe"] == []
    assert required["retag"] == ["item"]


def test_nobody_is_kept_from_looking_things_up() -> None:
    """No default permission is set on either command: that is for a server's admins."""
    for command in discord_tree.payload():
        assert "default_member_permissions" not in command
        assert (command["contexts"], command["integration_types"]) == ([0, 1], [0])


def test_the_fingerprint_is_of_the_list_and_the_application() -> None:
    """The same list for the same application has the same fingerprint, any other another."""
    made = discord_tree.payload()
    first = discord_tree.fingerprint(made, 1)
    assert discord_tree.fingerprint(discord_tree.payload(), 1) == first
    assert discord_tree.fingerprint(made, 2) != first
    assert discord_tree.fingerprint(made[:1], 1) != first


def test_english_names_are_the_commands_own() -> None:
    """In English Discord's menus show the words that are typed on other platforms."""
    english = catalogue("en")
    for command in COMMANDS:
        assert english[f"discord.command.{command.name}"] == command.name
        for option in command.options:
            assert english[f"discord.option.{option.name}"] == option.name


def test_discords_words_are_there_in_every_language() -> None:
    """The three catalogues have the same keys for Discord."""
    keys = [{k for k in catalogue(one) if k.startswith("discord.")} for one in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]


def test_a_use_is_read_as_the_table_has_it() -> None:
    """Flags read yes, a role or person reads as Discord mentions it, the focused one is named."""
    data: Json = {
        "name": "aspire",
        "resolved": {"roles": {"7": {}}},
        "options": [
            {
                "type": 1,
                "name": "subscribe",
                "options": [
                    {"type": 3, "name": "topics", "value": "safe", "focused": True},
                    {"type": 5, "name": "share", "value": True},
                    {"type": 9, "name": "mention", "value": "7"},
                ],
            }
        ],
    }
    asked = discord_tree.read(data, "1")
    assert asked == discord_tree.Asked(
        "subscribe", {"topics": "safe", "share": "yes", "mention": "<@&7>"}, "topics"
    )
    data["options"][0]["options"][2]["value"] = "8"
    data["options"][0]["options"][1]["value"] = False
    asked = discord_tree.read(data, "8")
    assert asked is not None
    assert (asked.options["mention"], asked.options["share"], asked.everyone) == ("<@8>", "", True)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "other"},
        {"name": "aspire", "options": []},
        {"name": "aspire", "options": [{"type": 1, "name": "removed"}]},
    ],
)
def test_what_is_not_ours_is_not_read(data: Json) -> None:
    """Another command, or ours with a subcommand that is not in the table, is nothing."""
    assert discord_tree.read(data, "1") is None
