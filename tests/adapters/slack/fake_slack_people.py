"""What people and workspaces do in the fake Slack, each told to the app as Slack would."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping

from tests.adapters.slack.fake_slack_checks import Json
from tests.adapters.slack.fake_slack_payloads import (
    Answer,
    command_payload,
    event_payload,
    filled_in,
    find_action,
    interaction_payload,
    message_context,
    message_payload,
    view_payload,
)
from tests.adapters.slack.fake_slack_world import (
    RESPONSE_URL_S,
    TRIGGER_S,
    Channel,
    Message,
    ResponseUrl,
    Sent,
    Trigger,
    View,
    Workspace,
    World,
)

TEAM = "T0ASPIRE"


class People(ABC):
    """Steps for tests: each returns when the app has acknowledged."""

    world: World

    @property
    @abstractmethod
    def host(self) -> str: ...

    @abstractmethod
    async def deliver(self, kind: str, payload: Json) -> Sent:
        """Raises NotAcknowledged."""

    def workspace(self, team: str = TEAM) -> Workspace:
        return self.world.workspaces[team]

    async def command(
        self, command: str, text: str = "", channel: str = "C1", user: str = "U1", team: str = TEAM
    ) -> Sent:
        workspace = self.workspace(team)
        trigger = self._trigger(workspace, user)
        given = {
            "command": command,
            "text": text,
            "trigger_id": trigger,
            "response_url": self._response_url(workspace, channel, user, trigger),
        }
        payload = command_payload(
            workspace, self._channel(workspace, channel), workspace.users[user], given
        )
        return await self._interact("slash_commands", payload, trigger)

    async def press(self, on: Message | View, what: str, user: str = "U1") -> Sent:
        """Press a button, or choose an option of a menu, in a message or a view."""
        action = {**find_action(on.blocks, what), "action_ts": f"{time.time():.6f}"}
        return await self._act(on, action, user)

    async def pick_channel(self, home: View, channel: str, user: str = "U1") -> Sent:
        block = next(b for b in home.blocks if (b.get("accessory") or {}).get("filter"))
        action = {
            "type": "conversations_select",
            "action_id": block["accessory"]["action_id"],
            "block_id": block["block_id"],
            "selected_conversation": channel,
        }
        return await self._act(home, action, user)

    async def _act(self, on: Message | View, action: Json, user: str) -> Sent:
        workspace = self.workspace(on.team)
        inside = on.id if isinstance(on, View) and on.content["type"] == "modal" else ""
        trigger = self._trigger(workspace, user, inside)
        payload = interaction_payload("block_actions", workspace, workspace.users[user], trigger)
        payload["actions"] = [action]
        payload["state"] = {"values": {}}
        if isinstance(on, View):
            payload |= {
                "view": view_payload(on),
                "container": {"type": "view", "view_id": on.id},
            }
        else:
            channel = self._channel(workspace, on.channel)
            url = self._response_url(workspace, channel.id, user, trigger, on.thread_ts)
            payload |= message_context(on, channel, url)
        return await self._interact("interactive", payload, trigger)

    async def submit(self, view: View, answers: Mapping[str, Answer] | None = None) -> Sent:
        """Fill in an open form and send it. The form closes when it is acknowledged."""
        assert not view.closed
        workspace = self.workspace(view.team)
        trigger = self._trigger(workspace, view.user, view.root if view.root != view.id else "")
        payload = interaction_payload(
            "view_submission", workspace, workspace.users[view.user], trigger
        )
        payload["view"] = {**view_payload(view), "state": filled_in(view, answers or {})}
        payload["response_urls"] = []
        view.closed = True
        return await self._interact("interactive", payload, trigger)

    async def shortcut(
        self, message: Message, callback: str = "which_pillar", user: str = "U1", **more: object
    ) -> Sent:
        """A message shortcut; `more` goes into the message (its attachments)."""
        workspace = self.workspace(message.team)
        trigger = self._trigger(workspace, user)
        payload = interaction_payload("message_action", workspace, workspace.users[user], trigger)
        channel = self._channel(workspace, message.channel)
        payload |= {
            "callback_id": callback,
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.name},
            "message": {**message_payload(message), **more},
            "response_url": self._response_url(workspace, channel.id, user, trigger),
        }
        return await self._interact("interactive", payload, trigger)

    def say(self, text: str, channel: str = "C1", user: str = "U1", team: str = TEAM) -> Message:
        """A person writes a message. The app hears of it only by the events below."""
        message = self.world.post(self.workspace(team), channel, {"text": text})
        message.user = user
        return message

    async def mention(
        self, words: str, channel: str = "C1", user: str = "U1", thread: str = ""
    ) -> Message:
        message = self.say(f"<@{self.workspace().bot_user}> {words}", channel, user)
        message.thread_ts = thread
        event = {**message_payload(message), "type": "app_mention", "channel": channel}
        await self.event({**event, "team": TEAM})
        return message

    async def direct_message(self, text: str, user: str = "U1", **more: object) -> Message:
        channel = self.workspace().direct_channel(user)
        message = self.say(text, channel.id, user)
        event = {**message_payload(message), "channel": channel.id, "channel_type": "im"}
        await self.event({**event, "team": TEAM, **more})
        return message

    async def open_home(self, user: str = "U1", tab: str = "home") -> None:
        channel = self.workspace().direct_channel(user)
        await self.event(
            {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        )

    # Things that happen to channels and workspaces

    async def invite(self, channel: str, user: str = "", team: str = TEAM) -> None:
        """Somebody joins; the bot by default."""
        workspace = self.workspace(team)
        who = user or workspace.bot_user
        self._channel(workspace, channel).members.add(who)
        event = {"type": "member_joined_channel", "user": who, "channel": channel}
        await self.event({**event, "channel_type": "C", "team": team}, team)

    async def remove(self, channel: str) -> None:
        workspace = self.workspace()
        self._channel(workspace, channel).members.discard(workspace.bot_user)
        await self.event({"type": "channel_left", "channel": channel, "actor_id": "U1"})

    async def archive(self, channel: str) -> None:
        self._channel(self.workspace(), channel).archived = True
        await self.event({"type": "channel_archive", "channel": channel, "user": "U1"})

    async def unarchive(self, channel: str) -> None:
        self._channel(self.workspace(), channel).archived = False
        await self.event({"type": "channel_unarchive", "channel": channel, "user": "U1"})

    async def delete(self, channel: str) -> None:
        self._channel(self.workspace(), channel).deleted = True
        await self.event({"type": "channel_deleted", "channel": channel})

    async def rename(self, channel: str, name: str) -> None:
        self._channel(self.workspace(), channel).name = name
        told = {"id": channel, "name": name, "created": 1_700_000_000}
        await self.event({"type": "channel_rename", "channel": told})

    async def uninstall(self, team: str = TEAM, at: int | None = None) -> None:
        """Both events that Slack sends, the tokens' first."""
        workspace = self.workspace(team)
        workspace.revoked = "account_inactive"
        tokens = {"oauth": [], "bot": [workspace.bot_user]}
        await self.event({"type": "tokens_revoked", "tokens": tokens}, team, at)
        await self.event({"type": "app_uninstalled"}, team, at)

    async def event(self, event: Json, team: str = TEAM, at: int | None = None) -> Sent:
        given = event_payload(
            self.workspace(team),
            event,
            self.world.new_id("Ev"),
            int(time.time()) if at is None else at,
        )
        return await self.deliver("events_api", given)

    async def _interact(self, kind: str, payload: Json, trigger: str) -> Sent:
        sent = await self.deliver(kind, payload)
        return Sent(trigger, sent.acked_after, payload, sent.answered_with)

    # Small things

    def _channel(self, workspace: Workspace, channel: str) -> Channel:
        if channel.startswith("U"):
            return workspace.direct_channel(channel)
        return workspace.channels[channel]

    def _trigger(self, workspace: Workspace, user: str, inside: str = "") -> str:
        trigger = self.world.new_id("trigger.")
        until = time.monotonic() + TRIGGER_S
        self.world.triggers[trigger] = Trigger(workspace.id, user, until, inside)
        return trigger

    def _response_url(
        self, workspace: Workspace, channel: str, user: str, trigger: str, thread: str = ""
    ) -> str:
        url = f"http://{self.host}/hooks/{self.world.new_id('R')}"
        until = time.monotonic() + RESPONSE_URL_S
        self.world.urls[url] = ResponseUrl(workspace.id, channel, user, trigger, thread, until)
        return url
