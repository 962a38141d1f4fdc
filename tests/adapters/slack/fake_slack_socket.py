"""The fake Slack's Socket Mode: tickets, hello, envelopes, acknowledgements, drops, refreshes."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.adapters.slack.fake_slack_checks import Json

ACK_S = 3.0


class NotAcknowledged(AssertionError):
    """Slack would have shown "operation timed out" to the person, or delivered again."""


@dataclass
class Envelope:
    id: str
    kind: str
    payload: Json
    sent_at: float = 0.0
    acked: "asyncio.Future[Json]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    acked_after: float = 0.0
    attempts: int = 0


class Sockets:
    """The server's end of all connections that the app keeps open."""

    def __init__(self, changed: Callable[[], Awaitable[None]]) -> None:
        self.open: list[web.WebSocketResponse] = []
        self.opened = 0
        """How many connections there ever were."""
        self.repeat = False
        """Deliver every envelope twice."""
        self.ack_s = ACK_S
        self.mute = False
        """Hold the connections, but send nothing and answer no ping."""
        self._tickets: set[str] = set()
        self._waiting: dict[str, Envelope] = {}
        self._changed = changed

    def ticket(self) -> str:
        """Good for one connection."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.open.append(socket)
        self.opened += 1
        try:
            if not self.mute:
                await socket.send_json({"type": "hello", "num_connections": len(self.open)})
                await self._changed()
                await self._again(socket)
            await self._listen(socket)
        finally:
            if socket in self.open:
                self.open.remove(socket)
            await self._changed()
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if self.mute:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(message.json())

    def _acknowledge(self, answer: Json) -> None:
        envelope = self._waiting.pop(answer.get("envelope_id", ""), None)
        if envelope and not envelope.acked.done():
            envelope.acked_after = time.monotonic() - envelope.sent_at
            envelope.acked.set_result(answer.get("payload") or {})

    async def deliver(self, kind: str, payload: Json) -> Envelope:
        """Send an envelope and wait for its acknowledgement. Raises NotAcknowledged."""
        envelope = Envelope(secrets.token_hex(8), kind, payload, time.monotonic())
        self._waiting[envelope.id] = envelope
        await self._send(envelope)
        if self.repeat:
            await self._send(envelope)
        try:
            await asyncio.wait_for(asyncio.shield(envelope.acked), self.ack_s)
        except TimeoutError:
            raise NotAcknowledged(f"{kind} was not acknowledged within {self.ack_s} s") from None
        return envelope

    async def _again(self, socket: web.WebSocketResponse) -> None:
        """What was never acknowledged comes again over a new connection."""
        for envelope in list(self._waiting.values()):
            await self._send(envelope, socket)

    async def _send(self, envelope: Envelope, socket: web.WebSocketResponse | None = None) -> None:
        socket = socket or (self.open[-1] if self.open else None)
        if socket is None or self.mute:
            return
        envelope.attempts += 1
        given: Json = {
            "envelope_id": envelope.id,
            "type": envelope.kind,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.kind != "events_api",
        }
        if envelope.kind == "events_api":
            given["retry_attempt"] = envelope.attempts - 1
        try:
            await socket.send_json(given)
        except ConnectionError:
            return  # the connection is going; the envelope comes again over the next

    async def drop(self) -> None:
        """Cut all connections without a word."""
        for socket in list(self.open):
            transport = socket._req.transport if socket._req else None
            if transport:
                transport.abort()

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": reason})
