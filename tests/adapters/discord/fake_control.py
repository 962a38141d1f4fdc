"""The fake Discord as a process of its own, steered and read over HTTP: for killing the bot,
and for trying the bot by hand.

The first line that it prints is its state and its address, as JSON; it serves until it is ended.
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.adapters.discord.fake_discord import FakeDiscord
from tests.adapters.discord.fake_faults import Fault
from tests.adapters.discord.fake_people import Answer
from tests.adapters.discord.fake_rules import Json
from tests.adapters.discord.fake_world import User

Step = Callable[[Json], Awaitable[object]]


class ControlledDiscord(FakeDiscord):
    """`GET /control/messages?channel=…`, `GET /control/state`, `POST /control/<verb>` with the
    verb's arguments as a JSON object; people are named by their ids, Ada if nobody is named.
    """

    def application(self) -> web.Application:
        app = super().application()
        app.router.add_get("/control/messages", self._messages)
        app.router.add_get("/control/state", self._state)
        app.router.add_post("/control/{verb}", self._do)
        return app

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages(request.query["channel"]))

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _do(self, request: web.Request) -> web.Response:
        step = {**self._by_people(), **self._by_discord()}.get(request.match_info["verb"])
        if step is None:
            raise web.HTTPNotFound(text="no such verb")
        came_of_it = await step(await request.json())
        if isinstance(came_of_it, Answer):
            return web.json_response(_told(came_of_it))
        return web.json_response(came_of_it if came_of_it is not None else self.state())

    def _by_people(self) -> dict[str, Step]:
        return {
            "command": lambda b: self.command(
                b["name"], b.get("options"), b["channel"], self._user(b)
            ),
            "suggest": lambda b: self.suggest(
                b["name"], b["options"], b["focused"], b["channel"], self._user(b)
            ),
            "menu": lambda b: self.menu(
                {"id": self.world.snowflake(), "content": b["content"]}, b["channel"], self._user(b)
            ),
            "press": lambda b: self.press(self.kept(b["message"]).json, b["button"], self._user(b)),
            "submit": lambda b: self.submit(self._answer(b["answer"]), b["values"]),
        }

    def _by_discord(self) -> dict[str, Step]:
        return {
            "join": lambda b: self.join(self.world.guilds[b["guild"]]),
            "leave": lambda b: self.leave(self.world.guilds[b["guild"]]),
            "forbid": lambda b: self.forbid(b["channel"], *b["names"]),
            "archive": lambda b: self.archive(b["thread"], locked=b.get("locked", False)),
            "revoke": lambda b: self.revoke(b["token"]),
            "fail": self._fail,
            "cut": self._cut,
            "person": self._add_person,
            "channel": self._add_channel,
        }

    def _user(self, body: Json) -> User | None:
        return self.world.users[body["user"]] if "user" in body else None

    def _answer(self, number: str) -> Answer:
        return next(one for one in self.people.answers.values() if one.id == number)

    async def _fail(self, body: Json) -> None:
        self.fail(Fault(**body))

    async def _cut(self, _body: Json) -> None:
        self.gateway.cut()

    async def _add_person(self, body: Json) -> Json:
        locale, manages = body.get("locale", "en-US"), body.get("manages", True)
        return {"id": self.world.add_user(body["name"], locale, manages=manages).id}

    async def _add_channel(self, body: Json) -> Json:
        """Of `kind` (0 text, 5 announcement, 15 forum); a restart of the bot finds it."""
        guild = self.world.guild(body["guild"])
        return {"id": self.world.add_channel(guild, body["name"], body.get("kind", 0))}


def _told(answer: Answer) -> Json:
    """What an interaction led to."""
    return {
        "answer": answer.id,
        "after_s": answer.after_s,
        "message": answer.original.json if answer.original else None,
        "private": bool(answer.original and answer.original.seen_by),
        "modal": answer.modal,
    }


async def serve(wanted: argparse.Namespace) -> None:
    async with ControlledDiscord(wanted.port, wanted.token) as fake:
        for number in range(wanted.guilds):
            guild = fake.world.add_guild(f"Stand-in {number}")
            for place in range(wanted.channels):
                fake.world.add_channel(guild, f"channel-{place}")
        print(json.dumps({"api_url": fake.api_url, "port": fake.port, **fake.state()}), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="bot-token")
    parser.add_argument("--guilds", type=int, default=1)
    parser.add_argument("--channels", type=int, default=1)
    asyncio.run(serve(parser.parse_args()))
