"""A small honest Slack on loopback: Web API over HTTP, Socket Mode over a real WebSocket, HTTP
mode with signatures. Also runs by itself: `python -m tests.adapters.slack.fake_slack --port N`.
"""

import asyncio
import json
import time
from collections.abc import Callable
from hashlib import sha256
from hmac import HMAC
from typing import Self, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp import web

from tests.adapters.slack.fake_slack_checks import Json, Refused
from tests.adapters.slack.fake_slack_people import TEAM, People
from tests.adapters.slack.fake_slack_socket import ACK_S, NotAcknowledged, Sockets
from tests.adapters.slack.fake_slack_web import Fault, FaultKind, WebApi
from tests.adapters.slack.fake_slack_world import (
    Channel,
    Message,
    Sent,
    User,
    View,
    Workspace,
    World,
)

Found = TypeVar("Found")


class FakeSlack(People):
    """`async with FakeSlack() as slack`. One workspace with #general, #compliance and a private
    #board; U1 alice and U2 bob are in all three, U9 eve in none; U3 carol is an admin.
    """

    def __init__(self, port: int = 0, first_id: int = 1) -> None:
        self.world = World(first_id)
        self.changes = asyncio.Condition()
        self.api = WebApi(self.world, self.changed)
        self.sockets = Sockets(self.changed)
        self.signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
        self.client_id = "111.222"
        self.client_secret = "client-secret-of-the-fake"
        self.codes: dict[str, dict[str, str]] = {}
        self.api.exchange = self._exchange
        self.request_url = ""
        """Where HTTP mode posts to; empty for Socket Mode."""
        self._port = port
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self._settle(self.world.add_workspace(TEAM, "Harbour"))

    def _settle(self, workspace: Workspace) -> None:
        for user in (
            User("U1", "alice"),
            User("U2", "bob", locale="zh-TW"),
            User("U3", "carol", admin=True),
            User("U9", "eve"),
        ):
            workspace.users[user.id] = user
        everybody = {"U1", "U2", "U3", workspace.bot_user}
        for channel in (
            Channel("C1", "general", members=set(everybody)),
            Channel("C2", "compliance", members=set(everybody)),
            Channel("C3", "board", private=True, members=set(everybody)),
            Channel("C4", "random", members={"U1", "U2", "U3"}),
        ):
            workspace.channels[channel.id] = channel

    # The server

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes([*self.api.routes(), web.get("/link", self.sockets.connect)])
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        self._http = aiohttp.ClientSession()
        self.api.socket_url = lambda: f"ws://{self.host}/link?ticket={self.sockets.ticket()}"
        return self

    def add_routes(self, app: web.Application) -> None:
        """For more than Slack has; the process of its own adds its control."""

    async def __aexit__(self, *_: object) -> None:
        self.api.released.set()
        await self.sockets.drop()
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return f"http://{self.host}/api/"

    @property
    def app_token(self) -> str:
        return self.api.app_token

    @property
    def bot_token(self) -> str:
        return self.workspace().token

    # Looking

    def messages(self, channel: str, team: str = TEAM) -> list[Message]:
        """What everybody in the channel sees, oldest first."""
        return [
            one
            for one in self.workspace(team).messages
            if one.channel == channel and not one.only_for
        ]

    def private(self, user: str, team: str = TEAM) -> list[Message]:
        """What only this person sees, oldest first."""
        return [one for one in self.workspace(team).messages if one.only_for == user]

    def modals(self, user: str) -> list[View]:
        """The person's open modals, the lowest first."""
        return [view for view in self.world.views.values() if view.user == user and not view.closed]

    async def changed(self) -> None:
        async with self.changes:
            self.changes.notify_all()

    async def until(self, look: Callable[[], Found | None], within: float = 10.0) -> Found:
        """Wait until `look` finds something. Raises AssertionError after `within` seconds."""
        end = asyncio.get_running_loop().time() + within
        while not (found := look()):
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"nothing came; refused: {self.api.refusals}")
            await self._next_change()
        return found

    async def _next_change(self) -> None:
        """Or a moment, for what changes elsewhere (a fake desk is no part of Slack)."""
        try:
            async with asyncio.timeout(0.02), self.changes:
                await self.changes.wait()
        except TimeoutError:
            return

    async def connected(self, count: int = 1) -> None:
        """Wait until the app has opened its `count`th connection, and holds one."""
        await self.until(lambda: self.sockets.open and self.sockets.opened >= count)

    async def answer(self, sent: Sent) -> Message | View:
        """What the app showed for an interaction through its response URL or trigger."""
        return await self.until(lambda: self._shown(sent.trigger))

    def _shown(self, trigger: str) -> Message | View | None:
        for view in self.world.views.values():
            if view.via == trigger:
                return view
        for workspace in self.world.workspaces.values():
            for message in workspace.messages:
                if message.via == trigger:
                    return message
        return None

    # Trouble

    def fail(
        self,
        method: str,
        kind: FaultKind,
        *,
        error: str = "",
        status: int = 500,
        retry_after: int = 1,
        after: bool = False,
        times: int = 1,
        channel: str = "",
    ) -> None:
        """The next calls of `method` ("response_url" for those) go wrong; see Fault."""
        fault = Fault(method, kind, error, status, retry_after, after, times, channel)
        self.api.faults.append(fault)

    # Installing

    def approve(self, authorize_url: str, team: str) -> str:
        """A person allows the app into `team`; where Slack then sends the browser."""
        asked = parse_qs(urlsplit(authorize_url).query)
        assert asked["client_id"] == [self.client_id]
        redirect = asked["redirect_uri"][0]
        code = self.world.new_id("code")
        self.codes[code] = {"team": team, "redirect": redirect, "scopes": asked["scope"][0]}
        return f"{redirect}?{urlencode({'code': code, 'state': asked['state'][0]})}"

    def _exchange(self, arguments: Json) -> Json:
        """oauth.v2.access: one code, once, for the app that it was given to."""
        given = self.codes.pop(arguments.get("code", ""), None)
        if given is None:
            raise Refused("invalid_code")
        if (arguments["client_id"], arguments["client_secret"]) != (
            self.client_id,
            self.client_secret,
        ):
            raise Refused("bad_client_secret")
        if arguments.get("redirect_uri") != given["redirect"]:
            raise Refused("bad_redirect_uri")
        workspace = self.world.add_workspace(given["team"], f"Team {given['team']}")
        self._settle(workspace)
        workspace.scopes = given["scopes"]
        return {
            "access_token": workspace.token,
            "token_type": "bot",
            "scope": workspace.scopes,
            "bot_user_id": workspace.bot_user,
            "app_id": "A0FAKE",
            "team": {"id": workspace.id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": "U1"},
        }

    # Delivery

    async def deliver(self, kind: str, payload: Json) -> Sent:
        """By Socket Mode, or by HTTP if `request_url` is set. Raises NotAcknowledged."""
        if self.request_url:
            return await self._deliver_http(kind, payload)
        envelope = await self.sockets.deliver(kind, payload)
        return Sent("", envelope.acked_after, payload, envelope.acked.result())

    async def _deliver_http(self, kind: str, payload: Json) -> Sent:
        assert self._http
        times = 2 if self.sockets.repeat else 1
        started, answer = time.monotonic(), ""
        for _ in range(times):
            body, content_type = http_body(kind, payload)
            headers = {"Content-Type": content_type, **self.signed(body)}
            try:
                async with self._http.post(
                    self.request_url,
                    data=body,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=ACK_S),
                ) as response:
                    answer = await response.text()
                    if response.status != 200:
                        raise NotAcknowledged(f"{kind}: {response.status} {answer[:200]}")
            except TimeoutError:
                raise NotAcknowledged(f"{kind} was not acknowledged") from None
        told = json.loads(answer) if answer else {}
        return Sent("", time.monotonic() - started, payload, told)

    def signed(self, body: str, at: int | None = None) -> dict[str, str]:
        """The headers that prove a request to be Slack's."""
        stamp = str(int(time.time()) if at is None else at)
        base = f"v0:{stamp}:{body}".encode()
        signature = HMAC(self.signing_secret.encode(), base, sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}


def http_body(kind: str, payload: Json) -> tuple[str, str]:
    """As HTTP mode sends it: the body and its content type."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


__all__ = ["TEAM", "FakeSlack", "Message", "NotAcknowledged", "Sent", "View"]

if __name__ == "__main__":
    from tests.adapters.slack.fake_slack_control import main

    main()
