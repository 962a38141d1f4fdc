"""What happened on Slack -> the core, and its answer back to Slack."""

import asyncio
import logging
from dataclasses import dataclass, replace

from adapters.slack_answers import Answers
from adapters.slack_errors import FAILURES, send_error
from adapters.slack_events import (
    Asked,
    ChannelPicked,
    Happening,
    HomeOpened,
    Joined,
    Left,
    Returned,
    WorkspaceLost,
)
from adapters.slack_home import home_view
from adapters.slack_install import InstallationPort, Installed
from adapters.slack_people import People
from adapters.slack_places import Place
from adapters.slack_workspaces import Workspaces
from handlers.messages import Card, ChannelRef, Line, Person, Reply, Request
from handlers.ports import FrontDesk, Refusal
from handlers.texts import language_of, say

log = logging.getLogger(__name__)

PLATFORM = "slack"
SOON_S = 2.0
"""After this long without an answer the asker is told to wait."""


@dataclass(frozen=True)
class Parts:
    """What the desk works with."""

    desk: FrontDesk
    people: People
    answers: Answers
    workspaces: Workspaces
    installations: InstallationPort | None


class SlackDesk:
    """Carries happenings to the core, one at a time or many at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._desk = parts.desk

    async def handle(self, happening: Happening, once: str) -> None:
        """Act on it, unless it came before: `once` names it for ever."""
        if once and not await self._desk.first_time(f"slack:{once}"):
            return
        match happening:
            case Asked():
                await self._asked(happening)
            case HomeOpened(place):
                await self._publish_home(place)
            case ChannelPicked(place):
                await self._picked(place)
            case _:
                await self._membership(happening)

    async def _membership(self, happening: Happening) -> None:
        match happening:
            case Joined(team, channel):
                await self._joined(team, channel)
            case Returned(team, channel):
                await self._returned(team, channel)
            case Left(team, channel, refusal):
                self._parts.people.forget_conversation(team, channel)
                await self._desk.left(ChannelRef(PLATFORM, team, channel), refusal)
            case WorkspaceLost(team, at):
                await self._lost(team, at)

    # Asking

    async def _asked(self, asked: Asked) -> None:
        people = self._parts.people
        person, name = await asyncio.gather(
            people.person(asked.place), people.channel_name(asked.place)
        )
        place = replace(asked.place, channel_name=name)
        request = Request(
            channel=_channel(place),
            person=person,
            text=asked.text,
            command=asked.command,
            options=asked.options,
            channel_name=name,
            token=place.thread,
        )
        try:
            reply = await self._answer(request, place)
        except Exception:
            sorry = Reply(_words("sorry", _language(person)), ok=False)
            await self._parts.answers.give(place, sorry, _language(person))
            raise
        await self._give(place, person, reply, asked.text)

    async def _give(self, place: Place, person: Person, reply: Reply, text: str) -> None:
        if not await self._parts.answers.give(place, reply, _language(person), text):
            await self._desk.left(_channel(place), Refusal.NOT_INVITED)
        if place.home and reply.announcement:
            await self._publish_home(
                replace(place, channel=place.home, surface="home", picked=False)
            )

    async def _answer(self, request: Request, place: Place) -> Reply:
        """The core's answer; whoever waits for it alone is told to."""
        answering = asyncio.ensure_future(self._desk.answer(request))
        try:
            done, _ = await asyncio.wait({answering}, timeout=SOON_S)
            if not done and (place.surface == "private" or place.direct):
                await self._ask_to_wait(place, _language(request.person))
            return await answering
        finally:
            answering.cancel()

    async def _ask_to_wait(self, place: Place, language: str) -> None:
        try:
            await self._parts.answers.give(place, Reply(_words("wait", language)), language)
        except FAILURES as failure:
            log.warning("nobody was asked to wait: %s", send_error(failure))

    # App Home

    async def _publish_home(self, place: Place) -> None:
        """The core is told which channels the person is in: others' private ones are not theirs
        to see.
        """
        person = await self._parts.people.person(place)
        seen = {place.channel, *await self._parts.people.channels(place)}
        options = {"channels": " ".join(sorted(seen))}
        request = Request(channel=_channel(place), person=person, options=options)
        view = home_view(await self._desk.home(request), place, _language(person))
        client = await self._parts.workspaces.client(place.team, waits=True)
        await client.views_publish(user_id=place.user, view=view)

    async def _picked(self, place: Place) -> None:
        """A channel chosen on the App Home: what it follows, in a modal with its buttons."""
        await self._asked(Asked(place, text="subscriptions"))

    # Membership

    async def _joined(self, team: str, channel: str) -> None:
        self._parts.people.forget_conversation(team, channel)
        name = (await self._parts.people.conversation(team, channel)).name
        await self._greet(ChannelRef(PLATFORM, team, channel), name)

    async def _returned(self, team: str, channel: str) -> None:
        """Renamed or unarchived. Only Slack knows whether the bot can speak there."""
        self._parts.people.forget_conversation(team, channel)
        found = await self._parts.people.conversation(team, channel)
        if found.bot_is_in:
            await self._greet(ChannelRef(PLATFORM, team, channel), found.name)

    async def _greet(self, channel: ChannelRef, name: str) -> None:
        if card := await self._desk.joined(channel, name):
            await self._parts.answers.post(channel, card)

    async def _lost(self, team: str, at: int) -> None:
        """The token is of no use any more; but a late event must not undo a new installation."""
        kept = self._parts.installations
        found = await kept.find(team) if kept else ""
        if kept and found:
            if Installed.from_json(found).at > at:
                return
            await kept.delete(team)
        self._parts.workspaces.forget(team)
        await self._desk.workspace_lost(PLATFORM, team)


def _channel(place: Place) -> ChannelRef:
    return ChannelRef(PLATFORM, place.team, place.channel)


def _language(person: Person) -> str:
    return language_of(person.language) or "en"


def _words(key: str, language: str) -> Card:
    return Card(
        title=say(language, f"slack.{key}.title"),
        lines=(Line(say(language, f"slack.{key}.text")),),
        language=language,
    )
