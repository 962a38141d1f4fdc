"""What the fake Discord knows: people, guilds, channels, messages, in Discord's own JSON."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import discord

from tests.adapters.discord.fake_rules import ApiError, Json, pings

EPOCH_MS = 1_420_070_400_000
TEXT, DM, VOICE, CATEGORY, ANNOUNCEMENT = 0, 1, 2, 4, 5
ANNOUNCEMENT_THREAD, THREAD, PRIVATE_THREAD, FORUM = 10, 11, 12, 15
THREADS = {ANNOUNCEMENT_THREAD, THREAD, PRIVATE_THREAD}
REQUIRE_TAG = 1 << 4

EVERYBODY_MAY = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    use_application_commands=True,
)


@dataclass(frozen=True)
class User:
    """Somebody who uses the bot. `manages` is whether they may manage channels."""

    id: str
    name: str
    locale: str = "en-US"
    manages: bool = True

    def json(self) -> Json:
        return {
            "id": self.id,
            "username": self.name,
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }

    def member(self) -> Json:
        allowed = discord.Permissions(EVERYBODY_MAY.value)
        allowed.manage_channels = self.manages
        return {
            "user": self.json(),
            "roles": [],
            "nick": None,
            "avatar": None,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "permissions": str(allowed.value),
        }


@dataclass
class Guild:
    id: str
    name: str
    joined_at: str
    roles: list[Json]
    channels: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, Json] = field(default_factory=dict)
    system_channel: str | None = None
    present: bool = True
    """Whether the bot is in it."""


@dataclass
class Kept:
    """A message as it is kept: its JSON, and what Discord does not tell a bot."""

    json: Json
    pings: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    seen_by: str = ""
    """The only person who sees it (an ephemeral message); empty for all."""
    deleted: bool = False
    edits: int = 0


class World:
    """`now` gives seconds since 1970, as a float."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._counter = itertools.count()
        self.bot: Json = {
            "id": self.snowflake(),
            "username": "ASPIRe",
            "global_name": None,
            "discriminator": "0001",
            "avatar": None,
            "bot": True,
            "public_flags": 0,
            "flags": 0,
        }
        self.application_id = self.snowflake()
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.private: dict[str, Json] = {}
        self.messages: dict[str, Kept] = {}
        self.nonces: dict[str, tuple[str, float]] = {}
        self.commands: list[Json] = []

    def snowflake(self) -> str:
        return str((int(self.now() * 1000) - EPOCH_MS << 22) + next(self._counter) % (1 << 22))

    def timestamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    # people and places

    def add_user(self, name: str, locale: str = "en-US", *, manages: bool = True) -> User:
        user = User(self.snowflake(), name, locale, manages)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str) -> Guild:
        number = self.snowflake()
        everybody = self._role(number, "@everyone", EVERYBODY_MAY)
        guild = Guild(number, name, self.timestamp(), [everybody])
        self.guilds[guild.id] = guild
        return guild

    def add_role(self, guild: Guild, name: str) -> str:
        role = self._role(self.snowflake(), name, discord.Permissions.none())
        guild.roles.append(role)
        return str(role["id"])

    @staticmethod
    def _role(number: str, name: str, may: discord.Permissions) -> Json:
        return {
            "id": number,
            "name": name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": 0,
            "permissions": str(may.value),
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }

    def add_channel(self, guild: Guild, name: str, kind: int = TEXT, **more: object) -> str:
        channel: Json = {
            "id": self.snowflake(),
            "type": kind,
            "guild_id": guild.id,
            "name": name,
            "position": len(guild.channels),
            "permission_overwrites": [],
            "topic": None,
            "nsfw": False,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "parent_id": None,
            "flags": 0,
            **more,
        }
        if kind == FORUM:
            channel.setdefault("available_tags", [])
            channel |= {"default_reaction_emoji": None, "default_sort_order": None}
            channel |= {"default_forum_layout": 0}
        guild.channels[channel["id"]] = channel
        return str(channel["id"])

    def tag(self, name: str, *, moderated: bool = False) -> Json:
        """A forum's tag, for `available_tags`."""
        return {
            "id": self.snowflake(),
            "name": name,
            "moderated": moderated,
            "emoji_id": None,
            "emoji_name": None,
        }

    def add_thread(
        self, parent: str, name: str, owner: str = "", applied_tags: list[str] | None = None
    ) -> str:
        guild, channel = self._guild_of(parent)
        kind = ANNOUNCEMENT_THREAD if channel["type"] == ANNOUNCEMENT else THREAD
        thread: Json = {
            "id": self.snowflake(),
            "type": kind,
            "guild_id": guild.id,
            "parent_id": parent,
            "owner_id": owner or self.bot["id"],
            "name": name,
            "last_message_id": None,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "rate_limit_per_user": 0,
            "flags": 0,
            "applied_tags": applied_tags or [],
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": self.timestamp(),
                "locked": False,
                "create_timestamp": self.timestamp(),
            },
        }
        guild.threads[thread["id"]] = thread
        return str(thread["id"])

    def open_dm(self, user: User) -> str:
        number = self.snowflake()
        self.private[number] = {
            "id": number,
            "type": DM,
            "last_message_id": None,
            "flags": 0,
            "recipients": [user.json()],
        }
        return number

    def channel(self, number: str) -> Json:
        """A channel or thread that the bot may know of. Raises ApiError."""
        if number in self.private:
            return self.private[number]
        guild, channel = self._guild_of(number)
        if not guild.present:
            raise ApiError(403, 50001, "Missing Access")
        return channel

    def _guild_of(self, number: str) -> tuple[Guild, Json]:
        for guild in self.guilds.values():
            found = guild.channels.get(number) or guild.threads.get(number)
            if found:
                return guild, found
        raise ApiError(404, 10003, "Unknown Channel")

    def guild_id(self, number: str) -> str | None:
        return None if number in self.private else self._guild_of(number)[0].id

    def guild(self, number: str) -> Guild:
        guild = self.guilds.get(number)
        if guild is None:
            raise ApiError(404, 10004, "Unknown Guild")
        if not guild.present:
            raise ApiError(403, 50001, "Missing Access")
        return guild

    # what the bot may do

    def allowed(self, number: str) -> discord.Permissions:
        """The bot's permissions in a channel; a thread has its parent's."""
        if number in self.private:
            return discord.Permissions(EVERYBODY_MAY.value)
        guild, channel = self._guild_of(number)
        if channel["type"] in THREADS:
            channel = guild.channels[channel["parent_id"]]
        value = int(guild.roles[0]["permissions"])
        for overwrite in channel["permission_overwrites"]:
            if overwrite["id"] in {guild.id, self.bot["id"]}:
                value = value & ~int(overwrite["deny"]) | int(overwrite["allow"])
        return discord.Permissions(value)

    def forbid(self, number: str, *names: str) -> Json:
        """Take permissions from the bot in a channel, as an admin would; returns the channel."""
        _, channel = self._guild_of(number)
        denied = discord.Permissions(**dict.fromkeys(names, True)).value
        channel["permission_overwrites"] = [
            one for one in channel["permission_overwrites"] if one["id"] != self.bot["id"]
        ]
        if denied:
            channel["permission_overwrites"].append(
                {"id": self.bot["id"], "type": 1, "allow": "0", "deny": str(denied)}
            )
        return channel

    def require(self, number: str, body: Json, *, files: bool) -> None:
        """That the bot may send this here. Raises ApiError."""
        channel, may = self.channel(number), self.allowed(number)
        if not may.view_channel:
            raise ApiError(403, 50001, "Missing Access")
        in_thread = channel["type"] in THREADS
        if channel["type"] in {CATEGORY, FORUM}:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        lacking = not (may.send_messages_in_threads if in_thread else may.send_messages)
        if lacking or (body.get("embeds") and not may.embed_links):
            raise ApiError(403, 50013, "Missing Permissions")
        if files and not may.attach_files:
            raise ApiError(403, 50013, "Missing Permissions")
        if in_thread and channel["thread_metadata"]["locked"]:
            raise ApiError(403, 160005, "This thread is locked")

    # messages

    def keep(self, number: str, body: Json, files: dict[str, bytes]) -> Kept:
        """Store a message in a channel."""
        message: Json = {
            "id": self.snowflake(),
            "channel_id": number,
            "type": 0,
            "author": self.bot,
            "content": body.get("content") or "",
            "timestamp": self.timestamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "pinned": False,
            "flags": int(body.get("flags") or 0),
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "attachments": self.attachments(number, body, files),
        }
        if body.get("nonce") is not None:
            message["nonce"] = body["nonce"]
        kept = Kept(message, pings(body, by_bot=True), files)
        self.messages[message["id"]] = kept
        return kept

    def attachments(self, number: str, body: Json, files: dict[str, bytes]) -> list[Json]:
        described = {str(one["id"]): one for one in body.get("attachments") or []}
        made: list[Json] = []
        for place, (name, content) in enumerate(files.items()):
            url = f"https://cdn.example/{number}/{name}"
            made.append(
                {
                    "id": self.snowflake(),
                    "filename": name,
                    "size": len(content),
                    "url": url,
                    "proxy_url": url,
                    "content_type": "image/png",
                    "description": described.get(str(place), {}).get("description"),
                }
            )
        return made

    def in_channel(self, number: str, *, private: bool = False) -> Iterator[Kept]:
        """The messages that stand in a channel, oldest first; private ones only if asked for."""
        for kept in self.messages.values():
            here = kept.json["channel_id"] == number and not kept.deleted
            if here and (private or not kept.seen_by):
                yield kept


def custom_ids(message: Json) -> dict[str, str]:
    """The buttons of a message that can be pressed: custom id -> label."""
    return {
        part["custom_id"]: part["label"]
        for row in message["components"]
        for part in row["components"]
        if "custom_id" in part
    }


def attachment_names(embeds: list[Json]) -> set[str]:
    """The files that embeds say are attached."""
    urls = [str((embed.get("image") or {}).get("url") or "") for embed in embeds]
    return {match[1] for url in urls if (match := re.fullmatch(r"attachment://(.+)", url))}
