"""The fake's gateway: greets, identifies, beats, resumes, and can be told to fail."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.adapters.discord.fake_rules import Json
from tests.adapters.discord.fake_world import Guild, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""Members, presences, message content."""
GUILDS = 1 << 0


class Wire:
    """One connection: JSON, in a zlib stream where the client asked for that."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._transport = request.transport
        self.socket = socket
        stream = request.query.get("compress") == "zlib-stream"
        self._zlib = zlib.compressobj() if stream else None

    async def send(
        self, op: int, data: object = None, event: str | None = None, seq: int = 0
    ) -> None:
        frame = json.dumps({"op": op, "d": data, "t": event, "s": seq or None})
        if self._zlib is None:
            await self.socket.send_str(frame)
            return
        packed = self._zlib.compress(frame.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(packed)

    def cut(self) -> None:
        """The cable is pulled: no closing frame."""
        if self._transport is not None:
            self._transport.abort()


@dataclass
class Session:
    """What Discord keeps of an identified shard, so that it can be resumed."""

    id: str
    shard: int
    shards: int
    seq: int = 0
    sent: list[tuple[int, str, object]] = field(default_factory=list)
    wire: Wire | None = None

    async def dispatch(self, event: str, data: object) -> None:
        self.seq += 1
        self.sent.append((self.seq, event, data))
        if self.wire is None or self.wire.socket.closed:
            return
        try:
            await self.wire.send(DISPATCH, data, event, self.seq)
        except ConnectionError:
            self.wire = None  # it is kept, for whoever resumes


class Gateway:
    def __init__(self, world: World, token: str, url: Callable[[], str]) -> None:
        self._world = world
        self.token = token
        self._url = url
        self.shards = 1
        self.heartbeat_ms = 41_250
        self.acknowledges = True
        self.sessions: dict[str, Session] = {}
        self.wires: list[Wire] = []
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.intents = 0
        self.refuses_with = 0
        """A close code for whoever identifies; 0 to let them in."""

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=4096)
        await socket.prepare(request)
        wire = Wire(request, socket)
        self.wires.append(wire)
        await wire.send(HELLO, {"heartbeat_interval": self.heartbeat_ms})
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                message = json.loads(frame.data)
                await self._hear(wire, message["op"], message["d"])
        finally:
            self.wires.remove(wire)
            for session in self.sessions.values():
                if session.wire is wire:
                    session.wire = None
        return socket

    async def _hear(self, wire: Wire, op: int, data: Json) -> None:
        if op == HEARTBEAT:
            self.heartbeats += 1
            if self.acknowledges:
                await wire.send(HEARTBEAT_ACK)
        elif op == IDENTIFY:
            await self._identify(wire, data)
        elif op == RESUME:
            await self._resume(wire, data)

    async def _identify(self, wire: Wire, data: Json) -> None:
        self.identifies += 1
        self.intents = data["intents"]
        if data["token"] != self.token:
            await wire.socket.close(code=4004, message=b"Authentication failed.")
        elif data["intents"] & PRIVILEGED:
            await wire.socket.close(code=4014, message=b"Disallowed intent(s).")
        elif self.refuses_with:
            await wire.socket.close(code=self.refuses_with)
        else:
            shard, shards = data.get("shard") or (0, 1)
            session = Session(self._world.snowflake(), shard, shards, wire=wire)
            self.sessions[session.id] = session
            await self._welcome(session)

    async def _welcome(self, session: Session) -> None:
        guilds = [g for g in self._world.guilds.values() if g.present and self.belongs(session, g)]
        await session.dispatch(
            "READY",
            {
                "v": 10,
                "user": self._world.bot,
                "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self._url(),
                "shard": [session.shard, session.shards],
                "application": {"id": self._world.application_id, "flags": 0},
                "private_channels": [],
            },
        )
        for guild in guilds:
            await session.dispatch("GUILD_CREATE", self.guild_json(guild, unavailable=False))

    async def _resume(self, wire: Wire, data: Json) -> None:
        self.resumes += 1
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await wire.send(INVALID_SESSION, False)
            return
        missed = [one for one in session.sent if one[0] > data["seq"]]
        session.wire = wire
        for seq, event, body in missed:
            await wire.send(DISPATCH, body, event, seq)
        await session.dispatch("RESUMED", {})

    def belongs(self, session: Session, guild: Guild) -> bool:
        return (int(guild.id) >> 22) % session.shards == session.shard

    def guild_json(self, guild: Guild, *, unavailable: bool | None) -> Json:
        me = {**_plain_member(guild), "user": self._world.bot}
        made: Json = {
            "id": guild.id,
            "name": guild.name,
            "owner_id": "1",
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": guild.roles,
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": "en-US",
            "system_channel_id": guild.system_channel,
            "system_channel_flags": 0,
            "afk_timeout": 300,
            "member_count": 2,
            "large": False,
            "members": [me],
            "channels": list(guild.channels.values()),
            "threads": list(guild.threads.values()),
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "joined_at": guild.joined_at,
        }
        if unavailable is not None:
            made["unavailable"] = unavailable
        return made

    # what a test can make happen

    async def dispatch(self, event: str, data: object, guild: Guild | None = None) -> None:
        """An event for the shard of `guild`, or for shard 0."""
        for session in list(self.sessions.values()):
            mine = self.belongs(session, guild) if guild else session.shard == 0
            if mine:
                await session.dispatch(event, data)

    def cut(self) -> None:
        """Pull the cable of every connection."""
        for wire in list(self.wires):
            wire.cut()

    async def close(self, code: int) -> None:
        for wire in list(self.wires):
            await wire.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        for wire in list(self.wires):
            await wire.send(RECONNECT)

    async def ask_for_heartbeat(self) -> None:
        for wire in list(self.wires):
            await wire.send(HEARTBEAT)

    async def invalidate(self, *, resumable: bool) -> None:
        if not resumable:
            self.sessions.clear()
        for wire in list(self.wires):
            await wire.send(INVALID_SESSION, resumable)


def _plain_member(guild: Guild) -> Json:
    return {
        "roles": [],
        "nick": None,
        "avatar": None,
        "joined_at": guild.joined_at,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
