"""People who use the bot on the fake Discord: their interactions, and what they got for them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.adapters.discord.fake_rules import (
    EPHEMERAL,
    ApiError,
    Json,
    check_choices,
    check_message,
    check_modal,
)
from tests.adapters.discord.fake_world import DM, Kept, User, World, attachment_names, custom_ids

ANSWER_WITHIN_S = 3.0
TOKEN_LIVES_S = 900.0
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class NotAnswered(AssertionError):
    """The person saw "The application did not respond"."""


@dataclass
class Answer:
    """What came of one interaction."""

    id: str
    token: str
    kind: int
    user: User
    channel: str
    asked_at: float
    """The event loop's time."""
    pressed: Kept | None = None
    responded: asyncio.Event = field(default_factory=asyncio.Event)
    after_s: float = 0.0
    """From asking to the first response."""
    type: int = 0
    thinking: bool = False
    """Deferred, and not filled in yet."""
    original: Kept | None = None
    followups: list[Kept] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)

    @property
    def message(self) -> Json:
        """The answer proper. Raises AssertionError if there is none yet."""
        assert self.original is not None, "no message yet"
        return self.original.json

    @property
    def embed(self) -> Json:
        embeds: list[Json] = self.message["embeds"]
        return embeds[0]

    @property
    def private(self) -> bool:
        assert self.original is not None, "no message yet"
        return bool(self.original.seen_by)

    @property
    def buttons(self) -> dict[str, str]:
        """Custom id -> label."""
        return custom_ids(self.message)


