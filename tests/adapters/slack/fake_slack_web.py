"""The fake Slack's Web API over HTTP: methods, scopes, limits, and faults on order."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import BasicAuth, web

from tests.adapters.slack.fake_slack_checks import Json, Refused, check_message
from tests.adapters.slack.fake_slack_world import Message, Workspace, World

FaultKind = Literal["error", "rate", "status", "hang", "drop"]
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "users.info": "users:read",
    "conversations.info": "channels:read",
    "users.conversations": "channels:read",
    "conversations.history": "channels:history",
}


@dataclass
class Fault:
    """What goes wrong with the next calls of a method."""

    method: str
    kind: FaultKind
    error: str = ""
    status: int = 500
    retry_after: int = 1
    after: bool = False
    """Only after the call was carried out."""
    times: int = 1
    channel: str = ""
    """Only for this channel; empty for all."""


Method = Callable[[Workspace, Json], Json]


class WebApi:
    def __init__(self, world: World, changed: Callable[[], Awaitable[None]]) -> None:
        self.world = world
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.unheard: Counter[str] = Counter()
        """By delivery's key: how often it was posted and a fault kept the answer back."""
        self.refusals: list[str] = []
        """What was refused for its content, so that a test can look why."""
        self.per_second = 0.0
        """Messages a second that a channel takes; 0 for no limit."""
        self.limited = 0
        """How often that was passed."""
        self._changed = changed
        self._free_at: dict[str, float] = {}
        self.app_token = "xapp-1-A0FAKE-fake"
        self.socket_url: Callable[[], str] = lambda: ""
        self.exchange: Callable[[Json], Json] = lambda _arguments: {}
        self.released = asyncio.Event()
        """Ends all hanging calls when the fake closes."""
        self._methods: dict[str, Method] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "users.info": self._users_info,
            "conversations.info": self._conversations_info,
            "users.conversations": self._users_conversations,
            "conversations.history": self._conversations_history,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self.call),
            web.get("/api/{method}", self.call),
            web.post("/hooks/{id}", self.respond),
        ]

    # Over HTTP

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await self._arguments(request)
        self.calls[method] += 1
        fault = self._fault(method, arguments)
        if fault and not fault.after:
            return await self._fail(fault, request)
        answer = self._answer(method, arguments, request)
        await self._changed()
        if fault:
            payload = (arguments.get("metadata") or {}).get("event_payload") or {}
            self.unheard[payload.get("key", "")] += 1
            return await self._fail(fault, request)
        return answer

    async def _arguments(self, request: web.Request) -> Json:
        if request.content_type == "application/json":
            return dict(await request.json())
        given: Json = dict(await request.post())
        for name in ("blocks", "view", "metadata"):
            if isinstance(given.get(name), str):
                given[name] = json.loads(given[name])
        return {**dict(request.query), **given}

    def _answer(self, method: str, arguments: Json, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        headers = {}
        try:
            if method == "apps.connections.open":
                result = self._connections_open(token)
            elif method == "oauth.v2.access":
                result = self.exchange({**arguments, **self._basic(request)})
            else:
                workspace = self.world.by_token(token)
                headers["x-oauth-scopes"] = workspace.scopes
                result = self._carry_out(method, workspace, arguments)
        except Refused as refused:
            return self._refusal(method, refused, headers)
        return web.json_response({"ok": True, **result}, headers=headers)

    def _basic(self, request: web.Request) -> Json:
        given = request.headers.get("Authorization", "")
        if not given.startswith("Basic "):
            return {}
        basic = BasicAuth.decode(given)
        return {"client_id": basic.login, "client_secret": basic.password}

    def _carry_out(self, method: str, workspace: Workspace, arguments: Json) -> Json:
        handler = self._methods.get(method)
        if handler is None:
            raise Refused("unknown_method", method)
        scope = SCOPES.get(method)
        if scope and scope not in workspace.scopes.split(","):
            raise Refused("missing_scope", method, needed=scope, provided=workspace.scopes)
        return handler(workspace, arguments)

    def _refusal(self, method: str, refused: Refused, headers: dict[str, str]) -> web.Response:
        if refused.error == "ratelimited":
            headers = {**headers, "Retry-After": str(refused.more["retry_after"])}
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers=headers
            )
        if refused.where:
            self.refusals.append(f"{method}: {refused}")
        body = {"ok": False, "error": refused.error, **refused.more}
        return web.json_response(
            {**body, "response_metadata": {"messages": [refused.where]}}, headers=headers
        )

    async def respond(self, request: web.Request) -> web.Response:
        """A post to a response URL."""
        content = dict(await request.json())
        self.calls["response_url"] += 1
        fault = self._fault("response_url", content)
        if fault:
            return web.Response(status=fault.status, text=fault.error or "no_service")
        try:
            check_message(content)
            self.world.respond(str(request.url), content, time.monotonic())
        except Refused as refused:
            self.refusals.append(f"response_url: {refused}")
            gone = refused.error in {"expired_url", "used_url"}
            return web.Response(status=404 if gone else 400, text=refused.error)
        await self._changed()
        return web.Response(text="ok")

    # Faults

    def _fault(self, method: str, arguments: Json) -> Fault | None:
        for fault in self.faults:
            fits = fault.method == method and fault.channel in {"", arguments.get("channel")}
            if fits and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def _fail(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.kind == "error":
            return web.json_response({"ok": False, "error": fault.error})
        if fault.kind == "rate":
            return web.json_response(
                {"ok": False, "error": "ratelimited"},
                status=429,
                headers={"Retry-After": str(fault.retry_after)},
            )
        if fault.kind == "hang":
            await self.released.wait()
        if fault.kind in {"hang", "drop"}:
            if request.transport:
                request.transport.close()
            return web.Response(status=500)
        return web.Response(
            status=fault.status, text="<html>upstream fault</html>", content_type="text/html"
        )

    # Methods

    def _connections_open(self, token: str) -> Json:
        if token != self.app_token:
            raise Refused("invalid_auth")
        return {"url": self.socket_url()}

    def _auth_test(self, workspace: Workspace, _arguments: Json) -> Json:
        return {
            "url": "https://example.slack.com/",
            "team": workspace.name,
            "team_id": workspace.id,
            "user": "aspire",
            "user_id": workspace.bot_user,
            "bot_id": workspace.bot_id,
        }

    def _post_message(self, workspace: Workspace, arguments: Json) -> Json:
        channel = workspace.may_post(arguments["channel"])
        check_message(arguments)
        self._within_limit(f"{workspace.id}/{channel.id}")
        message = self.world.post(workspace, channel.id, arguments)
        return {"channel": channel.id, "ts": message.ts, "message": {"text": message.text}}

    def _within_limit(self, where: str) -> None:
        if not self.per_second:
            return
        now = time.monotonic()
        free = self._free_at.get(where, now)
        if free > now:
            self.limited += 1
            raise Refused("ratelimited", retry_after=max(1, round(free - now)))
        self._free_at[where] = now + 1 / self.per_second

    def _post_ephemeral(self, workspace: Workspace, arguments: Json) -> Json:
        channel = workspace.may_post(arguments["channel"])
        if arguments["user"] not in channel.members:
            raise Refused("user_not_in_channel")
        check_message(arguments)
        message = self.world.post(workspace, channel.id, arguments, only_for=arguments["user"])
        return {"message_ts": message.ts}

    def _update(self, workspace: Workspace, arguments: Json) -> Json:
        channel = workspace.find(arguments["channel"])
        if channel.archived:
            raise Refused("is_inactive")
        message = self._message(workspace, channel.id, arguments["ts"])
        if message.user != workspace.bot_user:
            raise Refused("cant_update_message")
        check_message(arguments, update=True)
        message.text = arguments.get("text") or ""
        message.blocks = arguments.get("blocks") or []
        message.edits += 1
        return {"channel": channel.id, "ts": message.ts, "text": message.text}

    def _message(self, workspace: Workspace, channel: str, ts: str) -> Message:
        for message in workspace.messages:
            if (message.channel, message.ts, message.only_for) == (channel, ts, ""):
                return message
        raise Refused("message_not_found")

    def _users_info(self, workspace: Workspace, arguments: Json) -> Json:
        user = workspace.users.get(arguments["user"])
        if user is None:
            raise Refused("user_not_found")
        told: Json = {
            "id": user.id,
            "team_id": user.team or workspace.id,
            "name": user.name,
            "is_admin": user.admin,
            "is_owner": False,
            "profile": {"display_name": user.name},
        }
        if str(arguments.get("include_locale", "")).lower() in {"1", "true"}:
            told["locale"] = user.locale
        return {"user": told}

    def _conversations_info(self, workspace: Workspace, arguments: Json) -> Json:
        channel = workspace.find(arguments["channel"])
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_im": channel.direct,
                "is_private": channel.private,
                "is_archived": channel.archived,
                "is_member": workspace.bot_user in channel.members,
            }
        }

    def _users_conversations(self, workspace: Workspace, arguments: Json) -> Json:
        """The person's channels, without those private ones that the bot is not in."""
        kinds = str(arguments.get("types", "public_channel")).split(",")
        told = [
            {"id": channel.id, "name": channel.name}
            for channel in workspace.channels.values()
            if arguments["user"] in channel.members
            and not channel.direct
            and ("private_channel" if channel.private else "public_channel") in kinds
            and (not channel.private or workspace.bot_user in channel.members)
        ]
        start, size = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        more = str(start + size) if start + size < len(told) else ""
        return {
            "channels": told[start : start + size],
            "response_metadata": {"next_cursor": more},
        }

    def _conversations_history(self, workspace: Workspace, arguments: Json) -> Json:
        channel = workspace.may_post(arguments["channel"])
        told = [
            {"ts": one.ts, "text": one.text, **({"metadata": one.metadata} if one.metadata else {})}
            for one in reversed(workspace.messages)
            if one.channel == channel.id and not one.only_for and not one.thread_ts
        ]
        return {"messages": told[: int(arguments.get("limit") or 100)], "has_more": False}

    def _views_open(self, _workspace: Workspace, arguments: Json) -> Json:
        view = self.world.open_view(
            arguments["trigger_id"], arguments["view"], time.monotonic(), "open"
        )
        return {"view": {"id": view.id, "root_view_id": view.root}}

    def _views_push(self, _workspace: Workspace, arguments: Json) -> Json:
        view = self.world.open_view(
            arguments["trigger_id"], arguments["view"], time.monotonic(), "push"
        )
        return {"view": {"id": view.id, "root_view_id": view.root}}

    def _views_update(self, _workspace: Workspace, arguments: Json) -> Json:
        view = self.world.update_view(arguments["view_id"], arguments["view"])
        return {"view": {"id": view.id, "root_view_id": view.root}}

    def _views_publish(self, workspace: Workspace, arguments: Json) -> Json:
        view = self.world.publish_home(workspace, arguments["user_id"], arguments["view"])
        return {"view": {"id": view.id}}
