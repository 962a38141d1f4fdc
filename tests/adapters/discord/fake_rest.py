"""The fake's REST API, version 10: the routes that the bot uses, with Discord's answers."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from tests.adapters.discord.fake_faults import Fault, Faults, Limits, late
from tests.adapters.discord.fake_gateway import Gateway
from tests.adapters.discord.fake_people import People
from tests.adapters.discord.fake_rules import ApiError, Json, check_commands, check_message, invalid
from tests.adapters.discord.fake_world import FORUM, REQUIRE_TAG, Kept, World, attachment_names

log = logging.getLogger(__name__)
BASE = "/api/v10"
NONCE_S = 300.0

Handler = Callable[[web.Request], Awaitable[Any]]


class Rest:
    def __init__(self, world: World, gateway: Gateway, people: People, token: str) -> None:
        self._world = world
        self._gateway = gateway
        self._people = people
        self.token = token
        self.faults = Faults()
        self.limits = Limits(world.now)
        self.requests: list[tuple[str, str, int]] = []
        """Method, path and status of each answer; 0 for one that was never given."""
        self.dispatch_threads: Callable[[Json], Awaitable[None]] | None = None

    def routes(self) -> list[web.RouteDef]:
        """All routes; those without a token are the interactions' own."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/gateway/bot", self._gateway_bot),
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/{app}/commands", self._commands),
            ("PUT", "/applications/{app}/commands", self._overwrite_commands),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/channels", self._channels),
            ("GET", "/guilds/{guild}/members/{user}", self._member),
            ("GET", "/guilds/{guild}/threads/active", self._active_threads),
            ("GET", "/channels/{channel}", self._channel),
            ("POST", "/channels/{channel}/messages", self._send),
            ("PATCH", "/channels/{channel}/messages/{message}", self._edit),
            ("POST", "/channels/{channel}/threads", self._open_post),
            ("POST", "/interactions/{id}/{token}/callback", self._respond),
            ("POST", "/webhooks/{app}/{token}", self._follow_up),
            ("PATCH", "/webhooks/{app}/{token}/messages/{message}", self._edit_reply),
        ]
        return [web.route(verb, BASE + path, self._wrap(handler)) for verb, path, handler in table]

    def _wrap(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(BASE)
            fault = self.faults.find(request.method, path)
            response = await self._answer(request, handler, fault)
            self.requests.append((request.method, path, response.status if response else 0))
            if response is None:
                if request.transport is not None:  # the client may be gone by now
                    request.transport.abort()
                return web.Response(status=500)
            return response

        return answer

    async def _answer(
        self, request: web.Request, handler: Handler, fault: Fault | None
    ) -> web.Response | None:
        """The answer, or None for a connection that breaks."""
        if fault is None or fault.done:
            response = await self._obey(request, handler)
            if fault is None:
                return response
        await late(fault)
        if fault.drop:
            return None
        if not fault.status:  # only late
            return response if fault.done else await self._obey(request, handler)
        return _json(fault.body(), fault.status, fault.headers())

    async def _obey(self, request: web.Request, handler: Handler) -> web.Response:
        headers: dict[str, str] = {}
        if request.method in {"POST", "PATCH"} and "channel" in request.match_info:
            fault, headers = self.limits.too_fast(request.match_info["channel"])
            if fault:
                return _json(fault.body(), 429, {**headers, **fault.headers()})
        elsewhere = request.path.removeprefix(BASE).startswith(("/interactions/", "/webhooks/"))
        try:
            if not elsewhere:
                self._check_token(request)
            made = await handler(request)
        except ApiError as error:
            return _json(error.body, error.status, headers)
        return _json(made, 200, headers) if made is not None else web.Response(status=204)

    def _check_token(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    # who and where

    async def _gateway_bot(self, request: web.Request) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{request.host}/gateway"
        return {"url": url, "shards": self._gateway.shards, "session_start_limit": limit}

    async def _me(self, _request: web.Request) -> Json:
        return self._world.bot

    async def _application(self, _request: web.Request) -> Json:
        return {
            "id": self._world.application_id,
            "name": "ASPIRe",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "00",
            "flags": 0,
            "owner": self._world.bot,
            "team": None,
            "summary": "",
        }

    async def _commands(self, _request: web.Request) -> list[Json]:
        return self._world.commands

    async def _overwrite_commands(self, request: web.Request) -> list[Json]:
        commands: list[Json] = await request.json()
        check_commands(commands)
        for command in commands:
            command |= {"id": self._world.snowflake(), "version": self._world.snowflake()}
            command["application_id"] = self._world.application_id
        self._world.commands = commands
        return commands

    async def _guild(self, request: web.Request) -> Json:
        guild = self._world.guild(request.match_info["guild"])
        return self._gateway.guild_json(guild, unavailable=None)

    async def _channels(self, request: web.Request) -> list[Json]:
        return list(self._world.guild(request.match_info["guild"]).channels.values())

    async def _member(self, request: web.Request) -> Json:
        guild = self._world.guild(request.match_info["guild"])
        if request.match_info["user"] != self._world.bot["id"]:
            raise ApiError(404, 10007, "Unknown Member")
        members: list[Json] = self._gateway.guild_json(guild, unavailable=None)["members"]
        return members[0]

    async def _active_threads(self, request: web.Request) -> Json:
        guild = self._world.guild(request.match_info["guild"])
        active = [t for t in guild.threads.values() if not t["thread_metadata"]["archived"]]
        return {"threads": active, "members": []}

    async def _channel(self, request: web.Request) -> Json:
        return self._world.channel(request.match_info["channel"])

    # messages

    async def _send(self, request: web.Request) -> Json:
        number = request.match_info["channel"]
        body, files = await _read(request)
        self._world.require(number, body, files=bool(files))
        check_message(body, files=len(files))
        earlier = self._same_nonce(body)
        if earlier is not None:
            if earlier.deleted:
                raise ApiError(404, 10008, "Unknown Message")
            return earlier.json
        channel = self._world.channel(number)
        if "thread_metadata" in channel:
            channel["thread_metadata"]["archived"] = False
        return self._kept(number, body, files).json

    def _kept(self, number: str, body: Json, files: dict[str, bytes]) -> Kept:
        kept = self._world.keep(number, body, files)
        if body.get("nonce"):
            until = self._world.now() + NONCE_S
            self._world.nonces[str(body["nonce"])] = (kept.json["id"], until)
        names = {one["filename"] for one in kept.json["attachments"]}
        assert attachment_names(kept.json["embeds"]) <= names, "an embed shows a missing file"
        return kept

    def _same_nonce(self, body: Json) -> Kept | None:
        """What the bot sent with this nonce in the last minutes, if it asked for that look."""
        nonce, now = body.get("nonce"), self._world.now()
        if not nonce or not body.get("enforce_nonce"):
            return None
        message, until = self._world.nonces.get(str(nonce), ("", 0.0))
        if now < until:
            return self._world.messages[message]
        return None

    async def _edit(self, request: web.Request) -> Json:
        number = request.match_info["channel"]
        channel = self._world.channel(number)
        kept = self._world.messages.get(request.match_info["message"])
        if kept is None or kept.deleted or kept.json["channel_id"] != number:
            raise ApiError(404, 10008, "Unknown Message")
        if kept.json["author"]["id"] != self._world.bot["id"]:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        if (channel.get("thread_metadata") or {}).get("archived"):
            raise ApiError(400, 50083, "Thread is archived")
        body, files = await _read(request)
        self._people.change(kept, body, files)
        return kept.json

    async def _open_post(self, request: web.Request) -> Json:
        number = request.match_info["channel"]
        forum, may = self._world.channel(number), self._world.allowed(number)
        if forum["type"] != FORUM:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        body, files = await _read(request)
        if not may.view_channel:
            raise ApiError(403, 50001, "Missing Access")
        if not may.send_messages:
            raise ApiError(403, 50013, "Missing Permissions")
        _check_post(forum, body)
        check_message(body["message"], files=len(files))
        thread_id = self._world.add_thread(
            number, body["name"], applied_tags=[str(one) for one in body.get("applied_tags") or []]
        )
        kept = self._kept(thread_id, body["message"], files)
        self._world.messages.pop(kept.json["id"])
        kept.json["id"] = thread_id  # a post's first message has the post's id
        self._world.messages[thread_id] = kept
        thread = self._world.channel(thread_id)
        if self.dispatch_threads:
            await self.dispatch_threads(thread)
        return {**thread, "message": kept.json}

    # interactions

    async def _respond(self, request: web.Request) -> Json | None:
        body, files = await _read(request)
        where = request.match_info
        made = self._people.respond(where["id"], where["token"], body, files)
        return made if request.query.get("with_response") in {"1", "true"} else None

    async def _follow_up(self, request: web.Request) -> Json | None:
        body, files = await _read(request)
        kept = self._people.follow_up(request.match_info["token"], body, files)
        return kept.json if request.query.get("wait") in {"1", "true"} else None

    async def _edit_reply(self, request: web.Request) -> Json:
        body, files = await _read(request)
        where = request.match_info
        return self._people.edit(where["token"], where["message"], body, files).json


def _check_post(forum: Json, body: Json) -> None:
    if not 1 <= len(str(body.get("name") or "")) <= 100:
        raise invalid("name", "Must be between 1 and 100 in length.")
    tags = [str(one) for one in body.get("applied_tags") or []]
    known = {tag["id"] for tag in forum["available_tags"]}
    if len(tags) > 5 or not set(tags) <= known:
        raise invalid("applied_tags", "Too many, or not this forum's.")
    if forum["flags"] & REQUIRE_TAG and not tags:
        raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")


async def _read(request: web.Request) -> tuple[Json, dict[str, bytes]]:
    """The body, and the files that came with it by their names."""
    if not request.content_type.startswith("multipart/"):
        body: Json = await request.json()
        return body, {}
    form = await request.post()
    body = json.loads(str(form["payload_json"]))
    files = {
        field.filename: field.file.read()
        for name, field in form.items()
        if name.startswith("files[") and isinstance(field, web.FileField)
    }
    return body, files


def _json(body: object, status: int, headers: dict[str, str]) -> web.Response:
    # without a charset: discord.py takes any other content type for text
    made = CIMultiDict({"Content-Type": "application/json", **headers})
    return web.Response(body=json.dumps(body).encode(), status=status, headers=made)
