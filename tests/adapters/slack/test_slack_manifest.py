"""The manifest, the scopes, and the doctor."""

import re
from pathlib import Path

import pytest

from adapters.slack_doctor import slack_doctor
from adapters.slack_limits import width
from adapters.slack_manifest import manifest
from adapters.slack_scopes import HISTORY_SCOPES, SCOPES
from adapters.slack_settings import SlackSettings
from handlers.texts import LANGUAGES, say
from tests.adapters.slack.conftest import Kept, http_settings, socket_settings
from tests.adapters.slack.fake_slack import FakeSlack

DOCS = Path(__file__).resolve().parents[3] / "docs" / "slack.md"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["socket", "http"])
def test_the_manifest_keeps_to_slacks_limits(mode: str, language: str) -> None:
    """A manifest that Slack refuses would be the first thing that a new user sees."""
    made = manifest(
        "socket" if mode == "socket" else "http", "https://b.example", language=language
    )
    shown = made["display_information"]
    assert width(shown["name"]) <= 35
    assert width(shown["description"]) <= 140
    assert 174 <= width(shown["long_description"]) <= 4_000
    command = made["features"]["slash_commands"][0]
    assert width(command["command"]) <= 32
    assert width(command["usage_hint"]) <= 1_000
    assert width(command["description"]) <= 2_000
    shortcut = made["features"]["shortcuts"][0]
    assert width(shortcut["name"]) <= 24
    assert width(shortcut["description"]) <= 150


def test_socket_mode_needs_no_address_and_http_has_them_all() -> None:
    """Each mode's manifest works as it stands."""
    socket = manifest("socket")
    assert socket["settings"]["socket_mode_enabled"]
    assert "request_url" not in str(socket)
    http = manifest("http", "https://b.example/")
    assert not http["settings"]["socket_mode_enabled"]
    urls = {
        http["settings"]["event_subscriptions"]["request_url"],
        http["settings"]["interactivity"]["request_url"],
        http["features"]["slash_commands"][0]["url"],
    }
    assert urls == {"https://b.example/slack/events"}
    assert http["oauth_config"]["redirect_urls"] == ["https://b.example/slack/oauth_redirect"]


def test_http_mode_needs_a_public_https_address() -> None:
    """Slack takes no other."""
    with pytest.raises(ValueError, match="https"):
        manifest("http", "http://b.example")


def test_history_is_asked_for_only_by_those_who_want_it() -> None:
    """No scope without its use."""
    assert not set(HISTORY_SCOPES) & set(manifest("socket")["oauth_config"]["scopes"]["bot"])
    wanted = manifest("socket", look_in_history=True)["oauth_config"]["scopes"]["bot"]
    assert set(wanted) == set(SCOPES) | set(HISTORY_SCOPES)


def test_the_docs_explain_the_manifests_scopes_and_no_others() -> None:
    """Whoever approves apps reads there what each is for: one table for each kind of manifest."""
    text = DOCS.read_text(encoding="utf-8")
    tables = [
        set(re.findall(r"^\| `([a-z_]+(?::[a-z]+)?)` \|", part, re.MULTILINE))
        for part in text.partition("## What it asks for")[2].split("| scope | for |")[1:]
    ]
    always = set(manifest("socket")["oauth_config"]["scopes"]["bot"])
    http = manifest("http", "https://b.example", look_in_history=True)
    assert tables == [always, set(http["oauth_config"]["scopes"]["bot"]) - always]


def test_the_docs_name_the_manifests_events_and_no_others() -> None:
    """The paragraph on events is the list that the app subscribes to, in both modes."""
    text = DOCS.read_text(encoding="utf-8").partition("The events that Slack tells it of")[2]
    named = set(re.findall(r"`([a-z_.]+)`", text.partition("\n\n")[0]))
    for made in (manifest("socket"), manifest("http", "https://b.example")):
        assert named == set(made["settings"]["event_subscriptions"]["bot_events"])


# The doctor


async def findings(settings: SlackSettings, kept: Kept | None = None, *channels: str) -> list[str]:
    found = await slack_doctor(settings, kept, channels)
    for one in found:
        for language in LANGUAGES:
            assert say(language, one.key, **one.args)
    return [f"{'+' if one.ok else '-'}{one.key.removeprefix('slack.doctor.')}" for one in found]


async def test_the_doctor_finds_a_healthy_bot_healthy(slack: FakeSlack) -> None:
    """Both tokens, the scopes, and a channel that the bot is in."""
    assert await findings(socket_settings(slack), None, "C1") == [
        "+app_token_ok",
        "+bot_token_ok",
        "+scopes_ok",
        "+channel_ok",
    ]


async def test_the_doctor_tells_what_is_missing(slack: FakeSlack) -> None:
    """A scope, an invitation, a channel that is not to be seen."""
    slack.workspace().scopes = "chat:write,channels:read"
    slack.workspace().channels["C3"].members.clear()
    assert await findings(http_settings(slack), None, "C4", "C3") == [
        "-no_public_url",
        "+bot_token_ok",
        "-scopes_missing",
        "-not_invited",
        "-channel_unknown",
    ]


async def test_the_doctor_knows_wrong_tokens(slack: FakeSlack) -> None:
    """A person's token for the bot's, the two exchanged, a revoked one."""
    wrong = SlackSettings(app_token="xoxb-1", bot_token="xoxp-2", api_url=slack.api_url)
    assert await findings(wrong) == [
        "-app_token_shape",
        "-bot_token_shape",
        "-app_token_bad",
        "-bot_token_bad",
    ]
    nothing = SlackSettings(api_url=slack.api_url)
    assert await findings(nothing) == [
        "-no_signing_secret",
        "-no_public_url",
        "-nobody_can_install",
    ]


async def test_the_doctor_visits_every_installed_workspace(slack: FakeSlack) -> None:
    """One of many may have taken its token back."""
    kept = Kept()
    for team in ("T2", "T3"):
        workspace = slack.world.add_workspace(team, team)
        text = f'{{"team": "{team}", "team_name": "", "bot_token": "{workspace.token}", '
        await kept.save(team, text + '"bot_user": "", "scopes": "", "installer": "", "at": 1}')
    slack.workspace("T3").revoked = "token_revoked"
    settings = SlackSettings(
        signing_secret="s",
        client_id="1",
        client_secret="2",
        public_url="https://b.example",
        api_url=slack.api_url,
    )
    assert await findings(settings, kept) == ["+bot_token_ok", "+scopes_ok", "-bot_token_bad"]
