"""The fake Slack's world: workspaces, people, channels, messages, modals. No network."""

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from tests.adapters.slack.fake_slack_checks import Json, Refused, called, check_view, seen_text

TRIGGER_S = 3.0
RESPONSE_URL_S = 1_800
RESPONSE_URL_USES = 5
ALL_SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,groups:history,"
    "groups:read,im:history,users:read"
)


@dataclass
class User:
    id: str
    name: str
    admin: bool = False
    locale: str = "en-US"
    team: str = ""


@dataclass
class Channel:
    id: str
    name: str
    private: bool = False
    archived: bool = False
    deleted: bool = False
    members: set[str] = field(default_factory=set)

    @property
    def direct(self) -> bool:
        return self.id.startswith("D")


@dataclass
class Message:
    team: str
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str = ""
    metadata: Json | None = None
    only_for: str = ""
    """The one person who sees it; empty where everybody does."""
    via: str = ""
    """The trigger of the interaction whose response URL brought it."""
    edits: int = 0
    unfurls: bool = True
    at: float = field(default_factory=time.monotonic)

    @property
    def called(self) -> list[str]:
        """Whom it notified."""
        return called(self.text, self.blocks)

    @property
    def seen(self) -> str:
        """What is read in its blocks."""
        return seen_text(self.blocks)

    @property
    def key(self) -> str:
        """The delivery's key in its metadata."""
        return str(((self.metadata or {}).get("event_payload") or {}).get("key", ""))


@dataclass
class View:
    team: str
    user: str
    id: str
    content: Json
    via: str = ""
    root: str = ""
    closed: bool = False

    @property
    def blocks(self) -> list[Json]:
        return list(self.content["blocks"])

    @property
    def seen(self) -> str:
        return seen_text(self.blocks)


@dataclass
class Workspace:
    id: str
    name: str
    token: str
    bot_user: str
    bot_id: str
    scopes: str = ALL_SCOPES
    revoked: str = ""
    """The error that its token gets; empty while it is good."""
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    homes: dict[str, View] = field(default_factory=dict)

    def direct_channel(self, user: str) -> Channel:
        """The person's direct message with the bot."""
        channel = self.channels.setdefault(f"D{user[1:]}", Channel(f"D{user[1:]}", ""))
        channel.members |= {user, self.bot_user}
        return channel

    def find(self, channel: str) -> Channel:
        """As the bot finds it: private channels only where it is a member."""
        if channel.startswith("U") and channel in self.users:
            return self.direct_channel(channel)
        found = self.channels.get(channel)
        hidden = found is not None and (found.private or found.direct)
        if not found or found.deleted or (hidden and self.bot_user not in found.members):
            raise Refused("channel_not_found", channel)
        return found

    def may_post(self, channel: str) -> Channel:
        found = self.find(channel)
        if found.archived:
            raise Refused("is_archived", channel)
        if self.bot_user not in found.members:
            raise Refused("not_in_channel", channel)
        return found


@dataclass(frozen=True)
class Sent:
    """An interaction that the app acknowledged."""

    trigger: str
    acked_after: float
    """Seconds."""
    payload: Json
    answered_with: Json


@dataclass
class ResponseUrl:
    team: str
    channel: str
    user: str
    trigger: str
    thread: str
    until: float
    left: int = RESPONSE_URL_USES


@dataclass
class Trigger:
    team: str
    user: str
    until: float
    inside: str = ""
    """The modal that was open when it was given."""
    used: bool = False


class World:
    """All that the fake keeps. `now` is any clock in seconds."""

    def __init__(self, first_id: int = 1) -> None:
        self.workspaces: dict[str, Workspace] = {}
        self.views: dict[str, View] = {}
        self.urls: dict[str, ResponseUrl] = {}
        self.triggers: dict[str, Trigger] = {}
        self._ids = itertools.count(first_id)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids):08d}"

    def add_workspace(self, team: str, name: str) -> Workspace:
        workspace = Workspace(
            id=team,
            name=name,
            token=f"xoxb-{team}-{secrets.token_hex(8)}",
            bot_user=f"UBOT{team}",
            bot_id=f"B{team}",
        )
        self.workspaces[team] = workspace
        return workspace

    def by_token(self, token: str) -> Workspace:
        for workspace in self.workspaces.values():
            if secrets.compare_digest(workspace.token, token):
                if workspace.revoked:
                    raise Refused(workspace.revoked)
                return workspace
        raise Refused("invalid_auth" if token else "not_authed")

    def post(
        self,
        workspace: Workspace,
        channel: str,
        content: Json,
        *,
        only_for: str = "",
        via: str = "",
    ) -> Message:
        number = next(self._ids)
        message = Message(
            team=workspace.id,
            channel=channel,
            ts=f"{1_790_000_000 + number // 1_000_000}.{number % 1_000_000:06d}",
            user=workspace.bot_user,
            text=content.get("text") or "",
            blocks=content.get("blocks") or [],
            thread_ts=content.get("thread_ts") or "",
            metadata=content.get("metadata"),
            unfurls=not (
                content.get("unfurl_links") is False and content.get("unfurl_media") is False
            ),
            only_for=only_for,
            via=via,
        )
        workspace.messages.append(message)
        return message

    # Triggers and views

    def spend(self, trigger_id: str, now: float) -> Trigger:
        """Use a trigger, as opening a modal does."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if now > trigger.until:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def open_view(
        self, trigger_id: str, content: Json, now: float, how: Literal["open", "push"]
    ) -> View:
        trigger = self.spend(trigger_id, now)
        check_view(content)
        beneath = self.views.get(trigger.inside)
        if how == "push" and (beneath is None or beneath.closed):
            raise Refused("invalid_arguments", "push without a modal")
        if how == "open" and beneath is not None and not beneath.closed:
            raise Refused("push_limit_reached", "a modal is open already")
        view = View(trigger.team, trigger.user, self.new_id("V"), content, via=trigger_id)
        view.root = (beneath.root if beneath else "") if how == "push" else view.id
        depth = sum(1 for one in self.views.values() if one.root == view.root and not one.closed)
        if depth >= 3:
            raise Refused("push_limit_reached")
        self.views[view.id] = view
        return view

    def update_view(self, view_id: str, content: Json) -> View:
        view = self.views.get(view_id)
        if view is None or view.closed:
            raise Refused("not_found")
        check_view(content)
        view.content = content
        return view

    def publish_home(self, workspace: Workspace, user: str, content: Json) -> View:
        if user not in workspace.users:
            raise Refused("user_not_found")
        check_view(content)
        known = workspace.homes.get(user)
        view = View(workspace.id, user, known.id if known else self.new_id("V"), content)
        workspace.homes[user] = view
        return view

    # Response URLs

    def respond(self, url: str, content: Json, now: float) -> Message:
        """A post to a response URL, which needs no membership."""
        given = self.urls.get(url)
        if given is None or now > given.until:
            raise Refused("expired_url")
        if given.left == 0:
            raise Refused("used_url")
        given.left -= 1
        private = content.get("response_type") != "in_channel"
        return self.post(
            self.workspaces[given.team],
            given.channel,
            content,
            only_for=given.user if private else "",
            via=given.trigger,
        )
