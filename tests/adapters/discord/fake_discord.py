"""A small honest Discord on loopback: gateway and REST, with the API's rules and limits.

    async with FakeDiscord() as discord:
        guild = discord.world.add_guild("Acme")
        channel = discord.world.add_channel(guild, "news")
        ... DiscordSettings(discord.token, discord.api_url) ...
        answer = await discord.command("pillar", {"pillar": "s"}, channel)
        await discord.press(answer, "News")
        discord.messages(channel)

It keeps what it was sent, refuses what Discord refuses, and can be told to fail (`discord.fail`),
to limit (`discord.limits`) and to drop connections (`discord.gateway`). As a process of its own it
has a control endpoint: `python -m tests.adapters.discord.fake_discord --port 8790`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.adapters.discord.fake_faults import Fault, Limits
from tests.adapters.discord.fake_gateway import Gateway
from tests.adapters.discord.fake_people import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Answer,
    NotAnswered,
    People,
)
from tests.adapters.discord.fake_rest import BASE, Rest
from tests.adapters.discord.fake_rules import LABEL, SELECT, Json
from tests.adapters.discord.fake_world import Guild, Kept, User, World, custom_ids
from tests.adapters.discord.waiting import until


class FakeDiscord:
    """`now` is the time that ids and timestamps carry, in seconds since 1970."""

    def __init__(
        self, port: int = 0, token: str = "bot-token", now: Callable[[], float] = time.time
    ) -> None:
        self.token = token
        self.port = port
        self.world = World(now)
        self.gateway = Gateway(self.world, token, lambda: f"ws://127.0.0.1:{self.port}/gateway")
        self.people = People(self.world)
        self.rest = Rest(self.world, self.gateway, self.people, token)
        self.rest.dispatch_threads = self._thread_created
        self.someone = self.world.add_user("Ada")
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"

    @property
    def limits(self) -> Limits:
        return self.rest.limits

    def application(self) -> web.Application:
        app = web.Application(client_max_size=26_214_400)
        app.add_routes(self.rest.routes())
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        return app

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=4096)
        await site.start()
        self.port = int(site.name.rsplit(":", 1)[1])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gateway.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    # failing

    def fail(self, fault: Fault) -> Fault:
        """Answer the next request that meets `fault` as it says."""
        return self.rest.faults.add(fault)

    def statuses(self, method: str, part: str) -> list[int]:
        """How requests of that method whose path has `part` were answered, in order."""
        return [
            status for verb, path, status in self.rest.requests if verb == method and part in path
        ]

    # what stands in channels

    def messages(self, channel: str) -> list[Json]:
        """What everybody sees in a channel, oldest first."""
        return [kept.json for kept in self.world.in_channel(channel)]

    def kept(self, message: Json | str) -> Kept:
        return self.world.messages[message if isinstance(message, str) else message["id"]]

    def delete(self, message: Json) -> None:
        self.kept(message).deleted = True

    def posts(self, forum: str) -> list[Json]:
        """The posts of a forum, oldest first."""
        guild = self.world.guild(str(self.world.guild_id(forum)))
        return [thread for thread in guild.threads.values() if thread["parent_id"] == forum]

    async def revoke(self, token: str) -> None:
        """The token is replaced: connections with the old one end, requests with it fail."""
        self.token = self.rest.token = self.gateway.token = token
        await self.gateway.close(4004)

    # what people do

    async def command(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        channel: str = "",
        user: User | None = None,
    ) -> Answer:
        """`/aspire name` with options, in a channel; returns when it is answered for good."""
        data = self.people.command_data(name, options or {})
        return await self._interact(COMMAND, data, channel, user)

    async def suggest(
        self,
        name: str,
        options: Mapping[str, Any],
        focused: str,
        channel: str,
        user: User | None = None,
    ) -> list[Json]:
        """What is offered while `focused` is being typed."""
        data = self.people.command_data(name, options, focused)
        answer = await self._interact(AUTOCOMPLETE, data, channel, user)
        return answer.choices

    async def menu(self, message: Json, channel: str, user: User | None = None) -> Answer:
        """The bot's context-menu command, on a message."""
        known = next(one for one in self.world.commands if one.get("type") == 3)
        data = {"id": known["id"], "name": known["name"], "type": 3, "target_id": message["id"]}
        data["resolved"] = {"messages": {message["id"]: message}}
        return await self._interact(COMMAND, data, channel, user)

    async def press(self, message: Answer | Json, button: str, user: User | None = None) -> Answer:
        """Press a button, named by its custom id or its label."""
        body = message.message if isinstance(message, Answer) else message
        known = custom_ids(body)
        by_label = [custom_id for custom_id, label in known.items() if label == button]
        assert button in known or by_label, f"no button {button!r} among {known}"
        data = {"custom_id": button if button in known else by_label[0], "component_type": 2}
        return await self._interact(COMPONENT, data, body["channel_id"], user, self.kept(body))

    async def submit(
        self, answer: Answer, values: Mapping[str, str | list[str]], user: User | None = None
    ) -> Answer:
        """Send a modal back, filled in; what `values` does not name keeps its defaults."""
        assert answer.modal is not None, "no form was opened"
        components = [_filled(label["component"], values) for label in answer.modal["components"]]
        data = {"custom_id": answer.modal["custom_id"], "components": components}
        return await self._interact(MODAL_SUBMIT, data, answer.channel, user or answer.user)

    async def _interact(
        self,
        kind: int,
        data: Json,
        channel: str,
        user: User | None,
        pressed: Kept | None = None,
    ) -> Answer:
        answer, body = self.people.interaction(kind, data, user or self.someone, channel)
        if pressed is not None:
            answer.pressed = pressed
            body["message"] = {**pressed.json, "flags": 64 if pressed.seen_by else 0}
        number = self.world.guild_id(channel)
        guild = self.world.guilds[number] if number else None
        await self.gateway.dispatch("INTERACTION_CREATE", body, guild)
        try:
            await asyncio.wait_for(answer.responded.wait(), self.people.answer_within_s)
        except TimeoutError:
            raise NotAnswered(f"{data.get('name') or data.get('custom_id')} in {channel}") from None
        if answer.thinking:
            await until(lambda: not answer.thinking)
        return answer

    # what happens to servers

    async def _thread_created(self, thread: Json) -> None:
        guild = self.world.guild(thread["guild_id"])
        await self.gateway.dispatch("THREAD_CREATE", {**thread, "newly_created": True}, guild)

    async def join(self, guild: Guild) -> None:
        """Somebody invites the bot."""
        guild.present = True
        guild.joined_at = self.world.timestamp()
        body = self.gateway.guild_json(guild, unavailable=None)
        await self.gateway.dispatch("GUILD_CREATE", body, guild)

    async def leave(self, guild: Guild) -> None:
        """Somebody throws the bot out."""
        guild.present = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": guild.id}, guild)

    async def outage(self, guild: Guild) -> None:
        """The guild is unavailable for a while, and back."""
        gone = {"id": guild.id, "unavailable": True}
        await self.gateway.dispatch("GUILD_DELETE", gone, guild)
        body = self.gateway.guild_json(guild, unavailable=False)
        await self.gateway.dispatch("GUILD_CREATE", body, guild)

    async def forbid(self, channel: str, *names: str) -> None:
        """Take exactly these permissions from the bot in a channel, all others given."""
        changed = self.world.forbid(channel, *names)
        guild = self.world.guild(str(self.world.guild_id(channel)))
        await self.gateway.dispatch("CHANNEL_UPDATE", changed, guild)

    async def remove_channel(self, channel: str) -> None:
        guild = self.world.guild(str(self.world.guild_id(channel)))
        if channel in guild.threads:
            thread = guild.threads.pop(channel)
            fields = {name: thread[name] for name in ("id", "guild_id", "parent_id", "type")}
            await self.gateway.dispatch("THREAD_DELETE", fields, guild)
        else:
            await self.gateway.dispatch("CHANNEL_DELETE", guild.channels.pop(channel), guild)

    async def archive(self, thread: str, *, locked: bool = False, archived: bool = True) -> None:
        body = self.world.channel(thread)
        body["thread_metadata"] |= {"archived": archived, "locked": locked}
        guild = self.world.guild(body["guild_id"])
        await self.gateway.dispatch("THREAD_UPDATE", body, guild)

    def state(self) -> Json:
        return {
            "identifies": self.gateway.identifies,
            "resumes": self.gateway.resumes,
            "connections": len(self.gateway.wires),
            "requests": len(self.rest.requests),
            "commands": len(self.world.commands),
            "guilds": {
                guild.id: {one["id"]: one["name"] for one in guild.channels.values()}
                for guild in self.world.guilds.values()
            },
        }


def _filled(component: Json, values: Mapping[str, str | list[str]]) -> Json:
    name = component["custom_id"]
    if component["type"] == SELECT:
        known = {option["value"] for option in component["options"]}
        default = [one["value"] for one in component["options"] if one.get("default")]
        chosen = values.get(name, default)
        chosen = [chosen] if isinstance(chosen, str) else chosen
        assert set(chosen) <= known, f"{name} takes {known}"
        assert len(chosen) >= component.get("min_values", 1), f"{name} is required"
        inner: Json = {"type": SELECT, "custom_id": name, "values": chosen}
    else:
        typed = values.get(name, component.get("value") or "")
        assert typed or not component.get("required", True), f"{name} is required"
        inner = {"type": component["type"], "custom_id": name, "value": typed}
    return {"type": LABEL, "component": inner}


if __name__ == "__main__":
    from tests.adapters.discord.fake_control import main

    main()
