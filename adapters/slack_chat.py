"""The Slack adapter: bolt in front, the core behind, and what keeps them connected."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.response import BoltResponse

from adapters.slack_answers import Answers
from adapters.slack_desk import PLATFORM, Parts, SlackDesk
from adapters.slack_errors import FAILURES, send_error
from adapters.slack_events import once_key, read, team_of
from adapters.slack_http import slack_routes
from adapters.slack_install import InstallationPort, Installations, SignedStates, oauth_flow
from adapters.slack_people import People
from adapters.slack_send import SlackSender
from adapters.slack_settings import SlackSettings
from adapters.slack_socket import SlackSocket
from adapters.slack_workspaces import QUIET, Workspaces
from handlers.ports import FrontDesk, Never, Refusal, Sender

__all__ = ["SlackChat", "SlackSettings"]

log = logging.getLogger(__name__)

FINISH_S = 5.0
"""How long work under way may take when the adapter closes."""
INTRODUCE_S = (1.0, 5.0, 15.0, 60.0, 300.0)
"""Between one attempt to learn whose token it is and the next."""
AGAIN_S = 30.0
"""After the token was refused, until Slack is asked whether it is good again."""


class SlackChat:
    """One Slack app, in one workspace or many.

    `start()`, then `run()` until cancelled, and `close()` in the end. In HTTP mode mount `routes()`
    on the bot's own server.
    """

    def __init__(
        self,
        settings: SlackSettings,
        desk: FrontDesk,
        clock: Callable[[], int],
        installations: InstallationPort | None = None,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._clock = clock
        self._installations = installations
        self._under_way: set[asyncio.Task[None]] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._workspaces = Workspaces(settings, installations)
        self.sender: Sender = SlackSender(
            self._workspaces, look_in_history=settings.look_in_history
        )
        self._slack_desk = SlackDesk(
            Parts(
                desk=desk,
                people=People(settings, self._workspaces, clock),
                answers=Answers(self._workspaces),
                workspaces=self._workspaces,
                installations=installations,
            )
        )
        self._serving = False
        self._socket: SlackSocket | None = None
        self._app: AsyncApp | None = None

    async def start(self) -> None:
        """Begin to connect, and return at once."""
        self._serving = True
        if self._settings.bot_token:
            self._keepers.append(asyncio.create_task(self._introduce()))
        if self._settings.mode == "socket":
            web_client = self._workspaces.with_token(self._settings.app_token)
            self._socket = SlackSocket(self._settings, web_client, self._from_socket)
            self._keepers.append(asyncio.create_task(self._socket.keep()))

    async def run(self) -> None:
        """Serve until cancelled. Raises what makes serving impossible.

        The keepers are shielded: `close` ends them, and a second cancellation would interrupt
        them while they let go of their connections.
        """
        await asyncio.gather(*map(asyncio.shield, self._keepers), asyncio.Event().wait())

    async def close(self) -> None:
        """Hear nothing more, finish what is under way, and let go of all connections."""
        self._serving = False
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=FINISH_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._workspaces.close()

    def health(self) -> Mapping[str, object]:
        """`ready` is whether people can be heard: the socket shows life, or HTTP is served; and
        whether Slack knows the bot. `seconds_since_heard` is None over HTTP, and before the
        socket's first sign of life.
        """
        connected = self._socket.connected if self._socket else self._serving
        return {
            "platform": PLATFORM,
            "mode": self._settings.mode,
            "connected": connected,
            "seconds_since_heard": self._socket.silent_s if self._socket else None,
            "reconnects": self._socket.rebuilt if self._socket else 0,
            "ready": connected and self._workspaces.known,
        }

    def routes(self) -> list[web.RouteDef]:
        """For HTTP mode; empty in Socket Mode. To be called once, inside the event loop. Raises
        ValueError without a signing secret: then anybody could speak for Slack.
        """
        if self._settings.mode == "socket":
            return []
        if not self._settings.signing_secret:
            raise ValueError("HTTP mode needs the signing secret")
        flow = self._flow() if self._settings.can_install else None
        return slack_routes(self._bolt().async_dispatch, self._begin, flow)

    def _flow(self) -> AsyncOAuthFlow:
        if self._installations is None:
            raise ValueError("installing over the web needs somewhere to keep the tokens")
        store = Installations(self._installations, self._installed, self._clock, QUIET)
        states = SignedStates(self._settings.client_secret, self._desk, self._clock, QUIET)
        return oauth_flow(self._settings, self._workspaces.with_token(""), store, states)

    async def _installed(self, team: str) -> None:
        self._workspaces.forget(team)
        await self._desk.workspace_found(PLATFORM, team)

    # From Slack to the core

    def _bolt(self) -> AsyncApp:
        """Bolt checks signatures, answers Slack's own questions, and hands on all the rest."""
        if self._app is None:
            self._app = AsyncApp(
                name="aspire",
                logger=QUIET,
                client=self._workspaces.with_token(""),
                signing_secret=self._settings.signing_secret,
                authorize=_Afterwards(),  # type: ignore[no-untyped-call]  # bolt types no constructor
            )
            self._app.use(self._accept)
        return self._app

    async def _accept(self, req: AsyncBoltRequest) -> BoltResponse:
        """Yes to everything, at once; the work waits until Slack has heard that.

        Bolt's own listeners look for their acknowledgement every 10 ms, and begin the work before
        it has left. While the bot stops, Slack is told to deliver again.
        """
        if not self._serving:
            return BoltResponse(status=503, body="")
        req.context["work"] = partial(self._act, req.body)
        return BoltResponse(status=200, body="")

    async def _from_socket(self, payload: dict[str, Any]) -> None:
        request = AsyncBoltRequest(mode="socket_mode", body=payload)
        await self._bolt().async_dispatch(request)
        self._begin(request)

    def _begin(self, request: AsyncBoltRequest) -> None:
        work: Callable[[], Coroutine[Any, Any, None]] | None = request.context.get("work")
        if work is None:
            return
        task = asyncio.create_task(work())
        self._under_way.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an event from Slack was not handled", exc_info=error)

    async def _act(self, body: Mapping[str, Any]) -> None:
        happening = read(body)
        if happening is None:
            return
        try:
            await self._slack_desk.handle(happening, once_key(body))
        except FAILURES as failure:
            told = send_error(failure)
            log.warning("Slack would not take an answer: %s", told)
            if isinstance(told, Never) and told.refusal is Refusal.TOKEN_REVOKED:
                self._workspaces.forget(team_of(happening))

    async def _introduce(self) -> None:
        """Tell the core of the configured token's workspace: at the start, and again whenever the
        token was refused and is good again. Then its channels can go on.
        """
        while True:
            await self._desk.workspace_found(PLATFORM, await self._own_workspace())
            await self._workspaces.lost.wait()
            await asyncio.sleep(AGAIN_S)

    async def _own_workspace(self) -> str:
        """Learn whose token it is, however long that takes."""
        attempt = 0
        while True:
            try:
                return await self._workspaces.introduce()
            except FAILURES as failure:
                log.warning("Slack does not know the bot: %s", send_error(failure))
                await asyncio.sleep(INTRODUCE_S[min(attempt, len(INTRODUCE_S) - 1)])
                attempt += 1


class _Afterwards(AsyncAuthorize):
    """Lets every genuine request in: tokens are looked up after the acknowledgement, because
    looking them up may take time.
    """

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002 - bolt passes it by name
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_actors: str | None,
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)
