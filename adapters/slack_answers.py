"""The core's replies, put where they belong: beside the asker, into a thread, or into a modal."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack_blocks import Drawn, draw
from adapters.slack_errors import FAILURES, error_name
from adapters.slack_limits import Json, width
from adapters.slack_modals import card_view, form_view
from adapters.slack_places import Place
from adapters.slack_workspaces import QUIET, Workspaces
from handlers.messages import Button, Card, ChannelRef, Form, Line, Reply
from handlers.texts import say

log = logging.getLogger(__name__)

ASK_MAX = 100
NOT_HERE = frozenset({"not_in_channel", "channel_not_found"})
"""Slack's words for a channel that the bot is not in; a private one it does not even find."""
_CANNOT_WHISPER = NOT_HERE | {"user_not_in_channel", "is_archived"}
_NO_MODAL = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "not_found"}
)
"""It came too late to open one, or the person has closed it."""
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_OK = 200


class Answers:
    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def give(self, place: Place, reply: Reply, language: str, asked: str = "") -> bool:
        """Show the reply, and announce what it announces. False if the bot is not in the channel,
        so that nothing could be announced there; the asker is then told.

        `asked` is what was typed, so that a form that could not be opened can be asked for again.
        Raises what the Web API raises if the reply could not be shown at all.
        """
        try:
            if not (reply.form and await self._open_form(place, reply.form, language)):
                await self._show(place, with_way_in(reply, asked, language), language)
        finally:
            told = await self._announced(place, reply.announcement)
        if not told:
            await self._show(place, Reply(_not_here(language)), language)
        return told

    async def post(self, channel: ChannelRef, card: Card) -> None:
        """Say something in a channel that nobody asked for. Raises what the Web API raises."""
        place = Place(channel.workspace, channel.channel, user="")
        await self._send(place, draw(card), channel.channel)

    async def _open_form(self, place: Place, form: Form, language: str) -> bool:
        """False where there is nothing to open it with, or it came too late."""
        view = form_view(form, place, language) if place.trigger else None
        if view is None:
            return False
        try:
            await self._open(place, view)
        except FAILURES as failure:
            why = error_name(failure) if isinstance(failure, SlackApiError) else ""
            log.warning("a form was not opened: %s", why or type(failure).__name__)
            return False
        return True

    async def _open(self, place: Place, view: Json) -> None:
        """Over the modal that is open, if one is."""
        client = await self._workspaces.client(place.team, waits=True)
        if place.surface == "modal":
            await client.views_push(trigger_id=place.trigger, view=view)
        else:
            await client.views_open(trigger_id=place.trigger, view=view)

    async def _show(self, place: Place, reply: Reply, language: str) -> None:
        if place.surface == "thread":
            await self._send(place, draw(reply.card), place.channel)
        elif place.surface == "private":
            await self._beside(place, reply)
        else:
            await self._in_modal(place, reply.card, language)

    async def _in_modal(self, place: Place, card: Card, language: str) -> None:
        """In the modal that is open, or a new one; if there can be none, directly to the asker."""
        view = card_view(card, place, language)
        try:
            if place.surface == "home":
                await self._open(place, view)
            else:
                client = await self._workspaces.client(place.team, waits=True)
                await client.views_update(view_id=place.view, view=view)
        except SlackApiError as refused:
            if error_name(refused) not in _NO_MODAL:
                raise
            await self._send(place, draw(card), place.user)

    async def _beside(self, place: Place, reply: Reply) -> None:
        """To the asker alone, or to all where the reply is public. First by the response URL,
        which works where the bot is no member; then as itself; last in a direct message.
        """
        drawn = draw(reply.card)
        if place.response_url and await self._respond(place, drawn, public=reply.public):
            return
        try:
            if reply.public:
                await self._send(place, drawn, place.channel)
            else:
                await self._whisper(place, drawn)
        except SlackApiError as refused:
            if error_name(refused) not in _CANNOT_WHISPER:
                raise
            await self._send(replace(place, thread=""), drawn, place.user)

    async def _respond(self, place: Place, drawn: Drawn, *, public: bool) -> bool:
        """False if the address is used up, expired or unreachable."""
        hook = AsyncWebhookClient(
            place.response_url, session=self._workspaces.session, logger=QUIET, retry_handlers=[]
        )
        body: dict[str, Any] = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": False,
            "text": drawn.text,
            "blocks": drawn.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            **_under(place),
        }
        try:
            answer = await hook.send_dict(body)
        except (aiohttp.ClientError, TimeoutError) as failure:
            log.warning("a response URL did not answer: %s", type(failure).__name__)
            return False
        if answer.status_code != _OK:
            log.warning("a response URL refused: %s %.80s", answer.status_code, answer.body)
        return answer.status_code == _OK

    async def _announced(self, place: Place, card: Card | None) -> bool:
        """False if it had to be, and the bot is not in the channel."""
        if card is None or place.direct:
            return True
        try:
            await self._send(replace(place, thread=""), draw(card), place.channel)
        except SlackApiError as refused:
            if error_name(refused) not in NOT_HERE:
                raise
            return False
        return True

    async def _send(self, place: Place, drawn: Drawn, channel: str) -> None:
        client = await self._workspaces.client(place.team, waits=True)

        async def post(content: Json) -> None:
            await client.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, **content, **_under(place)
            )

        await _with_or_without_blocks(post, drawn)

    async def _whisper(self, place: Place, drawn: Drawn) -> None:
        client = await self._workspaces.client(place.team, waits=True)

        async def post(content: Json) -> None:
            await client.chat_postEphemeral(
                channel=place.channel, user=place.user, **content, **_under(place)
            )

        await _with_or_without_blocks(post, drawn)


async def _with_or_without_blocks(post: Callable[[Json], Awaitable[None]], drawn: Drawn) -> None:
    """An answer whose blocks Slack refuses comes as text; the text says the same."""
    try:
        await post({"text": drawn.text, "blocks": drawn.blocks})
    except SlackApiError as refused:
        if error_name(refused) not in _BAD_BLOCKS:
            raise
        log.error("Slack refused the blocks of an answer: %s", error_name(refused))  # noqa: TRY400 - its word, not our stack
        await post({"text": drawn.text})


def _under(place: Place) -> Json:
    return {"thread_ts": place.thread} if place.thread else {}


def with_way_in(reply: Reply, asked: str, language: str) -> Reply:
    """The reply in words, with a button for its form: a press can open what a message cannot."""
    if reply.form is None or not 0 < width(asked) <= ASK_MAX:
        return reply
    button = Button(say(language, "slack.open_form"), asked, style="primary", form=True)
    return replace(reply, card=replace(reply.card, buttons=(button, *reply.card.buttons)))


def _not_here(language: str) -> Card:
    return Card(
        title=say(language, "slack.not_here.title"),
        lines=(Line(say(language, "slack.not_here.text")),),
        tone="warning",
        language=language,
    )
