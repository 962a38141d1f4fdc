"""What Slack knows of people and channels, asked once and remembered for some minutes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.slack_errors import FAILURES
from adapters.slack_places import Place
from adapters.slack_settings import SlackSettings
from adapters.slack_workspaces import Workspaces
from handlers.messages import Person

KEEP_S = 300
KEEP_MEMBERSHIP_S = 30
AT_MOST = 10_000
PATIENCE_S = 1.5
"""A form must be open 3 s after the press, so facts are waited for no longer than this."""
PAGES = 10
PAGE = 500
KINDS = "public_channel,private_channel"

Value = TypeVar("Value")
Key = tuple[str, ...]


class Remembered(Generic[Value]):
    """Facts for `keep_s` seconds, at most AT_MOST of them."""

    def __init__(self, keep_s: int, clock: Callable[[], int]) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._facts: dict[Key, tuple[int, Value]] = {}

    async def get(self, key: Key, ask: Callable[[], Awaitable[Value]], unknown: Value) -> Value:
        """The fact, asked for if it is not remembered; `unknown` if Slack does not tell in time,
        and then it is asked for again next time.
        """
        known = self._facts.get(key)
        if known and known[0] > self._clock():
            return known[1]
        try:
            async with asyncio.timeout(PATIENCE_S):
                value = await ask()
        except FAILURES:
            return unknown
        self._facts.pop(key, None)
        if len(self._facts) >= AT_MOST:
            del self._facts[next(iter(self._facts))]
        self._facts[key] = (self._clock() + self._keep_s, value)
        return value

    def forget(self, key: Key) -> None:
        self._facts.pop(key, None)


@dataclass(frozen=True)
class _Profile:
    name: str = ""
    language: str = ""
    admin: bool = False


@dataclass(frozen=True)
class Conversation:
    name: str = ""
    """As people see it, "#general"; "" in a direct message and where Slack does not tell."""
    bot_is_in: bool = False


class People:
    def __init__(
        self, settings: SlackSettings, workspaces: Workspaces, clock: Callable[[], int]
    ) -> None:
        self._admins_only = settings.who_may_manage == "admins"
        self._workspaces = workspaces
        self._profiles: Remembered[_Profile] = Remembered(KEEP_S, clock)
        self._conversations: Remembered[Conversation] = Remembered(KEEP_S, clock)
        self._memberships: Remembered[frozenset[str]] = Remembered(KEEP_MEMBERSHIP_S, clock)

    async def person(self, place: Place) -> Person:
        """The asker at this place. What Slack does not tell counts as: may not."""
        profile = await self._profile(place)
        return Person(
            id=place.user,
            name=profile.name or place.user_name,
            may_manage=await self._may_manage(place, profile),
            language=profile.language,
        )

    async def _may_manage(self, place: Place, profile: _Profile) -> bool:
        """In a direct message everybody; else by the setting, and only who is in the channel."""
        if place.direct:
            return True
        if self._admins_only:
            return profile.admin and place.user_team == place.team
        return not place.picked or place.channel in await self.channels(place)

    async def _profile(self, place: Place) -> _Profile:
        async def ask() -> _Profile:
            client = await self._workspaces.client(place.team)
            answer = await client.users_info(user=place.user, include_locale=True)
            return _profile_of(answer["user"])

        return await self._profiles.get((place.team, place.user), ask, _Profile())

    async def channels(self, place: Place) -> frozenset[str]:
        """The channels that the asker is in, as far as the bot may know of them; none if Slack
        does not tell.
        """

        async def ask() -> frozenset[str]:
            client = await self._workspaces.client(place.team)
            found: set[str] = set()
            cursor = ""
            for _ in range(PAGES):
                page = await client.users_conversations(
                    user=place.user, types=KINDS, limit=PAGE, cursor=cursor
                )
                found.update(channel["id"] for channel in page["channels"] or ())
                cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
                if not cursor:
                    break
            return frozenset(found)

        return await self._memberships.get((place.team, place.user), ask, frozenset())

    async def conversation(self, team: str, channel: str) -> Conversation:
        async def ask() -> Conversation:
            client = await self._workspaces.client(team)
            told = (await client.conversations_info(channel=channel))["channel"] or {}
            name = "" if told.get("is_im") or told.get("is_mpim") else told.get("name", "")
            return Conversation(f"#{name}" if name else "", bool(told.get("is_member")))

        return await self._conversations.get((team, channel), ask, Conversation())

    def forget_conversation(self, team: str, channel: str) -> None:
        self._conversations.forget((team, channel))

    async def channel_name(self, place: Place) -> str:
        """What people call the channel; "" for conversations without a name. Slack calls private
        channels and direct messages by their kind.
        """
        told = place.channel_name.removeprefix("#")
        if place.direct or told.startswith("mpdm-"):
            return ""
        if told and told not in {"privategroup", "directmessage"}:
            return f"#{told}"
        return (await self.conversation(place.team, place.channel)).name


def _profile_of(user: dict[str, object] | None) -> _Profile:
    user = user or {}
    profile = user.get("profile")
    shown = (
        profile.get("display_name") or profile.get("real_name") if isinstance(profile, dict) else ""
    )
    return _Profile(
        name=str(shown or user.get("real_name") or user.get("name") or ""),
        language=str(user.get("locale") or ""),
        admin=bool(user.get("is_admin") or user.get("is_owner")),
    )
