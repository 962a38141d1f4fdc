"""Both platforms as small honest worlds on loopback, with the channels that the bot serves."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.slack_install import Installed
from feeds.database import Connection
from feeds.roadmap import load_roadmap
from handlers import ledger_notes
from handlers.context import Manners
from handlers.core import Core
from handlers.messages import ChannelRef, Person, Request
from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.slack.fake_slack import TEAM, FakeSlack
from tests.adapters.slack.fake_slack_world import ALL_SCOPES, Channel
from tests.end_to_end.torture.stories import TASTES, Taste
from tests.end_to_end.torture.verdict import Message, Told

_STORY = re.compile(r"Story (\d{3})")
WORKSPACES = 4
"""Of each platform. Slack's even ones let the bot read their history."""


@dataclass(frozen=True)
class Place:
    """A channel: where, what it subscribes to, and whether the platform lets the bot find out what
    became of a message whose answer was lost.
    """

    ref: ChannelRef
    taste: Taste
    tells: bool


@dataclass
class Servers:
    slack: FakeSlack
    discord: FakeDiscord
    places: list[Place] = field(default_factory=list)
    token: str = "good-token"
    """The one that Discord takes while nothing is wrong."""

    def messages(self, place: Place) -> list[Message]:
        """All that stands in a channel, oldest first."""
        ref = place.ref
        if ref.platform == "slack":
            return [
                _message(one.key, one.at, one.seen if one.blocks else one.text)
                for one in self.slack.messages(ref.channel, ref.workspace)
            ]
        return [
            _message(str(one.get("nonce", "")), 0.0, _words(one))
            for one in self.discord.messages(ref.channel)
        ]

    def environment(self) -> Mapping[str, str]:
        """What `aspire run` is to be started with."""
        return {
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "DISCORD_TOKEN": self.token,
        }

    def configuration(self) -> str:
        return (
            "[bot]\ndatabase = 'aspire.db'\n[alerts]\nburst = 6\n"
            f"[slack]\napi_url = '{self.slack.api_url}'\nlook_in_history = true\n"
            f"[discord]\napi_url = '{self.discord.api_url}'\n"
        )


def _words(message: Mapping[str, object]) -> str:
    embeds = message.get("embeds")
    shown = embeds if isinstance(embeds, list) else []
    parts = [str(embed.get(name) or "") for embed in shown for name in ("title", "description")]
    return " ".join([str(message.get("content") or ""), *parts])


def _message(key: str, at: float, words: str) -> Message:
    """The stories that a card or a list tells, each with whether it is said to be withdrawn."""
    pieces = _STORY.split(words)
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    told = tuple(Told(int(number), "withdrawn" in after) for number, after in pairs)
    return Message(key, at, told)


@asynccontextmanager
async def servers(channels: int) -> AsyncIterator[Servers]:
    """Both platforms with half of the channels each."""
    async with FakeSlack() as slack, FakeDiscord(token="good-token", now=time.time) as discord:
        made = Servers(slack, discord)
        slack.api.per_second = 1.0
        teams = [TEAM, *(f"T{number}ASPIRE" for number in range(1, WORKSPACES))]
        for number, team in enumerate(teams[1:], 1):
            workspace = slack.world.add_workspace(team, f"Team {number}")
            workspace.users = slack.workspace().users
            if number % 2:
                workspace.scopes = ALL_SCOPES.replace("channels:history,", "")
        guilds = [discord.world.add_guild(f"Guild {number}") for number in range(WORKSPACES)]
        for number in range(channels // 2):
            taste, index = TASTES[number % len(TASTES)], number % WORKSPACES
            workspace, name = slack.workspace(teams[index]), f"C9{number:03}"
            members = {workspace.bot_user, "U1"}
            workspace.channels[name] = Channel(name, name.lower(), members=members)
            ref = ChannelRef("slack", workspace.id, name)
            made.places.append(Place(ref, taste, tells=not index % 2))
            channel = discord.world.add_channel(guilds[index], f"c{number}")
            ref = ChannelRef("discord", guilds[index].id, channel)
            made.places.append(Place(ref, taste, tells=True))
        yield made


def prepare(connection: Connection, made: Servers, now: int) -> None:
    """Subscribe all channels, and keep the tokens of the workspaces that installed the bot."""
    core = Core(load_roadmap(), Manners())
    for place in made.places:
        person = Person("U1", "Ann", may_manage=True)
        asked = Request(place.ref, person, text=place.taste.asks, channel_name="#x")
        assert core.answer(connection, asked, now).ok
    for workspace in made.slack.world.workspaces.values():
        kept = Installed(
            workspace.id, workspace.name, workspace.token, workspace.bot_user, "", "U1", now
        )
        ledger_notes.save_installation(connection, "slack", workspace.id, kept.to_json(), now)
