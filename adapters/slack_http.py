"""HTTP mode: Slack's requests in, and the pages that install the app."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.response import BoltResponse

from adapters.slack_install import INSTALL_PATH, REDIRECT_PATH

log = logging.getLogger(__name__)

EVENTS_PATH = "/slack/events"

Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
Begin = Callable[[AsyncBoltRequest], None]


def slack_routes(
    dispatch: Dispatch, begin: Begin, flow: AsyncOAuthFlow | None
) -> list[web.RouteDef]:
    """Events and interactions, and with `flow` the installation pages.

    `begin` is called after Slack has its answer.
    """

    async def events(request: web.Request) -> web.StreamResponse:
        asked = await to_bolt_request(request)
        answer = await to_aiohttp_response(await dispatch(asked))
        if answer.status == web.HTTPUnauthorized.status_code:
            log.warning("a request without Slack's signature was refused")
        try:
            await answer.prepare(request)
            await answer.write_eof()
        finally:
            begin(asked)
        return answer

    routes = [web.post(EVENTS_PATH, events)]
    if flow:
        routes += [
            web.get(INSTALL_PATH, _page(flow.handle_installation)),
            web.get(REDIRECT_PATH, _page(flow.handle_callback)),
        ]
    return routes


def _page(show: Dispatch) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def page(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await show(await to_bolt_request(request)))

    return page
