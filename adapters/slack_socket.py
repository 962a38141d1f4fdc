"""Socket Mode that heals: the SDK's client, watched, and built anew when it falls silent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack_errors import error_name
from adapters.slack_settings import SlackSettings

log = logging.getLogger(__name__)

Receive = Callable[[dict[str, Any]], Awaitable[None]]

CLOSE_S = 3.0
WAIT_S = (1.0, 5.0, 15.0, 30.0)
"""Between one attempt to connect and the next."""

_ENDED = frozenset({aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED})


class SlackSocket:
    """Keeps one Socket Mode connection. The SDK reconnects by itself in most cases; where it gets
    stuck (python-slack-sdk issues 1446, 1701) nothing arrives any more, not even a pong, and that
    is what is watched for.
    """

    def __init__(self, settings: SlackSettings, web: AsyncWebClient, receive: Receive) -> None:
        self._settings = settings
        self._web = web
        self._receive = receive
        self._client: SocketModeClient | None = None
        self._sign_of_life = 0.0
        self._ever = False
        self.rebuilt = 0

    @property
    def silent_s(self) -> float | None:
        """Seconds since the socket last showed life; None if it never did."""
        return asyncio.get_running_loop().time() - self._sign_of_life if self._ever else None

    @property
    def connected(self) -> bool:
        session = self._client.current_session if self._client else None
        silent = self.silent_s
        return (
            session is not None
            and not session.closed
            and silent is not None
            and silent < self._settings.silence_s
        )

    async def keep(self) -> None:
        """Connect and stay so until cancelled."""
        attempt = 0
        while True:
            before = self._sign_of_life
            try:
                await self._live()
            finally:
                await self._close()
            attempt = 0 if self._sign_of_life > before else attempt + 1
            self.rebuilt += 1
            log.warning(
                "Slack's socket was silent for %.0f s: connecting anew", self._settings.silence_s
            )
            await asyncio.sleep(WAIT_S[min(attempt, len(WAIT_S) - 1)])

    async def _live(self) -> None:
        """One client's life; returns when it has been silent for too long."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        client = self._client = await self._new_client()
        connecting = asyncio.ensure_future(client.connect())  # type: ignore[no-untyped-call]  # the SDK has no types here
        try:
            while True:
                quiet = loop.time() - max(started, self._sign_of_life)
                if quiet >= self._settings.silence_s:
                    return
                await asyncio.sleep(self._settings.silence_s - quiet)
        finally:
            connecting.cancel()

    async def _new_client(self) -> SocketModeClient:
        client = SocketModeClient(
            app_token=self._settings.app_token,
            web_client=self._web,
            logger=_discreet(),
            ping_interval=self._settings.ping_s,
        )
        await client.aiohttp_client_session.close()
        client.aiohttp_client_session = aiohttp.ClientSession(
            ws_response_class=_watched(self._note_life)
        )
        client.socket_mode_request_listeners.append(self._on_request)
        return client

    def _note_life(self) -> None:
        self._ever = True
        self._sign_of_life = asyncio.get_running_loop().time()

    async def _on_request(
        self, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        """Acknowledge, then work. If the socket breaks in between, Slack delivers again, and what
        comes twice acts once; so the work is done either way.
        """
        try:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        except (ConnectionError, aiohttp.ClientError) as broken:
            log.warning("an envelope was not acknowledged: %s", type(broken).__name__)
        await self._receive(request.payload)

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        client.closed = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await client.close()  # type: ignore[no-untyped-call]  # nor here
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            log.warning("Slack's socket did not close in time: cutting it off")
        for task in (
            client.message_processor,
            client.current_session_monitor,
            client.message_receiver,
        ):
            if task is not None:
                task.cancel()
        await client.aiohttp_client_session.close()


def _watched(note: Callable[[], None]) -> type[aiohttp.ClientWebSocketResponse]:
    """A websocket that tells `note` of every frame that arrives, pongs too."""

    class Watched(aiohttp.ClientWebSocketResponse):
        async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109 - as aiohttp has it
            frame = await super().receive(timeout)
            if frame.type not in _ENDED and frame.type is not aiohttp.WSMsgType.ERROR:
                note()
            return frame

    return Watched


class _Discreet(logging.Filter):
    """The SDK's messages and tracebacks hold connection addresses with their tickets: what is
    logged instead is the kind of failure.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        why = error_name(error) if isinstance(error, SlackApiError) else ""
        record.exc_info = record.exc_text = None
        record.msg = "Slack's socket failed, trying again: %s"
        record.args = (why or (type(error).__name__ if error else record.funcName),)
        return True


def _discreet() -> logging.Logger:
    logger = logging.getLogger("adapters.slack.socket")
    if not logger.filters:
        logger.addFilter(_Discreet())
        logger.setLevel(logging.ERROR)
    return logger
