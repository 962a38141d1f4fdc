"""Cards into channels: the Sender of the delivery engine, for Slack."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack_blocks import draw
from adapters.slack_errors import FAILURES, send_error
from adapters.slack_fallback import fallback_text
from adapters.slack_limits import Json
from adapters.slack_workspaces import Workspaces
from handlers.messages import Card, ChannelRef
from handlers.ports import Never, Refusal, Spacing, Unknown

EVENT_TYPE = "aspire_delivery"
LOOK_BACK = 100
"""Messages of history that are looked through for a delivery whose outcome is unknown."""

Call = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]


class SlackSender:
    """Keeps handlers.ports.Sender. A message's id is its `ts`."""

    platform = "slack"
    spacing = Spacing(channel_s=1.0, workspace_s=0.2, edit_s=1.2)
    """Slack's own words: a message a second into a channel, "several hundred" a minute into a
    workspace, chat.update in tier 3 (50 a minute).
    """

    def __init__(self, workspaces: Workspaces, *, look_in_history: bool) -> None:
        self._workspaces = workspaces
        self._look_in_history = look_in_history

    async def send(self, channel: ChannelRef, card: Card, key: str) -> str:
        drawn = draw(card)
        return await self._post(channel, key, text=drawn.text, blocks=drawn.blocks)

    async def send_plain(self, channel: ChannelRef, card: Card, key: str) -> str:
        return await self._post(channel, key, text=fallback_text(card))

    async def settle(self, channel: ChannelRef, card: Card, key: str) -> str:
        """Looks for the delivery's metadata where the app may; else sends again, which Slack
        cannot recognise: at least once.
        """
        if self._look_in_history and (found := await self._find(channel, key)):
            return found
        return await self.send(channel, card, key)

    async def edit(self, channel: ChannelRef, message: str, card: Card) -> None:
        drawn = draw(card)
        await self._call(
            channel,
            lambda client: client.chat_update(
                channel=channel.channel,
                ts=message,
                text=drawn.text,
                blocks=drawn.blocks,
                parse="none",
                link_names=False,
            ),
        )

    async def _post(self, channel: ChannelRef, key: str, **content: Any) -> str:  # noqa: ANN401 - Slack's own arguments
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        answer = await self._call(
            channel,
            lambda client: client.chat_postMessage(
                channel=channel.channel,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **content,
            ),
        )
        if not answer.get("ts"):
            raise Unknown("Slack said yes without an id")
        return str(answer["ts"])

    async def _find(self, channel: ChannelRef, key: str) -> str:
        """The `ts` of the message that carries the key; "" if it is not there, or the app may not
        look.
        """
        try:
            answer = await self._call(
                channel,
                lambda client: client.conversations_history(
                    channel=channel.channel, limit=LOOK_BACK, include_all_metadata=True
                ),
            )
        except Never as refused:
            if refused.refusal is Refusal.NO_PERMISSION:
                return ""
            raise
        return next((said["ts"] for said in answer["messages"] or () if _carries(said, key)), "")

    async def _call(self, channel: ChannelRef, call: Call) -> AsyncSlackResponse:
        """One call, its failure told as one of the three."""
        try:
            return await call(await self._workspaces.client(channel.workspace))
        except FAILURES as failure:
            told = send_error(failure)
            if isinstance(told, Never) and told.refusal is Refusal.TOKEN_REVOKED:
                self._workspaces.forget(channel.workspace)
            raise told from failure


def _carries(said: Json, key: str) -> bool:
    metadata = said.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key