class People:
    """Makes interactions and takes the bot's responses, with Discord's rules for both."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answers: dict[str, Answer] = {}
        """By token."""
        self.refused_late = 0
        self.answer_within_s = ANSWER_WITHIN_S

    # the interaction, as the gateway tells it

    def interaction(self, kind: int, data: Json, user: User, channel: str) -> tuple[Answer, Json]:
        world = self._world
        place = world.private.get(channel) or world.channel(channel)
        guild = world.guild_id(channel)
        number, loop = world.snowflake(), asyncio.get_running_loop()
        answer = Answer(number, f"token-{number}", kind, user, channel, loop.time())
        self.answers[answer.token] = answer
        body: Json = {
            "id": number,
            "application_id": world.application_id,
            "type": kind,
            "data": data,
            "channel": {**place, "permissions": "0"},
            "channel_id": channel,
            "token": answer.token,
            "version": 1,
            "app_permissions": str(world.allowed(channel).value),
            "locale": user.locale,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 1 if place["type"] == DM else 0,
            "attachment_size_limit": 10_485_760,
        }
        if guild is None:
            body["user"] = user.json()
        else:
            body |= {"guild_id": guild, "guild_locale": "en-US", "member": user.member()}
            body["guild"] = {"id": guild, "locale": "en-US", "features": []}
        return answer, body

    def command_data(self, name: str, options: Mapping[str, Any], focused: str = "") -> Json:
        """The data of `/aspire name`, checked against what the bot has registered."""
        root = next((one for one in self._world.commands if one.get("type", 1) == 1), None)
        assert root is not None, "no commands are registered"
        known = next((one for one in root["options"] if one["name"] == name), None)
        assert known is not None, f"no such command: {name}"
        given = [self._option(known, one, value) for one, value in options.items()]
        missing = [one["name"] for one in known["options"] if one.get("required")]
        if focused:
            next(one for one in given if one["name"] == focused)["focused"] = True
        else:
            assert set(missing) <= set(options), f"required: {missing}"
        data: Json = {"id": root["id"], "name": root["name"], "type": 1}
        data["options"] = [{"type": 1, "name": name, "options": given}]
        mentionable = [one["value"] for one in given if one["type"] == 9]
        if mentionable:
            data["resolved"] = self._resolved(mentionable)
        return data

    def _option(self, command: Json, name: str, value: object) -> Json:
        known = next((one for one in command["options"] if one["name"] == name), None)
        assert known is not None, f"{command['name']} has no option {name}"
        kind = {5: bool}.get(known["type"], str)
        assert isinstance(value, kind), f"{name} takes {kind}"
        choices = [choice["value"] for choice in known.get("choices") or []]
        assert not choices or value in choices, f"{name} takes one of {choices}"
        return {"name": name, "type": known["type"], "value": value}

    def _resolved(self, numbers: list[str]) -> Json:
        roles = {
            role["id"]: role
            for guild in self._world.guilds.values()
            for role in guild.roles
            if role["id"] in numbers
        }
        users = {one: self._world.users[one].json() for one in numbers if one in self._world.users}
        return {"roles": roles, "users": users, "members": {}}

    # the bot's responses

    def respond(self, answer_id: str, token: str, body: Json, files: dict[str, bytes]) -> Json:
        """The first response to an interaction. Raises ApiError."""
        answer = self.answers.get(token)
        loop = asyncio.get_running_loop()
        if answer is None or answer.id != answer_id:
            raise ApiError(404, 10062, "Unknown interaction")
        if answer.responded.is_set():
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if loop.time() - answer.asked_at > self.answer_within_s:
            self.refused_late += 1
            raise ApiError(404, 10062, "Unknown interaction")
        self._take(answer, int(body["type"]), body.get("data") or {}, files)
        answer.type = int(body["type"])
        answer.after_s = loop.time() - answer.asked_at
        answer.responded.set()
        return {
            "interaction": {
                "id": answer.id,
                "type": answer.kind,
                "response_message_id": answer.original.json["id"] if answer.original else None,
                "response_message_loading": answer.thinking,
                "response_message_ephemeral": bool(answer.original and answer.original.seen_by),
            },
            "resource": {"type": answer.type},
        }

    def _take(self, answer: Answer, kind: int, data: Json, files: dict[str, bytes]) -> None:
        if kind not in _ALLOWED[answer.kind]:
            raise ApiError(400, 50035, f"Response {kind} does not fit interaction {answer.kind}")
        if kind == MESSAGE:
            check_message(data, files=len(files), interaction=True)
            answer.original = self._keep(answer, data, files)
        elif kind == DEFERRED:
            answer.thinking = True
            answer.original = self._keep(answer, data, {})
        elif kind in {UPDATE, DEFERRED_UPDATE}:
            assert answer.pressed is not None, "nothing to update"
            answer.original = answer.pressed
            if kind == UPDATE:
                self.change(answer.pressed, data, files)
        elif kind == MODAL:
            check_modal(data)
            answer.modal = data
        else:
            check_choices(data.get("choices") or [])
            answer.choices = data.get("choices") or []

    def _keep(self, answer: Answer, data: Json, files: dict[str, bytes]) -> Kept:
        kept = self._world.keep(answer.channel, data, files)
        if int(data.get("flags") or 0) & EPHEMERAL:
            kept.seen_by = answer.user.id
        return kept

    def of_token(self, token: str) -> Answer:
        """Raises ApiError for a token that is unknown, unanswered or over."""
        answer = self.answers.get(token)
        loop = asyncio.get_running_loop()
        if answer is None or not answer.responded.is_set():
            raise ApiError(404, 10015, "Unknown Webhook")
        if loop.time() - answer.asked_at > TOKEN_LIVES_S:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return answer

    def follow_up(self, token: str, body: Json, files: dict[str, bytes]) -> Kept:
        """One more message. The first one after a deferral fills that in, and is as private."""
        answer = self.of_token(token)
        check_message(body, files=len(files), interaction=True)
        if answer.thinking and answer.original is not None:
            self.change(answer.original, body, files)
            answer.thinking = False
            return answer.original
        kept = self._keep(answer, body, files)
        answer.followups.append(kept)
        return kept

    def edit(self, token: str, message: str, body: Json, files: dict[str, bytes]) -> Kept:
        answer = self.of_token(token)
        kept = answer.original if message == "@original" else self._world.messages.get(message)
        if kept is None or kept.deleted:
            raise ApiError(404, 10008, "Unknown Message")
        self.change(kept, body, files)
        answer.thinking = False
        return kept

    def change(self, kept: Kept, body: Json, files: dict[str, bytes]) -> None:
        """Edit a message: what the body does not name stays."""
        whole = {**kept.json, **body, "flags": 0, "nonce": None}
        check_message(whole, files=len(files), interaction=True)
        for name in ("content", "embeds", "components"):
            if name in body:
                kept.json[name] = body[name] or ("" if name == "content" else [])
        if "attachments" in body:
            kept.json["attachments"] = self._world.attachments(kept.json["channel_id"], body, files)
            kept.files = files
        kept.json["edited_timestamp"] = self._world.timestamp()
        kept.edits += 1
        names = {one["filename"] for one in kept.json["attachments"]}
        assert attachment_names(kept.json["embeds"]) <= names, "an embed shows a missing file"


_ALLOWED = {
    COMMAND: {MESSAGE, DEFERRED, MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}
