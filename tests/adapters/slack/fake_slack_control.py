"""The fake Slack as a process of its own, steered and read over HTTP: for tests that kill the bot.

It prints one line of JSON with its addresses and tokens, and serves until it is ended.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict

from aiohttp import web

from tests.adapters.slack.fake_slack import FakeSlack, Message, Sent, View
from tests.adapters.slack.fake_slack_checks import Json

VERBS = frozenset(
    {
        "archive",
        "delete",
        "direct_message",
        "invite",
        "mention",
        "open_home",
        "remove",
        "rename",
        "unarchive",
        "uninstall",
    }
)

SWITCHES = frozenset({"http", "limit", "restore", "revoke"})


class ControlledSlack(FakeSlack):
    """`GET /control/messages?channel=C1`, `/control/views?user=U1` (open modals, and the Home),
    `/control/state`; `POST /control/<verb>`.
    """

    def add_routes(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/control/messages", self._messages),
                web.get("/control/views", self._views),
                web.get("/control/state", self._state),
                web.post("/control/{verb}", self._do),
            ]
        )

    async def _messages(self, request: web.Request) -> web.Response:
        """All messages, oldest first; of one channel with `channel`."""
        channel = request.query.get("channel", "")
        told = [
            {**asdict(one), "key": one.key, "seen": one.seen, "called": one.called}
            for workspace in self.world.workspaces.values()
            for one in workspace.messages
            if channel in {"", one.channel}
        ]
        return web.json_response(told)

    async def _views(self, request: web.Request) -> web.Response:
        """The modals that a person has open, the lowest first, and their Home ("" for none)."""
        user = request.query.get("user", "U1")
        home = self.workspace().homes.get(user)
        told = {"modals": [_told(view) for view in self.modals(user)]}
        return web.json_response({**told, "home": _told(home) if home else ""})

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "calls": dict(self.api.calls),
                "refusals": self.api.refusals,
                "sockets": len(self.sockets.open),
                "opened": self.sockets.opened,
            }
        )

    async def _do(self, request: web.Request) -> web.Response:
        """A step of a person or of Slack, its arguments as a JSON object."""
        verb, given = request.match_info["verb"], await request.json()
        if verb == "command":
            sent = await self.command("/aspire", **given)
            return web.json_response({"trigger": sent.trigger, "acked_after": sent.acked_after})
        if verb in {"press", "shortcut", "submit", "pick"}:
            sent = await self._interacted(verb, given, given.get("user", "U1"))
            return web.json_response({"trigger": sent.trigger, "acked_after": sent.acked_after})
        if verb in VERBS:
            await getattr(self, verb)(**given)
        elif verb == "fail":
            self.fail(**given)
        elif verb in {"drop", "refresh"}:
            await getattr(self.sockets, verb)()
        elif verb in SWITCHES:
            self._switch(verb, given)
        else:
            raise web.HTTPNotFound(text=f"no verb {verb}")
        return web.json_response({"ok": True})

    def _switch(self, verb: str, given: Json) -> None:
        """`limit` messages `per_second`; `http`: deliver to `url`; `revoke` the token with an
        `error`, and `restore` it.
        """
        if verb == "limit":
            self.api.per_second = float(given["per_second"])
        elif verb == "http":
            self.request_url = given["url"]
        else:
            error = given.get("error", "token_revoked") if verb == "revoke" else ""
            self.workspace().revoked = error

    async def _interacted(self, verb: str, given: Json, user: str) -> Sent:
        """`press` what stands on a message (`ts`) or a view (`view`); `submit` a form with
        `answers`; `shortcut` on a message; `pick` a channel on the Home.
        """
        if verb == "pick":
            return await self.pick_channel(self.workspace().homes[user], given["channel"], user)
        if verb == "submit":
            return await self.submit(self._view(given["view"]), given.get("answers"))
        if verb == "shortcut":
            return await self.shortcut(self._message(given["ts"]), user=user)
        on = self._view(given["view"]) if "view" in given else self._message(given["ts"])
        return await self.press(on, given["what"], user)

    def _message(self, ts: str) -> Message:
        return next(one for one in self.workspace().messages if one.ts == ts)

    def _view(self, number: str) -> View:
        homes = {view.id: view for view in self.workspace().homes.values()}
        return self.world.views.get(number) or homes[number]


def _told(view: View) -> Json:
    return {"id": view.id, "seen": view.seen, "content": view.content}


async def serve(port: int) -> None:
    first_id = int(time.time())  # the bot knows the ids of an earlier process, and acts once
    async with ControlledSlack(port, first_id) as slack:
        told = {
            "host": slack.host,
            "api_url": slack.api_url,
            "app_token": slack.app_token,
            "bot_token": slack.bot_token,
            "signing_secret": slack.signing_secret,
        }
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
